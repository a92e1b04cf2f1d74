"""A deck as a PDF: a page for each beat with its last frame, whose caption can be selected.

Pages are written one after the other, and pictures are embedded as the JPEG files they are, so that
memory does not grow with the pictures of a lecture.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cairo

from gradreel.publish.deck_slides import BeatSlide, CardSlide, PrintedSlide
from gradreel.theme import PALETTES, Palette

WIDTH = 960.0  # of a page, in points of 1/72 inch
FONT = "sans-serif"
HEADING_SIZE, BENEATH_SIZE = 44.0, 22.0
CAPTION_SIZE = 20.0  # about that of a drawn caption on a page of this width
CAPTION_BOTTOM = 0.06  # of the page height: where scenes draw their captions
CHARACTERS_PER_LINE = 80
LINE_SPACING = 1.3


def write_pdf(slides: Sequence[PrintedSlide], path: Path, *, title: str, theme: str) -> None:
    """Write the deck to `path`, with an outline of its scenes and beats."""
    ratio = next(s.size[1] / s.size[0] for s in slides if isinstance(s, BeatSlide))
    surface = cairo.PDFSurface(str(path), WIDTH, WIDTH * ratio)
    surface.set_metadata(cairo.PDFMetadata.TITLE, title)
    surface.set_metadata(cairo.PDFMetadata.CREATOR, "gradreel")
    context = cairo.Context(surface)
    outline = _Outline(surface)
    for number, slide in enumerate(slides, 1):
        if isinstance(slide, BeatSlide):
            surface.set_size(WIDTH, WIDTH * slide.size[1] / slide.size[0])
            _draw_beat(context, slide)
        else:
            surface.set_size(WIDTH, WIDTH * ratio)
            _draw_card(context, slide, WIDTH * ratio, PALETTES[theme])
        outline.add(slide, number)
        surface.show_page()
    surface.finish()


class _Outline:
    """The outline of a PDF: cards, scenes beneath them, beats beneath their scene."""

    def __init__(self, surface: Any) -> None:
        self._surface = surface
        self._scene = ""
        self._parent = cairo.PDF_OUTLINE_ROOT

    def add(self, slide: PrintedSlide, page: int) -> None:
        if isinstance(slide, CardSlide):
            self._scene = ""
            self._entry(cairo.PDF_OUTLINE_ROOT, slide.heading, page, cairo.PDFOutlineFlags.BOLD)
            return
        if slide.scene != self._scene:
            self._scene = slide.scene
            self._parent = self._entry(cairo.PDF_OUTLINE_ROOT, slide.scene, page)
        self._entry(self._parent, slide.name, page)

    def _entry(self, parent: int, text: str, page: int, flags: Any = 0) -> int:
        added: int = self._surface.add_outline(parent, text, f"page={page}", flags)
        return added


def _draw_beat(context: cairo.Context[Any], slide: BeatSlide) -> None:
    """Draw the caption as text, and over it the picture, which hides the text.

    The text lies where scenes draw their captions: it is selected where it is read.
    """
    width, height = slide.size
    page_height = WIDTH * height / width
    lines = textwrap.wrap(slide.words, CHARACTERS_PER_LINE)
    for beneath, line in zip(reversed(range(len(lines))), lines, strict=True):
        baseline = page_height * (1 - CAPTION_BOTTOM) - beneath * CAPTION_SIZE * LINE_SPACING
        _centered(context, line, baseline, CAPTION_SIZE)
    picture = cairo.ImageSurface(cairo.FORMAT_RGB24, width, height)
    picture.set_mime_data(cairo.MIME_TYPE_JPEG, slide.picture.read_bytes())
    context.save()
    context.scale(WIDTH / width, WIDTH / width)
    context.set_source_surface(picture, 0, 0)
    context.paint()
    context.restore()
    context.set_source_rgb(0, 0, 0)  # lets go of the picture


def _draw_card(
    context: cairo.Context[Any], slide: CardSlide, height: float, palette: Palette
) -> None:
    context.set_source_rgb(*_rgb(slide.background))
    context.paint()
    context.set_source_rgb(*_rgb(palette.text))
    lines = textwrap.wrap(slide.heading, 32)
    for number, line in enumerate(lines):
        baseline = height * 0.46 + (number + 1 - len(lines)) * HEADING_SIZE * LINE_SPACING
        _centered(context, line, baseline, HEADING_SIZE)
    context.set_source_rgb(*_rgb(palette.muted))
    _centered(context, slide.beneath, height * 0.6, BENEATH_SIZE)


def _centered(context: cairo.Context[Any], text: str, baseline: float, size: float) -> None:
    context.select_font_face(FONT)
    context.set_font_size(size)
    context.move_to((WIDTH - context.text_extents(text).x_advance) / 2, baseline)
    context.show_text(text)


def _rgb(color: str) -> tuple[float, float, float]:
    """A color as three numbers from 0 to 1."""
    red, green, blue = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue
