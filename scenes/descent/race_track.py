"""One optimizer of a race: its path on the map, its lane, and how it makes its steps."""

from __future__ import annotations

from manim import Animation, ApplyMethod, FadeOut, ShowPassingFlash, ValueTracker, VMobject, linear

from gradreel.draw.baseline import baseline_row
from gradreel.draw.contours import MapTrail
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Plane
from gradreel.draw.text import text
from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import Descent
from gradreel.measure.optimizers import MOMENTUM
from gradreel.scenes.descent.race_captions import RACERS
from gradreel.scenes.descent.race_lanes_figure import Pace, RaceLane
from gradreel.scenes.descent.race_parts_experiment import step_columns
from gradreel.scenes.descent.race_rates_experiment import Sweeps
from gradreel.scenes.descent.step_parts_figure import StepParts, moved_after, step_rule
from gradreel.tape import input_quantity
from gradreel.theme import FontSize, StrokeWidth, colors

PALE = 0.3  # opacity of the paths of those that have run
THIN, CLEAR = 2.5, 0.75  # stroke width and opacity of the paths when all race


class OptimizerTrack:
    """One optimizer at the time of its `clock`: its path on the map, and its lane.

    Its first steps are shown one by one, with what they are made of beside the map. In the race it
    runs for `steps` steps.
    """

    def __init__(
        self, plane: Plane, descent: Descent, lane: RaceLane, tone: str, steps: int
    ) -> None:
        self.clock, self.steps, self.lane = ValueTracker(0), steps, lane
        self._tone, self._descent = tone, descent
        self._races = ValueTracker(0)  # 1 when the clock runs evenly
        self.path = MapTrail(plane, descent.positions, self._now, color=tone)

    @property
    def optimizer(self) -> str:
        """The name of the optimizer."""
        return self._descent.optimizer

    def _now(self) -> float:
        clock = float(self.clock.get_value())
        return clock if self._races.get_value() else moved_after(clock)

    @property
    def few(self) -> int:
        """How many steps are shown one by one."""
        return min(RACERS[self.optimizer].few, self.steps)

    def shows_parts(self, function: Function, area: Rect) -> None:
        """Have the rule and the bars of the first steps in `area`."""
        descent = self._descent
        rule = step_rule(descent.optimizer, input_quantity(MOMENTUM, "momentum"), self._tone)
        size = FontSize.body
        name = text(descent.optimizer, font_size=size, color=self._tone)
        rate = LabelledNumber('"lr"', descent.lr, color=self._tone, places=None, font_size=size)
        columns = step_columns(function, descent, self.few)
        self.parts = StepParts(
            baseline_row(name, rate, gap=0.6), rule, [q.name for q in descent[0].inputs], columns,
            self._tone, self.clock.get_value, area,
        )  # fmt: skip

    def first_steps(self) -> Animation:
        """The first steps, one by one."""
        return ApplyMethod(self.clock.set_value, self.few, rate_func=linear)

    def run(self, clock_steps: int = 0, pace: Pace = linear) -> Animation:
        """Run the clock to the last step; at the speed of `clock_steps` in all if given."""
        share = self.steps / max(clock_steps, self.steps)
        return ApplyMethod(
            self.clock.set_value, self.steps, rate_func=lambda t: min(pace(t) / share, 1)
        )

    def steps_back(self) -> list[Animation]:
        """The path turns pale, and the place beside the map is free for the next one."""
        pale = ApplyMethod(self.path.path.set_stroke, None, None, PALE)
        return [pale, ApplyMethod(self.path.head.set_opacity, PALE), FadeOut(self.parts)]

    def starts_again(self) -> list[Animation]:
        """The ball goes back to the start, and its path is thin from now on."""
        self.clock.set_value(self._now())
        self._races.set_value(1)
        thin = ApplyMethod(self.path.path.set_stroke, None, THIN, CLEAR)
        bright = ApplyMethod(self.path.head.set_opacity, 1)
        return [thin, bright, ApplyMethod(self.clock.set_value, 0)]

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
    """The steps to the goal, or all of a descent that does not get there."""
    arrival = sweeps.arrival(descent)
    return len(descent) - 1 if arrival is None else int(arrival)
