"""A RoundedRectangle that is made quickly: each card of a graph has two."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from manim import RoundedRectangle, VMobject

from gradreel.draw.plane import Floats

_UNIT = 4.0  # the side of the rectangle from which others are computed, in corner radii


class RoundedBox(RoundedRectangle):
    """A RoundedRectangle of at least two corner radii in either direction.

    All its points depend on width and height linearly, so they are computed from those of three
    rectangles. Manim builds twelve arcs and polygons for each one.
    """

    def __init__(self, *, width: float, height: float, corner_radius: float, **style: Any) -> None:
        VMobject.__init__(self, **style)
        self.corner_radius = corner_radius
        base, per_width, per_height = _templates(corner_radius)
        side = _UNIT * corner_radius
        self.points = base + (width - side) * per_width + (height - side) * per_height


@lru_cache
def _templates(radius: float) -> tuple[Floats, Floats, Floats]:
    """The points of a square, and their change for each unit of width and of height."""
    side = _UNIT * radius
    base, wider, higher = (
        RoundedRectangle(corner_radius=radius, width=width, height=height).points
        for width, height in ((side, side), (side + 1, side), (side, side + 1))
    )
    return base, wider - base, higher - base
