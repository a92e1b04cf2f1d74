"""The visible texts and shapes of a picture as a flat list, from back to front."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from manim import MarkupText, Mobject, Text, Typst, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats, TickLabel
from gradreel.draw.text import Letters
from gradreel.draw.typeset import Typeset

TEXT_CLASSES = (Typeset, Typst, Letters, Readout, TickLabel, Text, MarkupText)
VISIBLE_OPACITY = 0.05
SOLID_OPACITY = 0.95
OUTLINE_SAMPLES = 12  # points per Bézier curve


@dataclass(frozen=True, slots=True)
class Piece:
    """A whole text or a single shape, with its bounding box; `order` counts from the back."""

    mobject: Mobject
    order: int
    box: Rect
    is_text: bool

    @property
    def label(self) -> str:
        """Its name in a message."""
        if isinstance(self.mobject, Readout):
            return f"number {self.mobject.numbers()[0].text!r}"
        words = getattr(self.mobject, "typst_code", None) or getattr(self.mobject, "text", None)
        kind = type(self.mobject).__name__
        return f"{kind} {str(words)[:40]!r}" if words else kind


def visible_pieces(mobjects: list[Mobject]) -> list[Piece]:
    """All visible pieces of these mobjects, in the order in which Manim draws them."""
    pieces: list[Piece] = []
    for leaf, is_text in sorted(_leaves(mobjects), key=lambda pair: pair[0].z_index):
        points = _points(leaf)
        if len(points) and _is_visible(leaf):
            low, high = points.min(axis=0), points.max(axis=0)
            box = Rect(float(low[0]), float(high[0]), float(low[1]), float(high[1]))
            pieces.append(Piece(leaf, len(pieces), box, is_text))
    return pieces


def empty_texts(mobjects: list[Mobject]) -> list[Mobject]:
    """Texts on stage without any outline."""
    return [leaf for leaf, is_text in _leaves(mobjects) if is_text and not len(_points(leaf))]


def _leaves(mobjects: list[Mobject]) -> Iterator[tuple[Mobject, bool]]:
    """Texts as a whole and mobjects with points of their own, each with whether it is a text."""
    for mobject in mobjects:
        if isinstance(mobject, TEXT_CLASSES):
            yield mobject, True
        else:
            if len(mobject.points):
                yield mobject, False
            yield from _leaves(mobject.submobjects)


def _points(mobject: Mobject) -> Floats:
    points = [part.points for part in mobject.family_members_with_points()]
    stacked: Floats = np.concatenate(points) if points else np.zeros((0, 3))
    return stacked


def _is_visible(mobject: Mobject) -> bool:
    parts = [p for p in mobject.family_members_with_points() if isinstance(p, VMobject)]
    return any(max(_fill_opacity(p), _stroke_opacity(p)) > VISIBLE_OPACITY for p in parts)


def _fill_opacity(part: VMobject) -> float:
    return float(part.get_fill_opacity())


def _stroke_opacity(part: VMobject) -> float:
    return float(part.get_stroke_opacity()) if part.get_stroke_width() > 0 else 0.0


def is_solid(mobject: Mobject) -> bool:
    """Whether a shape hides what is behind it."""
    return isinstance(mobject, VMobject) and _fill_opacity(mobject) >= SOLID_OPACITY


def outline_points(mobject: Mobject) -> Floats:
    """Points along a shape's outline, close enough to detect it inside the box of a letter."""
    curves = mobject.points.reshape(-1, 4, 3)
    t = np.linspace(0, 1, OUTLINE_SAMPLES)[:, None, None]
    a, b, c, d = (curves[None, :, k] for k in range(4))
    s = 1 - t
    sampled = s**3 * a + 3 * s**2 * t * b + 3 * s * t**2 * c + t**3 * d
    flat: Floats = sampled.reshape(-1, 3)
    return flat
