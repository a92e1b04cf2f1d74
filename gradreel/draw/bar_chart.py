"""Bars for Quantities: shares, scores, gradients. Bars of negative numbers hang below the axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import DOWN, UP, Animation, AnimationGroup, FadeIn, GrowFromEdge, Line, VGroup, VMobject

from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout, require_quantity
from gradreel.draw.text import math
from gradreel.errors import UsageError
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

BAR_SHARE = 0.6  # of the width that each bar has to itself
GAP = 0.14  # between a bar and its number, and between the axis and a name

DESCENDER = 0.07  # frame units, of FontSize.label

Source = Quantity | Callable[[], Quantity]


class BarChart(VGroup):
    """One bar for each number, with the number at its end and its name in Typst math below.

    A number is a Quantity, or a function that returns one and is called for every frame. `color` is
    a color, or one for each bar. `span` is the lowest and the highest value that fit into `area`;
    by default those of the numbers, and zero. Charts of one span and of areas of one height can be
    compared. Raises NumberError for a number that is no Quantity.
    """

    places_itself = True  # within `area`; layout.fit_into refuses it

    def __init__(
        self,
        names: Sequence[str],
        numbers: Sequence[Source],
        area: Rect,
        *,
        color: str | Sequence[str] = "",
        span: tuple[float, float] | None = None,
        places: int | None = 2,
    ) -> None:
        super().__init__()
        if len(names) != len(numbers):
            raise UsageError(f"a bar chart has {len(names)} names for {len(numbers)} numbers.")
        now = [require_quantity(n() if callable(n) else n, "a BarChart") for n in numbers]
        low, high = span or (min(0.0, *now), max(0.0, *now))
        self.names = VGroup(*(math(n, font_size=FontSize.label, color=colors.muted) for n in names))
        columns = area.columns(*[1.0] * len(numbers), gap=0)
        self.axis_y, self.unit = self._scale(area, low, high)
        for markup, name, column in zip(names, self.names, columns, strict=True):
            # On a common baseline: letters such as g reach below it.
            depth = 0.0 if set(markup) & set("gjpqy") else DESCENDER
            name.move_to(point(column.center[0], area.bottom + depth), aligned_edge=DOWN)
        self.axis = Line(point(area.left, self.axis_y), point(area.right, self.axis_y))
        self.axis.set_stroke(colors.muted, StrokeWidth.axis)
        tones = [color] * len(numbers) if isinstance(color, str) else list(color)
        self.bars = [
            _Bar(number, column, self.axis_y, self.unit, tone or colors.value, places)
            for number, column, tone in zip(numbers, columns, tones, strict=True)
        ]
        self.add(self.axis, self.names, *self.bars)

    def _scale(self, area: Rect, low: float, high: float) -> tuple[float, float]:
        """The height of the axis, and frame units per unit of the numbers."""
        digits = FontSize.label / 100 + 2 * GAP
        bottom = area.bottom + max(name.height for name in self.names) + DESCENDER + GAP
        bottom += digits if low < 0 else 0.0
        free = area.top - digits - bottom
        unit = free / ((high - low) or 1.0)
        return bottom - low * unit, unit

    def grows(self) -> Animation:
        """The bars grow from the axis, then their numbers appear."""
        return AnimationGroup(
            FadeIn(self.axis, self.names),
            *(GrowFromEdge(bar.shape, UP if bar.is_negative else DOWN) for bar in self.bars),
            *(FadeIn(bar.readout) for bar in self.bars),
        )


class _Bar(VGroup):
    """A bar and its number; both follow a number that changes."""

    def __init__(
        self, source: Source, column: Rect, axis_y: float, unit: float, color: str,
        places: int | None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._column, self._axis_y, self._unit = column, axis_y, unit
        self.shape = VMobject(stroke_width=0, fill_color=color, fill_opacity=1)
        self.readout = Readout(source, places=places, font_size=FontSize.label, color=color)
        self.add(self.shape, self.readout)
        self._follow()
        if callable(source):
            # After the number's own updater, which belongs to a submobject and so runs first.
            self.readout.add_updater(lambda _: self._follow())

    @property
    def is_negative(self) -> bool:
        """Whether the bar hangs below the axis."""
        return self.readout.quantity < 0

    def _follow(self) -> None:
        x, half = self._column.center[0], self._column.width * BAR_SHARE / 2
        end = self._axis_y + float(self.readout.quantity) * self._unit
        corners = [(x - half, self._axis_y), (x - half, end), (x + half, end)]
        corners += [(x + half, self._axis_y), corners[0]]
        self.shape.set_points_as_corners(np.array([point(*corner) for corner in corners]))
        edge = UP if self.is_negative else DOWN
        self.readout.move_to(point(x, end) - edge * GAP, aligned_edge=edge)
