"""The visible texts and shapes of a picture as a flat list, from back to front."""

from __future__ import annotations

import re
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


@dataclass(frozen=True)
class Piece:
    """A whole text or a single shape, with its bounding box; `order` counts from the back.

    `owner` is the class of the drawing that it is a part of, "" if it stands alone.
    """

    mobject: Mobject
    order: int
    box: Rect
    is_text: bool
    owner: str = ""

    @property
    def label(self) -> str:
        """Its name in a message."""
        if isinstance(self.mobject, Readout):
            return f"number {self.mobject.numbers()[0].text!r}"
        words = getattr(self.mobject, "typst_code", None) or getattr(self.mobject, "text", None)
        kind = type(self.mobject).__name__
        if words:
            return f"{self.owner or kind} {plain_words(str(words))[:40]!r}"
        return f"{kind} of {self.owner}" if self.owner else kind


def plain_words(markup: str) -> str:
    """Typst markup without colors and blocks, for a message."""
    for pattern, content in _MARKUP:
        markup = pattern.sub(content, markup)
    return markup.replace("\\", "").strip("$ ")


_MARKUP = (
    (re.compile(r'#text\(fill: rgb\("[^"]*"\)\)\[\$(.*?)\$\]'), r"\1"),
    (re.compile(r"^#block\([^)]*\)\[#align\([^)]*\)\[(.*)\]\]$"), r"\1"),
)


def visible_pieces(mobjects: list[Mobject]) -> list[Piece]:
    """All visible pieces of these mobjects, in the order in which Manim draws them."""
    pieces: list[Piece] = []
    for leaf, is_text, owner in drawn_leaves(mobjects):
        points = _points(leaf)
        if len(points) and _is_visible(leaf):
            pieces.append(Piece(leaf, len(pieces), rect_of(points), is_text, owner))
    return pieces


def rect_of(points: Floats) -> Rect:
    """The bounding box of points (n, 3), n > 0."""
    (left, bottom, _), (right, top, _) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Rect(left, right, bottom, top)


def empty_texts(mobjects: list[Mobject]) -> list[Mobject]:
    """Texts on stage without any outline."""
    return [leaf for leaf, is_text, _ in _leaves(mobjects) if is_text and not len(_points(leaf))]


Leaf = tuple[Mobject, bool, str]
"""A whole text or a mobject with points of its own; whether it is a text; its owner's class."""


def drawn_leaves(mobjects: list[Mobject]) -> list[Leaf]:
    """The leaves in the order in which Manim draws them."""
    return sorted(_leaves(mobjects), key=lambda leaf: leaf[0].z_index)


def _leaves(mobjects: list[Mobject], owner: str = "") -> Iterator[Leaf]:
    for mobject in mobjects:
        if isinstance(mobject, TEXT_CLASSES):
            yield mobject, True, owner
        else:
            if len(mobject.points):
                yield mobject, False, owner
            kind = type(mobject)
            is_ours = not kind.__module__.startswith("manim.")
            yield from _leaves(mobject.submobjects, kind.__name__ if is_ours else owner)


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
    """Points along a shape's outline, in its order, close enough to find it inside a text's box."""
    curves = mobject.points.reshape(-1, 4, 3)
    t = np.linspace(0, 1, OUTLINE_SAMPLES)[:, None, None]
    a, b, c, d = (curves[None, :, k] for k in range(4))
    s = 1 - t
    sampled = s**3 * a + 3 * s**2 * t * b + 3 * s * t**2 * c + t**3 * d
    flat: Floats = sampled.swapaxes(0, 1).reshape(-1, 3)
    return flat
