"""Beyond plain descent: optimizers remember.

SGD, SGD with momentum, RMSprop and Adam from one start in a long valley, each with the learning
rate that was best of many: their paths on a contour map, their losses on a logarithmic axis, and
bars as long as the steps that each took to the goal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import (
    Animation,
    Create,
    FadeIn,
    FadeOut,
    Group,
    GrowFromCenter,
    Indicate,
    Mobject,
)

from gradreel.draw.contours import Contours, contour_levels
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
from gradreel.scenes.descent.race_lanes_figure import Entrant, GoalRing, RaceLanes
from gradreel.scenes.descent.race_rates_experiment import Sweeps, sweep_rates
from gradreel.scenes.descent.race_track import OptimizerTrack, steps_shown
from gradreel.scenes.descent.step_clock import slow_start
from gradreel.theme import FontSize, Timing, colors

GROUND = 0.85  # opacity of the contour lines: the paths are what counts
RACE_TIME = 2.5  # seconds
RINGS = 11  # contour lines; with equal steps of the loss, the bottom of the valley would have none


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
                self.play(*self.map_leaves(), run_time=0.6)
            self.play(FadeIn(self.map, self.contours, self.formula),
                      self.carry("ball", self.start, GrowFromCenter))  # fmt: skip
            self.play(FadeIn(self.lanes.names))
        self.show_rates(sweeps, chosen)
        for descent, track in zip(descents, self.tracks, strict=True):
            self.show_run(track, descent, caption_racer(descent, valley), sweeps, not all(chosen))
        first = self.race(descents, winners_of(descents, sweeps))
        if self.has_default_params:  # before the rings come around the ball
            self.play(*map(FadeOut, self.all_but_ball(first)), run_time=Timing.leave)
        self.close(ball=first.path.head)

    def show_run(
        self, track: OptimizerTrack, descent: Descent, captions: Sequence[str], sweeps: Sweeps,
        has_trials: bool,
    ) -> None:  # fmt: skip
        """One optimizer runs: the first steps one by one, then the others up to the goal."""
        arrival, lane = sweeps.arrival(descent), track.lane
        result = MISSED if arrival is None else NEEDED
        numbers: Any = {} if arrival is None else {"steps": arrival}
        plays = 1 if len(captions) > 1 else 2
        with self.beat(descent.optimizer, *captions, result, plays=plays, **numbers) as said:
            self.make_room(track, has_trials)
            self.play(FadeIn(track.path, *track.beside, lane.bar, lane.steps), run_time=0.3)
            if track.parts:
                self.play(track.parts.grows(), *map(FadeIn, track.added()), run_time=0.9)
            self.play(*track.first_steps())
            if len(captions) > 1:
                said.next()
            self.play(track.run(pace=slow_start), lane.run(track.steps, slow_start),
                      *map(goes, track.added()))  # fmt: skip
            said.next()
            if track.crossing:
                self.show_crossing(track.crossing)
            elif arrival is not None:
                self.play(Indicate(self.ring, 1.15, color=lane.bar.get_color()), run_time=0.9)

    def make_room(self, track: OptimizerTrack, has_trials: bool) -> None:
        """What stood beside the map leaves; the first optimizer brings chart, goal and grooves."""
        if track is self.tracks[0]:
            if has_trials:
                self.play(FadeOut(self.trials), run_time=0.4)
            self.play(FadeIn(self.chart, self.goal, self.ring, self.lanes.grooves), run_time=0.5)
            return
        before = self.tracks[self.tracks.index(track) - 1]
        chart = (self.chart, self.goal) if before is self.tracks[0] else ()
        self.play(*before.steps_back(), *map(FadeOut, chart), run_time=0.3)

    def show_crossing(self, crossing: LastCrossing) -> None:
        """Find the step from which on the loss is below the goal."""
        self.play(GrowFromCenter(crossing.ring), run_time=0.5)
        if not crossing.is_only_one:
            self.play(crossing.runs(), run_time=1.2)
        self.play(*crossing.drops(), run_time=0.6)

    def race(self, descents: Sequence[Descent], winners: Sequence[Descent]) -> OptimizerTrack:
        """All run again at one speed; gives a track that is first."""
        with self.beat("the race", TOGETHER, caption_winners(winners)) as said:
            tracks, last = self.tracks, self.tracks[-1]
            self.play(*map(goes, last.on_stage()),
                      *(part for track in tracks for part in track.starts_again()),
                      run_time=0.4)  # fmt: skip
            self.add(*(track.path for track in reversed(tracks)))
            self.play(*self.lanes.spread(), FadeIn(self.title), run_time=0.6)
            most = max(track.steps for track in tracks)
            self.play(*(runner.run(most) for track in tracks for runner in (track, track.lane)),
                      run_time=RACE_TIME)  # fmt: skip
            said.next()
            first = [tracks[descents.index(winner)] for winner in winners] or tracks
            self.play(*(Indicate(track.lane.name, 1.25) for track in first), run_time=0.8)
            self.play(*(track.stands_out(track in first) for track in tracks), run_time=0.5)
            self.play(*(track.is_retraced() for track in first))
        return first[0]

    def all_but_ball(self, first: OptimizerTrack) -> list[Mobject]:
        """The last picture without the ball of this track."""
        paths = [track.path for track in self.tracks if track is not first]
        lanes = [part for lane in self.lanes.lanes for part in (lane.groove, lane.bar, *lane.row)]
        ground = (self.map, self.contours, self.ring, self.formula, self.start, self.title)
        return [*ground, *lanes, *paths, first.path.path]

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
        rates = [lane.rate for lane in self.lanes.lanes]
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
        left, right = content_area().columns(1.15, 1, gap=0.4)
        head, picture = left.rows(0.6, 5, gap=0.05)
        chart, below = right.rows(3.0, 2.8, gap=0.1)
        x_range, y_range = map_ranges(descents)
        self.map = Plane(x_range, y_range, picture, tick_count=(6, 5))
        xs, ys = np.linspace(*x_range, 61), np.linspace(*y_range, 61)
        heights, _ = f.grid(xs, ys)
        self.contours = Contours(self.map, xs, ys, heights, contour_levels(heights, RINGS, power=2))
        self.contours.set_stroke(opacity=GROUND)
        self.start = ball_at(self.map.point(*descents[0].positions[0]), colors.text)
        self.formula = fit_into(math(f'"loss" = {f.typst()}', font_size=FontSize.label), head)
        stops = [steps_shown(descent, sweeps) for descent in descents]
        log = log10_or_nan(descents[0].losses[: stops[0] + 1])
        low, high = padded_range(log, 0.2)
        start = float(log[0])
        most = len(descents[0]) - 1
        self.chart = LogPlane(
            (0, most), (max(low, start - 9), min(high, start + 3)), chart,
            linear_x=True, x_name='"step"', y_name='"loss"', tick_count=(5, 4),
        )  # fmt: skip
        self.goal_loss = sweeps.goal
        is_share = sweeps.goal_is_share_of(float(descents[0].losses[0]))
        self.goal = GoalLine(self.chart, sweeps.goal, sweeps.percent, from_zero=is_share)
        xs, ys = (np.linspace(*span, 241) for span in (x_range, y_range))
        self.ring = GoalRing(self.map, xs, ys, f.grid(xs, ys)[0], float(sweeps.goal))
        tones = [getattr(colors, RACERS[descent.optimizer].role) for descent in descents]
        self.trials = SweepChart(sweeps.sweeps, tones, sweeps, sweeps.steps, chart)
        title, lanes = right.rows(0.6, 5, gap=0.05)
        self.title = fit_into(math('"steps to the goal"', font_size=FontSize.label), title)
        self.lanes = RaceLanes(
            [Entrant(d, sweeps.arrival(d), tone) for d, tone in zip(descents, tones, strict=True)],
            self.chart, below, lanes,
        )  # fmt: skip
        self.tracks = [
            OptimizerTrack(self.map, descent, lane, tone, steps)
            for descent, lane, tone, steps in zip(
                descents, self.lanes.lanes, tones, stops, strict=True
            )
        ]
        there = sweeps.arrival(descents[0]) if self.goal.submobjects else None  # on the chart
        self.tracks[0].shows_loss(self.chart, float(sweeps.goal), there)
        for track in self.tracks[1:]:
            track.shows_parts(chart)


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
