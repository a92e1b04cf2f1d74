"""The checks, one function a fault class."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from manim import ManimColor, Mobject, Text, Typst, VMobject

from gradreel.draw.layout import frame_area
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import TickLabel
from gradreel.draw.text import Letters, em
from gradreel.draw.typeset import Typeset
from gradreel.lint.visible_pieces import Box, Piece, empty_texts, is_solid, outline, pieces
from gradreel.theme import Timing, colors

if TYPE_CHECKING:
    from gradreel.lecture.lecture_scene import Beat, LectureScene

FAULT_KINDS = (
    "outside", "overlap", "covered", "too small", "contrast", "empty", "too short", "dead time",
)  # fmt: skip

PIXELS_PER_UNIT = 1080 / 8
LEAST_LETTER = 22.0  # pixels of a 1080p picture
DIGIT_HEIGHT = 0.644  # em, of the bundled serif and math faces
LEAST_CONTRAST = 4.5
DEAD_TIME = 2.0
FRAME_MARGIN = 0.15


@dataclass(frozen=True, slots=True)
class LayoutFault:
    """One fault: its class, scene, beat, culprit (and the second one, if two), and a figure."""

    kind: str
    scene: str
    beat: str
    culprit: str
    other: str = ""
    detail: str = ""

    def __str__(self) -> str:
        against = f" and {self.other}" if self.other else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.scene}, beat {self.beat!r}: {self.kind}: {self.culprit}{against}{detail}"


def layout_faults(scene: LectureScene, beat: Beat) -> list[dict[str, Any]]:
    """Every fault of the picture at the end of a beat, as JSON-ready rows."""
    name = type(scene).__name__
    seen = pieces(scene.mobjects)
    texts = [piece for piece in seen if piece.is_text]
    rows = [
        *_outside(texts), *_overlaps(texts), *_covered(texts, seen), *_too_small(texts),
        *_low_contrast(texts, seen), *_empty(scene.mobjects), *_timing(beat),
    ]  # fmt: skip
    return [asdict(LayoutFault(kind, name, beat.name, *rest)) for kind, *rest in rows]


Row = tuple[str, ...]


def _outside(texts: list[Piece]) -> Iterator[Row]:
    whole = frame_area()
    safe = Box(
        whole.left + FRAME_MARGIN,
        whole.bottom + FRAME_MARGIN,
        whole.right - FRAME_MARGIN,
        whole.top - FRAME_MARGIN,
    )
    for piece in texts:
        if not safe.holds(piece.box):
            yield "outside", piece.label, "", f"reaches {_reach(piece.box)}"


def _reach(box: Box) -> str:
    return f"x {box.left:.2f} to {box.right:.2f}, y {box.bottom:.2f} to {box.top:.2f}"


def _overlaps(texts: list[Piece]) -> Iterator[Row]:
    for index, one in enumerate(texts):
        for other in texts[index + 1 :]:
            shared = one.box.overlap(other.box)
            if shared > 0.03 * min(one.box.area, other.box.area):
                yield "overlap", one.label, other.label, ""


def _covered(texts: list[Piece], seen: list[Piece]) -> Iterator[Row]:
    """Text behind a shape, or crossed by a line with nothing solid between the two."""
    shapes = [piece for piece in seen if not piece.is_text]
    for text in texts:
        core = text.box.shrunk(0.12)
        for shape in shapes:
            if shape.box.overlap(core) <= 0 and not _is_line_through(shape.box, core):
                continue
            if shape.order > text.order and is_solid(shape.mobject) and shape.box.holds(core):
                yield "covered", text.label, shape.label, "hidden behind it"
            elif _crosses(shape, core) and not _shielded(text, shape, shapes):
                yield "covered", text.label, shape.label, "its outline runs through the letters"


def _is_line_through(line: Box, core: Box) -> bool:
    """A level or upright line has no area, so overlap cannot find it."""
    return (
        line.left <= core.right
        and line.right >= core.left
        and line.bottom <= core.top
        and line.top >= core.bottom
    )


def _crosses(shape: Piece, core: Box) -> bool:
    mobject = shape.mobject
    if isinstance(mobject, VMobject) and _is_faint(mobject):
        return False
    points = outline(mobject) if isinstance(mobject, VMobject) else mobject.points
    x, y = points[:, 0], points[:, 1]
    inside = (x > core.left) & (x < core.right) & (y > core.bottom) & (y < core.top)
    return bool(inside.any())


def _is_faint(shape: VMobject) -> bool:
    """Grid lines may pass behind letters."""
    return shape.get_fill_opacity() == 0 and shape.get_stroke_color() == ManimColor(colors.faint)


def _shielded(text: Piece, shape: Piece, shapes: list[Piece]) -> bool:
    return any(
        shape.order < patch.order < text.order
        and is_solid(patch.mobject)
        and patch.box.holds(text.box.shrunk(0.05))
        for patch in shapes
    )


def _too_small(texts: list[Piece]) -> Iterator[Row]:
    for piece in texts:
        height = letter_height(piece.mobject) * PIXELS_PER_UNIT
        if height < LEAST_LETTER - 0.05:
            yield "too small", piece.label, "", f"letters {height:.1f} px high at 1080p"


def letter_height(text: Mobject) -> float:
    """The height of a digit in frame units."""
    if isinstance(text, Readout):
        return text.current_scale * DIGIT_HEIGHT
    if isinstance(text, TickLabel):
        return em(text.font_size) * DIGIT_HEIGHT
    if isinstance(text, (Typeset, Typst, Letters, Text)):
        return em(text.font_size) * DIGIT_HEIGHT
    return math.inf


def _low_contrast(texts: list[Piece], seen: list[Piece]) -> Iterator[Row]:
    for piece in texts:
        ground = _ground(piece, seen)
        for color, opacity in _letter_colors(piece.mobject):
            ratio = contrast(_blend(color, ground, opacity), ground)
            if ratio < LEAST_CONTRAST:
                yield (
                    "contrast",
                    piece.label,
                    "",
                    f"{color.to_hex()} on {ground.to_hex()}: {ratio:.1f}",
                )
                break


def _ground(text: Piece, seen: list[Piece]) -> ManimColor:
    for piece in reversed(seen[: text.order]):
        shape = piece.mobject
        if not piece.is_text and is_solid(shape) and piece.box.holds(text.box.shrunk(0.1)):
            return ManimColor(shape.get_fill_color())
    return ManimColor(colors.background)


def _letter_colors(text: Mobject) -> set[tuple[ManimColor, float]]:
    parts = [part for part in text.family_members_with_points() if isinstance(part, VMobject)]
    return {
        (part.get_fill_color(), round(float(part.get_fill_opacity()), 2))
        for part in parts
        if part.get_fill_opacity() > 0
    }


def _blend(color: ManimColor, ground: ManimColor, opacity: float) -> ManimColor:
    return ManimColor(ground).interpolate(color, opacity)


def contrast(one: ManimColor, other: ManimColor) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: ManimColor) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2, "relative luminance")."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.to_rgb()]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def _empty(mobjects: list[Mobject]) -> Iterator[Row]:
    for mobject in empty_texts(mobjects):
        yield "empty", type(mobject).__name__, "", "nothing to see"


def _timing(beat: Beat) -> Iterator[Row]:
    lasts, needed = (
        beat.end - beat.start,
        max(len(beat.caption) / Timing.reading, Timing.least_beat),
    )
    if lasts < needed - 0.1:
        yield "too short", "the caption", "", f"{lasts:.1f} s for {needed:.1f} s of reading"
    if beat.hold > DEAD_TIME + 0.05:
        yield "dead time", "the picture", "", f"{beat.hold:.1f} s without motion"
