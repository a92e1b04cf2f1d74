"""Memory held by a network's saved tensors: a column for each layer that grows and shrinks.

Outlines mark the columns at the peak of the total so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    Animation,
    ApplyMethod,
    Dot,
    FadeIn,
    LaggedStart,
    Line,
    Mobject,
    Rectangle,
    ValueTracker,
    VGroup,
    linear,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.graph.edge_arrow import pulse
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

VALUE_RADIUS = 0.08
LEGEND_DROP = 0.36  # of words below the line
LAYER = 0.26  # side of a layer's square, in frame units
CLEAR_HEIGHT = 0.8  # from which an outline is drawn at full strength
LABEL = "kept"


class MemoryState(Protocol):
    """The memory held at one layer of a run: `layers` in bytes, `total` as it is shown."""

    @property
    def layer(self) -> int: ...
    @property
    def in_backward(self) -> bool: ...
    @property
    def layers(self) -> tuple[int, ...]: ...
    @property
    def total(self) -> Quantity: ...


class MemoryLane(VGroup):
    """A run of a network, given by `states`, at the time of the tracker `clock`.

    At time k the value of layer k is there; backward reaches it at twice the depth less k. `scale`
    is the number of bytes that fills a column. `cut` is the layer after which the graph is cut, 0
    for no cut. `side` is the width of the numbers (see `numbers_width`).
    """

    def __init__(
        self,
        title: str,
        states: Sequence[MemoryState],
        unit: str,
        scale: float,
        area: Rect,
        *,
        side: float,
        cut: int = 0,
    ) -> None:
        super().__init__()
        self.layer_count = len(states[0].layers)
        self.clock = ValueTracker(0)
        self.times = [2 * self.layer_count - s.layer if s.in_backward else s.layer for s in states]
        self.totals = [state.total for state in states]
        names, body, numbers = area.columns(1.6, area.width - 1.6 - side - 0.6, side, gap=0.3)
        self.floor = body.bottom + LAYER + 0.1
        pitch = body.width / (self.layer_count + 0.5)
        self.xs = [body.left + pitch * (k + 0.5) for k in range(self.layer_count)]
        # A cut after a layer is before its column.
        self.column_xs = [x + pitch / 2 for x in self.xs]
        heights = np.array([state.layers for state in states], float) / scale
        self.heights: Floats = heights * (body.top - self.floor - 0.1)
        self.title = text(title, font_size=FontSize.code, mono=True)
        self.title.move_to(point(names.left, self.floor - LAYER / 2 - 0.05), aligned_edge=LEFT)
        self._build_network(body, cut, pitch)
        self.columns = self._columns(self.heights, pitch * 0.62)
        self.columns.set_fill(colors.value, opacity=1)
        peaks = [int(np.argmax(self.totals[: k + 1])) for k in range(len(states))]
        self.peaks = self._columns(self.heights[peaks], pitch * 0.62)
        self.peaks.set_stroke(colors.value, StrokeWidth.axis)
        self.peaks.add_updater(_hide_empty_outlines, call_updater=True)
        self._build_numbers(unit, numbers)
        self.ball = pulse(colors.value).add_updater(self._follow_clock, call_updater=True)

    def _build_network(self, body: Rect, cut: int, pitch: float) -> None:
        """A square for each layer on a line, and a slash where the graph is cut."""
        level = self.floor - LAYER / 2 - 0.05
        self.line = Line(point(body.left, level), point(body.right, level))
        self.line.set_stroke(colors.muted, StrokeWidth.axis)
        side = min(LAYER, pitch * 0.4)
        self.layers = VGroup(
            *(
                Rectangle(
                    width=side,
                    height=side,
                    stroke_color=colors.leaf,
                    stroke_width=StrokeWidth.axis,
                    fill_color=colors.panel,
                    fill_opacity=1,
                ).move_to(point(x, level))
                for x in self.xs
            )
        )
        # What a layer hands on is a dot behind it: the column of memory stands on that.
        radius = min(VALUE_RADIUS, pitch * 0.1)
        self.values = VGroup(
            *(Dot(point(x, level), radius, color=colors.value) for x in self.column_xs)
        )
        self.slash = VGroup()
        if cut:
            aside = (side / 2 + pitch / 2 - radius) / 2
            middle, half_stroke = self.xs[cut - 1] + aside, point(0.06, 0.2)
            for offset in (-0.05, 0.05):
                center = point(middle + offset, level)
                stroke = Line(center - half_stroke, center + half_stroke)
                self.slash.add(stroke.set_stroke(colors.warning, StrokeWidth.arrow))

    def _columns(self, heights: Floats, width: float) -> VGroup:
        """Columns that interpolate `heights`, of shape (states, layers), at the current time."""
        columns = VGroup(*(Rectangle(width=width, height=1, stroke_width=0) for _ in self.xs))
        outline = columns[0].points  # of height 1, around the origin

        def grow(columns: Any) -> None:
            time = self.clock.get_value()
            for k, column in enumerate(columns):
                height = max(float(np.interp(time, self.times, heights[:, k])), 1e-3)
                center = point(self.column_xs[k], self.floor + height / 2)
                column.points = outline * (1, height, 1) + center

        return columns.add_updater(grow, call_updater=True)

    def _build_numbers(self, unit: str, area: Rect) -> None:
        """The total so far, with label and unit."""
        middle = (area.top + area.bottom) / 2
        words = math(f'"{LABEL}" =', font_size=FontSize.body, color=colors.muted)
        words.shift(point(area.left - words.get_left()[0], middle - words[-1].get_y()))
        number = Readout(self._total, font_size=FontSize.body, color=colors.value, align="left")
        number.next_to(words, RIGHT, buff=0.18).set_y(middle)
        tail = text(unit, font_size=FontSize.body, color=colors.muted)
        tail.add_updater(lambda t: t.next_to(number, RIGHT, buff=0.18), call_updater=True)
        tail.set_y(middle)
        self.numbers = VGroup(words, number, tail)

    # The state at the current time

    def _index(self) -> int:
        """The index of the last state reached."""
        return int(np.searchsorted(self.times, self.clock.get_value() + 1e-6, side="right")) - 1

    def _total(self) -> Quantity:
        return self.totals[self._index()]

    def _follow_clock(self, ball: Mobject) -> None:
        """The ball runs forward in one colour and back in another; it is hidden at both ends."""
        time, last = self.clock.get_value(), self.times[-1]
        back = time > self.layer_count
        reached = (
            min(time, 2 * self.layer_count - time) if time <= last else 2 * self.layer_count - last
        )
        x = np.interp(
            reached, range(self.layer_count + 1), [self.line.get_start()[0], *self.column_xs]
        )
        ball.move_to(point(float(x), self.line.get_y()))
        visible = 0 < time < last and time != self.layer_count
        for part, opacity in zip(ball, (0.3, 1.0), strict=True):
            part.set_fill(colors.gradient if back else colors.value, opacity=opacity * visible)

    def legend(self) -> VGroup:
        """The words "layer" under the first square and "value" under the second dot."""
        names = VGroup()
        for words, shape, tone in (
            ("layer", self.layers[0], colors.leaf),
            ("value", self.values[1], colors.value),
        ):
            name = text(words, font_size=FontSize.small, color=tone)
            names.add(name.move_to(point(shape.get_x(), self.line.get_y() - LEGEND_DROP)))
        align_baselines(*names)
        return names

    # Animations

    def appears(self) -> Animation:
        """The network with empty columns and its numbers."""
        parts = [FadeIn(self.title, self.line), FadeIn(self.layers, self.values, self.slash)]
        parts.append(FadeIn(self.peaks, self.columns, self.ball))
        return LaggedStart(*parts, FadeIn(self.numbers), lag_ratio=0.3)

    def runs_forward(self) -> Animation:
        """Forward through all layers."""
        return self._runs_until(self.layer_count)

    def _runs_until(self, time: float) -> Animation:
        return ApplyMethod(self.clock.set_value, time, rate_func=linear)


def _hide_empty_outlines(columns: Any) -> None:
    """Without height, an outline would be seen as a line: it comes and goes with its height."""
    for column in columns:
        column.set_stroke(opacity=min(float(column.height) / CLEAR_HEIGHT, 1.0))


def numbers_width(totals: Iterable[Quantity], unit: str) -> float:
    """The width of the longest line of label, number and unit."""
    label = math(f'"{LABEL}" =', font_size=FontSize.body).width
    number = max(Readout(total, font_size=FontSize.body).width for total in totals)
    return label + number + text(unit, font_size=FontSize.body).width + 0.4
