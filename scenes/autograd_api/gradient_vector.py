"""The gradient points uphill.

A function of two variables has a slope along each of them. The two partial derivatives are the
components of one arrow, the gradient: it points where the function grows fastest.
"""

from __future__ import annotations

from math import hypot

import numpy as np
from manim import Create, FadeIn, GrowFromCenter, TransformFromCopy, ValueTracker

from gradreel.draw.contours import Contours, MapArrow, even_levels, true_to_scale
from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import content_area
from gradreel.draw.plane import Plane, padded
from gradreel.draw.surface_slices import MapPoint, Slice
from gradreel.draw.text import math
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.gradient_descent import require_nonzero_gradient, run_descent
from gradreel.params import SceneParams, UserFunction2, param
from gradreel.theme import FontSize, colors


class GradientVector(LectureScene):
    class Params(SceneParams):
        function: UserFunction2 = param("x**2 + 2*x*y + y**2", "a function of x and y")
        x: float = param(1.0, "where to stand: x", ge=-10, le=10)
        y: float = param(0.5, "where to stand: y", ge=-10, le=10)
        rate: float = param(0.1, "how far to step down, times the gradient", gt=0, le=1)

    def construct(self):
        p = self.params
        f = load_function(p.function, ("x", "y"))
        here = f.evaluate(p.x, p.y)
        after = require_nonzero_gradient(run_descent(f, [p.x, p.y], 1, p.rate))[1]
        self.x, self.y = ValueTracker(p.x), ValueTracker(p.y)
        self.now = lambda: f.evaluate(self.x.get_value(), self.y.get_value())
        self.set_the_stage(f, here)
        self.sweep = ScrubTrack(self.now, SWEPT)
        along_x, along_y = self.slices

        with self.beat("a map", MAP, plays=3):
            self.play(FadeIn(self.plane, self.formula))
            self.play(Create(self.contours))
            self.play(GrowFromCenter(self.point), FadeIn(self.value, self.at_x, self.at_y))
        with self.beat("along x", ALONG_X, plays=3, slope=here.partials[0]):
            self.play(along_x.appears())
            self.play(along_x.tangent_appears(), FadeIn(self.by_x))
            self.play(FadeIn(self.legs[0], target_position=along_x.tangent))
        with self.beat("along y", ALONG_Y, plays=3, slope=here.partials[1]):
            self.play(along_y.appears())
            self.play(along_y.tangent_appears(), FadeIn(self.by_y))
            self.play(FadeIn(self.legs[1], target_position=along_y.tangent))
        with self.beat("the gradient", ARROW, a=here.partials[0], b=here.partials[1]):
            self.play(*(TransformFromCopy(leg, self.gradient) for leg in self.legs))
        with self.beat("everywhere", EVERYWHERE, plays=3):
            for dx, dy in ((-0.9, 0.7), (-0.6, -0.9), (0, 0)):
                self.play(*self.goes_to(p.x + dx * self.half, p.y + dy * self.half))
        with self.beat("the way down", DOWNHILL):
            self.play(FadeIn(self.downhill))
        with self.beat("one step", told_step(here, after), before=here.value, after=after.value):
            self.play(*self.goes_to(*after.inputs))

    def goes_to(self, x, y):
        """The point wanders to another place."""
        return [self.x.animate.set_value(x), self.y.animate.set_value(y)]

    def set_the_stage(self, f, here):
        """Everything that is drawn, still behind the curtain."""
        p, self.half = self.params, 1.5 * max(1.0, abs(self.params.x) / 3, abs(self.params.y) / 3)
        picture, middle, side = content_area().columns(1.45, 1.1, 0.85, gap=0.3)
        ranges = true_to_scale(picture, (p.x / 2, p.y / 2), 1.4 * self.half)
        self.plane = Plane(*ranges, picture, tick_count=(5, 5))
        axes = [np.linspace(*span, 61) for span in ranges]
        heights, _ = f.grid(*axes)
        self.contours = Contours(self.plane, *axes, heights, even_levels(heights))
        spot = lambda: (self.x.get_value(), self.y.get_value())  # noqa: E731
        self.point = MapPoint(self.plane, spot)
        partials = [lambda: self.now().partials[0], lambda: self.now().partials[1]]
        steepest = hypot(*here.partials) or 1.0
        self.arrows(spot, partials, 0.75 * self.half / steepest)
        limits = padded(heights)
        self.slices = [
            Slice(f, k, self.now, ranges[k], limits, area)
            for k, area in enumerate(middle.rows(1, 1, gap=0.05))
        ]
        self.formula = math(f"f = {f.typst()}", font_size=FontSize.body)
        self.at_x = self.reading("x", lambda: self.now().inputs[0], colors.leaf)
        self.at_y = self.reading("y", lambda: self.now().inputs[1], colors.leaf)
        self.value = self.reading("f", lambda: self.now().value, colors.value)
        self.by_x = self.reading("(partial f) / (partial x)", partials[0], colors.sign)
        self.by_y = self.reading("(partial f) / (partial y)", partials[1], colors.sign)
        rows = (self.formula, self.at_x, self.at_y, self.value, self.by_x, self.by_y)
        panel(side, *rows, gap=0.35)

    def arrows(self, spot, partials, scale):
        """The components, the gradient, and its opposite."""
        by_x, by_y = partials
        corner = lambda: (spot()[0] + by_x() * scale, spot()[1])  # noqa: E731
        self.legs = [
            MapArrow(self.plane, spot, lambda: (by_x(), 0), color=colors.local, scale=scale),
            MapArrow(self.plane, corner, lambda: (0, by_y()), color=colors.local, scale=scale),
        ]
        both = lambda: (by_x(), by_y())  # noqa: E731
        self.gradient = MapArrow(self.plane, spot, both, color=colors.rising, scale=scale)
        self.downhill = MapArrow(self.plane, spot, both, color=colors.falling, scale=-scale)

    def reading(self, label, source, color):
        """A live number of the place."""
        return LabelledNumber(label, source, color=color, font_size=FontSize.label)


SWEPT = {
    "inputs.0": "x", "inputs.1": "y", "value": "f", "partials.0": "∂f/∂x", "partials.1": "∂f/∂y",
}  # fmt: skip
MAP = "Two variables make a landscape. On its map, each line joins places of equal height."
ALONG_X = "Walk along x only: a curve again. Its slope is called the partial derivative, {slope}."
ALONG_Y = "Walk along y only: another curve, another slope, {slope}."
ARROW = "Put the two slopes {a} and {b} together, and they are one arrow: the gradient."
EVERYWHERE = "It points uphill, straight across the lines, and is long where the land is steep."
DOWNHILL = "To lower f, go the other way: against the gradient."


def told_step(here, after):
    """What one step against the gradient did."""
    if after.value < here.value:
        return "One step against the gradient, and f falls from {before} to {after}."
    if after.value > here.value:
        return "This step was too long: it leapt over the valley, from {before} up to {after}."
    return "Here it is flat: the gradient is zero, and f stays at {after}."
