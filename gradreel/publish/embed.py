"""A player of one scene, to paste into a course page: video, captions, beat buttons, slider.

player = write_player(scene, Path("media"))
player.snippet, player.page
"""

from __future__ import annotations

import base64
import html
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deltarender.atomic_files import dir_lock, ensure_writable, scratch_folder
from deltarender.owned_files import ASIDE, Content, put
from gradreel.publish.rendered_scenes import RenderedScene
from gradreel.publish.video_frames import poster_of

SCRIPT = Path(__file__).with_name("player.js")
SCRIPT_NAME = "gradreel-player.js"
PLAIN = "plain"  # in the name of a folder of videos: captions are not drawn on them
FRAME_EXTRA = 260  # pixels below the picture of a frame that is 960 pixels wide


@dataclass(frozen=True, slots=True)
class Player:
    """The folder of a player: to upload, with a page of its own and a snippet to paste."""

    folder: Path

    @property
    def page(self) -> Path:
        """A page with the player alone, for an iframe; it works from disk too."""
        return self.folder / "index.html"

    @property
    def snippet(self) -> Path:
        """The HTML to paste into a page."""
        return self.folder / "snippet.html"


@dataclass(frozen=True, slots=True)
class Sources:
    """The addresses of the files of a player; `manifest` is JSON itself where it is in the page."""

    video: str
    poster: str
    captions: str
    manifest: str = ""
    data: str = ""


def write_player(scene: RenderedScene, media: Path, *, url: str = "") -> Player:
    """Write the player of `scene` to `media/embed`.

    `url` is the address at which its folder will be found, "" for the folder of the page into which
    it is pasted.
    """
    profile, stem = scene.video.parent.name, scene.video.stem
    folder = ensure_writable(media / "embed" / profile / stem)
    base = url.rstrip("/") + "/" if url else ""
    names = (f"{base}{quote(stem)}{ending}" for ending in (".mp4", ".jpg", ".vtt", ".json"))
    remote = Sources(*names)
    inside = Sources(
        quote(f"{stem}.mp4"), quote(f"{stem}.jpg"), data_url("text/vtt", _captions(scene)),
        data=_json_in_html(scene),
    )  # fmt: skip
    with scratch_folder(media / ".scratch") as scratch:
        video = scratch / "video.mp4"
        shutil.copyfile(scene.video, video)
        files: dict[str, Content] = {
            f"{stem}.mp4": video, f"{stem}.jpg": poster_of(scene),
            f"{stem}.vtt": _captions(scene).decode(),
            f"{stem}.json": json.dumps(player_data(scene), ensure_ascii=False),
            SCRIPT_NAME: SCRIPT.read_text(encoding="utf-8"),
            "index.html": _page(scene, inside),
            "snippet.html": _snippet(scene, remote, base),
        }  # fmt: skip
        with dir_lock(media / ".scratch"):
            put(folder, files, ASIDE)
    return Player(folder)


def player_data(scene: RenderedScene) -> dict[str, Any]:
    """What the player reads: beats, captions, and the numbers along the scene's sweep."""
    return {
        "scene": scene.name,
        "claim": scene.title,
        "seconds": scene.seconds,
        "beats": [{key: beat[key] for key in ("name", "start", "end")} for beat in scene.beats],
        "captions": scene.captions,
        "captions_drawn": captions_drawn(scene),
        "sweep": scene.manifest.get("sweep"),
    }


def captions_drawn(scene: RenderedScene) -> bool:
    """Whether the captions of `scene` are in its picture."""
    return scene.speaks and PLAIN not in scene.video.parent.name.split("-")


def inline_player(scene: RenderedScene, *, width: int = 960) -> str:
    """The player as HTML that holds everything in it, for a notebook."""
    sources = Sources(
        data_url("video/mp4", scene.video.read_bytes()), data_url("image/jpeg", poster_of(scene)),
        data_url("text/vtt", _captions(scene)), data=_json_in_html(scene),
    )  # fmt: skip
    script = f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>"
    return f'<div style="max-width: {width}px">{_element(scene, sources)}{script}</div>'


def data_url(kind: str, raw: bytes) -> str:
    """A file as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def _captions(scene: RenderedScene) -> bytes:
    """The captions as WebVTT: those that were written beside the video."""
    file = scene.video.with_suffix(".vtt")
    return file.read_bytes() if file.is_file() else b"WEBVTT\n"


def _json_in_html(scene: RenderedScene) -> str:
    # Within a <script> element, "</script" and "<!--" would be read as HTML.
    return json.dumps(player_data(scene), ensure_ascii=False).replace("<", "\\u003c")


def _element(scene: RenderedScene, sources: Sources) -> str:
    """The custom element, around a video that plays without scripts too."""
    width, height = scene.size
    track = ""
    if scene.captions and not captions_drawn(scene):
        track = (
            f'\n    <track kind="captions" srclang="{html.escape(scene.language)}" '
            f'label="Captions" src="{sources.captions}">'
        )
    data = f'\n  <script type="application/json">{sources.data}</script>' if sources.data else ""
    address = f' manifest="{sources.manifest}"' if sources.manifest else ""
    return f"""<gradreel-player{address}>
  <video controls playsinline preload="metadata" width="{width}" height="{height}"
    style="max-width: 100%; height: auto" aria-label="{html.escape(scene.title)}"
    poster="{sources.poster}">
    <source src="{sources.video}" type="video/mp4">{track}
  </video>{data}
</gradreel-player>"""


def _snippet(scene: RenderedScene, sources: Sources, base: str) -> str:
    height = round(960 * scene.size[1] / scene.size[0]) + FRAME_EXTRA
    return f"""<!-- Where scripts are allowed (course pages, Quarto, reveal.js): -->
{_element(scene, sources)}
<script src="{base}{SCRIPT_NAME}" defer></script>

<!-- Where they are not (Moodle and other course systems), instead of all that:
<iframe src="{base}index.html" title="{html.escape(scene.title)}" width="960" height="{height}"
  style="max-width: 100%; border: 0" allow="fullscreen"></iframe>
-->
"""


def _page(scene: RenderedScene, sources: Sources) -> str:
    return f"""<!doctype html>
<html lang="{html.escape(scene.language)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(scene.title)}</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; max-width: 60rem; font: 1rem/1.4 system-ui, sans-serif; }}
h1 {{ margin: 0 0 .4rem; font-size: 1.1rem; font-weight: 600; }}
</style>
<main>
<h1>{html.escape(scene.title)}</h1>
{_element(scene, sources)}
</main>
<script src="{SCRIPT_NAME}"></script>
</html>
"""
