"""The learning rate decides: too small, right, too large.

Four descents on one curve, from one start, that differ in the learning rate only. They crawl,
arrive, oscillate or diverge; the view follows the one that leaves it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    ApplyMethod,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    Indicate,
    Mobject,
    ValueTracker,
    VGroup,
    linear,
    there_and_back,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, content_area, fit_into, point
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.functions.function import Function
from gradreel.functions.user_functions import load_function
from gradreel.lecture.controls import Drag, Press
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.gradient_descent import (
    Descent,
    DescentStep,
    require_nonzero_gradient,
    run_descent,
)
from gradreel.params import SceneParams, UserFunction, param
from gradreel.scenes.descent.descent_board import STEP, DescentBoard
from gradreel.scenes.descent.joins import (
    BALL_AT_REST,
    CURVE_AND_BALL,
    hill_area,
    hill_curve,
    hill_plane,
)
from gradreel.scenes.descent.rate_outcomes import (
    FOUR,
    OUTCOMES,
    TOGETHER,
    TOO_LARGE,
    TOO_SMALL,
    WHICH,
    captions_of,
    loss_as_shown,
    outcome_of,
)
from gradreel.scenes.descent.rate_views import states_of, views
from gradreel.scenes.descent.step_clock import landed, moved, under_way
from gradreel.scenes.descent.zoom_plane_figure import (
    HoppingBall,
    ZoomCurve,
    ZoomPlane,
    zoom_of_steps,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, Timing, colors

SECONDS_PER_STEP = 0.32
RACE_SHARE = 0.82  # of the time of one descent, for all of them at once


class LearningRates(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("(x-3)**2", "a function of x to be made small")
        start: float = param(0.0, "where every descent starts", ge=-100, le=100)
        steps: int = param(10, "steps that each descent takes", ge=2, le=50)
        small: float = param(0.02, "a rate that crawls", gt=0, le=100)
        right: float = param(0.5, "a rate that arrives", gt=0, le=100)
        large: float = param(0.95, "a rate that overshoots", gt=0, le=100)
        wild: float = param(1.05, "a rate that flies off", gt=0, le=100)

    count: LabelledNumber
    current: RateRun
    least_zoom = 0.0  # the view is no nearer than this
    begins_with = CURVE_AND_BALL
    ends_with = BALL_AT_REST
    touch = (
        Drag("lr", "board.rate", -2, 0.1, log=True, recorded=22),
        Drag("start", "board.start", plane="board.plane", recorded=3),
        Press(STEP, most=8, runs=True),
    )

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function, label="loss")
        descents = [
            require_nonzero_gradient(run_descent(f, [p.start], p.steps, lr))
            for lr in (p.small, p.right, p.large, p.wild)
        ]
        self.build_layout(f, descents)
        first = self.runs[0]

        with self.beat("four rates", FOUR, WHICH, plays=2) as said:
            # The copy from which it fades in would follow the view too, and show its ticks at once.
            self.plane.suspend_updating()
            self.play(self.carry("curve", self.curve), FadeIn(self.plane, self.formula),
                      self.carry("ball", first.hops.ball, GrowFromCenter))  # fmt: skip
            self.add(first.hops)
            self.play(*(FadeIn(run.rate) for run in self.runs))
            said.next()
            self.play(FadeIn(self.count))
        for descent, run in zip(descents, self.runs, strict=True):
            outcome = outcome_of(descent)
            captions = captions_of(descent, outcome)
            with self.beat(
                f"rate {descent.lr.text}: {outcome}",
                *captions,
                lr=descent.lr,
                steps=descent.last.step,
                loss=loss_as_shown(descent),
            ) as said:
                arriving = [] if run is first else [GrowFromCenter(run.hops)]
                self.current = run  # before its ball comes, so that the count is never another's
                self.play(*arriving, FadeIn(run.numbers), run_time=0.5)
                self.play_steps(run)
                said.next()
                self.play(FadeIn(run.word))
        self.play_together()
        if self.has_default_params:  # before the curve leaves its axes
            self.play(FadeOut(*self.all_but_hill()), run_time=Timing.leave)
        self.curve.clear_updaters()
        self.close(curve=self.curve, ball=self.runs[1].hops.ball)

    def play_together(self) -> None:
        """All balls stand at the start again, and take their steps at one time."""
        balls = [run.hops for run in self.runs]
        with self.beat("side by side", "", TOGETHER, TOO_SMALL, TOO_LARGE) as said:
            said.length = 0.0  # nothing is said before they are at the start
            self.least_zoom = self.zoom()  # all are seen in one view, which rests
            self.play(FadeOut(*balls, self.count), run_time=Timing.leave)
            for run in self.runs:
                run.clock.set_value(0)
            said.next()
            self.play(FadeIn(*balls, self.count), run_time=Timing.quick)
            race = [run.runs(self.params.steps) for run in self.runs]
            self.play(*race, run_time=RACE_SHARE * self.seconds)
            for run in (self.runs[0], self.runs[-1]):
                said.next()
                self.play(*run.stands_out())

    def play_steps(self, run: RateRun) -> None:
        """The steps of a descent, but none after one that lands in the minimum."""
        if any(run.descent[1].gradient):
            self.play(run.runs(self.params.steps), run_time=self.seconds)
        else:
            self.play(run.runs(1), run_time=1.2)

    def all_but_hill(self) -> list[Mobject]:
        """The last picture without the curve and the ball that has arrived."""
        stays = self.runs[1].hops
        hops = [run.hops for run in self.runs if run.hops is not stays]
        rows = [part for run in self.runs for part in (run.rate, run.numbers, run.word)]
        return [self.plane, self.formula, self.count, *hops, stays.arcs, stays.marks, *rows]

    def make_board(self) -> DescentBoard:
        """A descent with any rate, on a plane that shows both sides of where it leads."""
        p = self.params
        f = load_function(p.function, label="loss")
        descent = run_descent(f, [p.start], p.steps, p.right)
        far = 2 * float(descent.positions[-1, 0]) - p.start
        low, high = sorted((p.start, far))
        plane = hill_plane(f, low, high, f.sample_at(np.array([low, high])).values, hill_area())
        return DescentBoard(f, plane, hill_curve(f, plane), p.start, p.right)

    @property
    def seconds(self) -> float:
        """How long a descent takes on screen."""
        return float(np.clip(SECONDS_PER_STEP * self.params.steps, 2.0, 7.0))

    def zoom(self) -> float:
        """How far the view has grown: as far as the descents need that have come so far."""
        return max(self.least_zoom, *(run.zoom() for run in self.runs), 0.0)

    def build_layout(self, f: Function, descents: Sequence[Descent]) -> None:
        """The curve with all balls on the left; rate, x and loss of each on the right."""
        left, right = content_area().columns(1.62, 1, gap=0.4)
        head, below = right.rows(0.7, 4.6, gap=0.1)
        near, far = views(f, descents, self.params.start)
        zooms = [zoom_of_steps(near, far, states_of(d)) for d in descents]
        rests = np.maximum.accumulate([zoom[-1] for zoom in zooms]).tolist()
        self.runs: list[RateRun] = []
        self.plane = ZoomPlane(near, far, lambda: self.zoom(), left, rests=rests, y_name='"loss"')
        self.formula = fit_into(math(f'"loss" L = {f.typst()}', font_size=FontSize.body), head)
        xs = np.union1d(np.linspace(*near[0], 301), np.linspace(*far[0], 601))
        self.curve = ZoomCurve(self.plane, xs, f.sample_at(xs).values)
        areas = below.rows(*(1.0 for _ in descents), gap=0.15)
        self.runs += [
            RateRun(f, self.plane, descent, zoom, area)
            for descent, zoom, area in zip(descents, zooms, areas, strict=True)
        ]
        self.current = self.runs[0]
        self.count = LabelledNumber(
            '"step"', lambda: self.current.now.step, places=None, font_size=FontSize.label
        )
        plot = self.plane.plot_area
        self.count.move_to(point(plot.right - 0.1, plot.top + 0.12), aligned_edge=DOWN + RIGHT)


class RateRun:
    """One descent at the time of its `clock`: the hopping ball, and its row on the right."""

    def __init__(
        self, f: Function, plane: ZoomPlane, descent: Descent, zooms: Floats, area: Rect
    ) -> None:
        self.f = f
        self.clock, self.descent, self.zooms = ValueTracker(0), descent, zooms
        outcome = outcome_of(descent)
        color = self.color = getattr(colors, OUTCOMES[outcome].role)
        self.hops = HoppingBall(plane, descent.steps, self.clock.get_value, color=color)
        self.rate = LabelledNumber(
            '"lr"', descent.lr, color=color, places=None, font_size=FontSize.body
        )
        self.word = text(outcome, font_size=FontSize.label, color=color)
        above, below = area.rows(1, 1, gap=0)
        self.rate.move_to(above.center).align_to(point(area.left, 0), LEFT)
        self.word.align_to(point(area.left + 0.52 * area.width, 0), LEFT)
        align_baselines(self.rate, self.word)
        places = 2 if 0.1 <= abs(float(descent[0].loss)) < 1e5 else 4
        short = np.abs([*descent.positions[:, 0], *descent.losses]).max() < 1e5
        font_size = FontSize.label if short else FontSize.small
        x, loss = (
            LabelledNumber(label, source, places=places, font_size=font_size)
            for label, source in (
                ("x", lambda: self.seen()[0]),
                ('"loss"', lambda: self.seen()[1]),
            )
        )
        for number, column in zip((x, loss), below.columns(1.1, 1.1, gap=0.1), strict=True):
            number.move_to(column.center).align_to(point(column.left, 0), LEFT)
        self.numbers = VGroup(x, loss)

    def landed(self) -> float:
        """The clock, but brought forward to where the ball in flight will land."""
        return min(landed(self.clock.get_value()), len(self.descent) - 1.0)

    def zoom(self) -> float:
        """How far the view must have grown to show where this descent is, and has been."""
        return self.zoom_at(self.clock.get_value())

    def zoom_at(self, clock: float) -> float:
        """The zoom that this descent needs when its clock is at `clock`."""
        return float(np.interp(under_way(clock), np.arange(len(self.zooms)), self.zooms))

    @property
    def now(self) -> DescentStep:
        """The state after the last hop that has landed."""
        return self.descent.at(self.landed())

    def seen(self) -> tuple[Quantity, Quantity]:
        """x and the loss there: after a step, or under the ball that a single step takes down."""
        way = moved(self.clock.get_value())
        if 0 < way < 1 and not any(self.descent[1].gradient):
            point = self.f.point_at(float(np.interp(way, (0, 1), self.descent.positions[:2, 0])))
            return point.x, point.value
        return self.now.inputs[0], self.now.loss

    def runs(self, step: int) -> Animation:
        """Move the clock to this number of steps."""
        return ApplyMethod(self.clock.set_value, step, rate_func=linear)

    def stands_out(self) -> list[Animation]:
        """The ball and its rate swell once."""
        rows = [ApplyMethod(p.scale, 1.2, rate_func=there_and_back) for p in (self.rate, self.word)]
        return [Indicate(self.hops.ball, 1.8, color=self.color), *rows]
