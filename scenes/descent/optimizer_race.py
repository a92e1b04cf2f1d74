"""Beyond plain descent: optimizers remember.

SGD, SGD with momentum, RMSprop and Adam from one start in a long valley, each with the learning
rate that was best of many: their paths on a contour map, and their losses on a logarithmic axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from manim import (
    Animation,
    ApplyMethod,
    Create,
    FadeIn,
    FadeOut,
    Group,
    GrowFromCenter,
    Indicate,
    Mobject,
    ShowPassingFlash,
    ValueTracker,
    VMobject,
)

from gradreel.draw.contours import Contours, MapTrail, contour_levels
from gradreel.draw.exchange import goes
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.plane import Plane, padded_range
from gradreel.draw.text import math
from gradreel.functions.function import Function
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.descent_facts import is_long_valley
from gradreel.measure.gradient_descent import Descent, require_nonzero_gradient, run_descent
from gradreel.params import SceneParams, UserFunction2, param
from gradreel.scenes.descent.joins import MAP_AND_BALL, MINIMUM_AND_BALL, ball_at
from gradreel.scenes.descent.race_captions import (
    FAIR,
    MISSED,
    NEEDED,
    PLACE,
    RACERS,
    TOGETHER,
    TRIED,
    caption_racer,
    caption_winners,
    winners_of,
)
from gradreel.scenes.descent.race_chart_figure import GoalLine, LastCrossing, SweepChart
from gradreel.scenes.descent.race_finish_figure import RaceFinish
from gradreel.scenes.descent.race_rates_experiment import Sweeps, sweep_rates
from gradreel.scenes.descent.race_table_figure import RaceTable
from gradreel.theme import FontSize, Timing, colors

PALE = 0.3  # opacity of the lines of those that have run
RACE_TIME = 2.5  # seconds
RINGS = 11  # contour lines; with equal steps of the loss, the bottom of the valley would have none
BEYOND = 0.12  # of all steps, which are shown after the goal: the loss stays below it


class OptimizerRace(LectureScene):
    class Params(SceneParams):
        function: UserFunction2 = param(
            "0.1*(x+3*y)**2 + 0.001*(3*x-y)**2", "the landscape, a function of x and y"
        )
        x: float = param(-7.0, "where all start: x", ge=-100, le=100)
        y: float = param(1.0, "where all start: y", ge=-100, le=100)
        steps: int = param(100, "steps of each optimizer", ge=5, le=500)
        sgd: float = param(0.0, "learning rate of SGD; 0 is the best of many", ge=0, le=100)
        momentum: float = param(0.0, "that of SGD with momentum 0.9", ge=0, le=100)
        rmsprop: float = param(0.0, "that of RMSprop", ge=0, le=100)
        adam: float = param(0.0, "that of Adam", ge=0, le=100)

    begins_with = MAP_AND_BALL
    ends_with = MINIMUM_AND_BALL

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function, ("x", "y"), label="loss")
        sweeps = sweep_rates(f, (p.x, p.y), p.steps, tuple(RACERS))
        chosen = (p.sgd, p.momentum, p.rmsprop, p.adam)
        descents = [
            require_nonzero_gradient(
                run_descent(f, (p.x, p.y), p.steps, rate or sweep.best, sweep.optimizer)
            )
            for rate, sweep in zip(chosen, sweeps.sweeps, strict=True)
        ]
        self.build_layout(f, descents, sweeps)
        valley = is_long_valley(f, descents)

        with self.beat("a long valley" if valley else "a start", PLACE[valley], plays=3):
            if self.begins_joined:
                self.play(*self.map_leaves(), run_time=0.9)
            self.play(FadeIn(self.map, self.contours, self.formula),
                      self.carry("ball", self.start, GrowFromCenter))  # fmt: skip
            self.play(FadeIn(self.table.heads, *(row[0] for row in self.table.rows)))
        self.show_rates(sweeps, chosen)
        for descent, track in zip(descents, self.tracks, strict=True):
            arrival = sweeps.arrival(descent)
            result = MISSED if arrival is None else NEEDED
            numbers: Any = {} if arrival is None else {"steps": arrival}
            caption = caption_racer(descent, valley)
            with self.beat(descent.optimizer, caption, result, **numbers) as said:
                if track is self.tracks[0]:
                    if not all(chosen):
                        self.play(FadeOut(self.trials), run_time=0.4)
                    self.play(FadeIn(self.chart, self.goal), run_time=0.4)
                earlier = self.tracks[: self.tracks.index(track)]
                dims = [part for one in earlier for part in one.dims(PALE)]
                self.play(FadeIn(track.path, track.curve), *dims, run_time=0.3)
                self.play(track.run())
                said.next()
                self.show_arrival(track)
        first = self.race(descents, winners_of(descents, sweeps))
        if self.has_default_params:  # before the rings come around the ball
            self.play(*map(FadeOut, self.all_but_ball(first)), run_time=Timing.leave)
        self.close(ball=first.path.head)

    def show_arrival(self, track: OptimizerTrack) -> None:
        """Find the step from which on the loss is below the goal, and write it down."""
        crossing, steps = track.crossing, FadeIn(track.row[2])
        if crossing is None:
            self.play(steps, run_time=0.6)
            return
        self.play(GrowFromCenter(crossing.ring), steps, run_time=0.5)
        if not crossing.is_only_one:
            self.play(crossing.runs(), run_time=1.2)
        self.play(*crossing.drops(), run_time=0.6)

    def race(self, descents: Sequence[Descent], winners: Sequence[Descent]) -> OptimizerTrack:
        """All run again at one speed; gives a track that is first."""
        with self.beat("the race", TOGETHER, caption_winners(winners)) as said:
            finish, tracks = self.finish, self.tracks
            ticks = [track.crossing.tick for track in tracks if track.crossing]
            leaving = (self.chart, self.goal, *(track.curve for track in tracks), *ticks,
                       self.table.heads, *(track.row[1] for track in tracks))  # fmt: skip
            self.play(*map(goes, (*leaving, *finish.names)), *finish.paths_thin(),
                      *(track.clock.animate.set_value(0) for track in tracks),
                      run_time=0.8)  # fmt: skip
            self.add(*(track.path for track in reversed(tracks)))
            finish.move_names()
            self.play(FadeIn(finish.chart, finish.goal, finish.curves, *finish.names), run_time=0.5)
            most = max(track.steps for track in self.tracks)
            self.play(*(track.run(most) for track in self.tracks), run_time=RACE_TIME)
            said.next()
            first = [self.tracks[descents.index(winner)] for winner in winners] or self.tracks
            marks = (Indicate(cell, 1.15) for track in first for cell in track.row[::2])
            trails = (finish.trails[tracks.index(track)] for track in first)
            paths = (trail.path.copy().set_stroke(width=10) for trail in trails)
            self.play(*finish.arrivals(), *marks, *map(ShowPassingFlash, paths))
        return first[0]

    def all_but_ball(self, first: OptimizerTrack) -> list[Mobject]:
        """The last picture without the ball of this track."""
        finish, paths = self.finish, [track.path for track in self.tracks if track is not first]
        chart = (finish.chart, finish.goal, finish.curves, finish.ticks, *finish.names)
        ground = (self.map, self.contours, self.formula, self.start)
        return [*chart, *ground, *paths, first.path.path]

    def map_leaves(self) -> list[Animation]:
        """The map of the scene before moves to the place of the new one, and fades."""
        before = dict(MAP_AND_BALL.build())
        names = ("map", "contours")
        fading: Any = Group(*(before[name] for name in names))
        for part in fading.replace(self.contours, stretch=True).family_members_with_points():
            part.set_opacity(0)
        return [self.carry(name, before[name]) for name in names]

    def show_rates(self, sweeps: Sweeps, chosen: Sequence[float]) -> None:
        """Show what each rate did, and write down the best, or those that the user chose."""
        rates = [row[1] for row in self.table.rows]
        own = all(chosen)
        captions = FAIR[:1] if own else (FAIR[1], TRIED)
        with self.beat("a rate for each", *captions, count=sweeps.count) as said:
            if not own:
                self.play(FadeIn(self.trials.plane, self.trials.count), run_time=0.8)
                self.play(*(Create(curve) for curve in self.trials.curves))
                said.next(plays=2)
                self.play(*(GrowFromCenter(mark) for mark in self.trials.marks))
            self.play(FadeIn(*rates))

    def build_layout(self, f: Function, descents: Sequence[Descent], sweeps: Sweeps) -> None:
        """Formula and map on the left; on the right a chart, and the table of the optimizers."""
        left, right = content_area().columns(1.2, 1, gap=0.4)
        head, picture = left.rows(0.6, 5, gap=0.05)
        chart, below = right.rows(3.4, 2.3, gap=0.1)
        x_range, y_range = map_ranges(descents)
        self.map = Plane(x_range, y_range, picture, tick_count=(6, 5))
        xs, ys = np.linspace(*x_range, 61), np.linspace(*y_range, 61)
        heights, _ = f.grid(xs, ys)
        self.contours = Contours(self.map, xs, ys, heights, contour_levels(heights, RINGS, power=2))
        self.start = ball_at(self.map.point(*descents[0].positions[0]), colors.text)
        self.formula = fit_into(math(f'"loss" = {f.typst()}', font_size=FontSize.label), head)
        stops = [steps_shown(descent, sweeps) for descent in descents]
        logs = [log10_or_nan(d.losses[: n + 1]) for d, n in zip(descents, stops, strict=True)]
        low, high = padded_range(np.concatenate(logs), 0.06)
        start = max(float(log[0]) for log in logs)
        most = len(descents[0]) - 1
        chart_in = partial(
            LogPlane, (0, most), (max(low, start - 9), min(high, start + 3)),
            linear_x=True, x_name='"step"', y_name='"loss"', tick_count=(5, 4),
        )  # fmt: skip
        goal_on = partial(
            GoalLine, goal=sweeps.goal, percent=sweeps.percent,
            from_zero=sweeps.goal_is_share_of(float(descents[0].losses[0])),
        )  # fmt: skip
        self.goal_loss, self.chart = sweeps.goal, chart_in(chart)
        self.goal = goal_on(self.chart)
        tones = [getattr(colors, RACERS[descent.optimizer].role) for descent in descents]
        self.trials = SweepChart(sweeps.sweeps, tones, sweeps, 1.25 * most, chart)
        rows = [(d.optimizer, d.lr, sweeps.arrival(d)) for d in descents]
        self.table = RaceTable(rows, tones, below)
        self.tracks = [
            OptimizerTrack(self.map, self.chart, descent, tone, row, steps)
            for descent, tone, row, steps in zip(
                descents, tones, self.table.rows, stops, strict=True
            )
        ]
        if self.goal.submobjects:  # the goal is on the chart
            for track, descent in zip(self.tracks, descents, strict=True):
                track.crosses(self.chart, sweeps.goal, sweeps.arrival(descent))
        self.finish = RaceFinish(self.tracks, chart_in, goal_on, float(sweeps.goal), right)


class OptimizerTrack:
    """One optimizer at the time of its `clock`: its path on the map, its loss, its row.

    It runs for `steps` steps.
    """

    def __init__(
        self, plane: Plane, chart: Plane, descent: Descent, tone: str, row: Sequence[VMobject],
        steps: int,
    ) -> None:  # fmt: skip
        self.clock, self.steps, self.row, self.tone = ValueTracker(0), steps, row, tone
        self.crossing: LastCrossing | None = None
        time = self.clock.get_value
        self.path = MapTrail(plane, descent.positions, time, color=tone)
        self.log = log = log10_or_nan(descent.losses)
        self.points = np.column_stack([np.arange(len(log)), log])[np.isfinite(log)]
        self.curve = self.trail(chart)

    def trail(self, chart: Plane) -> MapTrail:
        """The losses so far, on a chart."""
        return MapTrail(chart, self.points, self.clock.get_value, color=self.tone)

    def crosses(self, chart: LogPlane, goal: float, arrival: float | None) -> None:
        """Note from which step on the loss is below the goal."""
        if arrival is not None:
            self.crossing = LastCrossing(chart, self.log, float(goal), int(arrival), self.tone)

    def run(self, clock_steps: int = 0) -> Animation:
        """Run the clock to the last step; at the speed of `clock_steps` in all if given."""
        share = self.steps / max(clock_steps, self.steps)
        return ApplyMethod(self.clock.set_value, self.steps, rate_func=lambda t: min(t / share, 1))

    def dims(self, opacity: float) -> list[Animation]:
        """Both lines are drawn with this opacity."""
        return [
            ApplyMethod(trail.path.set_stroke, None, None, opacity)
            for trail in (self.path, self.curve)
        ]


def steps_shown(descent: Descent, sweeps: Sweeps) -> int:
    """The steps to the goal and a few more, or all of a descent that does not get there."""
    arrival = sweeps.arrival(descent)
    last = len(descent) - 1
    return last if arrival is None else min(int(arrival) + round(BEYOND * last), last)


def map_ranges(descents: Sequence[Descent]) -> list[tuple[float, float]]:
    """Ranges of x and y with the start, the lowest point and the paths between; outliers are cut.

    The lowest point is that of all states of all descents.
    """
    positions = np.concatenate([descent.positions for descent in descents])
    losses = np.concatenate([descent.losses for descent in descents])
    start, lowest = positions[0], positions[np.nanargmin(losses)]
    reach = np.maximum(np.abs(start - lowest), 1e-3)
    far = 1.2 * reach.max()
    clipped = np.clip(positions, lowest - far, lowest + far)
    points = np.vstack([clipped, lowest - 0.2 * reach, lowest + 0.2 * reach])
    return [padded_range(points[np.isfinite(points).all(axis=1), axis], 0.08) for axis in (0, 1)]
