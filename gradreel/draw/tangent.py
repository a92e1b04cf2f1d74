"""A point on a curve, its tangent, and an arrow in the downhill direction."""

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


class CurvePoint(Protocol):
    """A function of one variable evaluated at x."""

    @property
    def x(self) -> float: ...
    @property
    def value(self) -> float: ...


class CurveSample(CurvePoint, Protocol):
    """The same, with the slope there, from autograd."""

    @property
    def slope(self) -> Quantity: ...


PointSource = Callable[[], CurvePoint]
SampleSource = Callable[[], CurveSample]


class CurvePlane(Protocol):
    """Where the points of a curve are on screen, and which y are visible: a Plane, or a view."""

    def point(self, x: float, y: float) -> Floats: ...
    def contains(self, y: float) -> bool: ...


class SlidingPoint(Dot):
    """A dot that follows `at()`; hidden while that is outside the plane."""

    def __init__(
        self, plane: CurvePlane, at: PointSource, *, color: str = "", radius: float = 0.11
    ) -> None:
        super().__init__(radius=radius, color=color or colors.accent)
        self.set_stroke(colors.background, width=2)
        self.is_visible = True

        def follow(dot: Any) -> None:
            sample = at()
            visible = plane.contains(sample.value)
            if visible != dot.is_visible:  # else left alone: it may be fading
                dot.set_opacity(1.0 if visible else 0.0)
                dot.is_visible = visible
            if visible:
                dot.move_to(plane.point(sample.x, sample.value))

        self.add_updater(follow, call_updater=True)


class Tangent(Line):
    """The tangent at `at()`, in `color` or colored by the sign of its slope.

    It is `length` frame units long, or shorter where it would leave the plane; hidden where the
    point is outside the plane or the slope is not finite.
    """

    def __init__(
        self, plane: Plane, at: SampleSource, *, length: float = 3.6, color: str = ""
    ) -> None:
        super().__init__(stroke_width=StrokeWidth.curve)
        self.is_visible = True

        def follow(line: Any) -> None:
            sample = at()
            visible = plane.contains(sample.value) and math.isfinite(sample.slope)
            if visible != line.is_visible:  # else left alone: it may be fading
                line.set_stroke(opacity=float(visible))
                line.is_visible = visible
            if not visible:
                return
            along = direction(plane, sample.slope)
            middle = plane.point(sample.x, sample.value)
            backward, forward = plane.reach(middle, along)
            start = middle + along * max(-length / 2, backward)
            end = middle + along * min(length / 2, forward)
            line.set_points_by_ends(start, end)
            line.set_stroke(color or colors.sign(sample.slope))

        self.add_updater(follow, call_updater=True)


class DownhillArrow(VGroup):
    """An arrow at the bottom of the plane that points against the slope.

    A slope of magnitude `steepest` or more makes it `longest` frame units long; it is hidden where
    the slope is 0 or not finite.
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

        def most_length(start: Floats, sign: float) -> float:
            """The longest shaft with which the tip stays inside the plane."""
            return max(plane.reach(start, np.array([sign, 0.0, 0.0]))[1] - 0.3, 0.05)

        def follow(_: Any) -> None:
            sample = at()
            finite = math.isfinite(sample.slope)
            length = min(abs(sample.slope) / steepest, 1.0) * longest if finite else 0.0
            visible = length > 0.02 and plane.contains(sample.value)
            self.set_opacity(1.0 if visible else 0.0)
            if not visible:
                return
            sign = -math.copysign(1.0, sample.slope)
            start = np.array([plane.point(sample.x, 0)[0], base + 0.32, 0.0])
            end = start + np.array([sign * min(length, most_length(start, sign)), 0, 0])
            self.shaft.set_points_by_ends(start, end)
            shrink = min(1.0, length / 0.4)
            self.tip.points = head * np.array([sign * shrink, shrink, 1.0]) + end
            self.set_color(colors.sign(sample.slope))

        self.add_updater(follow, call_updater=True)


def direction(plane: Plane, slope: float) -> Floats:
    """The unit vector on screen of a line with this slope in the plane's coordinates."""
    step = plane.point(1, slope) - plane.point(0, 0)
    unit: Floats = step / np.linalg.norm(step)
    return unit
