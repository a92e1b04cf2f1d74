"""The gradient: an arrow on the map.

A function of two variables in space. Two glass planes cut out its slices; their slopes, the partial
derivatives, become arrows on the map and add up to the gradient, which turns as the point walks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    ApplyMethod,
    Create,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    Indicate,
    LaggedStart,
    Mobject,
    ReplacementTransform,
    UpdateFromAlphaFunc,
    ValueTracker,
    smooth,
)

from gradreel.draw.exchange import at_once, comes, first_part, goes, second_part
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, content_area, fit_into, point
from gradreel.draw.plane import Floats
from gradreel.draw.text import math
from gradreel.functions.function import Evaluation, Function
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.user_functions import load_function
from gradreel.lecture.controls import Drag
from gradreel.lecture.formula_shelf import parked_formula
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.gradient_descent import DescentStep, require_nonzero_gradient, run_descent
from gradreel.params import SceneParams, UserFunction2, param
from gradreel.scenes.autograd_api.gradient_formula_figure import GradientFormula
from gradreel.scenes.autograd_api.joins import GRADIENT_ARROW, GRADIENTS
from gradreel.scenes.autograd_api.landscape_experiment import (
    Landscape,
    has_one_direction,
    place_on_circle,
)
from gradreel.scenes.autograd_api.landscape_figure import DIRECTIONS, LandscapeFigure
from gradreel.tape import Quantity
from gradreel.theme import FontSize, Timing, colors


class GradientVector(LectureScene):
    begins_with, ends_with = GRADIENTS, GRADIENT_ARROW
    clears_before_join = True  # off the map, the point is at no place of it

    class Params(SceneParams):
        function: UserFunction2 = param("x**2 + x*y + y**2", "a function of x and y")
        compare: UserFunction2 = param(
            "x**2 + 2*x*y + y**2", "a second function, on the same walk; the same one for none"
        )
        x: float = param(1.0, "where to stand: x", ge=-10, le=10)
        y: float = param(0.5, "where to stand: y", ge=-10, le=10)
        rate: float = param(0.2, "how far to step down, times the gradient", gt=0, le=1)

    touch = (
        Drag("x", "x", lambda p: p.x - reach(p), lambda p: p.x + reach(p), plane="plane"),
        Drag("y", "y", lambda p: p.y - reach(p), lambda p: p.y + reach(p), plane="plane", axis="y"),
    )

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function, ("x", "y"))
        other = load_function(p.compare, ("x", "y"))
        start = f.evaluate(p.x, p.y)
        after = require_nonzero_gradient(run_descent(f, [p.x, p.y], 1, p.rate))[1]
        self.x, self.y = ValueTracker(p.x), ValueTracker(p.y)
        self.share = ValueTracker(0)
        self.landscape = Landscape(f, other, self.share.get_value)
        self.build_layout(f, other, start)
        self.sweep = ScrubTrack(self.current, SCRUB_LABELS)
        self.play_slices(start)
        self.play_map()
        if p.compare != p.function:
            self.play_comparison(other, *self.figure.axes)
        self.play_descent(start, after)
        self.close(arrow=self.figure.gradient, point=self.figure.point)

    def play_slices(self, start: Evaluation) -> None:
        """The surface, and its slices along x and along y with their slopes."""
        with self.beat("a landscape", *LANDSCAPE, plays=2) as said:
            figure = self.figure
            variables = [
                *self.leave_first_picture(shift=RIGHT, rate_func=first_part),
                *map(comes, (self.at_x, self.at_y)),
            ]
            floor = FadeIn(figure.floor, figure.floor_lines, *figure.edge_names)
            self.play(*variables, floor, FadeIn(self.formulas[0]))
            self.play(LaggedStart(*map(Create, figure.rings), lag_ratio=0.4))
            self.add(figure.rings)
            said.next()
            self.play(GrowFromCenter(figure.point), Create(figure.stem), FadeIn(self.value))
        for index, (name, say) in enumerate((("along x", ALONG_X), ("along y", ALONG_Y))):
            glass, came_from = self.figure.glass[index], 0.8 * (DOWN if index == 0 else LEFT)
            with self.beat(name, *say, plays=2, slope=start.partials[index]) as said:
                self.play(FadeIn(glass.sheet, shift=-came_from))
                self.play(Create(glass.curve))
                said.next(plays=2)
                self.play(Create(glass.tangent))
                self.play(self.partials.row_appears(index))
                said.next()
                self.play(*self.drop_tangent(index))
                self.add(self.figure.components[index])

    def drop_tangent(self, index: int) -> list[Animation]:
        """A copy of a tangent drops onto the floor and becomes the arrow of its slope."""
        arrow, tangent = self.figure.components[index], self.figure.glass[index].tangent.copy()
        tangent.clear_updaters()
        return [ReplacementTransform(tangent, arrow.shaft), FadeIn(arrow.tip)]

    def play_map(self) -> None:
        """The view from above, the gradient as the sum, and how it turns on a walk."""
        with self.beat("the gradient", *ARROW) as said:
            self.play(FadeOut(*self.figure.edge_names), run_time=Timing.quick)
            self.play(self.figure.tilt.animate.set_value(0), run_time=TURN_TIME)
            said.next(plays=2)
            self.figure.outer.update()
            self.play(*map(Create, self.figure.sides), FadeIn(self.plane, self.figure.outer))
            self.add(self.figure.gradient)
            self.play(self.figure.growth.animate.set_value(1), self.partials.becomes_vector())
        with self.beat("everywhere", *EVERYWHERE, plays=2) as said:
            self.parked = parked_formula("gradient", self.header)
            figure = self.figure
            marks = (*figure.components, *figure.sides, *figure.glass, figure.stem)
            aside = FadeOut(*marks, *(glass.tangent for glass in figure.glass))
            parks = FadeIn(self.parked, shift=0.5 * UP)
            self.play(self.partials.partials_leave(), parks, aside)
            self.play(self.partials.name_follows(), run_time=0.5)
            said.next()
            self.figure.right_angle.update()
            self.play(FadeIn(self.figure.right_angle), run_time=Timing.quick)
            self.play(self.walk_around(1 / 3))
            said.next()
            # From the wide lines there to close ones.
            place = figure.steepest_place(self.params.x, self.params.y, 0.28 * self.half_width)
            self.play(*self.move_to(*place))

    def play_comparison(self, other: Function, xs: Floats, ys: Floats) -> None:
        """The surface turns into the other function, and the point walks on its map."""
        h, p = self.half_width, self.params
        say = PARALLEL if has_one_direction(other, xs, ys) else ACROSS
        with self.beat("another landscape", *say) as said:
            self.change_landscape(1, *self.move_to(p.x, p.y), run_time=1.6)
            said.next(plays=3)
            # Across the lines, then along one; on the valley floor the arrow would have no length.
            for dx, dy in ((0.15, -0.75), (-0.5, -0.1), (0, 0)):
                self.play(*self.move_to(p.x + dx * h, p.y + dy * h))

    def play_descent(self, start: Evaluation, after: DescentStep) -> None:
        """The opposite of the gradient, and one step along it."""
        with self.beat("the way down", *DOWNHILL, before=start.value) as said:
            if self.share.get_value():
                self.change_landscape(0, run_time=0.6)
            else:
                self.play(*self.move_to(*start.inputs), run_time=0.6)
            self.add(self.figure.downhill)
            background, words = self.figure.step_label()
            label = [FadeIn(background, rate_func=at_once), comes(words)]
            self.play(self.figure.descent_growth.animate.set_value(1), *label, run_time=0.8)
            said.next()
            self.play(Indicate(self.value.readout, color=colors.accent))
        with self.beat("one step", *caption_step(start, after), after=after.loss) as said:
            self.figure.downhill.clear_updaters()  # the point moves along it, to its tip
            self.play(*self.move_to(*after.inputs), goes(self.figure.right_angle))
            said.next()
            # The new gradient points back along the arrow of the step, which would lie under it.
            gone = (
                goes(self.figure.downhill),
                goes(words),
                FadeOut(background, rate_func=second_part),
            )
            self.play(Indicate(self.value.readout, color=colors.accent), *gone)

    def change_landscape(self, index: int, *others: Animation, run_time: float) -> None:
        """The surface turns into function `index`, without formula and values, as `others` play."""
        leaving = FadeOut(self.formulas[1 - index], self.value), self.partials.leaves()
        arriving = FadeIn(self.formulas[index], self.value), self.partials.returns()
        self.play(*leaving, run_time=Timing.quick)
        self.play(self.share.animate.set_value(index), *others, run_time=run_time)
        self.play(*arriving, run_time=Timing.quick)

    def current(self) -> Evaluation:
        """The function at the point of the current frame."""
        return self.landscape.evaluate(*self.position())

    def position(self) -> tuple[float, float]:
        """x and y of the current frame."""
        return self.x.get_value(), self.y.get_value()

    def move_to(self, x: float, y: float) -> list[Animation]:
        """Move the point on the map."""
        return [ApplyMethod(self.x.set_value, x), ApplyMethod(self.y.set_value, y)]

    def walk_around(self, share: float) -> Animation:
        """Lead the point from its start along this share of a circle."""
        start, radius = (self.params.x, self.params.y), 0.62 * self.half_width

        def follow(tracker: Any, alpha: float) -> None:
            x, y = place_on_circle(start, radius, share * alpha)
            self.x.set_value(x)
            self.y.set_value(y)

        return UpdateFromAlphaFunc(self.x, follow, rate_func=smooth)

    def build_layout(self, f: Function, other: Function, start: Evaluation) -> None:
        """The relief on the left, the numbers on the right."""
        picture, side = content_area().columns(1.75, 1, gap=0.3)
        self.half_width = reach(self.params)
        self.figure = LandscapeFigure(
            self.landscape, start, self.position, self.half_width, self.params.rate, picture
        )
        self.plane = self.figure.plane
        partials = [lambda: self.current().partials[0], lambda: self.current().partials[1]]
        self.build_panel(side, f, other, partials)

    def build_panel(
        self, area: Rect, f: Function, other: Function, partials: Sequence[Callable[[], Quantity]]
    ) -> None:
        """The formula, the point, the value and the partial derivatives, from the top down."""
        head, at_x, at_y, value, vector = area.rows(0.8, 0.6, 0.6, 0.6, 2.6, gap=0.1)
        self.formulas = [
            left_in(fit_into(math(f"f = {g.typst()}", font_size=FontSize.label), head), head)
            for g in (f, other)
        ]
        tones = [getattr(colors, role) for role in DIRECTIONS]
        self.at_x, self.at_y = (
            row(name, lambda k=k: self.current().inputs[k], tones[k], area)  # type: ignore[misc]
            for k, (name, area) in enumerate((("x", at_x), ("y", at_y)))
        )
        self.value = row("f", lambda: self.current().value, colors.value, value)
        self.partials = GradientFormula(f.variables, partials, vector, tones=tones)


def left_in(mobject: Mobject, area: Rect) -> Mobject:
    """The mobject at the left edge of an area."""
    return mobject.align_to(point(area.left, 0), LEFT)


def row(label: str, source: Callable[[], Quantity], color: str, area: Rect) -> LabelledNumber:
    """A number that follows its source, with its label, at the left of an area."""
    number = LabelledNumber(label, source, color=color, font_size=FontSize.label)
    return number.shift(
        point(area.left - number.get_left()[0], area.center[1] - number.label[-1].get_y())
    )


def reach(p: Any) -> float:
    """How far the point moves to each side of its start."""
    return 1.5 * float(max(1.0, abs(p.x) / 3, abs(p.y) / 3))


def caption_step(start: Evaluation, after: DescentStep) -> tuple[str, str]:
    """The sentences for one step against the gradient, by its effect on f."""
    if after.loss < start.value:
        return STEP, "Now f is {after}."
    return STEP, "But f is {after}: this step was too long."


SCRUB_LABELS = {
    "inputs.0": "x", "inputs.1": "y", "value": "f", "partials.0": "∂f/∂x", "partials.1": "∂f/∂y",
}  # fmt: skip
LANDSCAPE = ("With two variables, a function is a landscape.", "We stand at this point.")
ALONG_X = (
    "A glass plane along x cuts out a curve.",
    "Its slope here is the partial derivative with respect to x.",
    "It is {slope}: an arrow on the map.",
)
ALONG_Y = (
    "A second plane cuts along y.",
    "Its slope is the partial derivative with respect to y.",
    "It is {slope}: another arrow.",
)
ARROW = ("Now we look straight down.", "The two arrows add up to one: the gradient.")
EVERYWHERE = (
    "Which way does the gradient point?",
    "Uphill, at right angles to the contour lines.",
    "Where the lines are close, the arrow is long.",
)
PARALLEL = (
    "Here is another landscape. Its contour lines are parallel.",
    "So the arrow always points along the same line.",
)
ACROSS = ("Here is another landscape.", "Here too, the arrow stands across the lines.")
DOWNHILL = ("The opposite arrow is the direction of steepest descent.", "Here, f is {before}.")
TURN_TIME = 2.2  # seconds, from the view from the side to the one from above
STEP = "We take one step that way."
