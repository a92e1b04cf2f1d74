"""A web page of all rendered videos, which works from disk and without a network.

gallery = build_gallery(Path("media"))
gallery.path
"""

from __future__ import annotations

import html
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deltarender.atomic_files import dir_lock, ensure_writable
from deltarender.json_checks import InvalidData
from deltarender.manifest import read_manifest
from deltarender.owned_files import ASIDE, Content, put
from gradreel.errors import RenderError
from gradreel.publish.embed import captions_drawn
from gradreel.publish.explorer_pages import explorer_page, outdated_notes
from gradreel.publish.rendered_scenes import RenderedScene, common_language, load_rendered_scene
from gradreel.publish.video_frames import poster_of

TEMPLATE = Path(__file__).with_name("gallery.html")
DATA_PLACEHOLDER, LANGUAGE_PLACEHOLDER = "/*DATA*/", "/*LANG*/"


@dataclass(frozen=True, slots=True)
class Gallery:
    """The page, how many videos are on it, and notes on videos that were left out."""

    path: Path
    videos: int
    notes: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files to list to the user."""
        return (self.path,)

    def as_json(self) -> dict[str, Any]:
        """The JSON document of `gallery --json`."""
        return {"path": str(self.path), "videos": self.videos, "notes": list(self.notes)}


def build_gallery(
    media: Path, chapters: Mapping[str, str] | None = None, title: str = ""
) -> Gallery:
    """Write `media/gallery/index.html` with all MP4 videos below `media/videos`.

    Where `media/explorers` has a recorded page of a scene, the gallery shows that too.

    `chapters` maps scene names to chapter titles, in the order of the lecture; other scenes
    follow. `title` is that of the lecture, and used if one of its scenes is there.
    Raises RenderError if no video has been rendered.
    """
    scenes, notes = _find_rendered(media)
    if not scenes:
        raise RenderError("nothing is rendered there yet.", where=str(media), hint="Render first.")
    folder = ensure_writable(media / "gallery")
    posters: dict[str, Content] = {}
    order = list(chapters or {})
    scenes.sort(
        key=lambda s: (order.index(s.name) if s.name in order else len(order), str(s.video))
    )
    cards = []
    for scene in scenes:
        try:
            touched = explorer_page(media, scene)
            chapter = (chapters or {}).get(scene.name, "")
            card = _card(scene, folder, posters, chapter)
            cards.append({**card, "explorer": touched and _relative_url(touched, folder)})
        except RenderError as error:
            notes.append(f"left out: {error}".replace("\n", " "))
    if not any(card["chapter"] for card in cards):
        title = ""  # nothing of the lecture is on the page
    # Within a <script> element, "</script" and "<!--" would be read as HTML.
    data = json.dumps({"title": title or "Gallery", "cards": cards}, ensure_ascii=False)
    page = TEMPLATE.read_text(encoding="utf-8").replace(
        LANGUAGE_PLACEHOLDER, html.escape(common_language(scenes))
    )
    page = page.replace(DATA_PLACEHOLDER, data.replace("<", "\\u003c"))
    with dir_lock(ensure_writable(media / ".scratch")):
        put(folder, {**posters, "index.html": page}, ASIDE)
    return Gallery(folder / "index.html", len(cards), (*notes, *outdated_notes(media, scenes)))


def _find_rendered(media: Path) -> tuple[list[RenderedScene], list[str]]:
    """The rendered MP4 scenes below `media`, and a note on each manifest that was left out."""
    scenes, notes = [], []
    for manifest in sorted((media / "videos").glob("*/*.json")):
        try:
            data = read_manifest(manifest)
        except (OSError, InvalidData) as error:
            notes.append(f"{manifest} is left out: it is not the manifest of a film ({error}).")
            continue
        name, video = data["scene"], manifest.parent / data["video"]
        if video.suffix != ".mp4":
            continue
        try:
            scenes.append(load_rendered_scene(name, video, manifest))
        except RenderError as error:
            notes.append(f"left out: {error}".replace("\n", " "))
    return scenes, notes


def _card(
    scene: RenderedScene, folder: Path, posters: dict[str, Content], chapter: str
) -> dict[str, Any]:
    """The data of one video for the page; a poster that is missing or old is added to `posters`."""
    profile = scene.video.parent.name
    poster = folder / "posters" / f"{profile}-{scene.video.stem}.jpg"
    if not poster.exists() or poster.stat().st_mtime < scene.video.stat().st_mtime:
        posters[f"posters/{poster.name}"] = poster_of(scene)
    return {
        "scene": scene.name,
        "id": f"{profile}/{scene.video.stem}",
        "claim": scene.title,
        "language": scene.language,
        "chapter": chapter,
        "profile": profile,
        "size": scene.size,
        "seconds": scene.seconds,
        "video": _relative_url(scene.video, folder),
        "poster": _relative_url(poster, folder),
        "inputs": scene.manifest.get("inputs", {}),
        "beats": scene.beats,
        "captions": scene.captions,
        "captions_drawn": captions_drawn(scene),
        "sweep": scene.manifest.get("sweep"),
    }


def _relative_url(path: Path, folder: Path) -> str:
    return quote(os.path.relpath(path, folder).replace(os.sep, "/"))
