"""The learning rate decides: too small, right, too large.

Four descents from the same start, side by side, that differ in the learning rate only. They crawl,
arrive, oscillate or diverge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from manim import LEFT, Create, FadeIn, GrowFromCenter, ValueTracker, VGroup, linear

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.plane import Curve, Plane, padded_range
from gradreel.functions.function import Function, Samples
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.descent_facts import Pattern, is_finite, pattern
from gradreel.measure.gradient_descent import (
    Descent,
    DescentStep,
    require_nonzero_gradient,
    run_descent,
)
from gradreel.params import SceneParams, UserFunction, param
from gradreel.scenes.descent.descent_marks_figure import DescentBall, DescentMarks
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors


class LearningRates(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("(x-3)**2", "a function of x to be made small")
        start: float = param(0.0, "where every descent starts", ge=-100, le=100)
        steps: int = param(10, "steps that each descent takes", ge=2, le=50)
        small: float = param(0.02, "a rate that crawls", gt=0, le=100)
        right: float = param(0.5, "a rate that arrives", gt=0, le=100)
        large: float = param(0.95, "a rate that overshoots", gt=0, le=100)
        wild: float = param(1.05, "a rate that flies off", gt=0, le=100)

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function, label="loss")
        descents = [
            require_nonzero_gradient(run_descent(f, [p.start], p.steps, lr))
            for lr in (p.small, p.right, p.large, p.wild)
        ]
        panels = self.build_panels(f, descents)
        clocks = [panel.clock for panel in panels]

        with self.beat("four rates", ALIKE, plays=3, x=descents[0][0].inputs[0]):
            self.play(FadeIn(VGroup(*(panel.plane for panel in panels))))
            self.play(*(Create(panel.curve) for panel in panels))
            self.add(*(panel.marks for panel in panels))
            self.play(*(GrowFromCenter(panel.ball) for panel in panels),
                      *(FadeIn(panel.rate) for panel in panels))  # fmt: skip
        for descent, panel in zip(descents, panels, strict=True):
            outcome, last = outcome_of(descent), descent.last
            with self.beat(f"rate {descent.lr.text}: {outcome}", OUTCOMES[outcome].caption, plays=1,
                           x=last.inputs[0], loss=last.loss, steps=last.step,
                           first=descent[1].inputs[0]):  # fmt: skip
                self.play(FadeIn(panel.x, panel.loss), run_time=0.5)
                self.play(panel.clock.animate.set_value(p.steps), rate_func=linear)
        with self.beat("side by side", TOGETHER, plays=2, steps=descents[0].last.step):
            self.play(*(clock.animate.set_value(0) for clock in clocks))
            self.play(*(clock.animate.set_value(p.steps) for clock in clocks), run_time=5)

    def build_panels(self, f: Function, descents: Sequence[Descent]) -> list[RatePanel]:
        """One panel for each rate, all with the same axes."""
        xs = np.concatenate([descent.positions[:, 0] for descent in descents[:-1]])
        xs = xs[np.isfinite(xs)]
        # The start stays in the picture, however far the descents diverge.
        start = self.params.start
        low, high = max(min(xs), start - 1e3), min(max(xs), start + 1e3)
        reach = high - low or 1.0
        samples = f.sample(low - 0.25 * reach, low + 1.25 * reach, 301)
        areas = content_area().columns(1, 1, 1, 1, gap=0.25)
        return [
            RatePanel(f, samples, descent, area)
            for descent, area in zip(descents, areas, strict=True)
        ]


class RatePanel:
    """One descent at the time of its `clock`: curve and ball above, rate, x and loss below."""

    def __init__(self, f: Function, samples: Samples, descent: Descent, area: Rect) -> None:
        picture, foot = area.rows(2.1, 1, gap=0.1)
        self.clock = ValueTracker(0)
        time = self.clock.get_value
        color = getattr(colors, OUTCOMES[outcome_of(descent)].role)
        span = (float(samples.xs[0]), float(samples.xs[-1]))
        self.plane = Plane(
            span, padded_range(samples.values), picture, y_name='"loss"', tick_count=(3, 4)
        )
        self.curve = Curve(self.plane, samples.xs, samples.values)
        self.ball = DescentBall(
            self.plane, descent.steps, lambda x: f.point_at(x).value, time, color=color
        )
        self.marks = DescentMarks(self.plane, descent.steps, time, color=color)

        def current() -> DescentStep:
            return descent.at(time())

        rows = foot.rows(1, 1, 1, gap=0.1)
        self.rate = labelled('"rate"', descent.lr, rows[0], color, places=None)
        self.x = labelled("x", lambda: current().inputs[0], rows[1], colors.text)
        self.loss = labelled('"loss"', lambda: current().loss, rows[2], colors.text)


def labelled(
    label: str,
    source: Quantity | Callable[[], Quantity],
    area: Rect,
    color: str,
    places: int | None = 4,
) -> LabelledNumber:
    """A small number with its label at the left of `area`."""
    number = LabelledNumber(label, source, color=color, places=places, font_size=FontSize.label)
    number.move_to(area.center).align_to(point(area.left + 0.45, 0), LEFT)
    return number


def outcome_of(descent: Descent) -> str:
    """What a descent does, by its losses and the signs and lengths of its steps."""
    if not is_finite(descent):
        return "leaves"
    losses, steps = descent.losses, np.diff(descent.positions[:, 0])
    if losses[-1] > losses[0]:
        return "diverges" if (np.diff(losses) > 0).all() else "ends higher"
    first, last = abs(steps[0]), abs(steps[-1])
    if (steps[1:] * steps[:-1] < 0).all() and last > 1e-6 * first:
        return "oscillates"
    if last < 1e-2 * first:
        return "arrives"
    if pattern(descent, 0, len(steps)) is Pattern.EQUAL:
        return "keeps its pace"
    return "crawls" if (np.diff(losses) < 0).all() else "wanders"


class Outcome(NamedTuple):
    """The colour role and the caption of what a descent does."""

    role: str
    caption: str


OUTCOMES = {
    "crawls": Outcome(
        "leaf", "It crawls: after {steps} steps x is only at {x} and the loss is still {loss}."
    ),
    "arrives": Outcome(
        "accent",
        "It arrives: one step leads to {first}, and after {steps} steps the loss is {loss}.",
    ),
    "oscillates": Outcome(
        "gradient",
        "Every step overshoots, across and back. After {steps} steps the loss is {loss}.",
    ),
    "diverges": Outcome(
        "warning", "Each step lands higher than the last: after {steps} the loss is {loss}."
    ),
    "ends higher": Outcome(
        "warning", "It ends higher than it began: after {steps} steps the loss is {loss}."
    ),
    "leaves": Outcome(
        "warning", "It leaves the numbers: after {steps} steps x is {x} and the loss is {loss}."
    ),
    "keeps its pace": Outcome(
        "leaf", "Each step is as long as the first: after {steps} x is at {x}, the loss is {loss}."
    ),
    "wanders": Outcome(
        "gradient", "It goes up and down: after {steps} steps x is at {x}, the loss is {loss}."
    ),
}
ALIKE = "The same hill, the same start x = {x}, four learning rates. Which one will you take?"
TOGETHER = "{steps} steps each. Too small wastes time, too large does harm; the curve decides."
