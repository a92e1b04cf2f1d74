"""The graph of an activation, small, with its tangent where it is steepest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import DOWN, LEFT, RIGHT, Dot, Line, VGroup, VMobject

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.theme import FontSize, StrokeWidth, colors

if TYPE_CHECKING:
    from gradreel.functions.function import Function

REACH = 5.0  # of x to both sides of zero
RISE = 1.2  # frame units for the whole curve
ALONG = 1.6  # of x to both sides, the reach of the tangent


class SteepestTangent(VGroup):
    """The curve of `f` at the left of `area`, the tangent at zero, and its slope beside it."""

    def __init__(self, f: Function, area: Rect) -> None:
        xs = np.linspace(-REACH, REACH, 81)
        values = np.asarray(f.sample_at(xs).values, dtype=float)
        middle, across = f.point_at(0.0), 0.5 * area.width
        here = float(middle.value)
        tall = RISE / float(np.ptp(values))
        center = point(area.left + across / 2, area.center[1])

        def place(x: float, value: float) -> Floats:
            shift: Floats = point(across * x / (2 * REACH), tall * (value - here))
            return center + shift

        curve = VMobject(stroke_color=colors.value, stroke_width=StrokeWidth.curve)
        curve.set_points_as_corners([place(x, y) for x, y in zip(xs, values, strict=True)])
        rise = ALONG * float(middle.slope)
        tangent = Line(place(-ALONG, here - rise), place(ALONG, here + rise))
        tangent.set_stroke(colors.local, StrokeWidth.curve)
        dot = Dot(center, radius=0.07, color=colors.accent)
        slope = LabelledNumber(
            '"steepest"', middle.slope, color=colors.local, places=None, font_size=FontSize.label
        )
        slope.move_to(place(ALONG, here) + 0.25 * (RIGHT + DOWN), aligned_edge=LEFT)
        super().__init__(curve, tangent, dot, slope)
