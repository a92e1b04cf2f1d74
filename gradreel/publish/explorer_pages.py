"""The recorded pages that galleries and decks show: those that `explore` wrote into media."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gradreel.publish.rendered_scenes import RenderedScene

FOLDER = "explorers"  # below the media folder
RECORD = "Record them: python render.py explore"


def explorer_page(media: Path, scene: RenderedScene) -> Path | None:
    """The page of a scene with the parameters of its video, if there is one."""
    page = media / FOLDER / f"{scene.video.stem}.html"
    return page if page.is_file() else None


def outdated_notes(media: Path, scenes: Sequence[RenderedScene]) -> tuple[str, ...]:
    """A note that names the scenes that were rendered after their pages had been recorded."""
    pages = ((scene, explorer_page(media, scene)) for scene in scenes)
    names = sorted(
        {s.name for s, page in pages if page and page.stat().st_mtime < s.video.stat().st_mtime}
    )
    if not names:
        return ()
    return (
        f"pages to touch that are older than their films: {', '.join(names)}. "
        f"{RECORD} {' '.join(names)}",
    )
