"""Four steps, always the same.

zero_grad, forward, backward and step as stations of a cycle. One parameter is trained by
torch.optim, and the result of each call travels to the next.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, Mobject, ValueTracker

from gradreel.draw.api_columns import GradientRow
from gradreel.draw.contours import MapTrail
from gradreel.draw.formula import Formula, when
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.layout import Rect, content_area, fit_into
from gradreel.draw.plane import Plane, padded_range
from gradreel.draw.text import math
from gradreel.functions.function import Function, input_quantity
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import OptimizerName, SceneParams, UserFunction, param
from gradreel.scenes.control.cycle_diagram_figure import CycleDiagram
from gradreel.scenes.control.training_rounds_experiment import TrainingRound, training_rounds
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

CALLS = ("zero_grad()", "forward", "backward()", "step()")
ZERO_GRAD, FORWARD, BACKWARD, STEP = range(4)


class TrainingLoop(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("(x-3)**2", "the loss, a function of the parameter x")
        start: float = param(0.0, "where x begins", ge=-100, le=100)
        optimizer: OptimizerName = param("SGD", "the optimizer of torch.optim")
        lr: float = param(0.1, "its learning rate", gt=0, le=10)
        rounds: int = param(6, "how many rounds", ge=3, le=12)

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function, label="loss")
        self.rounds = training_rounds(f, p.start, p.rounds, p.lr, p.optimizer)
        self.rounds_done = ValueTracker(-1)
        self.build_layout(f)
        one, two, last = self.rounds[0], self.rounds[1], self.rounds[-1]

        with self.beat("a ring of four", RING, plays=2):
            self.play(self.ring.appears())
            self.play(FadeIn(self.formula, self.settings, self.x, self.loss, self.grad))
        with self.beat("zero_grad", ZERO, plays=1):
            self.play(self.ring.flashes(ZERO_GRAD))
        with self.beat("forward", FIRST, plays=2, x=one.start, loss=one.loss):
            self.play(FadeIn(self.plane), self.carry_values(ZERO_GRAD, one))
            self.play_call(FORWARD, one)
        with self.beat("backward", SLOPE, plays=2, slope=one.grad):
            self.play(self.carry_values(FORWARD, one))
            self.play_call(BACKWARD, one)
        plain = p.optimizer == "SGD"
        with self.beat("step", MOVE[plain], plays=3, old=one.start, new=one.end):
            self.play(self.carry_values(BACKWARD, one))
            self.play(self.assemble_update() if plain else self.ring.flashes(STEP))
            self.play_call(STEP, one)
        with self.beat("round and round", AGAIN, plays=8 + plain, old=one.grad, slope=two.grad,
                       x=two.end):  # fmt: skip
            if plain:
                self.play(FadeOut(self.update), run_time=0.4)
            self.play_round(two)
        say = SHRINKS if last.loss < one.loss else GROWS
        with self.beat("the loss shrinks", say, plays=8 * (p.rounds - 2),
                       n=last.number, x=last.end, loss=last.loss):  # fmt: skip
            for row in self.rounds[2:]:
                self.play_round(row, run_time=max(0.25, 1.2 / (p.rounds - 2)))
        with self.beat("always the same", SAME, plays=2):
            self.play(self.ring.circles())
            self.play(self.ring.circles())

    def play_round(self, row: TrainingRound, **timing: float) -> None:
        """Play all four calls of a round, from the parameter that the last step left."""
        for station in range(4):
            self.play(self.carry_values(station - 1, row), **timing)
            self.play_call(station, row, **timing)

    def carry_values(self, station: int, row: TrainingRound) -> Animation:
        """The result of a station's call travels to the next station."""
        results: dict[int, tuple[str, Quantity, str]] = {
            ZERO_GRAD: ("x", row.start, colors.leaf),
            FORWARD: ('"loss"', row.loss, colors.value),
            BACKWARD: (GRAD, row.grad, colors.gradient),
            STEP - 4: ("x", row.start, colors.leaf),
        }
        label, number, tone = results[station]
        tag = Formula(f"{label} = {{v}}", v=number, font_size=FontSize.body).set_color(tone)
        return self.ring.carries(station % 4, tag)

    def play_call(self, station: int, row: TrainingRound, **timing: float) -> None:
        """Play a station's call and its effect on the numbers inside the ring."""
        self.play(self.ring.flashes(station), *self.effects(station, row), **timing)
        if station == FORWARD and row is self.rounds[0]:
            self.add(self.trail)

    def effects(self, station: int, row: TrainingRound) -> list[Any]:
        """How the numbers change with a station's call."""
        origin: Mobject = self.ring.stations[station]
        if station == ZERO_GRAD:
            return [self.grad.becomes(row.grad_zeroed, origin)]
        if station == FORWARD:
            done = self.rounds_done.animate.set_value(float(row.number) - 1)
            return [self.loss.becomes(row.loss, origin), done]
        if station == BACKWARD:
            return [self.grad.becomes(row.grad, origin)]
        return [self.x.becomes(row.end, origin)]

    def assemble_update(self) -> Animation:
        """The update of plain descent, from the numbers that are on screen."""
        rate = self.settings.part("lr")
        origins = {"old": self.x.number, "lr": rate, "slope": self.grad.number}
        return FormulaAssembly(self.update, origins)

    def build_layout(self, f: Function) -> None:
        """The ring with numbers inside; beside it formulas and the plot of the loss."""
        left, right = content_area().columns(1.35, 1, gap=0.5)
        head, picture = right.rows(2, 3.3, gap=0.1)
        tones = (colors.detached, colors.value, colors.gradient, colors.leaf)
        self.ring = CycleDiagram(CALLS, tones, left)
        rows = self.ring.inner.rows(1, 1, 1, gap=0.05)
        self.x = GradientRow("x", rows[0], number=self.rounds[0].start, tone=colors.leaf)
        self.loss = GradientRow('"loss"', rows[1], tone=colors.value)
        self.grad = GradientRow(GRAD, rows[2], tone=colors.gradient)
        above, under, foot = head.rows(1.7, 1, 1, gap=0.05)
        self.formula = fit_into(math(f'"loss" = {f.typst()}', font_size=FontSize.body), above)
        lr = input_quantity(self.params.lr, "learning rate")
        self.settings = settings_formula(self.params.optimizer, lr)
        self.update = update_formula(self.rounds[0], lr)
        fit_into(self.settings, under)
        fit_into(self.update, foot)
        self.build_loss_plot(picture)

    def build_loss_plot(self, area: Rect) -> None:
        """The loss against the number of the round."""
        losses = np.array([float(row.loss) for row in self.rounds])
        finite = np.isfinite(losses)
        span = padded_range([0.0, *losses[finite]], 0.08)
        self.plane = Plane((1, len(losses)), span, area, x_name="n", y_name='"loss"')
        points = np.column_stack([np.arange(1, len(losses) + 1), losses])[finite]
        self.trail = MapTrail(self.plane, points, self.rounds_done.get_value, color=colors.value)


def update_formula(row: TrainingRound, lr: Quantity) -> Formula:
    """The update of plain gradient descent in one round."""
    factor = "{slope}" if row.grad >= 0 else "lr(({slope}))"
    return Formula(
        f"{{old}} - {{lr}} times {factor} {{eq}} {{new}}",
        old=row.start, lr=lr, slope=row.grad, new=row.end,
        eq=when(lambda old, lr, slope: old - lr * slope, "new"),
        roles={"old": "leaf", "slope": "gradient", "new": "leaf"}, font_size=FontSize.body,
    )  # fmt: skip


def settings_formula(optimizer: str, lr: Quantity) -> Formula:
    """The optimizer and its learning rate."""
    return Formula(f'upright("{optimizer}"), quad "rate" = {{lr}}', lr=lr, font_size=FontSize.label)


GRAD = 'upright("x.grad")'
RING = "Training is a ring of four calls. Whatever the model, they come in this order."
ZERO = "zero_grad empties .grad, so that nothing old is added to what comes."
FIRST = "forward: x = {x} goes in, and out comes the loss, {loss}. The graph is written on the way."
SLOPE = "backward walks that graph and leaves the slope in x.grad: {slope}."
MOVE = (
    "step reads x.grad and moves x by its own rule: from {old} to {new}.",
    "step takes the rate times x.grad away from x: from {old} to {new}.",
)
AGAIN = "Round again: the old slope {old} is emptied, a new one is {slope}, and x moves to {x}."
SHRINKS = "And so on, without a thought. In round {n} the loss is down to {loss}, and x is {x}."
GROWS = "And so on, without a thought. But in round {n} the loss is {loss}: this rate does harm."
SAME = "A larger model has more numbers, another optimizer another step. The ring is the same."
