"""Number lines linked by functions: a change on the first moves the dots on all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import DOWN, UP, Animation, AnimationGroup, Dot, FadeIn, FadeOut, Line, VGroup, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats, TickLabel, ticks
from gradreel.draw.text_background import text_background
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

Values = Callable[[], Sequence[Quantity]]

TICK_WIDTH = 0.65  # of a number line, for a tick's label and the space beside it


class Ruler(VGroup):
    """A horizontal number line over `span`, between two positions on the screen.

    Its ticks and labels are below the line, the labels on a background; or `above` it, without one.
    """

    def __init__(
        self, span: tuple[float, float], left: Floats, right: Floats, *, above: bool = False
    ) -> None:
        super().__init__()
        self.span, self.left, self.right = span, left, right
        self.line = Line(left, right, stroke_color=colors.muted, stroke_width=StrokeWidth.axis)
        self.marks, self.labels = VGroup(), VGroup()
        self.values = self._readable_ticks()
        for value in self.values:
            position = self.point(value)
            side = UP if above else DOWN
            tick = Line(position, position + 0.12 * side, stroke_color=colors.muted)
            self.marks.add(tick.set_stroke(width=StrokeWidth.axis))
            label = TickLabel(value, FontSize.small).next_to(tick, side, buff=0.1)
            # The links from line to line pass behind the labels.
            background = VMobject() if above else text_background(label)
            self.labels.add(background.set_z_index(1), label.set_z_index(1))
        self.add(self.line, self.marks, self.labels)

    def _readable_ticks(self) -> list[float]:
        """Up to about six ticks, fewer where their labels would overlap."""
        length = self.line.get_length()
        count = min(max(int(length / TICK_WIDTH), 2), 6)
        while True:
            values = ticks(*self.span, about=count)
            wide = max((TickLabel(v, FontSize.small).width for v in values), default=0.0)
            spacing = float(np.diff(values).min()) if len(values) > 1 else math.inf
            if count <= 1 or wide + 0.1 < length * spacing / (self.span[1] - self.span[0]):
                return values
            count -= 1

    def zooms(self, into: Ruler) -> Animation:
        """Change to another span: ticks move to their new positions, new ones appear."""
        outgoing = [FadeOut(part, shift=self._shift(v, into)) for v, part in self._ticks()]
        incoming = [FadeIn(part, shift=self._shift(v, into)) for v, part in into._ticks()]
        return AnimationGroup(FadeOut(self.line), FadeIn(into.line), *outgoing, *incoming)

    def _shift(self, value: float, into: Ruler) -> Floats:
        return into.point(value) - self.point(value)

    def _ticks(self) -> list[tuple[float, VGroup]]:
        """Each value with its tick, its label and the label's background."""
        labels = zip(self.labels[::2], self.labels[1::2], strict=True)
        parts = zip(self.values, self.marks, labels, strict=True)
        return [(value, VGroup(tick, *label)) for value, tick, label in parts]

    def point(self, value: float) -> Floats:
        """The screen position of a value, clamped to the ends of the line."""
        low, high = self.span
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        position: Floats = self.left + (self.right - self.left) * share
        return position


class LinkedLines(VGroup):
    """One ruler for each value of a chain, from the top down, with linked dots.

    All rulers have the same scale, so that the viewer can compare how far the dots move: with a
    local slope of 3 the next dot moves three times as far. `spans` therefore have equal lengths.
    """

    def __init__(self, values: Values, spans: Sequence[tuple[float, float]], area: Rect) -> None:
        super().__init__()
        rows = area.rows(*[1.0] * len(spans), gap=0.0)
        self.rulers = [
            Ruler(
                span,
                np.array([row.left, row.center[1], 0]),
                np.array([row.right, row.center[1], 0]),
            )
            for span, row in zip(spans, rows, strict=True)
        ]
        self.values = values
        self.dots = [self._dot(k) for k in range(len(spans))]
        self.links = [self._link(k) for k in range(len(spans) - 1)]
        self.origins, self.trail = VGroup(), VGroup()
        self.add(*self.rulers, *self.links, *self.dots)

    def dot_position(self, index: int) -> Floats:
        """The current position of the dot of one value."""
        return self.rulers[index].point(self.values()[index])

    def rings_at_dots(self) -> VGroup:
        """Faint rings at the current positions of the dots, for comparison after a nudge."""
        rings = [
            Dot(self.dot_position(k), radius=0.12, fill_opacity=0).set_stroke(colors.muted, 2.5)
            for k in range(len(self.rulers))
        ]
        self.origins = VGroup(*rings)
        return self.origins

    def trails(self) -> VGroup:
        """Segments from the rings to the dots: how far each dot has moved."""

        def segment(index: int) -> Line:
            start = self.origins[index].get_center()
            line = Line(start, start + np.array([1e-3, 0, 0]), stroke_width=7)
            line.set_stroke(colors.accent)

            def follow(trail: Any) -> None:
                end = self.dot_position(index) + np.array([1e-4, 0, 0])
                trail.set_points_as_corners([start, end])

            return line.add_updater(follow, call_updater=True)

        self.trail = VGroup(*(segment(k) for k in range(len(self.rulers))))
        return self.trail

    def _dot(self, index: int) -> Dot:
        color = colors.leaf if index == 0 else colors.value
        dot = Dot(radius=0.13, color=color).set_stroke(colors.background, 2).set_z_index(2)
        return dot.add_updater(lambda d: d.move_to(self.dot_position(index)), call_updater=True)

    def _link(self, index: int) -> Line:
        link = Line(stroke_color=colors.value, stroke_width=2.5, stroke_opacity=0.7)

        def follow(line: Any) -> None:
            line.set_points_by_ends(self.dot_position(index), self.dot_position(index + 1))

        return link.add_updater(follow, call_updater=True)


def equal_spans(centers: Sequence[float], half: float) -> list[tuple[float, float]]:
    """A span of length `2 * half` around each center."""
    return [(center - half, center + half) for center in centers]
