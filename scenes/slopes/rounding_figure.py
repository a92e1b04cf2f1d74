"""The secant in a small frame, the digits that differ, and the width at which the error turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from manim import DOWN, LEFT, Dot, Line, Mobject, Rectangle, VGroup, VMobject

from gradreel.draw.glyphs import number_outline
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Plane
from gradreel.draw.tangent import direction
from gradreel.draw.text import text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors


class FunctionValues(Protocol):
    """The values f(x) and f(x + h), and the slope of the secant through both."""

    @property
    def h(self) -> Quantity: ...
    @property
    def slope(self) -> Quantity: ...
    @property
    def here(self) -> Quantity: ...
    @property
    def there(self) -> Quantity: ...


class Inset(VGroup):
    """A curve of `plane` with a point on it, small in a frame that fills `area`.

    `secant` is a line through the point at `x` with the slope that was computed, rounding errors
    and all, and `there` is the other point of the secant `current()`.
    """

    def __init__(
        self,
        plane: Plane,
        curve: VMobject,
        spot: Dot,
        area: Rect,
        x: float,
        current: Callable[[], FunctionValues],
    ) -> None:
        self.curve, self.spot = curve, spot
        self.frame = Rectangle(width=area.width, height=area.height).move_to(area.center)
        self.frame.set_stroke(colors.muted, StrokeWidth.axis).set_fill(colors.panel, opacity=1)
        plot = plane.plot_area
        size = 0.92 * min(area.width / plot.width, area.height / plot.height)
        spot.move_to(area.center + (spot.get_center() - plot.center) * size)
        curve.scale(size, about_point=plot.center).shift(area.center - plot.center)
        self.secant = Line(stroke_color=colors.gradient, stroke_width=StrokeWidth.curve)
        self.there = spot.copy().scale(0.8)
        super().__init__(self.frame, curve, self.secant, self.there, spot)

        def follow(line: Any) -> None:
            row, here = current(), spot.get_center()
            along = direction(plane, row.slope if math.isfinite(row.slope) else 0.0)
            back, forth = plane.reach(plane.point(x, row.here), along)
            line.set_points_by_ends(here + size * back * along, here + size * forth * along)

        def follow_there(dot: Any) -> None:
            row = current()
            offset = plane.point(x + row.h, row.there) - plane.point(x, row.here)
            # Where the curve leaves the plane, the dot is behind the other one.
            visible = plane.contains(row.there)
            dot.move_to(spot.get_center() + (size * offset if visible else 0.0))

        self.secant.add_updater(follow, call_updater=True)
        self.there.add_updater(follow_there, call_updater=True)


class Digits(VGroup):
    """f(x+h) above f(x), digit below digit, and a line under the digits that differ."""

    def __init__(self, current: Callable[[], FunctionValues], places: int) -> None:
        self.there = _digits("f(x+h)", lambda: current().there, places)
        self.here = _digits("f(x)", lambda: current().here, places)
        self.here.next_to(self.there, DOWN, buff=0.3, aligned_edge=LEFT)
        side = self.there.readout.get_left()[0] - self.here.readout.get_left()[0]
        self.here.shift(np.array([side, 0, 0]))
        self.mark = Line(stroke_color=colors.accent, stroke_width=StrokeWidth.curve)
        super().__init__(self.there, self.here, self.mark)

        def follow(_: Mobject) -> None:
            number, other = (row.readout.numbers()[0].text for row in (self.there, self.here))
            same = 0
            while same < min(len(number), len(other)) and number[same] == other[same]:
                same += 1
            self.mark.set_stroke(opacity=float(same < len(number)))
            points = self.there.readout.points
            scale = self.there.readout.current_scale
            left = points[:, 0].min()
            if same:
                outline = number_outline(number[:same])
                left += float(np.ptp(outline[:, 0])) * scale + 0.04
            right, low = max(points[:, 0].max(), left + 0.02), points[:, 1].min() - 0.1
            self.mark.set_points_by_ends(point(left, low), point(right, low))

        # After the numbers' own updaters: an updater of a group runs before those of its parts.
        self.mark.add_updater(follow, call_updater=True)


def _digits(label: str, source: Callable[[], Quantity], places: int) -> LabelledNumber:
    return LabelledNumber(
        label, source, color=colors.value, places=places, font_size=FontSize.label
    )


class Turns(VGroup):
    """For each number format the width h at which the error turns, and the error there."""

    def __init__(self, rows: Sequence[tuple[str, str, Quantity, Quantity]], area: Rect) -> None:
        columns = area.columns(1.25, 1, 1, gap=0.15)
        heads = [
            text(word, font_size=FontSize.small, color=colors.muted).move_to(
                point(column.left, area.top - 0.3), aligned_edge=DOWN + LEFT
            )
            for word, column in zip(("turns at h", "error"), columns[1:], strict=True)
        ]
        self.heads = VGroup(*heads)
        self.rows = [
            self._row(name, color, numbers, columns, area.top - 0.75 - 0.55 * k)
            for k, (name, color, *numbers) in enumerate(rows)
        ]
        super().__init__(self.heads, *self.rows)

    def _row(
        self, name: str, color: str, numbers: Sequence[Quantity], columns: Sequence[Rect],
        height: float,
    ) -> VGroup:  # fmt: skip
        cells: list[VMobject] = [text(name, font_size=FontSize.small, color=color)]
        cells += [Readout(n, font_size=FontSize.small, color=color) for n in numbers]
        for cell, column in zip(cells, columns, strict=True):
            cell.move_to(point(column.left, height), aligned_edge=LEFT)
            if cell.width > column.width:
                cell.scale_to_fit_width(column.width, about_edge=LEFT)
        return VGroup(*cells)
