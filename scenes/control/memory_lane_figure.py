"""What a network keeps for its backward: a column for each layer, growing and shrinking.

Outlines stay behind of the moment at which the most was held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    Animation,
    AnimationGroup,
    ApplyMethod,
    FadeIn,
    Indicate,
    LaggedStart,
    Line,
    Mobject,
    Rectangle,
    ValueTracker,
    VGroup,
    linear,
)

from gradreel.draw.graph.edge_arrow import pulse
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

TITLE = FontSize.small * 1.05  # mono letters are set smaller: these are 22 px high at 1080p
LAYER = 0.26
LABELS = ("now", "most")


class MemoryState(Protocol):
    """What is held at one moment: the layer reached, on the way back or not, and bytes by layer."""

    @property
    def layer(self) -> int: ...
    @property
    def back(self) -> bool: ...
    @property
    def layers(self) -> tuple[int, ...]: ...
    @property
    def total(self) -> Quantity: ...


class MemoryLane(VGroup):
    """A run of a network as `moments`, shown at the time `now`: layer k is done at k, and on the
    way back again at twice the depth less k.

    `scale` is the number of bytes that fills a column; `cut` the layer after which the way back is
    cut, 0 for none. `side` is kept free for the readings (see `room_for`).
    """

    def __init__(
        self,
        title: str,
        moments: Sequence[MemoryState],
        unit: str,
        scale: float,
        area: Rect,
        *,
        side: float,
        cut: int = 0,
    ) -> None:
        super().__init__()
        self.count = len(moments[0].layers)
        self.now = ValueTracker(0)
        self.times = [2 * self.count - m.layer if m.back else m.layer for m in moments]
        self.totals = [moment.total for moment in moments]
        names, body, readings = area.columns(1.6, area.width - 1.6 - side - 0.6, side, gap=0.3)
        self.floor = body.bottom + LAYER + 0.1
        pitch = body.width / self.count
        self.xs = [body.left + pitch * (k + 0.5) for k in range(self.count)]
        heights = np.array([moment.layers for moment in moments], float) / scale
        self.heights: Floats = heights * (body.top - self.floor - 0.1)
        self.title = text(title, font_size=TITLE, mono=True)
        self.title.move_to(point(names.left, self.floor - LAYER / 2 - 0.05), aligned_edge=LEFT)
        self._set_layers(body, cut)
        self.columns = self._columns(self.heights, pitch * 0.62)
        self.columns.set_fill(colors.value, opacity=1)
        fullest = [int(np.argmax(self.totals[: k + 1])) for k in range(len(moments))]
        self.peaks = self._columns(self.heights[fullest], pitch * 0.62)
        self.peaks.set_stroke(colors.value, StrokeWidth.axis)
        self.peaks.add_updater(_only_where_high, call_updater=True)
        self._set_readings(unit, readings)
        self.ball = pulse(colors.value).add_updater(self._runs, call_updater=True)

    def _set_layers(self, body: Rect, cut: int) -> None:
        level = self.floor - LAYER / 2 - 0.05
        self.way = Line(point(body.left, level), point(body.right, level))
        self.way.set_stroke(colors.muted, StrokeWidth.axis)
        self.layers = VGroup(
            *(
                Rectangle(
                    width=LAYER, height=LAYER,
                    stroke_color=colors.leaf, stroke_width=StrokeWidth.axis,
                    fill_color=colors.panel, fill_opacity=1,
                ).move_to(point(x, level))
                for x in self.xs
            )
        )  # fmt: skip
        self.slash = VGroup()
        if cut:
            middle, across = (self.xs[cut - 1] + self.xs[cut]) / 2, point(0.07, 0.2)
            for aside in (-0.05, 0.05):
                at = point(middle + aside, level)
                self.slash.add(
                    Line(at - across, at + across).set_stroke(colors.warning, StrokeWidth.arrow)
                )

    def _columns(self, heights: Floats, width: float) -> VGroup:
        """A column over each layer, as high as `heights` (moments by layers) are at the time."""
        columns = VGroup(*(Rectangle(width=width, height=1, stroke_width=0) for _ in self.xs))
        outline = columns[0].points  # of height 1, around the origin

        def grow(columns: Any) -> None:
            now = self.now.get_value()
            for k, column in enumerate(columns):
                tall = max(float(np.interp(now, self.times, heights[:, k])), 1e-3)
                column.points = outline * (1, tall, 1) + point(self.xs[k], self.floor + tall / 2)

        return columns.add_updater(grow, call_updater=True)

    def _set_readings(self, unit: str, area: Rect) -> None:
        self.readings = VGroup()
        middle = (area.top + area.bottom) / 2
        near = Rect(area.left, area.right, middle - 0.5, middle + 0.5)
        for label, source, line in zip(
            LABELS, (self._total, self._most), near.rows(1, 1, gap=0.0), strict=True
        ):
            words = math(f'"{label}" =', font_size=FontSize.label, color=colors.muted)
            words.shift(point(area.left - words.get_left()[0], line.center[1] - words[-1].get_y()))
            number = Readout(source, font_size=FontSize.label, color=colors.value, align="left")
            number.next_to(words, RIGHT, buff=0.18).set_y(line.center[1])
            tail = text(unit, font_size=FontSize.label, color=colors.muted)
            tail.add_updater(lambda t, n=number: t.next_to(n, RIGHT, buff=0.18), call_updater=True)
            tail.set_y(line.center[1])
            self.readings.add(VGroup(words, number, tail))

    # What there is at the time `now`

    def _index(self) -> int:
        """The last moment that has come."""
        return int(np.searchsorted(self.times, self.now.get_value() + 1e-6, side="right")) - 1

    def _total(self) -> Quantity:
        return self.totals[self._index()]

    def _most(self) -> Quantity:
        return max(self.totals[: self._index() + 1], key=float)

    def _runs(self, ball: Mobject) -> None:
        """Where the wave is: forward in one colour, back in the other, gone where it ended."""
        now, last = self.now.get_value(), self.times[-1]
        back = now > self.count
        place = min(now, 2 * self.count - now) if now <= last else 2 * self.count - last
        layer = np.interp(place, range(self.count + 1), [self.way.get_start()[0], *self.xs])
        ball.move_to(point(float(layer), self.way.get_y()))
        seen = 0 < now < last and now != self.count
        for part, opacity in zip(ball, (0.3, 1.0), strict=True):
            part.set_fill(colors.gradient if back else colors.value, opacity=opacity * seen)

    # Verbs

    def appears(self) -> Animation:
        """The network, empty, and what it holds: nothing."""
        parts = [FadeIn(self.title, self.way), FadeIn(self.layers, self.slash)]
        parts.append(FadeIn(self.peaks, self.columns, self.ball))
        return LaggedStart(*parts, FadeIn(self.readings), lag_ratio=0.3)

    def runs_forward(self) -> Animation:
        """Layer after layer."""
        return self._until(self.count)

    def runs_back(self) -> Animation:
        """As far as the gradient came."""
        return self._until(2 * self.count)

    def _until(self, time: float) -> Animation:
        return ApplyMethod(self.now.set_value, time, rate_func=linear)

    def points_at_most(self) -> Animation:
        """Look at the most that was held."""
        return AnimationGroup(Indicate(self.readings[1], color=colors.accent))


def _only_where_high(columns: Any) -> None:
    """An outline of nothing would be a line."""
    for column in columns:
        column.set_stroke(opacity=float(column.height > 0.01))


def room_for(totals: Iterable[Quantity], unit: str) -> float:
    """The width of the longest reading."""
    label = max(math(f'"{label}" =', font_size=FontSize.label).width for label in LABELS)
    number = max(Readout(total, font_size=FontSize.label).width for total in totals)
    return label + number + text(unit, font_size=FontSize.label).width + 0.4
