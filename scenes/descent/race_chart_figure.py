"""The chart of the learning rates that were tried: the steps to the goal over the rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from manim import DOWN, LEFT, RIGHT, Dot, VGroup, VMobject

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
    """How many rates were tried."""

    @property
    def count(self) -> Quantity: ...


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
                dot = Dot(position, radius=0.13, color=tone)
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
