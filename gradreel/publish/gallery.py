"""A web page of everything that was rendered; works from a disk, with no network.

page = make(Path("media"))
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltarender.atomic_files import dir_lock, ensure_writable
from deltarender.owned_files import ASIDE, Content, put
from gradreel.errors import RenderError
from gradreel.publish.film import picture_at
from gradreel.publish.rendered_scenes import RenderedScene, load

PAGE = Path(__file__).with_name("gallery.html")
DATA = "/*DATA*/"


@dataclass(frozen=True, slots=True)
class Gallery:
    """The page, how many videos are on it, and what could not be."""

    path: Path
    videos: int
    notes: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """What to tell the user."""
        return (self.path,)

    def as_json(self) -> dict[str, Any]:
        """For `gallery --json`."""
        return {"path": str(self.path), "videos": self.videos, "notes": list(self.notes)}


def build_gallery(
    media: Path, chapters: Mapping[str, str] | None = None, title: str = ""
) -> Gallery:
    """Write `media/gallery/index.html` over all MP4 films of `media`.

    `chapters` maps scenes to chapter titles, in the order of the lecture; other scenes follow.
    Raises RenderError if nothing has been rendered.
    """
    shots, notes = _found(media)
    if not shots:
        raise RenderError("nothing is rendered there yet.", where=str(media), hint="Render first.")
    home = ensure_writable(media / "gallery")
    posters: dict[str, Content] = {}
    order = list(chapters or {})
    shots.sort(key=lambda s: (order.index(s.name) if s.name in order else len(order), str(s.video)))
    cards = [_card(shot, home, posters, (chapters or {}).get(shot.name, "")) for shot in shots]
    # "</" would end the script that holds the data.
    data = json.dumps({"title": title or "Gallery", "cards": cards}, ensure_ascii=False)
    page = PAGE.read_text(encoding="utf-8").replace(DATA, data.replace("</", "<\\/"))
    with dir_lock(ensure_writable(media / ".scratch")):
        put(home, {**posters, "index.html": page}, ASIDE)
    return Gallery(home / "index.html", len(cards), tuple(notes))


def _found(media: Path) -> tuple[list[RenderedScene], list[str]]:
    shots, notes = [], []
    for manifest in sorted((media / "videos").glob("*/*.json")):
        try:
            data = json.loads(manifest.read_text())
            name, video = data["scene"], manifest.parent / data["video"]
        except (OSError, ValueError, KeyError, TypeError):
            notes.append(f"{manifest} is left out: it is no manifest of a film.")
            continue
        if video.suffix != ".mp4":
            continue
        try:
            shots.append(load(name, video, manifest))
        except RenderError as error:
            notes.append(f"left out: {error}".replace("\n", " "))
    return shots, notes


def _card(
    shot: RenderedScene, home: Path, posters: dict[str, Content], chapter: str
) -> dict[str, Any]:
    profile = shot.video.parent.name
    poster = home / "posters" / f"{profile}-{shot.video.stem}.jpg"
    if not poster.exists() or poster.stat().st_mtime < shot.video.stat().st_mtime:
        # The end of the last beat but one has most on stage; the last may have cleared it.
        beats = shot.beats
        moment = float(beats[max(len(beats) - 2, 0)]["end"]) - 1 / shot.fps
        jpeg = io.BytesIO()
        picture_at(shot.video, moment).convert("RGB").save(jpeg, "JPEG", quality=85)
        posters[f"posters/{poster.name}"] = jpeg.getvalue()
    return {
        "scene": shot.name,
        "id": f"{profile}/{shot.video.stem}",
        "claim": shot.title,
        "chapter": chapter,
        "profile": profile,
        "size": shot.size,
        "seconds": shot.seconds,
        "video": _link(shot.video, home),
        "poster": _link(poster, home),
        "inputs": shot.manifest.get("inputs", {}),
        "beats": shot.beats,
        "captions": shot.captions,
        "sweep": shot.manifest.get("sweep"),
    }


def _link(path: Path, home: Path) -> str:
    from urllib.parse import quote

    return quote(os.path.relpath(path, home).replace(os.sep, "/"))
