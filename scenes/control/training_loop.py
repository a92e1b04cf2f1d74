"""Four steps, always the same.

Training is a ring of four calls. One number is trained by torch.optim; what each call leaves
behind is carried on to the next, round after round, and the loss shrinks.
"""

from __future__ import annotations

import numpy as np
from manim import FadeIn, FadeOut, ValueTracker

from gradreel.draw.api_columns import Held
from gradreel.draw.contours import MapTrail
from gradreel.draw.formula import Formula, when
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.plane import Plane, padded
from gradreel.draw.text import math
from gradreel.functions.function import input_quantity
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, UserFunction, param
from gradreel.scenes.control.cycle_diagram_figure import CycleDiagram
from gradreel.scenes.control.training_rounds_experiment import training_rounds
from gradreel.theme import FontSize, colors

CALLS = ("zero_grad()", "forward", "backward()", "step()")
EMPTY, FORWARD, BACKWARD, STEP = range(4)


class TrainingLoop(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("(x-3)**2", "the loss, a function of the parameter x")
        start: float = param(0.0, "where x begins", ge=-100, le=100)
        optimizer: Literal["SGD", "momentum", "Nesterov", "Adagrad", "RMSprop", "Adam"] = param(
            "SGD", "the optimizer of torch.optim"
        )
        lr: float = param(0.1, "its learning rate", gt=0, le=10)
        rounds: int = param(6, "how many rounds", ge=3, le=12)

    def construct(self):
        p = self.params
        f = load_function(p.function, label="loss")
        self.rows = training_rounds(f, p.start, p.rounds, p.lr, p.optimizer)
        self.seen = ValueTracker(-1)
        self.set_the_stage(f)
        one, two, last = self.rows[0], self.rows[1], self.rows[-1]

        with self.beat("a ring of four", RING, plays=2):
            self.play(self.ring.appears())
            self.play(FadeIn(self.formula, self.settings, self.x, self.loss, self.grad))
        with self.beat("zero_grad", ZERO, plays=1):
            self.play(self.ring.works(EMPTY))
        with self.beat("forward", FIRST, plays=2, x=one.start, loss=one.loss):
            self.play(FadeIn(self.plane), self.carried(EMPTY, one))
            self.does(FORWARD, one)
        with self.beat("backward", SLOPE, plays=2, slope=one.slope):
            self.play(self.carried(FORWARD, one))
            self.does(BACKWARD, one)
        plain = p.optimizer == "SGD"
        with self.beat("step", MOVE[plain], plays=3, old=one.start, new=one.moved):
            self.play(self.carried(BACKWARD, one))
            self.play(
                FormulaAssembly(self.rule, self.origins()) if plain else self.ring.works(STEP)
            )
            self.does(STEP, one)
        with self.beat("round and round", AGAIN, plays=8 + plain, old=one.slope, slope=two.slope,
                       x=two.moved):  # fmt: skip
            if plain:
                self.play(FadeOut(self.rule), run_time=0.4)
            self.goes_round(two)
        with self.beat("the loss shrinks", self.told(), plays=8 * (p.rounds - 2),
                       n=last.number, x=last.moved, loss=last.loss):  # fmt: skip
            for row in self.rows[2:]:
                self.goes_round(row, run_time=max(0.25, 1.2 / (p.rounds - 2)))
        with self.beat("always the same", SAME, plays=2):
            self.play(self.ring.runs())
            self.play(self.ring.runs())

    def goes_round(self, row, **pace):
        """The value that the last step left goes through all four calls."""
        for station in range(4):
            self.play(self.carried(station - 1, row), **pace)
            self.does(station, row, **pace)

    def carried(self, station, row):
        """What a station left is carried to the next one."""
        label, number, tone = {
            EMPTY: ("x", row.start, colors.leaf),
            FORWARD: ('"loss"', row.loss, colors.value),
            BACKWARD: (GRAD, row.slope, colors.gradient),
            STEP - 4: ("x", row.start, colors.leaf),
        }[station]
        tag = Formula(f"{label} = {{v}}", v=number, font_size=FontSize.body).set_color(tone)
        return self.ring.carries(station % 4, tag)

    def does(self, station, row, **pace):
        """A station makes its call, and the numbers in the middle change."""
        here = self.ring.stations[station]
        changes = {
            EMPTY: lambda: [self.grad.becomes(row.emptied, here)],
            FORWARD: lambda: [
                self.loss.becomes(row.loss, here),
                self.seen.animate.set_value(float(row.number) - 1),
            ],
            BACKWARD: lambda: [self.grad.becomes(row.slope, here)],
            STEP: lambda: [self.x.becomes(row.moved, here)],
        }[station]()
        self.play(self.ring.works(station), *changes, **pace)
        if station == FORWARD and row is self.rows[0]:
            self.add(self.trail)

    def origins(self):
        """Where the numbers of the rule come from."""
        rate = self.settings.part("lr")
        return {"old": self.x.number, "lr": rate, "slope": self.grad.number}

    def told(self):
        """How it went."""
        finite = [float(row.loss) for row in self.rows]
        return SHRINKS if finite[-1] < finite[0] else GROWS

    def set_the_stage(self, f):
        """The ring, the numbers in its middle, and beside it the fall of the loss."""
        left, right = content_area().columns(1.35, 1, gap=0.5)
        head, picture = right.rows(2, 3.3, gap=0.1)
        self.ring = CycleDiagram(
            CALLS, (colors.detached, colors.value, colors.gradient, colors.leaf), left
        )
        rows = self.ring.inner.rows(1, 1, 1, gap=0.05)
        self.x = Held("x", rows[0], number=self.rows[0].start, tone=colors.leaf)
        self.loss = Held('"loss"', rows[1], tone=colors.value)
        self.grad = Held(GRAD, rows[2], tone=colors.gradient)
        above, under, foot = head.rows(1.7, 1, 1, gap=0.05)
        self.formula = fit_into(math(f'"loss" = {f.typst()}', font_size=FontSize.body), above)
        lr = input_quantity(self.params.lr, "learning rate")
        self.settings = fit_into(settings(self.params.optimizer, lr), under)
        self.rule = fit_into(rule(self.rows[0], lr), foot)
        losses = np.array([float(row.loss) for row in self.rows])
        good = np.isfinite(losses)
        span = padded([0.0, *losses[good]], 0.08)
        self.plane = Plane((1, len(losses)), span, picture, x_name="n", y_name='"loss"')
        places = np.column_stack([np.arange(1, len(losses) + 1), losses])[good]
        self.trail = MapTrail(self.plane, places, self.seen.get_value, color=colors.value)


def rule(row, lr) -> Formula:
    """The step of plain descent in the first round."""
    factor = "{slope}" if row.slope >= 0 else "lr(({slope}))"
    return Formula(
        f"{{old}} - {{lr}} times {factor} {{eq}} {{new}}",
        old=row.start, lr=lr, slope=row.slope, new=row.moved,
        eq=when(lambda old, lr, slope, new: old - lr * slope == new),
        roles={"old": "leaf", "slope": "gradient", "new": "leaf"}, font_size=FontSize.body,
    )  # fmt: skip


def settings(optimizer, lr) -> Formula:
    """The optimizer and its rate."""
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
