"""A point on a curve, its tangent, and the arrow that says which way is down."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from manim import Dot, Line, Polygon, VGroup

from gradreel.draw.layout import point
from gradreel.draw.plane import Floats, Plane
from gradreel.tape import Quantity
from gradreel.theme import StrokeWidth, colors


class CurveSample(Protocol):
    """A point of a function as autograd gives it."""

    @property
    def x(self) -> Quantity: ...
    @property
    def value(self) -> Quantity: ...
    @property
    def slope(self) -> Quantity: ...


SampleSource = Callable[[], CurveSample]


class SlidingPoint(Dot):
    """A dot that stays where `at()` is; hidden while that is outside the plane."""

    def __init__(
        self, plane: Plane, at: SampleSource, *, color: str = "", radius: float = 0.11
    ) -> None:
        super().__init__(radius=radius, color=color or colors.accent)
        self.set_stroke(colors.background, width=2)

        def follow(dot: Any) -> None:
            here = at()
            seen = plane.contains(here.value)
            dot.set_opacity(1.0 if seen else 0.0)
            if seen:
                dot.move_to(plane.point(here.x, here.value))

        self.add_updater(follow, call_updater=True)


class Tangent(Line):
    """The tangent at `at()`, `length` long or as far as the plane reaches, coloured by sign."""

    def __init__(self, plane: Plane, at: SampleSource, *, length: float = 3.6) -> None:
        super().__init__(stroke_width=StrokeWidth.curve)

        def follow(line: Any) -> None:
            here = at()
            if not (plane.contains(here.value) and math.isfinite(here.slope)):
                line.set_stroke(opacity=0)
                return
            along = direction(plane, here.slope)
            middle = plane.point(here.x, here.value)
            back, forth = plane.reach(middle, along)
            start = middle + along * max(-length / 2, back)
            end = middle + along * min(length / 2, forth)
            line.set_points_by_ends(start, end)
            line.set_stroke(colors.sign(here.slope), opacity=1)

        self.add_updater(follow, call_updater=True)


class DownhillArrow(VGroup):
    """An arrow at the foot of the plane, against the slope: the way to lower ground.

    `steepest` is the slope that makes it `longest`; there is no arrow where the slope is 0.
    """

    def __init__(
        self, plane: Plane, at: SampleSource, *, steepest: float, longest: float = 1.8
    ) -> None:
        self.shaft = Line(stroke_width=StrokeWidth.arrow + 2)
        corners = point(0, 0.16), point(0.3, 0), point(0, -0.16)
        self.tip = Polygon(*corners, stroke_width=0, fill_opacity=1)
        super().__init__(self.shaft, self.tip)
        head = self.tip.points.copy()
        base = plane.point(plane.x_range[0], plane.y_range[0])[1]

        def room(start: Floats, way: float) -> float:
            """How far the shaft may go and leave the tip inside the picture."""
            return max(plane.reach(start, np.array([way, 0.0, 0.0]))[1] - 0.3, 0.05)

        def follow(_: Any) -> None:
            here = at()
            reach = (
                min(abs(here.slope) / steepest, 1.0) * longest if math.isfinite(here.slope) else 0.0
            )
            seen = reach > 0.02 and plane.contains(here.value)
            self.set_opacity(1.0 if seen else 0.0)
            if not seen:
                return
            way = -math.copysign(1.0, here.slope)
            start = np.array([plane.point(here.x, 0)[0], base + 0.32, 0.0])
            end = start + np.array([way * min(reach, room(start, way)), 0, 0])
            self.shaft.set_points_by_ends(start, end)
            shrink = min(1.0, reach / 0.4)
            self.tip.points = head * np.array([way * shrink, shrink, 1.0]) + end
            self.set_color(colors.sign(here.slope))

        self.add_updater(follow, call_updater=True)


def direction(plane: Plane, slope: float) -> Floats:
    """The unit vector on screen of a line with this slope in the plane's coordinates."""
    step = plane.point(1, slope) - plane.point(0, 0)
    unit: Floats = step / np.linalg.norm(step)
    return unit
