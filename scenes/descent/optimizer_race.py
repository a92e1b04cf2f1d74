"""Beyond plain descent: optimizers remember.

SGD, SGD with momentum, RMSprop and Adam from one start in a long valley, each with the learning
rate that was best of many: what each makes of a slope, step by step, their paths on a contour map,
and bars as long as the steps that each took to the goal.
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

from gradreel.draw.contours import Contours, contour_levels, points_before_leaving
from gradreel.draw.formula import Formula
from gradreel.draw.layout import content_area, fit_into
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
    PLACE,
    RACERS,
    TOGETHER,
    Racer,
    caption_racer,
    caption_winners,
    winners_of,
)
from gradreel.scenes.descent.race_chart_figure import SweepChart
from gradreel.scenes.descent.race_lanes_figure import Entrant, GoalRing, RaceLanes
from gradreel.scenes.descent.race_names_figure import PlaceNames, appears
from gradreel.scenes.descent.race_rates_experiment import Sweeps, sweep_rates
from gradreel.scenes.descent.race_track import OptimizerTrack, steps_shown
from gradreel.scenes.descent.step_clock import slow_start
from gradreel.tape import Quantity
from gradreel.theme import FontSize, Timing, colors

GROUND = 0.85  # opacity of the contour lines: the paths are what counts
RACE_TIME, BAR_TIME = 3.9, 0.45  # seconds: all steps; a column of bars
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
                      self.carry("ball", self.start, GrowFromCenter), run_time=0.8)  # fmt: skip
            self.play(*appears(self.names.start))
            self.play(FadeIn(self.ring), *appears(self.names.goal))
        self.show_rates(sweeps, chosen)
        for descent, track in zip(descents, self.tracks, strict=True):
            said = caption_racer(descent, valley)
            missed = (MISSED,) if sweeps.arrival(descent) is None else ()
            self.show_steps(track, RACERS[descent.optimizer], (*said, *missed), not all(chosen))
        first = self.race(descents, winners_of(descents, sweeps))
        if self.has_default_params:  # before the rings come around the ball
            self.play(*map(FadeOut, self.all_but_ball(first)), run_time=Timing.leave)
        self.close(ball=first.path.head)

    def show_steps(
        self, track: OptimizerTrack, racer: Racer, captions: Sequence[str], has_trials: bool
    ) -> None:
        """The first steps of an optimizer: what each is made of, and then the step."""
        with self.beat(track.optimizer, *captions) as said:
            if track is self.tracks[0]:
                shown = [*(self.trials if has_trials else ()), *self.table]
                leaving: list[Any] = [FadeOut(*shown)]
            else:
                leaving = self.tracks[self.tracks.index(track) - 1].steps_back()
            self.play(*leaving, run_time=0.4)
            self.play(FadeIn(track.parts, track.path), run_time=0.5)
            count = track.parts.count
            self.play(track.parts.grows(count - 1), run_time=BAR_TIME * (count - 1))
            if len(captions) > 1:
                said.next()
            self.play(track.parts.grows(count), run_time=BAR_TIME)
            self.play(track.first_steps(), run_time=racer.seconds)

    def race(self, descents: Sequence[Descent], winners: Sequence[Descent]) -> OptimizerTrack:
        """All run from the start at one speed; gives a track that is first."""
        with self.beat("the race", TOGETHER, caption_winners(winners)) as said:
            tracks, last = self.tracks, self.tracks[-1]
            self.play(FadeOut(last.parts), *(a for track in tracks for a in track.starts_again()),
                      run_time=0.5)  # fmt: skip
            self.add(*(track.path for track in reversed(tracks)))
            self.play(FadeIn(self.title, *self.lanes.lines_up()), run_time=0.6)
            most = max(track.steps for track in tracks)
            self.play(*(runner.run(most, slow_start) for t in tracks for runner in (t, t.lane)),
                      run_time=RACE_TIME)  # fmt: skip
            said.next()
            first = [tracks[descents.index(winner)] for winner in winners] or tracks
            self.play(*(track.stands_out(track in first) for track in tracks),
                      *(Indicate(track.lane.name, 1.25) for track in first),
                      run_time=0.8)  # fmt: skip
            self.play(*(track.is_retraced() for track in first))
        return first[0]

    def all_but_ball(self, first: OptimizerTrack) -> list[Mobject]:
        """The last picture without the ball of this track."""
        paths = [track.path for track in self.tracks if track is not first]
        lanes = self.lanes.on_stage()
        ground = (self.map, self.contours, self.ring, self.formula, self.start, self.title)
        return [*ground, *self.names.parts, *lanes, *paths, first.path.path]

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
        own = all(chosen)
        rates = [lane.rate for lane in self.lanes.lanes]
        self.table = [*self.lanes.names, *rates]
        numbers: Any = {} if own else {"count": sweeps.count}
        with self.beat("a rate for each", FAIR[not own], **numbers):
            if own:
                self.play(FadeIn(*self.table))
                return
            self.play(FadeIn(self.trials.plane, self.trials.count, self.lanes.names), run_time=0.7)
            self.play(*(Create(curve) for curve in self.trials.curves), run_time=1.6)
            self.play(*(GrowFromCenter(mark) for mark in self.trials.marks), FadeIn(*rates),
                      run_time=0.8)  # fmt: skip

    def build_layout(self, f: Function, descents: Sequence[Descent], sweeps: Sweeps) -> None:
        """Formula and map on the left; on the right a chart, and the table of the optimizers."""
        left, right = content_area().columns(1.15, 1, gap=0.4)
        head, picture = left.rows(0.6, 5, gap=0.05)
        chart, table = right.rows(3.2, 2.4, gap=0.1)
        x_range, y_range = map_ranges(descents)
        self.map = Plane(x_range, y_range, picture, tick_count=(6, 5))
        xs, ys = np.linspace(*x_range, 61), np.linspace(*y_range, 61)
        heights, _ = f.grid(xs, ys)
        self.contours = Contours(self.map, xs, ys, heights, contour_levels(heights, RINGS, power=2))
        self.contours.set_stroke(opacity=GROUND)
        self.formula = fit_into(math(f'"loss" = {f.typst()}', font_size=FontSize.label), head)
        self.goal_loss = sweeps.goal
        xs, ys = (np.linspace(*span, 241) for span in (x_range, y_range))
        self.ring = GoalRing(self.map, xs, ys, f.grid(xs, ys)[0], float(sweeps.goal))
        self.start = ball_at(self.map.point(*descents[0].positions[0]), colors.text)
        tones = [getattr(colors, RACERS[descent.optimizer].role) for descent in descents]
        self.trials = SweepChart(sweeps.sweeps, tones, sweeps, sweeps.steps, chart)
        title, lanes = right.rows(0.8, 4.8, gap=0.05)
        is_share = sweeps.goal_is_share_of(float(descents[0].losses[0]))
        self.title = fit_into(goal_title(sweeps.percent, from_zero=is_share), title)
        entrants = [
            Entrant(d, sweeps.arrival(d), tone) for d, tone in zip(descents, tones, strict=True)
        ]
        stops = [steps_shown(descent, sweeps) for descent in descents]
        paths = [
            np.array([self.map.point(*place) for place in points_before_leaving(self.map, taken)])
            for taken in (d.positions[: k + 1] for d, k in zip(descents, stops, strict=True))
        ]
        self.names = PlaceNames(self.map, self.start, self.ring, paths)
        self.lanes = RaceLanes(entrants, table, lanes, max(stops))
        self.tracks = [
            OptimizerTrack(self.map, *of)
            for of in zip(descents, self.lanes.lanes, tones, stops, strict=True)
        ]
        for track in self.tracks:
            track.shows_parts(f, right)


def goal_title(percent: Quantity, *, from_zero: bool) -> Formula:
    """What the bars of the race count; with `from_zero`, the lowest loss is 0."""
    words = "of the first loss" if from_zero else "of the way left"
    return Formula(f'"steps to "{{percent}}" % {words}"', percent=percent, font_size=FontSize.label)


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
