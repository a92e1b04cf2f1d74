"""A nudge of x along a tangent, and the change of the function that answers it."""

from __future__ import annotations

import math

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Line, Mobject, VGroup

from gradreel.draw.plane import Plane
from gradreel.draw.tangent import SampleSource
from gradreel.draw.text import math as math_text
from gradreel.theme import FontSize, StrokeWidth, colors

SHARE = 0.13  # of the plane's width that the nudge takes
SMALLEST = 0.45  # frame units of an answer that leaves room for its label


class Nudge(VGroup):
    """A triangle under the tangent at `at()`: the nudge and its answer, with Δx and Δf beside them.

    The nudge points to the middle of the plane. The triangle is hidden where the answer is too
    small for a label, or not finite.
    """

    def __init__(self, plane: Plane, at: SampleSource) -> None:
        self.run = Line(stroke_color=colors.leaf, stroke_width=StrokeWidth.curve)
        self.rise = Line(stroke_color=colors.local, stroke_width=StrokeWidth.curve)
        self.run_label = math_text("Delta x", font_size=FontSize.label, color=colors.leaf)
        self.rise_label = math_text("Delta f", font_size=FontSize.label, color=colors.local)
        super().__init__(self.run, self.rise, self.run_label, self.rise_label)
        low, high = plane.x_range

        def follow(_: Mobject) -> None:
            sample = at()
            sign = -1.0 if sample.x > (low + high) / 2 else 1.0
            nudge = sign * SHARE * (high - low)
            answer = nudge * float(sample.slope)
            if not math.isfinite(answer) or not plane.contains(sample.value):
                self.set_opacity(0)
                return
            ends = np.clip(sample.value + answer, *plane.y_range)
            if answer:
                nudge *= (ends - sample.value) / answer
            start, corner = (plane.point(sample.x + step, sample.value) for step in (0, nudge))
            end = plane.point(sample.x + nudge, ends)
            tall = abs(float(end[1] - corner[1]))
            self.set_opacity(float(tall >= SMALLEST))
            self.run.set_points_by_ends(start, corner)
            self.rise.set_points_by_ends(corner, end)
            self.run_label.next_to(self.run, UP if end[1] < corner[1] else DOWN, buff=0.12)
            self.rise_label.next_to(self.rise, RIGHT if sign > 0 else LEFT, buff=0.14)

        self.add_updater(follow, call_updater=True)
