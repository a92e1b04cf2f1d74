"""Step against the slope.

torch.optim.SGD on a function of x: a ball on the curve, and a table of step, x, loss and slope. The
steps get shorter by themselves where the slope gets smaller.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    Animation,
    ApplyMethod,
    Create,
    FadeIn,
    GrowFromCenter,
    ReplacementTransform,
    ValueTracker,
)

from gradreel.draw.formula import Formula, when
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, content_area, fit_into
from gradreel.draw.number_table import NumberTable
from gradreel.draw.plane import Curve, Plane, curve_range
from gradreel.draw.tangent import Tangent
from gradreel.draw.text import math
from gradreel.functions.function import Function, Point
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lecture.touch import Drag
from gradreel.measure.descent_facts import (
    Pattern,
    first_arrival,
    pattern,
    require_finite,
    step_length,
)
from gradreel.measure.gradient_descent import (
    Descent,
    DescentStep,
    require_nonzero_gradient,
    run_descent,
)
from gradreel.params import SceneParams, UserFunction, param
from gradreel.scenes.descent.descent_marks_figure import DescentBall, DescentMarks
from gradreel.theme import FontSize, colors


class GradientDescent(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("(x-3)**2", "a function of x to be made small")
        start: float = param(0.0, "where the descent starts", ge=-100, le=100)
        lr: float = param(0.1, "the learning rate", gt=0, le=10)
        steps: int = param(10, "steps that the table lists", ge=3, le=10)
        more: int = param(10, "further steps after those", ge=1, le=200)

    touch = (Drag("step", "clock", 0, lambda p: p.steps + p.more, step=1),)

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function, label="loss")
        descent = require_nonzero_gradient(run_descent(f, [p.start], p.steps + p.more, p.lr))
        require_finite(descent)
        self.clock = ValueTracker(0)
        self.build_layout(f, descent)
        first, listed, last = descent[0], descent[p.steps], descent.last

        with self.beat("a start", START, plays=3, x=first.inputs[0], loss=first.loss):
            self.play(FadeIn(self.plane), FadeIn(self.formula))
            self.play(Create(self.curve))
            self.add(self.marks)
            self.play(GrowFromCenter(self.ball), FadeIn(self.table), self.table.row_appears(0))
        slope = first.gradient[0]
        with self.beat("which way", DIRECTION[slope > 0], plays=2, slope=slope):
            self.play(Create(self.tangent))
            self.play(FadeIn(self.lr))
        with self.beat("one step", STEP, plays=2, x=descent[1].inputs[0]):
            old, rate = self.table.rows[0], self.lr.readout
            self.play(FormulaAssembly(self.update, {"old": old[1], "slope": old[3], "lr": rate}))
            self.play(self.run_until(1), self.table.row_appears(1, {1: self.update.part("new")}))
        steps = pattern(descent, 0, p.steps)
        again = AGAIN.get(steps, ON_AND_ON)
        with self.beat("and again", again, steps=listed.step, x=listed.inputs[0], loss=listed.loss):
            seconds = max(0.7, 5.0 / (p.steps - 1))
            for k in range(2, p.steps + 1):
                self.play(self.run_until(k), self.table.row_appears(k), run_time=seconds)
        say, numbers = caption_steps(descent, steps, p.steps)
        with self.beat(f"the steps {BEATS[steps]}", say, plays=2, **numbers):
            self.play(self.run_until(0))
            self.play(self.run_until(p.steps))
        say = FURTHER[pattern(descent, p.steps - 1, p.steps + p.more)]
        with self.beat("further on", say, plays=2, steps=last.step, x=last.inputs[0]):
            self.play(self.run_until(p.steps + p.more))
            self.play(ReplacementTransform(self.update, self.result))

    def run_until(self, step: int) -> Animation:
        """Move the clock, and the ball with it, to this number of steps."""
        return ApplyMethod(self.clock.set_value, step)

    def build_layout(self, f: Function, descent: Descent) -> None:
        """The curve over its update formula on the left; loss, rate and table on the right."""
        left, right = content_area().columns(1.25, 1, gap=0.5)
        picture, foot = left.rows(6, 1.1, gap=0.1)
        head, below = right.rows(1, 8)
        self.build_curve(f, descent, picture)
        self.formula = math(f'"loss" = {f.typst()}', font_size=FontSize.body)
        self.lr = LabelledNumber(
            '"rate"', descent.lr, color=colors.leaf, places=None, font_size=FontSize.body
        )
        self.update, self.result = update_formula(descent), result_formula(descent.last)
        for mobject, area in zip((self.formula, self.lr), head.columns(1.4, 1), strict=True):
            fit_into(mobject, area)
        for formula in (self.update, self.result):
            fit_into(formula, foot)
        rows = [
            (state.step, state.inputs[0], state.loss, state.gradient[0])
            for state in descent.steps[: self.params.steps + 1]
        ]
        self.table = NumberTable(
            ('"step"', "x", '"loss"', '"slope"'), rows, below,
            roles=("muted", "leaf", "value", "gradient"), weights=(0.7, 1, 1, 1),
            font_size=FontSize.small,
        )  # fmt: skip

    def build_curve(self, f: Function, descent: Descent, area: Rect) -> None:
        """The loss with the ball, its marks and its tangent."""
        xs = descent.positions[:, 0]
        low, high = min(xs[: self.params.steps + 1]), max(xs[: self.params.steps + 1])
        reach = high - low or 1.0
        samples = f.sample(low - 0.12 * reach, high + 0.45 * reach, 301)
        span = (float(samples.xs[0]), float(samples.xs[-1]))
        self.plane = Plane(
            span,
            curve_range(samples.values, 0.1, include=descent.losses[: self.params.steps + 1]),
            area,
            y_name='"loss"',
        )
        self.curve = Curve(self.plane, samples.xs, samples.values)
        clock = self.clock.get_value

        def current() -> Point:
            return f.point_at(float(np.interp(clock(), range(len(xs)), xs)))

        self.ball = DescentBall(self.plane, descent.steps, lambda x: f.point_at(x).value, clock)
        self.marks = DescentMarks(self.plane, descent.steps, clock)
        self.tangent = Tangent(self.plane, current, length=2.6)


def update_formula(descent: Descent) -> Formula:
    """The first step in numbers: old - lr times slope = new."""
    first = descent[0]
    return Formula(
        "{old} - {lr} times lr(({slope})) {eq} {new}",
        old=first.inputs[0], lr=descent.lr, slope=first.gradient[0], new=descent[1].inputs[0],
        eq=when(lambda old, lr, slope: old - lr * slope, "new"),
        roles={"old": "leaf", "lr": "leaf", "slope": "gradient", "new": "leaf"},
    )  # fmt: skip


def result_formula(state: DescentStep) -> Formula:
    """x_n = x."""
    return Formula(
        "x_{n} = {x}", n=state.step, x=state.inputs[0], roles={"n": "muted", "x": "leaf"}
    )


def caption_steps(descent: Descent, what: Pattern, steps: int) -> tuple[str, dict[str, Any]]:
    """What the first `steps` steps do, and the numbers in it."""
    if what is Pattern.ARRIVED:
        arrival = descent[first_arrival(descent)]
        return ARRIVED[float(arrival.step) == 1], {"arrival": arrival.step, "x": arrival.inputs[0]}
    if what is Pattern.SHRINKING:
        first, last = descent.error_reduction(1), descent.error_reduction(steps)
        if first.text == last.text:
            return SAME_SHARE, {"share": first}
        return OTHER_SHARE, {"first": first, "last": last}
    first, last = step_length(descent, 1), step_length(descent, steps)
    if what in (Pattern.EQUAL, Pattern.BACK_AND_FORTH):
        return LENGTHS[what], {"length": first}
    return LENGTHS[what], {"first": first, "last": last}


START = "We start at x = {x}, where the loss is {loss}. We want it small."
DIRECTION = (
    "The slope is {slope}. Negative: downhill is to the right, against the slope.",
    "The slope is {slope}. Positive: downhill is to the left, against the slope.",
)
STEP = "Take the rate times the slope away from x, and x becomes {x}. That is one step."
AGAIN = {
    Pattern.SHRINKING: (
        "New place, new slope, new step: after {steps} steps x is {x} and the loss {loss}."
    )
}
ON_AND_ON = "The same again and again: after {steps} steps x is {x} and the loss {loss}."
BEATS = {
    Pattern.ARRIVED: "end", Pattern.SHRINKING: "shrink", Pattern.EQUAL: "stay alike",
    Pattern.BACK_AND_FORTH: "go back and forth", Pattern.DIVERGING: "grow",
    Pattern.GROWING: "grow", Pattern.MIXED: "differ",
}  # fmt: skip
ARRIVED = (
    "After step {arrival} the slope at x = {x} is zero, and zero times any rate is zero: it stays.",
    "A single step leads to x = {x}. The slope there is zero, and zero times any rate is zero.",
)
SAME_SHARE = "Nobody shortens them: each step removes {share} % of the error that is left."
OTHER_SHARE = "The first step removed {first} % of the error; the last one {last} % of the rest."
LENGTHS = {
    Pattern.EQUAL: "The slope stays the same, so each step is {length} long.",
    Pattern.BACK_AND_FORTH: "Each step is {length} long: across, and back to where it came from.",
    Pattern.DIVERGING: (
        "Each step is longer than the last, from {first} to {last}, and raises the loss."
    ),
    Pattern.GROWING: "Each step is longer than the last: the first is {first}, the last {last}.",
    Pattern.MIXED: "The slope changes, and the steps with it: first {first}, in the end {last}.",
}
FURTHER = {
    Pattern.ARRIVED: "After {steps} steps x is {x}, and it moves no more.",
    Pattern.SHRINKING: "After {steps} steps x is {x}: closer and closer, with ever smaller steps.",
    Pattern.EQUAL: "After {steps} steps x is {x}. No step was shorter than the one before.",
    Pattern.BACK_AND_FORTH: "After {steps} steps x is {x}: back and forth, and no nearer.",
    Pattern.DIVERGING: "After {steps} steps x is {x}: farther away with every step.",
    Pattern.GROWING: "After {steps} steps x is {x}, with ever longer steps.",
    Pattern.MIXED: "After {steps} steps x is {x}.",
}
