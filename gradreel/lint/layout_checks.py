"""The layout checks, one function for each kind of fault."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import ManimColor, Mobject, Text, Typst, VMobject

from gradreel.draw.layout import Rect, frame_area
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats, TickLabel
from gradreel.draw.text import Letters, em
from gradreel.draw.typeset import Typeset
from gradreel.lint.unsourced_numbers import unsourced_numbers
from gradreel.lint.visible_pieces import (
    Piece,
    empty_texts,
    is_solid,
    outline_points,
    visible_pieces,
)
from gradreel.theme import Timing, colors

if TYPE_CHECKING:
    from gradreel.lecture.beat import Beat
    from gradreel.lecture.lecture_scene import LectureScene

FAULT_KINDS = (
    "outside", "overlap", "covered", "too small", "contrast", "empty", "too short", "dead time",
    "unsourced",
)  # fmt: skip

ADVICE = {
    "outside": "Move it inward, or let it fade before it reaches the edge.",
    "overlap": "Move them apart, or let one fade out before the other comes.",
    "covered": "Lead the shape past the letters, or give them a background.",
    "too small": "Set it larger, or show less of it.",
    "contrast": "Choose a color role for text, or a higher opacity.",
    "empty": "Remove it, or give it something to show.",
    "too short": "Give the beat more time, or fewer words.",
    "dead time": "Let the animations fill the beat, or shorten its caption.",
    "stale number": "Bring it up to date before it is shown; do not animate it while it changes.",
    "sudden": "Bring it in, or take it away, with an animation.",
    "unsourced": "Name it in braces, and give the beat the Quantity of that name.",
    "still": "Shorten the beat, or let the picture go on.",
    "number not shown": "Show the number before the sentence says it, or say it later.",
}
"""What to do about each kind of fault; those of motion are found by `motion_check` alone."""

PIXELS_PER_UNIT = 1080 / 8
LEAST_LETTER_HEIGHT = 22.0  # pixels of a 1080p picture
SMALL = "letters {:.1f} px high at 1080p, at least {:.0f} px are legible"
DIGIT_HEIGHT = 0.644  # em, in the bundled serif and math fonts
LEAST_CONTRAST = 4.5
MOST_HOLD = 2.0  # seconds without motion at the end of a beat
FRAME_MARGIN = 0.15
OVERLAP_SHARE = 0.03  # of the smaller of two texts' boxes, from which they count as overlapping


@dataclass(frozen=True, slots=True)
class LayoutFault:
    """One fault: kind, scene, beat, the mobject at fault, a second one if two are, and details.

    `start` and `end` are the seconds of the scene between which it is seen. `known` marks a fault
    of a kind that the scene is known to have.
    """

    kind: str
    scene: str
    beat: str
    culprit: str
    other: str = ""
    detail: str = ""
    start: float = 0.0
    end: float = 0.0
    known: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The fault as a JSON-ready row, with what to do about it."""
        times = {"start": round(self.start, 3), "end": round(self.end, 3)}
        return {**asdict(self), **times, "advice": ADVICE[self.kind]}

    def __str__(self) -> str:
        other = f" and {self.other}" if self.other else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.scene}, beat {self.beat!r}: {self.kind}: {self.culprit}{other}{detail}"


Finding = tuple[str, str, str, str]
"""Kind, culprit, other and detail of a fault."""


def layout_faults(scene: LectureScene, beat: Beat) -> list[dict[str, Any]]:
    """Every fault of the picture at the end of a beat, as JSON-ready rows."""
    pieces = visible_pieces(scene.mobjects)
    texts = [piece for piece in pieces if piece.is_text]
    findings = [
        *_outside(texts), *_overlaps(texts), *_covered(texts, pieces), *_too_small(texts),
        *_low_contrast(texts, pieces), *_empty(scene.mobjects), *_timing(beat),
        *_unsourced(scene, beat),
    ]  # fmt: skip
    name = type(scene).__name__
    start, end = beat.end - beat.hold, beat.end
    return [
        LayoutFault(kind, name, beat.name, culprit, other, detail, start, end).to_dict()
        for kind, culprit, other, detail in findings
    ]


def _outside(texts: list[Piece]) -> Iterator[Finding]:
    frame = frame_area()
    inner = Rect(
        frame.left + FRAME_MARGIN,
        frame.right - FRAME_MARGIN,
        frame.bottom + FRAME_MARGIN,
        frame.top - FRAME_MARGIN,
    )
    for piece in texts:
        if not inner.contains(piece.box):
            yield "outside", piece.label, "", f"reaches {_extent(piece.box)}"


def _extent(box: Rect) -> str:
    return f"x {box.left:.2f} to {box.right:.2f}, y {box.bottom:.2f} to {box.top:.2f}"


def _overlaps(texts: list[Piece]) -> Iterator[Finding]:
    for index, one in enumerate(texts):
        for other in texts[index + 1 :]:
            shared = one.box.overlap_area(other.box)
            if shared > OVERLAP_SHARE * min(one.box.area, other.box.area):
                yield "overlap", one.label, other.label, ""


def _covered(texts: list[Piece], pieces: list[Piece]) -> Iterator[Finding]:
    """Text hidden by a shape, or crossed by an outline without a background between the two."""
    shapes = [piece for piece in pieces if not piece.is_text]
    outlines = {}
    for text in texts:
        core = text.box.shrunk(0.12)
        for shape in shapes:
            if shape.box.overlap_area(core) <= 0 and not _touches(shape.box, core):
                continue
            is_in_front = shape.order > text.order
            if is_in_front and is_solid(shape.mobject) and shape.box.contains(core):
                yield "covered", text.label, shape.label, "hidden behind it"
                continue
            if shape.order not in outlines:
                outlines[shape.order] = _outline(shape)
            is_crossed = _has_points_in(outlines[shape.order], core)
            if is_crossed and not has_background(text, shape, shapes):
                yield "covered", text.label, shape.label, "its outline runs through the letters"


def _touches(line: Rect, core: Rect) -> bool:
    """Whether two boxes meet. A horizontal or vertical line has no area to overlap."""
    return (
        line.left <= core.right
        and line.right >= core.left
        and line.bottom <= core.top
        and line.top >= core.bottom
    )


def _outline(shape: Piece) -> Floats:
    """Points along the outline of a shape; none of a grid line."""
    mobject = shape.mobject
    if not isinstance(mobject, VMobject):
        return np.asarray(mobject.points)
    return mobject.points[:0] if is_grid_line(mobject) else outline_points(mobject)


def _has_points_in(points: Floats, core: Rect) -> bool:
    x, y = points[:, 0], points[:, 1]
    inside = (x > core.left) & (x < core.right) & (y > core.bottom) & (y < core.top)
    return bool(inside.any())


def is_grid_line(shape: VMobject) -> bool:
    """Whether a shape has the color of grid lines, which may pass behind letters."""
    return shape.get_fill_opacity() == 0 and shape.get_stroke_color() == ManimColor(colors.faint)


def has_background(text: Piece, shape: Piece, shapes: Sequence[Piece]) -> bool:
    """Whether a solid shape lies between a text and a shape behind it."""
    return any(
        shape.order < background.order < text.order
        and is_solid(background.mobject)
        and background.box.contains(text.box.shrunk(0.05))
        for background in shapes
    )


def _too_small(texts: list[Piece]) -> Iterator[Finding]:
    for piece in texts:
        height = letter_height(piece.mobject) * PIXELS_PER_UNIT
        if height < LEAST_LETTER_HEIGHT - 0.05:
            yield "too small", piece.label, "", SMALL.format(height, LEAST_LETTER_HEIGHT)


def letter_height(text: Mobject) -> float:
    """The height of a digit in frame units; infinite for a text of unknown size."""
    if isinstance(text, Readout):
        return text.current_scale * DIGIT_HEIGHT
    if isinstance(text, (TickLabel, Typeset, Typst, Letters, Text)):
        return em(text.font_size) * DIGIT_HEIGHT
    return math.inf


def _low_contrast(texts: list[Piece], pieces: list[Piece]) -> Iterator[Finding]:
    for piece in texts:
        background = _background_color(piece, pieces)
        for color, opacity in _letter_colors(piece.mobject):
            ratio = contrast(_blend(color, background, opacity), background)
            if ratio < LEAST_CONTRAST:
                detail = f"{color.to_hex()} on {background.to_hex()}: {ratio:.1f}"
                yield "contrast", piece.label, "", detail
                break


def _background_color(text: Piece, pieces: list[Piece]) -> ManimColor:
    """The color of the nearest solid shape behind a text, or that of the scene."""
    for piece in reversed(pieces[: text.order]):
        shape = piece.mobject
        if not piece.is_text and is_solid(shape) and piece.box.contains(text.box.shrunk(0.1)):
            return ManimColor(shape.get_fill_color())
    return ManimColor(colors.background)


def _letter_colors(text: Mobject) -> set[tuple[ManimColor, float]]:
    """The fill colors of a text's visible letters, with their opacities."""
    parts = [part for part in text.family_members_with_points() if isinstance(part, VMobject)]
    colors_used = {tuple(part.fill_rgbas[0].tolist()) for part in parts}
    return {(ManimColor(color[:3]), round(color[3], 2)) for color in colors_used if color[3] > 0}


def _blend(color: ManimColor, background: ManimColor, opacity: float) -> ManimColor:
    return ManimColor(background).interpolate(color, opacity)


def contrast(one: ManimColor, other: ManimColor) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: ManimColor) -> float:
    """Relative luminance of an sRGB color (WCAG 2.2, "relative luminance")."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.to_rgb()]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def _empty(mobjects: list[Mobject]) -> Iterator[Finding]:
    for mobject in empty_texts(mobjects):
        yield "empty", type(mobject).__name__, "", "nothing to see"


def _timing(beat: Beat) -> Iterator[Finding]:
    """Whether there is time to read what nobody speaks, and silence without motion after it."""
    duration = beat.end - beat.start
    spoken = [sentence.end for sentence in beat.sentences if sentence.audio is not None]
    least = max(len(beat.caption) / Timing.reading, Timing.least_beat)
    # Each passage may be rounded to frames.
    if not spoken and duration < least - 0.1 * len(beat.captions):
        yield "too short", "the caption", "", f"{duration:.1f} s for {least:.1f} s of reading"
    hold = beat.end - max(beat.end - beat.hold, *spoken) if spoken else beat.hold
    if hold - beat.pause > MOST_HOLD + 0.05:
        yield "dead time", "the picture", "", f"{hold:.1f} s without motion"


def _unsourced(scene: LectureScene, beat: Beat) -> Iterator[Finding]:
    """Numbers that somebody typed into a caption."""
    for caption in beat.captions:
        for number in unsourced_numbers(caption, scene.tape, scene.quoted_source):
            detail = "write {name} in the caption, and give beat(..., name=quantity)"
            yield "unsourced", f"the number {number} in the caption", "", detail
