"""Step against the slope.

Gradient descent by torch.optim.SGD: at every place take the slope and go the other way, by the
learning rate times the slope. Where the floor flattens the steps get shorter by themselves.
"""

from __future__ import annotations

import numpy as np
from manim import Create, FadeIn, GrowFromCenter, ReplacementTransform, ValueTracker

from gradreel.draw.formula import Formula, when
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.number_table import NumberTable
from gradreel.draw.plane import Curve, Plane, padded
from gradreel.draw.tangent import Tangent
from gradreel.draw.text import math
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.gradient_descent import require_nonzero_gradient, run_descent
from gradreel.params import SceneParams, UserFunction, param
from gradreel.scenes.descent.descent_marks_figure import Ball, Footprints
from gradreel.theme import FontSize, colors


class GradientDescent(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("(x-3)**2", "a function of x to be made small")
        start: float = param(0.0, "where the descent starts", ge=-100, le=100)
        lr: float = param(0.1, "the learning rate", gt=0, le=10)
        steps: int = param(10, "steps that the table lists", ge=3, le=10)
        more: int = param(10, "further steps after those", ge=1, le=200)

    def construct(self):
        p = self.params
        f = load_function(p.function, label="loss")
        path = require_nonzero_gradient(run_descent(f, [p.start], p.steps + p.more, p.lr))
        self.now = ValueTracker(0)
        self.set_the_stage(f, path)
        first, last = path[p.steps], path[p.steps + p.more]

        with self.beat("a start", START, plays=3, x=path[0].inputs[0], loss=path[0].value):
            self.play(FadeIn(self.plane), FadeIn(self.formula))
            self.play(Create(self.curve))
            self.add(self.steps)
            self.play(GrowFromCenter(self.ball), FadeIn(self.table), self.table.row_appears(0))
        slope = path[0].slopes[0]
        with self.beat("which way", WAYS[slope > 0], plays=2, slope=slope):
            self.play(Create(self.tangent))
            self.play(FadeIn(self.lr))
        with self.beat("one step", STEP, plays=2, x=path[1].inputs[0]):
            old, rate = self.table.rows[0], self.lr.readout
            self.play(FormulaAssembly(self.rule, {"old": old[1], "slope": old[3], "lr": rate}))
            self.play(self.walks(1), self.table.row_appears(1, {1: self.rule.part("new")}))
        with self.beat("and again", AGAIN, steps=first.step, x=first.inputs[0], loss=first.value):
            lasts = max(0.7, 5.0 / (p.steps - 1))
            for k in range(2, p.steps + 1):
                self.play(self.walks(k), self.table.row_appears(k), run_time=lasts)
        say, shares = told_pace(path, p.steps)
        with self.beat("the steps shrink", say, plays=2, **shares):
            self.play(self.now.animate.set_value(0))
            self.play(self.now.animate.set_value(p.steps))
        with self.beat("further on", FURTHER, plays=2, steps=last.step, x=last.inputs[0]):
            self.play(self.walks(p.steps + p.more))
            self.play(ReplacementTransform(self.rule, self.result))

    def walks(self, step):
        """The ball goes on until it has taken so many steps."""
        return self.now.animate.set_value(step)

    def set_the_stage(self, f, path):
        """Everything that is drawn, still behind the curtain."""
        p, now = self.params, self.now.get_value
        left, right = content_area().columns(1.25, 1, gap=0.5)
        picture, foot = left.rows(6, 1.1, gap=0.1)
        xs = [float(visit.inputs[0]) for visit in path.visits[: p.steps + 1]]
        reach = max(xs) - min(xs) or 1.0
        sweep = f.sample(min(xs) - 0.12 * reach, max(xs) + 0.45 * reach, 301)
        span = (float(sweep.xs[0]), float(sweep.xs[-1]))
        self.plane = Plane(span, padded(sweep.values, 0.1), picture, y_name='"loss"')
        self.curve = Curve(self.plane, sweep.xs, sweep.values)
        self.ball = Ball(self.plane, path.visits, lambda x: f.point_at(x).value, now)
        self.steps = Footprints(self.plane, path.visits, now)
        here = lambda: f.point_at(float(np.interp(now(), range(len(path)), self.xs(path))))  # noqa: E731
        self.tangent = Tangent(self.plane, here, length=2.6)
        self.formula = math(f'"loss" = {f.typst()}', font_size=FontSize.body)
        self.lr = LabelledNumber(
            '"rate"', path.lr, color=colors.leaf, places=None, font_size=FontSize.body
        )
        self.rule, self.result = rule(path), result(path[len(path) - 1])
        head, foot = foot, right.rows(1, 8)[0]
        for thing, area in zip((self.formula, self.lr), foot.columns(1.4, 1), strict=True):
            fit_into(thing, area)
        for thing in (self.rule, self.result):
            fit_into(thing, head)
        rows = [(v.step, v.inputs[0], v.value, v.slopes[0]) for v in path.visits[: p.steps + 1]]
        self.table = NumberTable(
            ('"step"', "x", '"loss"', '"slope"'), rows, right.rows(1, 8)[1],
            roles=("muted", "leaf", "value", "gradient"), weights=(0.7, 1, 1, 1),
            font_size=FontSize.small,
        )  # fmt: skip

    def xs(self, path):
        """All places of the descent."""
        return [float(visit.inputs[0]) for visit in path.visits]


def rule(path) -> Formula:
    """The first step in numbers."""
    slope = path[0].slopes[0]
    return Formula(
        "{old} - {lr} times lr(({slope})) {eq} {new}",
        old=path[0].inputs[0], lr=path.lr, slope=slope, new=path[1].inputs[0],
        eq=when(lambda old, lr, slope, new: old - lr * slope == new),
        roles={"old": "leaf", "lr": "leaf", "slope": "gradient", "new": "leaf"},
    )  # fmt: skip


def result(visit) -> Formula:
    """Where it stands at the end."""
    return Formula(
        "x_{n} = {x}", n=visit.step, x=visit.inputs[0], roles={"n": "muted", "x": "leaf"}
    )


def told_pace(path, steps):
    """How much of the way each step takes away, if the descent settles."""
    first, last = path.removed(1), path.removed(steps)
    if not path.settles:
        return "No two steps are alike: the slope changes, and each step with it.", {}
    if first.text == last.text:
        return "Nobody shortens them: each step removes {share} % of the error that is left.", {
            "share": first
        }
    return "The first step removed {first} % of the error; the last one {last} % of the rest.", {
        "first": first,
        "last": last,
    }


START = "We start at x = {x}, where the loss is {loss}. We want it small."
WAYS = (
    "The slope is {slope}. Negative: downhill is to the right, against the slope.",
    "The slope is {slope}. Positive: downhill is to the left, against the slope.",
)
STEP = "Take the rate times the slope away from x, and x becomes {x}. That is one step."
AGAIN = "New place, new slope, new step: after {steps} steps x is {x} and the loss {loss}."
FURTHER = "After {steps} steps x is {x}: closer and closer, with ever smaller steps."
