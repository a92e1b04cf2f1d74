"""The slope says which way is down.

A point slides along a curve; autograd gives the slope at every place. Where the slope is negative,
down is to the right; where it is positive, to the left; at the bottom it is zero.
"""

from __future__ import annotations

import numpy as np
from manim import Create, FadeIn, GrowFromCenter, ValueTracker

from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import content_area
from gradreel.draw.plane import Curve, Plane, padded
from gradreel.draw.tangent import DownhillArrow, SlidingPoint, Tangent
from gradreel.draw.text import math
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.stationary_points import stationary_points
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, UserFunction, field_validator, param
from gradreel.tape import Quantity
from gradreel.theme import FLAT, colors


class TangentLine(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("0.5*(x-3)**2", "a function of x, such as x*sin(x)")
        start: float = param(-1.0, "where the point starts", ge=-1e6, le=1e6)
        stop: float = param(7.0, "where the point ends", ge=-1e6, le=1e6)

        @field_validator("stop")
        def elsewhere(cls, stop, info):  # noqa: N805
            if stop == info.data.get("start"):
                raise ValueError("The point has to move: start and stop are the same place.")
            return stop

    def construct(self):
        f = load_function(self.params.function)
        self.place = ValueTracker(self.params.start)
        here = lambda: f.point_at(self.place.get_value())  # noqa: E731
        self.set_the_stage(f, here)
        self.sweep = ScrubTrack(here, {"x": "x", "value": "f(x)", "slope": "f'(x)"})

        with self.beat(
            "a curve", "Somewhere on a curve, without a map: which way is down?", plays=2
        ):
            self.play(FadeIn(self.plane), FadeIn(self.formula))
            self.play(Create(self.curve))
        with self.beat("left or right?", "You stand here and see only your feet. Left or right?"):
            self.play(GrowFromCenter(self.point), FadeIn(self.x, self.value))
        say, slope = told(f, self.params.start)
        with self.beat("the slope answers", say, plays=2, slope=slope):
            self.play(Create(self.tangent), FadeIn(self.slope))
            self.add(self.point)
            self.play(FadeIn(self.arrow))
        for stop in self.stops(f):
            say, slope = told(f, stop)
            with self.beat(f"the slope at {f.point_at(stop).x.text}", say, slope=slope):
                self.play(self.place.animate.set_value(stop))

    def set_the_stage(self, f, here):
        """Everything that is drawn, still behind the curtain."""
        picture, side = content_area().columns(2.5, 1)
        sweep = f.sample(self.params.start, self.params.stop, 401)
        self.plane = Plane(
            padded([self.params.start, self.params.stop], 0.06),
            padded(sweep.values),
            picture,
            y_name="f(x)",
        )
        self.curve = Curve(self.plane, sweep.xs, sweep.values)
        self.point, self.tangent = SlidingPoint(self.plane, here), Tangent(self.plane, here)
        self.arrow = DownhillArrow(self.plane, here, steepest=steepest(sweep))
        self.formula = math(f"f(x) = {f.typst()}")
        self.x = LabelledNumber("x", lambda: here().x)
        self.value = LabelledNumber("f(x)", lambda: here().value, color=colors.value)
        self.slope = LabelledNumber("f'(x)", lambda: here().slope, color=colors.sign)
        panel(side, self.formula, self.x, self.value, self.slope)

    def stops(self, f) -> list[float]:
        """Where the point rests: the flat places on its way, then the end."""
        p = self.params
        flat = [float(point.x) for point in stationary_points(f, p.start, p.stop)]
        return [*(x for x in flat[:4] if x not in (p.start, p.stop)), p.stop]


def steepest(sweep) -> float:
    """The largest finite slope of a sweep, as a length for comparison."""
    sizes = np.abs(sweep.slopes[np.isfinite(sweep.slopes)])
    return float(sizes.max(initial=0.0)) or 1.0


def told(f, x) -> tuple[str, Quantity]:
    """What to say of the slope at x, by its sign; where it is flat, by the land on both sides."""
    slope = f.point_at(x).slope
    if abs(slope) < FLAT:
        exact = "{slope}" if slope == 0 else "zero, but for rounding"
        around = [float(f.point_at(x + step).value - f.point_at(x).value) for step in (-1e-3, 1e-3)]
        kind = sum(change > 0 for change in around) if any(around) else LEVEL
        return f"Here the slope is {exact}. {LAND[kind]}", slope
    if slope < 0:
        return "Here the slope is {slope}. Negative: to the right it goes down, so go right.", slope
    return "Here the slope is {slope}. Positive: to the right it goes up, so go left.", slope


LAND = (
    "Flat: the top of a hill. Every step leads down; the slope cannot say which.",
    "Flat, though one side is lower: the slope alone cannot see that.",
    "Flat: the bottom of a valley. No small step leads further down.",
    "Level ground: a small step either way changes nothing.",
)
LEVEL = 3
