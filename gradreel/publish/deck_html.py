"""A deck as a web page for reveal.js, which is in the page: only videos and pictures are files.

A small deck, or one that is wanted so, is a single file with everything in it.
"""

from __future__ import annotations

import base64
import html
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from gradreel.publish import reveal_assets
from gradreel.publish.deck_slides import BeatSlide, CardSlide, ExplorerSlide, Slide
from gradreel.theme import PALETTES

TEMPLATE = Path(__file__).with_name("deck.html")
LAYOUT_WIDTH = 1280  # of a slide, in CSS pixels before it is scaled to the window
SMALL_BYTES = 4_000_000  # a page of this size is sent in 10 s over a slow line
VIDEOS, EXPLORERS = "videos", "explorers"
TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".html": "text/html;charset=utf-8"}
PLACEHOLDER = re.compile(r"/\*([A-Z_]+)\*/")

AddFile = Callable[[Path, str], str]  # a file and its name in the deck; gives its URL


def write_html(
    slides: Sequence[Slide], folder: Path, *, title: str, theme: str, language: str,
    one_file: bool | None,
) -> Path:  # fmt: skip
    """Write `index.html` into `folder`, and its videos unless `one_file`; returns the page.

    With None, files that are small together go into the page.
    """
    beats = [slide for slide in slides if isinstance(slide, BeatSlide)]
    if one_file is None:
        files = [file for slide in beats for file in (slide.clip, slide.picture)]
        files += [slide.page for slide in slides if isinstance(slide, ExplorerSlide)]
        one_file = sum(file.stat().st_size for file in files) <= SMALL_BYTES
    add_file = _data_url if one_file else _file_beside(folder)
    width, height = beats[0].size
    palette = PALETTES[theme]
    parts = {
        "LANG": html.escape(language), "TITLE": html.escape(title),
        "BACK": palette.background, "TEXT": palette.text, "SOFT": palette.muted,
        "THEME": theme,
        "WIDTH": str(LAYOUT_WIDTH), "HEIGHT": str(round(LAYOUT_WIDTH * height / width)),
        "REVEAL_CSS": _asset("reveal.css"), "REVEAL_JS": _script("reveal.js"),
        "NOTES_JS": _script("plugin/notes.js"),
        "SLIDES": "\n".join(_section(s, k, add_file) for k, s in enumerate(slides)),
        "HANDOUT": "\n".join(_handout(s, k, add_file) for k, s in enumerate(slides)),
    }  # fmt: skip
    template = TEMPLATE.read_text(encoding="utf-8")
    target = folder / "index.html"
    target.write_text(PLACEHOLDER.sub(lambda m: parts[m[1]], template), encoding="utf-8")
    return target


def _section(slide: Slide, number: int, add_file: AddFile) -> str:
    label, color = html.escape(slide.label), slide.background
    opening = f'<section aria-label="{label}" data-background-color="{color}"'
    if isinstance(slide, CardSlide):
        beneath = f"<p>{html.escape(slide.beneath)}</p>" if slide.beneath else ""
        return f'{opening} class="card"><h2>{html.escape(slide.heading)}</h2>{beneath}</section>'
    if isinstance(slide, ExplorerSlide):
        page = add_file(slide.page, f"{EXPLORERS}/{number:03}.html")
        return f'{opening} data-explorer="{page}"><h2 class="name">to touch</h2></section>'
    clip = add_file(slide.clip, f"{VIDEOS}/{number:03}.mp4")
    flags = (" data-loop" if slide.loop else "") + (" data-loud" if slide.has_sound else "")
    spoken = _paragraphs(slide.speaker_notes)
    notes = f'<aside class="notes">{spoken}</aside>' if spoken else ""
    return (
        f'{opening} data-clip="{clip}"{flags}><h2 class="name">{html.escape(slide.name)}</h2>'
        f"{notes}</section>"
    )


def _handout(slide: Slide, number: int, add_file: AddFile) -> str:
    """What is printed of a slide; its picture is also what the slide shows when it is over."""
    if isinstance(slide, CardSlide):
        beneath = f"<p>{html.escape(slide.beneath)}</p>" if slide.beneath else ""
        return f"<header><h2>{html.escape(slide.heading)}</h2>{beneath}</header>"
    if isinstance(slide, ExplorerSlide):
        return ""  # paper cannot be touched
    picture = add_file(slide.picture, f"{VIDEOS}/{number:03}.jpg")
    return (
        f'<figure><img loading="lazy" data-slide="{number}" src="{picture}" '
        f'alt="{html.escape(slide.label)}"><figcaption><b>{html.escape(slide.label)}</b>'
        f"{_paragraphs(slide.words)}</figcaption></figure>"
    )


def _paragraphs(words: str) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in words.splitlines() if line.strip())


def _data_url(file: Path, name: str) -> str:
    return f"data:{TYPES[file.suffix]};base64,{base64.b64encode(file.read_bytes()).decode()}"


def _file_beside(folder: Path) -> AddFile:
    def add(file: Path, name: str) -> str:
        (folder / name).parent.mkdir(exist_ok=True)
        # A page stays where it was recorded; clips and pictures were made for this deck.
        (shutil.copyfile if file.suffix == ".html" else shutil.move)(file, folder / name)
        return name

    return add


def _asset(name: str) -> str:
    return (reveal_assets.assets_folder() / Path(name).name).read_text(encoding="utf-8")


def _script(name: str) -> str:
    """A script to stand in a page: what would end its element there is written otherwise."""
    return _asset(name).replace("</script", "<\\/script").replace("<!--", "<\\!--")
