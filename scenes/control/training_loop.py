"""Four steps, always the same.

zero_grad, forward, backward and step as stations of a cycle. One parameter is trained by
torch.optim, and the result of each call travels to the next.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from manim import (
    LEFT,
    UP,
    Animation,
    AnimationGroup,
    FadeIn,
    Indicate,
    ValueTracker,
    VMobject,
)

from gradreel.draw.bucket import Bucket
from gradreel.draw.contours import MapTrail
from gradreel.draw.exchange import exchange, goes
from gradreel.draw.formula import Formula, when
from gradreel.draw.gradient_row import GradientRow
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.plane import Plane, padded_range, ticks
from gradreel.draw.text import math as typst_math
from gradreel.draw.training_listing import TRAINING_PROGRAM, TrainingListing
from gradreel.functions.function import Function
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import OptimizerName, SceneParams, UserFunction, param
from gradreel.scenes.control.joins import BUCKET_JOIN, RING_JOIN, ring_and_rest, training_ring
from gradreel.scenes.control.mini_batches_figure import MiniBatches
from gradreel.scenes.control.training_rounds_experiment import TrainingRound, training_rounds
from gradreel.tape import Quantity, input_quantity
from gradreel.theme import FontSize, Timing, colors

ZERO_GRAD, FORWARD, BACKWARD, STEP = range(4)
TICKS = 3  # wished on the axis of the loss, up to the largest
NAME_ROOM = 1.14  # of that: the name of the axis is above its last tick
BATCH_COUNT = 3  # mini-batches in the data
WAY_TIME = 0.9  # seconds from one station to the next in the first round
LAP_TIME, FEED_TIME = 1.25, 0.5  # seconds of a round, and of those the way of a mini-batch
ARRIVAL_TIME = 0.3  # seconds of the last step


class TrainingLoop(LectureScene):
    begins_with, ends_with = BUCKET_JOIN, RING_JOIN

    class Params(SceneParams):
        function: UserFunction = param("(x-3)**2", "the loss, a function of the parameter x")
        start: float = param(0.0, "where x begins", ge=-100, le=100)
        optimizer: OptimizerName = param("SGD", "the optimizer of torch.optim")
        lr: float = param(0.1, "its learning rate", gt=0, le=10)
        rounds: int = param(4, "how many rounds", ge=3, le=12)

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function, label="loss")
        self.rounds = training_rounds(f, p.start, p.rounds, p.lr, p.optimizer)
        self.shown = [row.shown for row in self.rounds]
        self.rounds_done = ValueTracker(-1)
        self.quoted_source = TRAINING_PROGRAM
        self.build_layout(f)
        self.play_first_round(self.shown[0])
        self.play_other_rounds()
        self.play_batches()
        self.close(ring=self.ring)

    def play_first_round(self, one: TrainingRound) -> None:
        """The ring and the program, then the four steps one by one."""
        with self.beat("a ring of four", *RING) as said:
            self.play(self.carry("bucket", self.bucket), run_time=Timing.join)
            self.play(self.ring.appears())
            said.next()
            self.play(FadeIn(self.program, shift=0.3 * LEFT))
        with self.beat("zero_grad", ZERO, plays=2):
            self.play(FadeIn(self.x, self.grad))
            self.play(*self.steps_on(ZERO_GRAD, one))
        with self.beat("forward", *FIRST, plays=1, loss=one.loss) as said:
            comes = [FadeIn(self.formula, shift=0.3 * UP), FadeIn(self.plane)]
            self.play(*comes, *self.calls(FORWARD), run_time=WAY_TIME)
            self.play(*self.steps_on(FORWARD, one), FadeIn(self.trail))
            said.next()
            self.play(Indicate(self.loss.number, color=colors.accent))
        with self.beat("backward", *SLOPE, plays=1, slope=one.grad) as said:
            self.play(*self.calls(BACKWARD), run_time=WAY_TIME)
            self.play(*self.steps_on(BACKWARD, one))
            said.next()
            self.play(Indicate(self.grad.number, color=colors.accent))
        with self.beat("step", *MOVE, plays=1, new=one.end) as said:
            self.play(*self.calls(STEP), exchange(self.formula, self.update), run_time=WAY_TIME)
            self.play(*self.steps_on(STEP, one))
            said.next()
            self.play(Indicate(self.x.number, color=colors.accent))

    def play_other_rounds(self) -> None:
        """The second round at its own pace, then the others, faster."""
        two, last = self.shown[1], self.shown[-1]
        with self.beat("round and round", *AGAIN, plays=1, slope=two.grad, x=two.end) as said:
            self.play(*self.calls(ZERO_GRAD), exchange(self.update, self.rule), run_time=WAY_TIME)
            self.play(*self.steps_on(ZERO_GRAD, two))
            self.play_steps(two, (FORWARD, BACKWARD, STEP), run_time=0.5)
            said.next()
            self.play(Indicate(self.x.number, color=colors.accent))
        say = SHRINKS if last.loss < self.rounds[0].loss else GROWS
        with self.beat("the loss shrinks", *say) as said:
            for row in self.shown[2:]:
                self.play_steps(row, range(4), run_time=max(0.2, 1.0 / (self.params.rounds - 2)))
            said.next()
            self.play(Indicate(self.loss.number, color=colors.accent))

    def play_batches(self) -> None:
        """Round after round, the next mini-batch of the data goes into forward."""
        with self.beat("mini-batches", BATCHES, SAME) as said:
            # Other data have other numbers.
            rows = (self.x, self.loss, self.grad)
            parts = [part for row in rows for part in (row.label, row.number)]
            parts += [self.bucket, self.plane, self.trail]
            self.play(*(goes(part) for part in parts), run_time=0.4)
            self.play(self.data.appears(), run_time=0.5)
            goal = self.ring.stations[FORWARD].get_center()
            for number in range(BATCH_COUNT):
                for station in range(4):
                    if (number, station) == (1, FORWARD):
                        said.next()
                    feeds = [self.data.feeds(number, goal)] if station == FORWARD else []
                    seconds = FEED_TIME if feeds else (LAP_TIME - FEED_TIME) / 3
                    # The line of the station that the dot leaves.
                    mark = self.program.marks((station - 1) % 4 + 1)
                    self.play(*self.calls(station), mark, *feeds, run_time=seconds)
            arrived = (self.ring.flashes(STEP), self.program.marks(STEP + 1))
            self.play(*arrived, run_time=ARRIVAL_TIME)

    def play_steps(self, row: TrainingRound, steps: Iterable[int], *, run_time: float) -> None:
        """Some steps of a round, each with the way that leads to it."""
        for station in steps:
            self.play(*self.calls(station), run_time=run_time * 0.7)
            self.play(*self.steps_on(station, row), run_time=run_time)

    def calls(self, station: int) -> list[Animation]:
        """A dot travels to a station from the one before."""
        tones = (colors.detached, colors.value, colors.gradient, colors.leaf)
        before = (station - 1) % 4
        return [self.ring.carries(before, tones[before])]

    def steps_on(self, station: int, row: TrainingRound) -> list[Any]:
        """A station's call: its line is marked, and the numbers inside the ring change."""
        flash = [self.ring.flashes(station), self.program.marks(station + 1)]
        if station == ZERO_GRAD:
            if not self.bucket.level.get_value():
                return [*flash, Indicate(self.grad.number, color=colors.accent)]
            return [*flash, self.bucket.tips_out(), self.grad.becomes(row.grad_zeroed)]
        if station == FORWARD:
            done = self.rounds_done.animate.set_value(float(row.number) - 1)
            return [*flash, self.first_loss(row) or self.loss.becomes(row.loss), done]
        if station == BACKWARD:
            level = min(abs(float(row.grad)), self.bucket.capacity)
            return [*flash, self.bucket.receives(level), self.grad.becomes(row.grad)]
        # The loss was that of the x before.
        old_loss = self.loss.number.animate.set_color(colors.muted)
        return [*flash, self.x.becomes(row.end), old_loss]

    def first_loss(self, row: TrainingRound) -> Animation | None:
        """The loss of the first round appears with its label; None in later rounds."""
        if self.loss.label in self.mobjects:
            return None
        self.loss.set_number(row.loss)
        return AnimationGroup(FadeIn(self.loss.label), FadeIn(self.loss.number, scale=1.6))

    def build_layout(self, f: Function) -> None:
        """The ring with numbers inside; beside it program, formula, and the losses so far."""
        left, right = ring_and_rest()
        code, formula, below = right.rows(1.63, 1.27, 2.35, gap=0.15)
        self.ring = training_ring(left)
        self.build_numbers(self.ring.inner)
        self.program = TrainingListing(code)
        self.formula = fit_into(loss_formula(f), formula)
        lr = input_quantity(self.params.lr, "learning rate")
        self.update = fit_into(update_formula(self.params.optimizer, self.shown[0], lr), formula)
        self.rule = update_rule(self.params.optimizer, lr)
        fit_into(self.rule, formula)
        self.data = MiniBatches(BATCH_COUNT, self.ring.inner)
        self.build_loss_plot(below)

    def build_numbers(self, area: Rect) -> None:
        """The numbers inside the ring, and beside .grad its bucket."""
        left = area.center[0] - 0.8
        rows = Rect(left, area.right, area.bottom, area.top).rows(1, 1, 1, gap=0.0)
        size = FontSize.label
        self.x = GradientRow(
            "x", rows[0], number=self.shown[0].start, tone=colors.leaf, font_size=size
        )
        self.loss = GradientRow('"loss"', rows[1], tone=colors.value, font_size=size)
        self.grad = GradientRow(GRAD, rows[2], tone=colors.gradient, font_size=size)
        gradients = [abs(float(r.grad)) for r in self.rounds if math.isfinite(r.grad)]
        self.bucket = Bucket(max(gradients, default=1.0), width=0.6, height=0.5)
        self.bucket.move_to(point(left - 0.45, rows[2].center[1]))

    def build_loss_plot(self, area: Rect) -> None:
        """The loss against the number of the round."""
        losses = np.array([float(row.loss) for row in self.rounds])
        finite = np.isfinite(losses)
        low, high = padded_range([0.0, *losses[finite]], 0.08)
        span = (low, NAME_ROOM * round_limit(high))
        self.plane = Plane(
            (1, len(losses)),
            span,
            area,
            x_name='"round"',
            y_name='"loss"',
            tick_count=(len(losses), TICKS + 1),
        )
        points = np.column_stack([np.arange(1, len(losses) + 1), losses])[finite]
        self.trail = MapTrail(self.plane, points, self.rounds_done.get_value, color=colors.value)


def round_limit(high: float) -> float:
    """The next number at or above `high` that an axis from 0 has a tick at."""
    marks = ticks(0.0, high, TICKS)
    if high <= 0 or len(marks) < 2:
        return high
    return math.ceil(high / marks[1]) * marks[1]


def loss_formula(f: Function) -> VMobject:
    """The loss; of a squared difference, braces say what is the output and what the target."""
    if parts := re.fullmatch(r"\((\w+) - ([\d.]+)\)\^2", f.typst()):
        braces = 'underbrace({output}, "output") - underbrace({target}, "target")'
        output, target = parts.groups()
        return Formula(f'"loss" = ( {braces} )^2', output=output, target=target,
                       roles={"output": "leaf"})  # fmt: skip
    return typst_math(f'"loss" = {f.typst()}', font_size=FontSize.formula)


def update_formula(optimizer: str, row: TrainingRound, lr: Quantity) -> Formula:
    """The update of plain gradient descent in one round; of another optimizer, its setting."""
    if optimizer != "SGD":
        return update_rule(optimizer, lr)
    factor = "{slope}" if row.grad >= 0 else "lr(({slope}))"
    return Formula(
        f"x <- {{old}} - {RATE} times underbrace({factor}, {GRAD}) {{eq}} {{new}}",
        old=row.start, lr=lr, slope=row.grad, new=row.end,
        eq=when(lambda old, lr, slope: old - lr * slope, "new"),
        roles={"old": "leaf", "slope": "gradient", "new": "leaf"}, font_size=FontSize.formula,
    )  # fmt: skip


def update_rule(optimizer: str, lr: Quantity) -> Formula:
    """The update in every round; of another optimizer than plain gradient descent, its setting."""
    if optimizer != "SGD":
        return Formula(f'upright("{optimizer}"), quad "learning rate" = {{lr}}', lr=lr,
                       font_size=FontSize.body)  # fmt: skip
    return Formula(f"x <- x - {{lr}} times {GRAD}", lr=lr, font_size=FontSize.formula)


RATE = 'underbrace({lr}, "learning rate")'
GRAD = 'upright("x.grad")'
RING = (
    "Training repeats four steps.",
    "In PyTorch, that is four lines.",
)
ZERO = "First, zero_grad makes sure that .grad is empty."
FIRST = (
    "Forward, criterion compares the model's output with the target.",
    "Here the loss is {loss}.",
)
SLOPE = ("Backward computes the gradient.", "It is {slope}.")
MOVE = ("The optimizer takes a step.", "x is now {new}.")
AGAIN = (
    "Then all four again, from an empty bucket.",
    "The new gradient is {slope}, and x is {x}.",
)
SHRINKS = ("And again, and again.", "Round after round, the loss falls.")
GROWS = ("And again, and again.", "But the loss grows: this learning rate is too large.")
BATCHES = "Each round takes another mini-batch."
SAME = "The loop stays the same."
