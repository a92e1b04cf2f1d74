"""The gradient points uphill.

A function of x and y as a contour map, with its slices along both variables. The two partial
derivatives are the components of the gradient, which points uphill across the contour lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import hypot
from typing import Any

import numpy as np
from manim import (
    Animation,
    ApplyMethod,
    Create,
    FadeIn,
    GrowFromCenter,
    TransformFromCopy,
    ValueTracker,
)

from gradreel.draw.contours import Contours, MapArrow, contour_levels, equal_scale_ranges
from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import content_area
from gradreel.draw.plane import Plane, padded_range
from gradreel.draw.surface_slices import MapPoint, SurfaceSlice
from gradreel.draw.text import math
from gradreel.functions.function import Evaluation, Function
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lecture.touch import Drag
from gradreel.measure.gradient_descent import DescentStep, require_nonzero_gradient, run_descent
from gradreel.params import SceneParams, UserFunction2, param
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors


class GradientVector(LectureScene):
    class Params(SceneParams):
        function: UserFunction2 = param("x**2 + 2*x*y + y**2", "a function of x and y")
        x: float = param(1.0, "where to stand: x", ge=-10, le=10)
        y: float = param(0.5, "where to stand: y", ge=-10, le=10)
        rate: float = param(0.1, "how far to step down, times the gradient", gt=0, le=1)

    touch = (
        Drag("x", "x", lambda p: p.x - reach(p), lambda p: p.x + reach(p), plane="plane"),
        Drag("y", "y", lambda p: p.y - reach(p), lambda p: p.y + reach(p), plane="plane", axis="y"),
    )

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function, ("x", "y"))
        start = f.evaluate(p.x, p.y)
        after = require_nonzero_gradient(run_descent(f, [p.x, p.y], 1, p.rate))[1]
        self.x, self.y = ValueTracker(p.x), ValueTracker(p.y)
        self.half_width = reach(p)
        self.build_layout(f, start)
        self.sweep = ScrubTrack(lambda: self.current(f), SCRUB_LABELS)
        along_x, along_y = self.slices

        with self.beat("a map", MAP, plays=3):
            self.play(FadeIn(self.plane, self.formula))
            self.play(Create(self.contours))
            self.play(GrowFromCenter(self.point), FadeIn(self.value, self.at_x, self.at_y))
        with self.beat("along x", ALONG_X, plays=3, slope=start.partials[0]):
            self.play(along_x.appears())
            self.play(along_x.tangent_appears(), FadeIn(self.by_x))
            self.play(FadeIn(self.components[0], target_position=along_x.tangent))
        with self.beat("along y", ALONG_Y, plays=3, slope=start.partials[1]):
            self.play(along_y.appears())
            self.play(along_y.tangent_appears(), FadeIn(self.by_y))
            self.play(FadeIn(self.components[1], target_position=along_y.tangent))
        with self.beat("the gradient", ARROW, a=start.partials[0], b=start.partials[1]):
            self.play(*(TransformFromCopy(arrow, self.gradient) for arrow in self.components))
        with self.beat("everywhere", EVERYWHERE, plays=3):
            for dx, dy in ((-0.9, 0.7), (-0.6, -0.9), (0, 0)):
                self.play(*self.move_to(p.x + dx * self.half_width, p.y + dy * self.half_width))
        with self.beat("the way down", DOWNHILL):
            self.play(FadeIn(self.downhill))
        with self.beat("one step", caption_step(start, after),
                       before=start.value, after=after.loss):  # fmt: skip
            self.play(*self.move_to(*after.inputs))

    def current(self, f: Function) -> Evaluation:
        """The function at the point of the current frame."""
        return f.evaluate(self.x.get_value(), self.y.get_value())

    def position(self) -> tuple[float, float]:
        """x and y of the current frame."""
        return self.x.get_value(), self.y.get_value()

    def move_to(self, x: float, y: float) -> list[Animation]:
        """Move the point on the map."""
        return [ApplyMethod(self.x.set_value, x), ApplyMethod(self.y.set_value, y)]

    def build_layout(self, f: Function, start: Evaluation) -> None:
        """The map on the left, the slices along x and y beside it, the numbers on the right."""
        p = self.params
        picture, middle, side = content_area().columns(1.45, 1.1, 0.85, gap=0.3)
        ranges = equal_scale_ranges(picture, (p.x / 2, p.y / 2), 1.4 * self.half_width)
        self.plane = Plane(*ranges, picture, tick_count=(5, 5))
        xs, ys = (np.linspace(*span, 61) for span in ranges)
        heights, _ = f.grid(xs, ys)
        self.contours = Contours(self.plane, xs, ys, heights, contour_levels(heights))
        self.point = MapPoint(self.plane, self.position)
        partials = [lambda: self.current(f).partials[0], lambda: self.current(f).partials[1]]
        steepest = hypot(*start.partials) or 1.0
        self.build_arrows(partials, 0.75 * self.half_width / steepest)
        limits = padded_range(heights)
        self.slices = [
            SurfaceSlice(f, k, lambda: self.current(f), ranges[k], limits, area)
            for k, area in enumerate(middle.rows(1, 1, gap=0.05))
        ]
        self.formula = math(f"f = {f.typst()}", font_size=FontSize.body)
        self.at_x = labelled("x", lambda: self.current(f).inputs[0], colors.leaf)
        self.at_y = labelled("y", lambda: self.current(f).inputs[1], colors.leaf)
        self.value = labelled("f", lambda: self.current(f).value, colors.value)
        self.by_x = labelled("(partial f) / (partial x)", partials[0], colors.sign)
        self.by_y = labelled("(partial f) / (partial y)", partials[1], colors.sign)
        rows = (self.formula, self.at_x, self.at_y, self.value, self.by_x, self.by_y)
        panel(side, *rows, gap=0.35)

    def build_arrows(self, partials: Sequence[Callable[[], Quantity]], scale: float) -> None:
        """The two components, the gradient, and its opposite; a slope of 1 is `scale` long."""
        by_x, by_y = partials

        def corner() -> tuple[float, float]:
            x, y = self.position()
            return x + by_x() * scale, y

        def gradient() -> tuple[float, float]:
            return by_x(), by_y()

        start, tone = self.position, colors.local
        self.components = [
            MapArrow(self.plane, start, lambda: (by_x(), 0), color=tone, scale=scale),
            MapArrow(self.plane, corner, lambda: (0, by_y()), color=tone, scale=scale),
        ]
        self.gradient = MapArrow(self.plane, start, gradient, color=colors.rising, scale=scale)
        self.downhill = MapArrow(self.plane, start, gradient, color=colors.falling, scale=-scale)


def reach(p: Any) -> float:
    """How far the point moves to each side of its start."""
    return 1.5 * float(max(1.0, abs(p.x) / 3, abs(p.y) / 3))


def labelled(
    label: str, source: Callable[[], Quantity], color: str | Callable[[Quantity], str]
) -> LabelledNumber:
    """A number that follows its source, with its label."""
    return LabelledNumber(label, source, color=color, font_size=FontSize.label)


def caption_step(start: Evaluation, after: DescentStep) -> str:
    """The caption for one step against the gradient, by its effect on f."""
    if after.loss < start.value:
        return "One step against the gradient, and f falls from {before} to {after}."
    if after.loss > start.value:
        return "This step was too long: it leapt over the valley, from {before} up to {after}."
    return "Here it is flat: the gradient is zero, and f stays at {after}."


SCRUB_LABELS = {
    "inputs.0": "x", "inputs.1": "y", "value": "f", "partials.0": "∂f/∂x", "partials.1": "∂f/∂y",
}  # fmt: skip
MAP = "Two variables make a landscape. On its map, each line joins places of equal height."
ALONG_X = "Walk along x only: a curve again. Its slope is called the partial derivative, {slope}."
ALONG_Y = "Walk along y only: another curve, another slope, {slope}."
ARROW = "Put the two slopes {a} and {b} together, and they are one arrow: the gradient."
EVERYWHERE = "It points uphill, straight across the lines, and is long where the land is steep."
DOWNHILL = "To lower f, go the other way: against the gradient."
