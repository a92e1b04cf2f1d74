"""A deck as a PowerPoint file: each beat is a movie that plays when its slide is shown.

The poster of a movie is its last frame, which thumbnails, prints and converters show.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from gradreel.publish.deck_slides import BeatSlide, CardSlide, PrintedSlide
from gradreel.publish.video_frames import frame_at, jpeg_of
from gradreel.theme import PALETTES, Palette

WIDTH_PIXELS = 1280
EMU_PER_PIXEL = 9525  # a pixel is 1/96 inch, an inch 914,400 EMU
MIN_POSTER_WIDTH, ENLARGED_QUALITY = WIDTH_PIXELS, 95
TITLE_LAYOUT, BEAT_LAYOUT = 0, 5  # "Title Slide" and "Title Only" of the default template


def write_pptx(
    slides: Sequence[PrintedSlide], path: Path, *, title: str, theme: str, language: str
) -> None:
    """Write the deck to `path`; the slides have the proportions of its first scene."""
    import pptx
    from pptx.util import Emu

    deck: Any = pptx.Presentation()
    width, height = next(s.size for s in slides if isinstance(s, BeatSlide))
    deck.slide_width = Emu(WIDTH_PIXELS * EMU_PER_PIXEL)
    # Not whole pixels: pictures fill the slide, or converters would draw them between pixels.
    deck.slide_height = Emu(round(WIDTH_PIXELS * EMU_PER_PIXEL * height / width))
    properties = deck.core_properties
    properties.title, properties.language = title, language
    properties.author, properties.keywords = "gradreel", "lecture"
    scenes = dict.fromkeys(s.scene for s in slides if isinstance(s, BeatSlide))
    properties.subject = "; ".join(scenes)[:255]  # the longest text that a property can hold
    for slide in slides:
        if isinstance(slide, CardSlide):
            _add_card(deck, slide, PALETTES[theme])
        else:
            _add_beat(deck, slide)
    deck.save(str(path))


def _add_slide(deck: Any, layout: int, background: str) -> Any:
    page = deck.slides.add_slide(deck.slide_layouts[layout])
    fill = page.background.fill
    fill.solid()
    fill.fore_color.rgb = _rgb(background)
    return page


def _rgb(color: str) -> Any:
    from pptx.dml import color as pptx_color

    rgb_color: Any = pptx_color.RGBColor
    return rgb_color.from_string(color[1:])


def _add_card(deck: Any, slide: CardSlide, palette: Palette) -> None:
    page = _add_slide(deck, TITLE_LAYOUT, slide.background)
    title, beneath = page.shapes.title, page.placeholders[1]
    _place(title, deck, top=0.3, height=0.22)
    _write_text(title, slide.heading, palette.text)
    if slide.beneath:
        _place(beneath, deck, top=0.54, height=0.1)
        _write_text(beneath, slide.beneath, palette.muted)
    else:
        beneath.element.getparent().remove(beneath.element)


def _write_text(shape: Any, words: str, color: str) -> None:
    shape.text_frame.text = words
    for paragraph in shape.text_frame.paragraphs:
        paragraph.font.color.rgb = _rgb(color)


def _place(shape: Any, deck: Any, *, top: float, height: float) -> None:
    """Set the place of a text; `top` and `height` are fractions of the slide."""
    shape.left, shape.width = round(deck.slide_width * 0.08), round(deck.slide_width * 0.84)
    shape.top, shape.height = round(deck.slide_height * top), round(deck.slide_height * height)


def _add_beat(deck: Any, slide: BeatSlide) -> None:
    page = _add_slide(deck, BEAT_LAYOUT, slide.background)
    # Above the slide: outlines and screen readers find it there, the audience does not see it.
    page.shapes.title.text = slide.label
    _place(page.shapes.title, deck, top=-0.12, height=0.1)
    scale = min(deck.slide_width / slide.size[0], deck.slide_height / slide.size[1])
    width, height = (round(side * scale) for side in slide.size)
    movie = page.shapes.add_movie(
        str(slide.clip), (deck.slide_width - width) // 2, (deck.slide_height - height) // 2,
        width, height, poster_frame_image=_poster(slide), mime_type="video/mp4",
    )  # fmt: skip
    # PowerPoint tells alternative text by this attribute, and the name in its list of animations.
    properties = movie.element.xpath(".//p:cNvPr")[0]
    properties.set("descr", slide.alt)
    properties.set("name", slide.name)
    _start_by_itself(movie, loop=slide.loop)
    if slide.speaker_notes:
        page.notes_slide.notes_text_frame.text = slide.speaker_notes


def _poster(slide: BeatSlide) -> BinaryIO:
    """The poster of a movie as a JPEG of at least MIN_POSTER_WIDTH pixels.

    LibreOffice encodes pictures anew for a PDF, which blurs the thin lines of small ones. What is
    enlarged is the frame, not its JPEG, whose errors would be enlarged as well.
    """
    factor = -(-MIN_POSTER_WIDTH // slide.size[0])
    if factor == 1:
        return BytesIO(slide.picture.read_bytes())
    image = frame_at(slide.clip, slide.last_frame_s)
    size = (factor * image.width, factor * image.height)
    return BytesIO(jpeg_of(image.resize(size, Image.Resampling.LANCZOS), ENLARGED_QUALITY))


def _start_by_itself(movie: Any, *, loop: bool) -> None:
    """Change the timing of a movie from "when clicked" to "when the slide is shown"."""
    identifier = movie.element.xpath(".//p:cNvPr")[0].get("id")
    page = movie.element.getparent().getparent().getparent()
    video = page.xpath(f'.//p:timing//p:video[.//p:spTgt[@spid="{identifier}"]]')[0]
    video.xpath(".//p:cond")[0].set("delay", "0")
    if loop:
        video.xpath(".//p:cTn")[0].set("repeatCount", "indefinite")
