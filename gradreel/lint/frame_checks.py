"""The checks of one frame, one function for each kind of fault.

Each yields `Sighting`s: what is at fault in this frame. `motion_check` joins the sightings of
successive frames to faults with a start and an end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from manim import Mobject, VMobject

from gradreel.draw.layout import frame_area
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.lint.animated_parts import AnimatedParts
from gradreel.lint.frame_snapshot import FramePiece, Snapshot, box_row
from gradreel.lint.layout_checks import has_background, is_grid_line
from gradreel.lint.visible_pieces import is_solid, outline_points

GHOST_OPACITY = 0.15  # from which one of two overlapping texts disturbs the other
PRESENT_OPACITY = 0.3  # from which a piece counts as there
LETTER_OVERLAP = 0.2  # of the smaller of two letters' boxes
SUDDEN_OPACITY = 0.7  # above which a piece that comes is not being faded in
LEAST_SIZE = 0.15  # frame units; a text that appears smaller than this seems to grow
LEAST_SHAPE = 0.3  # the same for a shape, such as the tip of an arrow
SAME_PLACE = 0.6  # of two boxes' union, from which a piece stands in the other's place


@dataclass(frozen=True, slots=True)
class Sighting:
    """One fault in one frame: `key` says which it is, so that the next frame's is the same one."""

    kind: str
    key: tuple[int | str, ...]
    culprit: str
    other: str = ""
    detail: str = ""


@dataclass
class Frame:
    """A frame, the one before it, and the ids of the mobjects that differ."""

    now: Snapshot
    before: Snapshot | None = None
    changed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.before is not None:
            self.changed = self.now.changed_since(self.before)

    def picture_moves(self, words: frozenset[int]) -> bool:
        """Whether anything but these words has moved, changed, come or gone."""
        before = self.before.by_mobject if self.before is not None else {}
        gone = before.keys() - self.now.by_mobject.keys()
        return bool((self.changed | gone) - words)


class PairChecks:
    """Checks of two pieces at a time; verdicts are kept until one of the two changes."""

    def __init__(self) -> None:
        self._verdicts: dict[tuple[str, int, int], tuple[Any, str]] = {}

    def overlaps(self, frame: Frame) -> Iterator[Sighting]:
        """Text over text, also where one of the two is half faded."""
        texts = [p for p in frame.now.pieces if p.is_text and p.opacity > GHOST_OPACITY]
        for one, other in touching(texts, texts):
            if one.order < other.order:
                detail = self._verdict("overlap", one, other, letters_overlap)
                if detail:
                    key = (id(one.mobject), id(other.mobject))
                    yield Sighting("overlap", key, one.label, other.label, detail)

    def crossings(self, frame: Frame) -> Iterator[Sighting]:
        """Text behind or under a shape that moves, or that the text moves over."""
        texts = [p for p in frame.now.pieces if p.is_text and p.opacity > PRESENT_OPACITY]
        shapes = [p for p in frame.now.pieces if not p.is_text and p.opacity > PRESENT_OPACITY]
        for text, shape in touching(texts, shapes):
            detail = self._verdict(
                "covered", text, shape, lambda a, b: crossing(a, b, frame.now.pieces)
            )
            if detail:
                key = (id(text.mobject), id(shape.mobject))
                yield Sighting("covered", key, text.label, shape.label, detail)

    def _verdict(self, kind: str, one: FramePiece, other: FramePiece, judge: Any) -> str:
        key = (kind, id(one.mobject), id(other.mobject))
        state = (one.look, other.look)
        known = self._verdicts.get(key)
        if known is None or known[0] != state:
            known = self._verdicts[key] = (state, judge(one, other))
        return known[1]


def touching(
    ones: list[FramePiece], others: list[FramePiece]
) -> Iterator[tuple[FramePiece, FramePiece]]:
    """The pairs of different pieces whose boxes meet."""
    if not ones or not others:
        return
    a = np.array([box_row(p.box) for p in ones])[:, None]
    b = np.array([box_row(p.box) for p in others])[None]
    meet = (a[..., 0] < b[..., 2]) & (b[..., 0] < a[..., 2])
    meet &= (a[..., 1] < b[..., 3]) & (b[..., 1] < a[..., 3])
    for i, k in np.argwhere(meet):
        if ones[i].mobject is not others[k].mobject:
            yield ones[i], others[k]


def letters_overlap(one: FramePiece, other: FramePiece) -> str:
    """How visible two texts are whose letters overlap; "" if they do not."""
    a, b = one.letters[:, None], other.letters[None]
    if not a.size or not b.size:
        return ""
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    shared = width.clip(0) * height.clip(0)
    smaller = np.minimum(areas(a), areas(b)).clip(1e-9)
    if not (shared > LETTER_OVERLAP * smaller).any():
        return ""
    faint = min(one.opacity, other.opacity)
    return f"the fainter one at {faint:.0%}" if faint < 0.95 else "both fully visible"


def areas(boxes: Floats) -> Floats:
    """The areas of boxes (..., 4)."""
    result: Floats = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
    return result


def crossing(text: FramePiece, shape: FramePiece, pieces: list[FramePiece]) -> str:
    """How a shape disturbs a text; "" if it does not."""
    core = text.box.shrunk(0.12)
    mobject = shape.mobject
    if shape.order > text.order and is_solid(mobject) and shape.box.contains(core):
        return "hidden behind it"
    if not isinstance(mobject, VMobject) or is_grid_line(mobject) or is_backdrop(text, shape):
        return ""
    if not meets_boxes(outline_points(mobject)[:, :2], text.letters):
        return ""
    shapes = [piece for piece in pieces if not piece.is_text]
    return "" if has_background(text, shape, shapes) else "it runs through the letters"


def meets_boxes(line: Floats, boxes: Floats) -> bool:
    """Whether the segments between successive points (n, 2) run through one of the boxes (k, 4).

    Each segment is clipped to each box, side by side for x and y (the slab method).
    """
    if len(line) < 2 or not len(boxes):
        return False
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    starts, ends = line[:-1], line[1:]
    near = (np.maximum(starts, ends) > low).all(axis=1) & (np.minimum(starts, ends) < high).all(1)
    starts, along = starts[near, None], (ends - starts)[near, None]
    along = np.where(np.abs(along) < 1e-9, 1e-9, along)
    one, other = (boxes[None, :, :2] - starts) / along, (boxes[None, :, 2:] - starts) / along
    enter = np.minimum(one, other).max(axis=2).clip(0, None)
    leave = np.maximum(one, other).min(axis=2).clip(None, 1)
    return bool((enter < leave).any())


def is_backdrop(text: FramePiece, shape: FramePiece) -> bool:
    """Whether a shape is an area of color behind a text, such as the bar behind a line of code."""
    mobject = shape.mobject
    return (
        isinstance(mobject, VMobject)
        and shape.order < text.order
        and shape.box.height >= text.box.height
        and (mobject.stroke_width == 0 or mobject.get_stroke_opacity() == 0)
    )


def outside_frame(frame: Frame) -> Iterator[Sighting]:
    """Letters beyond the edge of the frame."""
    edge = frame_area()
    for piece in frame.now.pieces:
        if piece.is_text and piece.opacity > PRESENT_OPACITY and not edge.contains(piece.box):
            yield Sighting("outside", (id(piece.mobject),), piece.label)


def stale_numbers(frame: Frame, parts: AnimatedParts) -> Iterator[Sighting]:
    """Numbers whose digits are not those of the value that they follow.

    One that is turning into another mobject has no digits of its own.
    """
    for piece in frame.now.pieces:
        number = piece.mobject
        if not isinstance(number, Readout) or id(number) in parts.may_go:
            continue
        if expected := number.stale_text():
            detail = f"its source is at {expected}"
            yield Sighting("stale number", (id(piece.mobject),), piece.label, "", detail)


def sudden_changes(frame: Frame, parts: AnimatedParts, words: frozenset[int]) -> Iterator[Sighting]:
    """Pieces that come or go from one frame to the next without an animation.

    `words` are the ids of captions and header, which change as subtitles do.
    """
    if frame.before is None:
        return
    for piece in newcomers(frame.before, frame.now, parts.may_come | words):
        yield Sighting("sudden", ("comes", id(piece.mobject)), piece.label, "", "appears at once")
    for piece in newcomers(frame.now, frame.before, parts.may_go | words):
        yield Sighting("sudden", ("goes", id(piece.mobject)), piece.label, "", "is gone at once")


def newcomers(old: Snapshot, new: Snapshot, excused: frozenset[int]) -> list[FramePiece]:
    """Pieces of `new` without a counterpart in `old`: neither the same mobject nor its place."""
    return [
        piece
        for key, piece in new.by_mobject.items()
        if piece.opacity > SUDDEN_OPACITY
        and max(piece.box.width, piece.box.height) > (LEAST_SIZE if piece.is_text else LEAST_SHAPE)
        and key not in old.by_mobject
        and key not in excused
        and not stands_for_another(piece, old)
    ]


def stands_for_another(piece: FramePiece, old: Snapshot) -> bool:
    """Whether a piece takes the place of one of another frame, as after ReplacementTransform."""
    box, boxes = np.array(box_row(piece.box)), old.boxes
    if not len(boxes):
        return False
    thin = 0.02  # lines have no area
    width = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0]) + thin
    height = np.minimum(boxes[:, 3], box[3]) - np.maximum(boxes[:, 1], box[1]) + thin
    shared = width.clip(0) * height.clip(0)
    grown = (boxes[:, 2] - boxes[:, 0] + thin) * (boxes[:, 3] - boxes[:, 1] + thin)
    own = (box[2] - box[0] + thin) * (box[3] - box[1] + thin)
    return bool((shared / (grown + own - shared) > SAME_PLACE).any())


def family_ids(mobjects: Iterable[Mobject]) -> frozenset[int]:
    """The ids of these mobjects and all their parts."""
    return frozenset(id(part) for mobject in mobjects for part in mobject.get_family())
