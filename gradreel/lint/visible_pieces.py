"""The picture as a flat list: pieces of text and shapes, from the back to the front."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from manim import MarkupText, Mobject, Text, Typst, VMobject

from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats, TickLabel
from gradreel.draw.text import Letters
from gradreel.draw.typeset import Typeset

LETTERS = (Typeset, Typst, Letters, Readout, TickLabel, Text, MarkupText)
VISIBLE = 0.05
SOLID = 0.95


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in frame units."""

    left: float
    bottom: float
    right: float
    top: float

    def shrunk(self, share: float) -> Box:
        """Without the outermost `share` of its size on every side."""
        dx, dy = (self.right - self.left) * share, (self.top - self.bottom) * share
        return Box(self.left + dx, self.bottom + dy, self.right - dx, self.top - dy)

    def holds(self, other: Box) -> bool:
        """Whether `other` lies wholly inside."""
        return (
            self.left <= other.left
            and self.right >= other.right
            and self.bottom <= other.bottom
            and self.top >= other.top
        )

    def overlap(self, other: Box) -> float:
        """The area both share."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(width, 0.0) * max(height, 0.0)

    @property
    def area(self) -> float:
        """Width times height."""
        return (self.right - self.left) * (self.top - self.bottom)


@dataclass(frozen=True, slots=True)
class Piece:
    """Something drawn: a text as a whole or a single shape; `order` counts from the back."""

    mobject: Mobject
    order: int
    box: Box
    is_text: bool

    @property
    def label(self) -> str:
        """What to call it in a message."""
        if isinstance(self.mobject, Readout):
            return f"number {self.mobject.numbers()[0].text!r}"
        words = getattr(self.mobject, "typst_code", None) or getattr(self.mobject, "text", None)
        kind = type(self.mobject).__name__
        return f"{kind} {str(words)[:40]!r}" if words else kind


def pieces(mobjects: list[Mobject]) -> list[Piece]:
    """All that can be seen of these mobjects, from the back to the front."""
    found: list[Piece] = []
    for leaf, is_text in sorted(_leaves(mobjects), key=lambda pair: pair[0].z_index):
        points = _points(leaf)
        if len(points) and _visible(leaf):
            low, high = points.min(axis=0), points.max(axis=0)
            box = Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
            found.append(Piece(leaf, len(found), box, is_text))
    return found


def empty_texts(mobjects: list[Mobject]) -> list[Mobject]:
    """Texts on stage without a single letter."""
    return [leaf for leaf, is_text in _leaves(mobjects) if is_text and not len(_points(leaf))]


def _leaves(mobjects: list[Mobject]) -> Iterator[tuple[Mobject, bool]]:
    for mobject in mobjects:
        if isinstance(mobject, LETTERS):
            yield mobject, True
        else:
            if len(mobject.points):
                yield mobject, False
            yield from _leaves(mobject.submobjects)


def _points(mobject: Mobject) -> Floats:
    points = [part.points for part in mobject.family_members_with_points()]
    stacked: Floats = np.concatenate(points) if points else np.zeros((0, 3))
    return stacked


def _visible(mobject: Mobject) -> bool:
    parts = [p for p in mobject.family_members_with_points() if isinstance(p, VMobject)]
    return any(_fill(p) > VISIBLE or _stroke(p) > VISIBLE for p in parts)


def _fill(part: VMobject) -> float:
    return float(part.get_fill_opacity())


def _stroke(part: VMobject) -> float:
    return float(part.get_stroke_opacity()) if part.get_stroke_width() > 0 else 0.0


def is_solid(mobject: Mobject) -> bool:
    """Whether a shape hides what lies behind it."""
    return isinstance(mobject, VMobject) and _fill(mobject) >= SOLID


def outline(mobject: Mobject) -> Floats:
    """Points along a shape's outline, close enough to find it inside a letter's box."""
    curves = mobject.points.reshape(-1, 4, 3)
    steps = np.linspace(0, 1, 12)[:, None, None]
    a, b, c, d = (curves[None, :, k] for k in range(4))
    back = 1 - steps
    line = back**3 * a + 3 * back**2 * steps * b + 3 * back * steps**2 * c + steps**3 * d
    flat: Floats = line.reshape(-1, 3)
    return flat
