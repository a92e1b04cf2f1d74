"""The height of a point on a curve, and a nudge of x with the change that answers it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Line, ValueTracker, VGroup

from gradreel.draw.plane import Plane
from gradreel.draw.tangent import CurveSample, PointSource, SampleSource
from gradreel.draw.text import math as math_text
from gradreel.theme import FontSize, StrokeWidth, colors

SHARE = 0.18  # of the plane's width that the nudge takes at most
SMALLEST = 0.45  # frame units of an answer that leaves room for its label


class Height(Line):
    """From the x axis, or else the edge of the plane, up or down to the point `at()`."""

    def __init__(self, plane: Plane, at: PointSource) -> None:
        super().__init__(stroke_color=colors.value, stroke_width=StrokeWidth.arrow)
        foot = float(np.clip(0.0, *plane.y_range))

        def follow(line: Any) -> None:
            sample = at()
            line.set_stroke(opacity=float(plane.contains(sample.value)))
            if plane.contains(sample.value):
                ends = (plane.point(sample.x, y) for y in (foot, sample.value))
                line.set_points_by_ends(*ends)

        self.add_updater(follow, call_updater=True)


class Nudge(VGroup):
    """A nudge of x at `at()`, and two answers: that of the function `f`, and that of the tangent.

    `run` is the nudge, `rise` the change of the function; `slant` is the tangent above the nudge,
    and `gap` what its end lacks of the curve. The nudge points to the middle of the plane; the
    tracker `size` is a share of it. All is hidden where the answer is too small for a label, or
    where an end is outside the plane.
    """

    def __init__(self, plane: Plane, at: SampleSource, f: Callable[[float], CurveSample]) -> None:
        self.size = ValueTracker(1.0)
        self.run, self.rise, self.gap, self.slant = (
            Line(stroke_color=color, stroke_width=StrokeWidth.curve)
            for color in (colors.leaf, colors.local, colors.accent, colors.text)
        )
        self.gap.set_stroke(width=1.6 * StrokeWidth.curve)
        self.run_label = math_text("Delta x", font_size=FontSize.label, color=colors.leaf)
        self.rise_label = math_text("Delta f", font_size=FontSize.label, color=colors.local)
        super().__init__(self.slant, self.run, self.rise, self.gap, self.run_label, self.rise_label)
        self._plane, self._at, self._f = plane, at, f
        self.add_updater(lambda _: self._follow(), call_updater=True)

    def _nudge(self, sample: CurveSample) -> float:
        """The nudge at a sample: as wide as the tangent's end stays on the plane."""
        low, high = self._plane.x_range
        nudge = SHARE * (high - low) * (-1.0 if sample.x > (low + high) / 2 else 1.0)
        answer = nudge * float(sample.slope)
        if answer:
            end = np.clip(sample.value + answer, *self._plane.y_range)
            nudge *= float(end - sample.value) / answer
        return nudge * float(self.size.get_value())

    def _follow(self) -> None:
        plane, sample = self._plane, self._at()
        if not (math.isfinite(sample.slope) and plane.contains(sample.value)):
            self.set_opacity(0)
            return
        nudge = self._nudge(sample)
        there = self._f(sample.x + nudge).value
        heights = (sample.value, there, sample.value + nudge * float(sample.slope))
        if not all(map(plane.contains, heights)):
            self.set_opacity(0)
            return
        start = plane.point(sample.x, sample.value)
        corner, end, on_tangent = (plane.point(sample.x + nudge, y) for y in heights)
        rise = float(end[1] - corner[1])
        self.set_opacity(float(abs(rise) >= SMALLEST))
        self.run.set_points_by_ends(start, corner)
        self.rise.set_points_by_ends(corner, end)
        self.gap.set_points_by_ends(end, on_tangent)
        self.slant.set_points_by_ends(start, on_tangent)
        self.slant.set_stroke(colors.sign(sample.slope))
        self.run_label.next_to(self.run, UP if rise < 0 else DOWN, buff=0.12)
        self.rise_label.next_to(self.rise, RIGHT if nudge > 0 else LEFT, buff=0.14)
