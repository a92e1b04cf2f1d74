"""Number lines linked by functions: a nudge on the first moves all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import DOWN, Animation, AnimationGroup, Dot, FadeIn, FadeOut, Line, VGroup

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats, TickLabel, ticks
from gradreel.draw.text_background import text_background
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

Values = Callable[[], Sequence[Quantity]]


TICK_ROOM = 0.65  # of a number line, for a tick's label and the air beside it


class Ruler(VGroup):
    """A horizontal number line over `span` between two places on the screen."""

    def __init__(self, span: tuple[float, float], left: Floats, right: Floats) -> None:
        super().__init__()
        self.span, self.left, self.right = span, left, right
        self.line = Line(left, right, stroke_color=colors.muted, stroke_width=StrokeWidth.axis)
        self.marks, self.labels = VGroup(), VGroup()
        room = int(self.line.get_length() / TICK_ROOM)
        self.values = ticks(*span, about=min(max(room, 2), 6))
        for value in self.values:
            place = self.point(value)
            tick = Line(place, place + np.array([0, -0.12, 0]), stroke_color=colors.muted)
            self.marks.add(tick.set_stroke(width=StrokeWidth.axis))
            label = TickLabel(value, FontSize.small).next_to(tick, DOWN, buff=0.1)
            # The links run from line to line behind the labels.
            self.labels.add(text_background(label).set_z_index(1), label.set_z_index(1))
        self.add(self.line, self.marks, self.labels)

    def zooms(self, into: Ruler) -> Animation:
        """Another span is taken in: numbers move to where they are there, and others come."""
        gone = [FadeOut(part, shift=self._way(v, into)) for v, part in self._by_value()]
        come = [FadeIn(part, shift=self._way(v, into)) for v, part in into._by_value()]
        return AnimationGroup(FadeOut(self.line), FadeIn(into.line), *gone, *come)

    def _way(self, value: float, into: Ruler) -> Floats:
        return into.point(value) - self.point(value)

    def _by_value(self) -> list[tuple[float, VGroup]]:
        """Each number with its tick, its label and the ground behind that."""
        labels = zip(self.labels[::2], self.labels[1::2], strict=True)
        parts = zip(self.values, self.marks, labels, strict=True)
        return [(value, VGroup(tick, *label)) for value, tick, label in parts]

    def point(self, value: float) -> Floats:
        """The place of a number, held within the line's ends."""
        low, high = self.span
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        place: Floats = self.left + (self.right - self.left) * share
        return place


class LinkedLines(VGroup):
    """One ruler for each value of a chain, one below the other, dots joined from line to line.

    All rulers have the same scale, so that the distances the dots move can be compared by eye:
    a local slope of 3 makes the next dot move three times as far. `spans` are equally long.
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

    def place(self, index: int) -> Floats:
        """Where the dot of one value is now."""
        return self.rulers[index].point(self.values()[index])

    def rings_at_dots(self) -> VGroup:
        """Faint rings where the dots are now, to compare with after a nudge."""
        rings = [
            Dot(self.place(k), radius=0.12, fill_opacity=0).set_stroke(colors.muted, 2.5)
            for k in range(len(self.rulers))
        ]
        self.origins = VGroup(*rings)
        return self.origins

    def trails(self) -> VGroup:
        """Thick segments from the rings to the dots: how far each has moved."""

        def segment(index: int) -> Line:
            start = self.origins[index].get_center()
            line = Line(start, start + np.array([1e-3, 0, 0]), stroke_width=7)
            line.set_stroke(colors.accent)

            def follow(trail: Any) -> None:
                trail.set_points_as_corners([start, self.place(index) + np.array([1e-4, 0, 0])])

            return line.add_updater(follow, call_updater=True)

        self.trail = VGroup(*(segment(k) for k in range(len(self.rulers))))
        return self.trail

    def _dot(self, index: int) -> Dot:
        color = colors.leaf if index == 0 else colors.value
        dot = Dot(radius=0.13, color=color).set_stroke(colors.background, 2).set_z_index(2)
        return dot.add_updater(lambda d: d.move_to(self.place(index)), call_updater=True)

    def _link(self, index: int) -> Line:
        link = Line(stroke_color=colors.value, stroke_width=2.5, stroke_opacity=0.7)

        def follow(line: Any) -> None:
            line.set_points_by_ends(self.place(index), self.place(index + 1))

        return link.add_updater(follow, call_updater=True)


def equal_spans(centers: Sequence[float], half: float) -> list[tuple[float, float]]:
    """Spans of the same length `2 * half` around each center."""
    return [(center - half, center + half) for center in centers]
