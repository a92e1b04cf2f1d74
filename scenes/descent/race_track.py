"""One optimizer of a race: its path on the map, its lane, and what stands beside the map."""

from __future__ import annotations

import numpy as np
from manim import (
    Animation,
    ApplyMethod,
    FadeOut,
    ShowPassingFlash,
    ValueTracker,
    VMobject,
    linear,
)

from gradreel.draw.contours import MapTrail
from gradreel.draw.layout import Rect
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.plane import Plane
from gradreel.measure.gradient_descent import Descent
from gradreel.measure.optimizers import MOMENTUM
from gradreel.scenes.descent.race_chart_figure import LastCrossing
from gradreel.scenes.descent.race_lanes_figure import Pace, RaceLane
from gradreel.scenes.descent.race_rates_experiment import Sweeps
from gradreel.scenes.descent.step_parts_figure import AddedArrows, StepData, StepParts, step_rule
from gradreel.tape import input_quantity
from gradreel.theme import StrokeWidth, colors

PALE = 0.3  # opacity of the paths of those that have run
THIN, CLEAR = 2.5, 0.75  # stroke width and opacity of the paths when all race
FEW = 3  # steps that are shown one by one
BEYOND = 0.12  # of all steps, which are shown after the goal: the loss stays below it


class OptimizerTrack:
    """One optimizer at the time of its `clock`: its path on the map, and its lane.

    It runs for `steps` steps. Beside the map there is its loss, with the last crossing of the goal,
    or what it makes of the slope.
    """

    def __init__(
        self, plane: Plane, descent: Descent, lane: RaceLane, tone: str, steps: int
    ) -> None:
        self.clock, self.steps, self.lane = ValueTracker(0), steps, lane
        self.crossing: LastCrossing | None = None
        self.parts: StepParts | None = None
        self.arrows: AddedArrows | None = None
        self.beside: list[VMobject] = []
        self._tone, self._plane, self._descent = tone, plane, descent
        self.path = MapTrail(plane, descent.positions, self.clock.get_value, color=tone)

    @property
    def few(self) -> int:
        """How many steps are shown one by one."""
        return min(FEW, self.steps)

    def shows_loss(self, chart: LogPlane, goal: float, arrival: float | None) -> None:
        """Have the loss on a chart; with an arrival, also where it is below the goal for good."""
        log = log10_or_nan(self._descent.losses)
        points = np.column_stack([np.arange(len(log)), log])[np.isfinite(log)]
        self.beside = [MapTrail(chart, points, self.clock.get_value, color=self._tone)]
        if arrival is not None:
            self.crossing = LastCrossing(chart, log, goal, int(arrival))

    def shows_parts(self, area: Rect) -> None:
        """Have bars of slope and step in `area`; with momentum, also arrows on the map."""
        descent, now = self._descent, self.clock.get_value
        slopes = np.array([[float(g) for g in state.gradient] for state in descent.steps[:-1]])
        data = StepData(slopes, np.diff(descent.positions, axis=0))
        kept = input_quantity(MOMENTUM, "momentum")
        rule = step_rule(descent.optimizer, kept, self._tone)
        names = [q.name for q in descent[0].inputs]
        self.parts = StepParts(rule, names, data, now, self._tone, area)
        self.beside = [self.parts]
        if descent.optimizer == "momentum":
            pulls = -float(descent.lr) * slopes
            self.arrows = AddedArrows(self._plane, descent.positions, pulls, now)

    def on_stage(self) -> list[VMobject]:
        """What this optimizer has beside the map."""
        return [*self.beside, *([self.crossing.tick] if self.crossing else [])]

    def added(self) -> list[VMobject]:
        """What is drawn on the map while the steps are shown one by one."""
        return [self.arrows] if self.arrows else []

    def first_steps(self) -> list[Animation]:
        """The first steps, one by one."""
        clocks = (self.clock, self.lane.clock)
        return [ApplyMethod(c.set_value, self.few, rate_func=linear) for c in clocks]

    def run(self, clock_steps: int = 0, pace: Pace = linear) -> Animation:
        """Run the clock to the last step; at the speed of `clock_steps` in all if given."""
        share = self.steps / max(clock_steps, self.steps)
        return ApplyMethod(
            self.clock.set_value, self.steps, rate_func=lambda t: min(pace(t) / share, 1)
        )

    def steps_back(self) -> list[Animation]:
        """The path turns pale, and the place beside the map is free for the next one."""
        pale = ApplyMethod(self.path.path.set_stroke, None, None, PALE)
        return [pale, *map(FadeOut, self.on_stage())]

    def starts_again(self) -> list[Animation]:
        """The ball goes back to the start, and its path is thin from now on."""
        thin = ApplyMethod(self.path.path.set_stroke, None, THIN, CLEAR)
        clocks = (self.clock, self.lane.clock)
        return [thin, *(ApplyMethod(clock.set_value, 0) for clock in clocks)]

    def stands_out(self, is_first: bool) -> Animation:
        """The path of those that are first is wide again, that of others pale."""
        width, opacity = (StrokeWidth.curve, 1) if is_first else (THIN, PALE)
        return ApplyMethod(self.path.path.set_stroke, None, width, opacity)

    def is_retraced(self) -> Animation:
        """A light runs along the path."""
        trace = VMobject(stroke_color=colors.text, stroke_width=1.6 * StrokeWidth.curve)
        trace.points = self.path.path.points.copy()
        return ShowPassingFlash(trace, time_width=0.35)


def steps_shown(descent: Descent, sweeps: Sweeps) -> int:
    """The steps to the goal and a few more, or all of a descent that does not get there."""
    arrival = sweeps.arrival(descent)
    last = len(descent) - 1
    return last if arrival is None else min(int(arrival) + round(BEYOND * last), last)
