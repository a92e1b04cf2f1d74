"""The charts of a race: steps over the learning rate, and the goal among the losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    ApplyMethod,
    Circle,
    Create,
    DashedLine,
    Dot,
    FadeOut,
    Line,
    Mobject,
    ValueTracker,
    VGroup,
    VMobject,
)

from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, point
from gradreel.draw.log_plane import LogPlane
from gradreel.draw.plane import Floats
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors


class RateSweep(Protocol):
    """What an optimizer did with many learning rates."""

    @property
    def rates(self) -> Sequence[float]: ...
    @property
    def arrivals(self) -> Floats: ...
    @property
    def best(self) -> float: ...


class Tried(Protocol):
    """How many rates were tried, and the goal in percent of the loss at the start."""

    @property
    def count(self) -> Quantity: ...
    @property
    def percent(self) -> Quantity: ...


class GoalLine(VGroup):
    """A line at the loss that is to be reached, with what it is; on the map it is a `GoalRing`.

    With `from_zero`, the lowest loss is 0, and the goal a share of the loss at the start.
    """

    def __init__(
        self, chart: LogPlane, goal: Quantity, percent: Quantity, *, from_zero: bool
    ) -> None:
        super().__init__()
        (x0, x1), (y0, y1) = chart.x_range, chart.y_range
        level = float(np.log10(goal)) if float(goal) > 0 else -np.inf
        if not y0 < level < y1:
            return
        line = Line(chart.point(x0, level), chart.point(x1, level), color=colors.text)
        line.set_stroke(width=StrokeWidth.frame)
        words = Formula(
            '"goal: "{percent}" % of the first loss"' if from_zero else
            '"goal: "{percent}" % of the way left"',
            percent=percent, font_size=FontSize.small, color=colors.muted,
        )  # fmt: skip
        # In the margin, where no loss runs through it.
        plot = chart.plot_area
        words.move_to(point(plot.right, plot.top + 0.1), aligned_edge=DOWN + RIGHT)
        end = words.get_left() + LEFT * 0.15
        sample = Line(end + LEFT * 0.4, end, color=colors.text)
        self.add(line, sample.set_stroke(width=StrokeWidth.frame), words)


class LastCrossing(VGroup):
    """A ring that follows a curve of losses over the goal and back, and drops a tick at the end.

    `losses` are the base-10 logarithms after each step; `step` is the first from which on they stay
    below `goal`. The ring begins where they are below it for the first time.
    """

    def __init__(self, chart: LogPlane, losses: Floats, goal: float, step: int) -> None:
        level = float(np.log10(goal))
        self.step, self.first = step, int(np.argmax(losses <= level))
        self.clock, steps = ValueTracker(self.first), np.arange(len(losses))
        foot = chart.point(step, chart.y_range[0])
        # Dashed and pale, so that it is not read as a loss that falls.
        self.tick = DashedLine(
            chart.point(step, level), foot, stroke_width=StrokeWidth.axis, color=colors.text
        )
        self.ring = Circle(radius=0.17, color=colors.text, stroke_width=StrokeWidth.curve)

        def follow(ring: Mobject) -> None:
            now = self.clock.get_value()
            height = float(np.clip(np.interp(now, steps, losses), *chart.y_range))
            ring.move_to(chart.point(now, height))

        self.ring.add_updater(follow, call_updater=True)
        super().__init__(self.tick, self.ring)

    @property
    def is_only_one(self) -> bool:
        """Whether the losses stay below the goal as soon as they are there."""
        return self.first == self.step

    def runs(self) -> Animation:
        """The ring runs from the first crossing to the last one."""
        return ApplyMethod(self.clock.set_value, self.step)

    def drops(self) -> list[Animation]:
        """The tick grows down to the axis, and the ring is gone."""
        return [Create(self.tick), FadeOut(self.ring)]


class SweepChart(VGroup):
    """The steps to the goal over the learning rate, a curve for each optimizer, up to `steps`.

    `marks` are on the rates that were best and arrive in half of these, which is the race. Rates
    that do not reach the goal leave a gap.
    """

    def __init__(
        self,
        sweeps: Sequence[RateSweep],
        tones: Sequence[str],
        tried: Tried,
        steps: float,
        area: Rect,
    ) -> None:
        super().__init__()
        rates = np.log10(np.array(sweeps[0].rates))
        there = np.any([np.isfinite(sweep.arrivals) for sweep in sweeps], axis=0)
        seen = rates[there] if there.any() else rates
        span = (float(np.floor(seen[0])), float(np.ceil(seen[-1])))
        self.plane = LogPlane(
            span, (0.0, float(steps)), area, linear_y=True, x_name='"lr"',
            y_name='"steps to the goal"', tick_count=(4, 4),
        )  # fmt: skip
        self.curves, self.marks = VGroup(), VGroup()
        for sweep, tone in zip(sweeps, tones, strict=True):
            there = np.isfinite(sweep.arrivals)
            points = np.column_stack([rates[there], sweep.arrivals[there]])
            self.curves.add(self._curve(points, tone))
            best = list(sweep.rates).index(sweep.best)
            if there[best] and sweep.arrivals[best] <= steps / 2:
                position = self.plane.point(float(rates[best]), float(sweep.arrivals[best]))
                dot = Dot(position, radius=0.11, color=tone)
                self.marks.add(dot.set_stroke(colors.background, 2))
        self.count = Formula(
            '{count}" rates each"', count=tried.count, font_size=FontSize.small, color=colors.muted
        )
        plot = self.plane.plot_area
        self.count.move_to(point(plot.right, plot.top + 0.1), aligned_edge=DOWN + RIGHT)
        self.add(self.plane, self.curves, self.marks, self.count)

    def _curve(self, points: Floats, tone: str) -> VMobject:
        """Small dots at the rates that reach the goal, joined by a line."""
        curve = VMobject(stroke_color=tone, stroke_width=StrokeWidth.arrow)
        if len(points):
            corners = self.plane.positions(points)
            curve.set_points_as_corners(np.vstack([corners[0] + LEFT * 0.04, corners]))
        return curve
