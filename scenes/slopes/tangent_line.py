"""The slope says which way is down.

A point moves along a curve with its tangent; autograd gives the slope at every x. A negative slope
means that the function falls to the right, a positive one that it falls to the left. The point
pauses where the slope is zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from manim import Create, FadeIn, GrowFromCenter, ValueTracker

from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import content_area
from gradreel.draw.plane import Curve, Plane, curve_range, padded_range
from gradreel.draw.tangent import DownhillArrow, SlidingPoint, Tangent
from gradreel.draw.text import math as set_math
from gradreel.functions.function import Function, Point, Samples
from gradreel.functions.require_finite import finite_point_at
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.stationary_points import stationary_points
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lecture.touch import Drag
from gradreel.params import SceneParams, UserFunction, ValidationInfo, field_validator, param
from gradreel.tape import Quantity
from gradreel.theme import FLAT, colors


class TangentLine(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("0.5*(x-3)**2", "a function of x, such as x*sin(x)")
        start: float = param(-1.0, "where the point starts", ge=-1e6, le=1e6)
        stop: float = param(7.0, "where the point ends", ge=-1e6, le=1e6)

        @field_validator("stop")
        def differs_from_start(cls, stop: float, info: ValidationInfo) -> float:  # noqa: N805
            if stop == info.data.get("start"):
                raise ValueError("The point has to move: start and stop are the same place.")
            return stop

    touch = (Drag("x", "x_tracker", lambda p: p.start, lambda p: p.stop, plane="plane"),)

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function)
        for end in (p.start, p.stop):
            finite_point_at(f, end)
        self.x_tracker = ValueTracker(p.start)

        def current() -> Point:
            return f.point_at(self.x_tracker.get_value())

        self.build_layout(f, current)
        self.sweep = ScrubTrack(current, {"x": "x", "value": "f(x)", "slope": "f'(x)"})

        with self.beat(
            "a curve", "Somewhere on a curve, without a map: which way is down?", plays=2
        ):
            self.play(FadeIn(self.plane), FadeIn(self.formula))
            self.play(Create(self.curve))
        with self.beat("left or right?", "You stand here and see only your feet. Left or right?"):
            self.play(GrowFromCenter(self.point), FadeIn(self.x, self.value))
        self.stationary = [float(s.x) for s in stationary_points(f, *sorted((p.start, p.stop)))]
        say, slope = caption_slope(f, p.start, self.stationary)
        with self.beat("the slope answers", say, plays=2, slope=slope):
            self.play(Create(self.tangent), FadeIn(self.slope))
            self.add(self.point)
            self.play(FadeIn(self.arrow))
        for stop in self.stops(f):
            say, slope = caption_slope(f, stop, self.stationary)
            with self.beat(f"the slope at {f.point_at(stop).x.text}", say, slope=slope):
                self.play(self.x_tracker.animate.set_value(stop))

    def build_layout(self, f: Function, current: Callable[[], Point]) -> None:
        """The curve on the left, the numbers on the right."""
        picture, side = content_area().columns(2.5, 1)
        samples = f.sample(self.params.start, self.params.stop, 401)
        self.plane = Plane(
            padded_range([self.params.start, self.params.stop], 0.06),
            curve_range(samples.values, include=[f.point_at(x).value for x in self.stops(f)]),
            picture,
            y_name="f(x)",
        )
        self.curve = Curve(self.plane, samples.xs, samples.values)
        self.point, self.tangent = SlidingPoint(self.plane, current), Tangent(self.plane, current)
        self.arrow = DownhillArrow(self.plane, current, steepest=steepest_slope(samples))
        self.formula = set_math(f"f(x) = {f.typst()}")
        self.x = LabelledNumber("x", lambda: current().x)
        self.value = LabelledNumber("f(x)", lambda: current().value, color=colors.value)
        self.slope = LabelledNumber("f'(x)", lambda: current().slope, color=colors.sign)
        panel(side, self.formula, self.x, self.value, self.slope)

    def stops(self, f: Function) -> list[float]:
        """Where the point pauses: up to four stationary points on its way, then the end."""
        p = self.params
        stationary = [float(point.x) for point in stationary_points(f, p.start, p.stop)]
        return [*(x for x in stationary[:4] if x not in (p.start, p.stop)), p.stop]


def steepest_slope(samples: Samples) -> float:
    """The largest finite absolute slope; 1 where there is none or all are zero."""
    sizes = np.abs(samples.slopes[np.isfinite(samples.slopes)])
    return float(sizes.max(initial=0.0)) or 1.0


def caption_slope(f: Function, x: float, stationary: Sequence[float]) -> tuple[str, Quantity]:
    """The caption for the slope at x by its sign, or by the values on both sides of a zero.

    `stationary` are the points where the slope is zero, if need be but for rounding.
    """
    slope = f.point_at(x).slope
    if float(slope) == 0 or any(math.isclose(x, s, rel_tol=FLAT, abs_tol=FLAT) for s in stationary):
        exact = "{slope}" if float(slope) == 0 else "zero, but for rounding"
        changes = [
            float(f.point_at(x + step).value - f.point_at(x).value) for step in (-1e-3, 1e-3)
        ]
        kind = sum(change > 0 for change in changes) if any(changes) else LEVEL
        return f"Here the slope is {exact}. {STATIONARY[kind]}", slope
    if slope < 0:
        return "Here the slope is {slope}. Negative: to the right it goes down, so go right.", slope
    return "Here the slope is {slope}. Positive: to the right it goes up, so go left.", slope


# By the number of sides on which the function grows, and LEVEL where it is constant.
STATIONARY = (
    "Flat: the top of a hill. Every step leads down; the slope cannot say which.",
    "Flat, though one side is lower: the slope alone cannot see that.",
    "Flat: the bottom of a valley. No small step leads further down.",
    "Level ground: a small step either way changes nothing.",
)
LEVEL = 3
