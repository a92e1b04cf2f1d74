"""The slope says which way is down.

A point slides along a curve; autograd gives the slope at every place. Where the slope is negative,
down is to the right; where it is positive, to the left; at the bottom it is zero.
"""

from __future__ import annotations

import numpy as np
from manim import Create, FadeIn, GrowFromCenter, ValueTracker

from gradreel.draw.plane import Curve, Plane, padded
from gradreel.draw.readings import Reading, panel
from gradreel.draw.stage import stage
from gradreel.draw.tangent import DownhillArrow, SlidingPoint, Tangent
from gradreel.draw.text import math
from gradreel.functions import Function, flat_places
from gradreel.lecture import LectureScene
from gradreel.params import SceneParams, param
from gradreel.theme import ink


class TangentLine(LectureScene):
    class Params(SceneParams):
        function: str = param("0.5*(x-3)**2", "a function of x, such as x*sin(x)")
        start: float = param(-1.0, "where the point starts")
        stop: float = param(7.0, "where the point ends")

    def construct(self):
        f = Function.parse(self.params.function)
        self.place = ValueTracker(self.params.start)
        here = lambda: f.at(self.place.get_value())  # noqa: E731
        self.set_the_stage(f, here)

        with self.beat("a curve", "Somewhere on a curve, without a map: which way is down?", plays=2):
            self.play(FadeIn(self.plane), FadeIn(self.formula))
            self.play(Create(self.curve))
        with self.beat("left or right?", "You stand here and see only your feet. Left or right?"):
            self.play(GrowFromCenter(self.point), FadeIn(self.x, self.value))
        say, slope = told(here())
        with self.beat("the slope answers", say, plays=2, slope=slope):
            self.play(Create(self.tangent), FadeIn(self.slope))
            self.add(self.point)
            self.play(FadeIn(self.arrow))
        for stop in self.stops(f):
            say, slope = told(f.at(stop))
            with self.beat(f"at {stop:g}", say, slope=slope):
                self.play(self.place.animate.set_value(stop))

    def set_the_stage(self, f, here):
        """Everything that is drawn, still behind the curtain."""
        picture, side = stage().columns(2.5, 1)
        sweep = f.sweep(self.params.start, self.params.stop, 401)
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
        self.x = Reading("x", lambda: here().x)
        self.value = Reading("f(x)", lambda: here().value, color=ink.value)
        self.slope = Reading("f'(x)", lambda: here().slope, color=ink.sign)
        panel(side, self.formula, self.x, self.value, self.slope)

    def stops(self, f) -> list[float]:
        """Where the point rests: the flat places on its way, then the end."""
        p = self.params
        flat = [float(point.x) for point in flat_places(f, p.start, p.stop)]
        return [*(x for x in flat[:4] if x not in (p.start, p.stop)), p.stop]


def steepest(sweep) -> float:
    """The largest finite slope of a sweep, as a length for comparison."""
    sizes = np.abs(sweep.slopes[np.isfinite(sweep.slopes)])
    return float(sizes.max(initial=0.0)) or 1.0


def told(point):
    """What to say of a slope, by its sign."""
    if abs(point.slope) < 1e-9:
        say = "Here the slope is {slope}. Flat: at the bottom of a valley no step leads further down."
        return (say if point.slope == 0 else say.replace("is {slope}", "is zero up to rounding")), point.slope
    if point.slope < 0:
        say = "Here the slope is {slope}. Negative: the curve falls to the right, so that way is down."
    else:
        say = "Here the slope is {slope}. Positive: the curve rises to the right, so down is left."
    return say, point.slope
