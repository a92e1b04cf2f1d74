"""Gradient descent: step against the slope.

torch.optim.SGD on a function of x: a ball on the curve, and a table of step, x, loss and slope. The
update rule is written beside the first step; the steps get shorter where the slope gets smaller.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
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
    ReplacementTransform,
    ValueTracker,
    VGroup,
    linear,
    smooth,
    squish_rate_func,
)

from gradreel.draw.exchange import comes, exchange, goes
from gradreel.draw.formula_assembly import PiecesAssembly
from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import Rect, content_area, fit_into
from gradreel.draw.tangent import Tangent
from gradreel.draw.text import math as typeset_math
from gradreel.functions.function import Function, Point
from gradreel.functions.user_functions import load_function
from gradreel.lecture.beat import Beat
from gradreel.lecture.controls import Drag, Pick, Press
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.descent_facts import Pattern, pattern, require_finite
from gradreel.measure.gradient_descent import (
    Descent,
    DescentStep,
    require_nonzero_gradient,
    run_descent,
)
from gradreel.measure.optimizers import OPTIMIZERS
from gradreel.params import SceneParams, UserFunction, param
from gradreel.scenes.descent import descent_captions as say
from gradreel.scenes.descent.descent_board import STEP, DescentBoard
from gradreel.scenes.descent.descent_marks_figure import DescentBall, DescentMarks
from gradreel.scenes.descent.descent_reach import reach_of
from gradreel.scenes.descent.joins import (
    CURVE_AND_BALL,
    HILL,
    HILL_ROWS,
    hill_area,
    hill_curve,
    hill_plane,
)
from gradreel.scenes.descent.step_clock import landed, moved
from gradreel.scenes.descent.step_marks_figure import DistanceBar, StepArrow, direction_arrows
from gradreel.scenes.descent.step_table_figure import HEADS, ROLES, StepTable
from gradreel.scenes.descent.update_rule_figure import (
    LiveUpdate,
    slope_label,
    step_difference,
    step_formula,
    update_rule,
)
from gradreel.theme import FontSize, Timing, colors

RateFunction = Callable[[float], float]
LARGE = FontSize.formula / FontSize.body
at_once = squish_rate_func(smooth, 0, 0.05)  # for what something else takes the place of


class GradientDescent(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("(x-3)**2", "a function of x to be made small")
        start: float = param(0.0, "where the descent starts", ge=-100, le=100)
        lr: float = param(0.1, "the learning rate", gt=0, le=10)
        steps: int = param(10, "steps that the table lists", ge=3, le=10)
        more: int = param(10, "further steps after those", ge=1, le=200)

    ends_with = CURVE_AND_BALL
    touch = (
        Drag("step", "clock", 0, lambda p: p.steps + p.more, step=1, opens_at="further on"),
        Drag("start", "board.start", plane="board.plane", recorded=7),
        Drag("lr", "board.rate", -2, 0, log=True, recorded=5),
        Pick("optimizer", "board.optimizer", tuple(OPTIMIZERS), recorded=1),
        Press(STEP, most=10, runs=True),
    )

    def construct(self) -> None:
        p = self.params
        f = self.f = load_function(p.function, label="loss")
        descent = require_nonzero_gradient(run_descent(f, [p.start], p.steps + p.more, p.lr))
        require_finite(descent)
        self.clock, self.stretch = ValueTracker(0), ValueTracker(0)
        self.build_layout(f, descent)
        first, listed, last = descent[0], descent[p.steps], descent.last
        slope, steps = first.gradient[0], pattern(descent, 0, p.steps)

        self.begin(first)
        with self.beat("which way", say.WHICH_WAY, say.DIRECTION[slope > 0], slope=slope) as said:
            ways = direction_arrows(self.ball.get_center())
            self.play(FadeIn(ways))
            said.next(plays=2)
            self.play(Create(self.tangent), FadeIn(self.state[2]), run_time=1.0)
            self.way, wrong = ways[::-1] if slope < 0 else ways  # the first is to the left
            self.play(FadeOut(wrong))
        arrow, step = say.ARROW[self.is_whole], say.STEP[self.overshoots(f, descent)]
        with self.beat("one step", arrow, step, say.RULE, say.NUMBERS, say.MOVE, lr=descent.lr,
                       x=descent[1].inputs[0]) as said:  # fmt: skip
            self.take_first_step(said)
        with self.beat("in a network", say.IN_A_NETWORK, plays=2):
            self.park_rule()
        with self.beat("and again", say.NAME, say.AFTER, steps=listed.step, x=listed.inputs[0]):
            self.table_comes()
            self.play(self.run_until(p.steps, linear), run_time=max(4.2, 0.47 * (p.steps - 1)))
        caption, numbers = say.caption_steps(descent, steps, p.steps)
        with self.beat(f"the steps {say.BEATS[steps]}", say.LOOK[steps is Pattern.SHRINKING],
                       caption, **numbers) as said:  # fmt: skip
            self.play(FadeOut(self.update), run_time=Timing.leave)
            self.play(self.run_until(0), self.table.is_emptied())
            said.next()
            self.add(self.table.follow_clock())
            self.play(FadeIn(self.distance), run_time=Timing.quick)
            self.play(self.run_until(p.steps, linear))
        caption = say.FURTHER[pattern(descent, p.steps - 1, p.steps + p.more)]
        with self.beat("further on", caption, say.AFTER, steps=last.step, x=last.inputs[0]):
            self.play(self.run_until(p.steps + p.more, linear))
        if self.has_default_params:
            with self.beat("a program", say.BACK_TO_THE_START, plays=2):
                self.play(*self.table.loses_mark(), FadeOut(*self.moving), run_time=1.1)
                self.clock.set_value(0)  # a new start, not the same way back once more
                self.play(GrowFromCenter(self.ball))
        self.close(curve=self.curve, ball=self.ball)

    def begin(self, first: DescentStep) -> None:
        """The curve, and the ball at the start."""
        hill = say.HILL[self.params.function == HILL]
        x, loss = first.inputs[0], first.loss
        with self.beat("a start", hill, say.START, plays=2, x=x, loss=loss) as said:
            self.play(FadeIn(self.plane, self.formula), Create(self.curve))
            self.play(GrowFromCenter(self.ball), FadeIn(*self.state[:2]))
            said.next()
            self.play(*(Indicate(row.readout, 1.2) for row in self.state[:2]))

    def make_board(self) -> DescentBoard:
        """The same curve, to start a descent anywhere on it."""
        p = self.params
        return DescentBoard(self.f, self.plane, self.curve, p.start, p.lr)

    def run_until(self, step: int, rate_func: RateFunction = smooth) -> Animation:
        """Move the clock, and the ball with it, to this number of steps."""
        return ApplyMethod(self.clock.set_value, step, rate_func=rate_func)

    def take_first_step(self, said: Beat) -> None:
        """The slope becomes an arrow, the learning rate makes a step of it; the rule says that."""
        plain, scaled = slope_label(times_lr=False), slope_label(times_lr=True)
        plain.next_to(self.ball, UP + self.forward, buff=0.15)
        scaled.shift(plain[0].get_center() - scaled[0].get_center())
        slope, sign = plain.part("slope"), VGroup(plain[0])
        factor = VGroup(*scaled[1 : len(scaled) - len(slope)])
        self.add(self.arrow)
        self.play(self.stretch.animate.set_value(self.longest), FadeIn(sign, slope),
                  FadeOut(self.way, rate_func=at_once))  # fmt: skip
        said.next(plays=2)
        self.play(FadeIn(self.lr), run_time=0.8)
        self.play(self.stretch.animate.set_value(1), FadeIn(factor),
                  slope.animate.move_to(scaled.part("slope")))  # fmt: skip
        said.next(plays=2)
        self.play(FadeIn(self.rule, shift=0.2 * UP))
        self.play(*(Indicate(part, 1.1) for part in (factor, slope, self.rule)))
        self.put_in_numbers(said, VGroup(sign, factor, slope))

    def put_in_numbers(self, said: Beat, label: VGroup) -> None:
        """Write in the numbers of the first step; then the ball takes the step."""
        x, _, slope = (row.readout for row in self.state)
        numbers, others = step_difference(self.numbers)
        others.set_fill(opacity=0)
        said.next(plays=2)
        self.play(*(Indicate(origin, 1.2) for origin in (x, self.lr.readout, slope)),
                  FadeIn(self.numbers))  # fmt: skip
        self.add(self.marks, self.arrow, self.ball)
        self.play(self.run_until(1), goes(label))
        said.next()
        others.set_fill(opacity=1)
        self.play(PiecesAssembly(self.numbers, [(numbers, numbers)]))

    def table_comes(self) -> None:
        """The state becomes the second row of the table, and the formula goes below the curve."""
        table = self.table
        table.mark.shift(table.pitch * DOWN)
        formula = self.update.formula_of(1)
        self.play(*map(goes, self.state), ReplacementTransform(self.numbers, formula),
                  *map(comes, (table.mark, table, *table.rows[:2])), run_time=1.0)  # fmt: skip
        self.remove(formula)
        self.update.update()
        self.add(self.update, table.follow_clock())

    def park_rule(self) -> None:
        """Write the rule for a weight, and put it on the shelf."""
        weights = update_rule("w", "partial").scale(LARGE).move_to(self.rule, LEFT)
        self.play(ReplacementTransform(self.rule, weights))
        self.park("update", weights)
        self.play(exchange(weights, self.parked, shift=0.3 * UP))  # flying, it would cross the loss

    @property
    def is_whole(self) -> bool:
        """Whether the arrow of the first slope, in full length, is on the plane."""
        return bool(self.longest * self.params.lr > 1 - 1e-6)

    def overshoots(self, f: Function, descent: Descent) -> bool:
        """Whether a step as long as the slope would not lower the loss."""
        first = descent[0]
        far = f.point_at(float(first.inputs[0]) - float(first.gradient[0]))
        is_longer = self.longest > 1 and self.is_whole
        return bool(is_longer and far.value >= first.loss)

    def build_layout(self, f: Function, descent: Descent) -> None:
        """The curve over the update rule on the left; loss, rate and table on the right."""
        left, right = content_area().columns(1.25, 1, gap=0.5)
        _, foot = left.rows(*HILL_ROWS, gap=0.1)
        head, below = right.rows(1, 8)
        columns = head.columns(1, 1.7, 0.4)[:2]  # the shelf is above what they leave free
        self.build_curve(f, descent)
        self.formula = typeset_math(f'"loss" L = {f.typst()}', font_size=FontSize.body)
        self.lr = LabelledNumber(
            '"lr"', descent.lr, color=colors.leaf, places=None, font_size=FontSize.body
        )
        for mobject, area in zip((self.lr, self.formula), columns, strict=True):
            fit_into(mobject, area)
        self.update = LiveUpdate(descent, self.clock.get_value, foot.shrunk(0.03))
        self.table = StepTable(descent.steps, self.params.steps, below, self.clock.get_value)
        state, rule, numbers = below.rows(3, 1.5, 1, gap=0.1)
        self.state = self.build_state(descent, state)
        self.rule, self.numbers = update_rule(), step_formula(descent, 1)
        for formula, place in ((self.rule, rule), (self.numbers, numbers)):
            fit_into(formula.scale(LARGE), place)
            formula.align_to(self.state[0], LEFT)

    def build_state(self, descent: Descent, area: Rect) -> list[LabelledNumber]:
        """x, loss and slope after the step that the ball took last."""

        def now() -> DescentStep:
            return descent.at(min(landed(self.clock.get_value()), len(descent) - 1.0))

        sources = (lambda: now().inputs[0], lambda: now().loss, lambda: now().gradient[0])
        rows = [
            LabelledNumber(head, source, color=getattr(colors, role), places=None)
            for head, source, role in zip(HEADS[1:], sources, ROLES[1:], strict=True)
        ]
        panel(area, *rows, gap=0.35)
        return rows

    def build_curve(self, f: Function, descent: Descent) -> None:
        """The loss with the ball, its marks, its tangent and the arrow of a step."""
        xs, listed = descent.positions[:, 0], self.params.steps + 1
        slope = float(descent[0].gradient[0])
        low, high = reach_of(f, descent, listed)
        self.plane = hill_plane(f, low, high, descent.losses[:listed], hill_area())
        self.curve = hill_curve(f, self.plane)
        clock = self.clock.get_value

        def height(x: float) -> float:
            return float(f.point_at(x).value)

        def current() -> Point:
            return f.point_at(float(np.interp(moved(clock()), range(len(xs)), xs)))

        self.ball = DescentBall(self.plane, descent.steps, height, clock)
        self.marks = DescentMarks(self.plane, descent.steps, clock)
        self.tangent = Tangent(self.plane, current, length=2.6)
        self.arrow = StepArrow(self.plane, descent.steps, height, clock, self.stretch.get_value)
        self.forward = LEFT if slope > 0 else RIGHT
        edge = self.plane.x_range[0 if slope > 0 else 1]
        self.longest = min(1 / self.params.lr, abs((edge - xs[0]) / (xs[1] - xs[0])))
        self.distance = self.build_distance(descent)
        self.moving = (self.tangent, self.arrow, self.distance, self.marks, self.ball)

    def build_distance(self, descent: Descent) -> VGroup:
        """The bar of the distance to the minimum, for a descent that converges; else nothing."""
        steps = self.params.steps
        if pattern(descent, 0, steps) is not Pattern.SHRINKING:
            return VGroup()
        clock = self.clock.get_value
        return DistanceBar(
            self.plane, descent.steps, descent.limit[0], clock,
            distance=lambda: descent.distance_to_limit(min(int(landed(clock())), len(descent) - 1)),
            lr=descent.lr, factor=descent.slope_per_error(0),
            share=say.constant_share(descent, steps),
        )  # fmt: skip
