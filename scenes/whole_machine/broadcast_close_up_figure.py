"""The gradient of a broadcast from near by: its rows slide into one, and add up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    Mobject,
    ReplacementTransform,
    SurroundingRectangle,
    Transform,
    VGroup,
    VMobject,
    interpolate_color,
    smooth,
)
from manim.utils.color import ManimColor

from gradreel.draw.exchange import at_once, second_part
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.tensors.heat_map import HeatMap, Scale
from gradreel.draw.text import math
from gradreel.scenes.whole_machine.network_training_figure import nested
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

MOST_CELL = 0.72  # frame units
TITLE_SCALE = 1.25
GAP = 0.5  # between the rows and their sum, and between a map and its title
COLOR_SHARE = 0.4  # of a row's way, at its end, on which it takes the color of the sum
ALL_ARRIVED = 0.72  # of the time, when the last row has arrived
NUMBER_GAP = 0.45  # between the maps and the numbers of their last column
MOST_PLACES = 4


class BroadcastCloseUp(VGroup):
    """The rows of the heat map `small`, as large as `area` allows, above the row of their sum.

    `rows` are its numbers, shape (rows, columns). `titles` belong to the gradient and to the sum;
    copies of them stand to the left. The sum begins empty, and in the end goes into `slot`.
    `column` are the numbers of the last column, and `column_sum` is their sum; they stand to the
    right, if they add up as they are rounded.
    """

    def __init__(
        self, small: HeatMap, slot: Mobject, rows: Floats, scale: Scale,
        titles: tuple[VMobject, VMobject], area: Rect, column: Sequence[Quantity],
        column_sum: Quantity,
    ) -> None:  # fmt: skip
        super().__init__()
        count, columns = rows.shape
        self.small, self.slot = small, slot
        room = area.height - GAP - 0.4
        cell = min(MOST_CELL, room / (count + 1), 0.45 * area.width / columns)
        self.gradient = HeatMap(nested(rows), scale, cell=cell, rim=colors.gradient)
        self.total = HeatMap(nested(0 * rows[0]), scale, cell=cell, rim=colors.gradient)
        maps = VGroup(self.gradient, self.total)
        self.total.next_to(self.gradient, DOWN, buff=GAP)
        maps.move_to(point(area.center[0] + 0.6, area.center[1]))
        self.titles = VGroup(*(title.copy().scale(TITLE_SCALE) for title in titles))
        for title, heat_map in zip(self.titles, maps, strict=True):
            title.next_to(heat_map, LEFT, buff=GAP)
        sums = np.cumsum(rows[::-1], axis=0)  # the lowest row comes first
        self.shades = [[scale.color(scale.level(x)) for x in partial] for partial in sums]
        self.terms, self.result = self._numbers(column, column_sum)
        self.add(maps, self.titles, self.terms)

    def _numbers(self, column: Sequence[Quantity], total: Quantity) -> tuple[VGroup, VGroup]:
        """The numbers of the last column beside its cells, with a frame, and their sum below."""
        places = places_that_add_up(column, total)
        if places is None:
            return VGroup(), VGroup()
        right = self.gradient.get_right()[0] + NUMBER_GAP
        readouts = [
            Readout(
                number, places=places, font_size=FontSize.body, color=colors.gradient, sign=sign
            )
            for number, sign in [*((q, True) for q in column), (total, False)]
        ]
        across = len(self.total.cells)
        cells = [*self.gradient.cells[across - 1 :: across], self.total.cells[-1]]
        equals = math("=", font_size=FontSize.body, color=colors.muted)
        widest = max(readout.width for readout in readouts)
        edge = right + equals.width + 0.15 + widest
        for readout, cell in zip(readouts, cells, strict=True):
            readout.move_to(point(edge, cell.get_y()), aligned_edge=RIGHT)
        equals.move_to(point(right, self.total.get_y()), aligned_edge=LEFT)
        outline = SurroundingRectangle(
            VGroup(*cells[:-1]), buff=0.05, color=colors.accent, stroke_width=StrokeWidth.frame
        )
        return VGroup(outline, *readouts[:-1]), VGroup(equals, readouts[-1])

    def appears(self) -> Animation:
        """The map grows from its card, and then the titles and the empty sum appear."""
        return AnimationGroup(
            ReplacementTransform(self.small.copy(), self.gradient),
            FadeIn(self.titles, self.total, self.terms, rate_func=second_part),
        )

    def adds_up(self) -> Animation:
        """Copies of the rows slide into the sum, from the lowest up; then its number."""
        columns = len(self.total.cells)
        cells = self.sliding = [cell.copy() for cell in self.gradient.cells]
        rows = [cells[k : k + columns] for k in range(0, len(cells), columns)]
        slides = RowsAddUp(rows[::-1], self.total, self.shades)
        if not len(self.result):
            return slides
        return AnimationGroup(slides, FadeIn(self.result, rate_func=_when_all_have_arrived))

    def goes_home(self) -> Animation:
        """The sum shrinks into the slot on its card, in front of all; the rest fades."""
        small = self.total.copy().scale(self.slot.width / self.total.width).move_to(self.slot)
        return AnimationGroup(
            FadeOut(VGroup(self.gradient, self.titles, self.terms, self.result), rate_func=at_once),
            Transform(self.total, small, introducer=True, rate_func=_soon),
        )


class RowsAddUp(Animation):
    """Each of `rows`, a list of cells, slides into the row of `total`.

    When row k has arrived, the cells of the total have the colors `shades[k]`.
    """

    def __init__(
        self, rows: list[list[Any]], total: HeatMap, shades: list[list[ManimColor]], **kwargs: Any
    ) -> None:
        self.rows, self.total, self.shades = rows, total, shades
        self.starts = [[cell.copy() for cell in row] for row in rows]
        self.ends = [cell.copy() for cell in total.cells]
        super().__init__(VGroup(total, *(cell for row in rows for cell in row)), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Move the row whose turn it is, and color the sum of those that have arrived."""
        turn = min(alpha / ALL_ARRIVED, 1.0) * len(self.rows)
        for k, row in enumerate(self.rows):
            share = smooth(min(max(turn - k, 0.0), 1.0))
            blend = max(share - 1 + COLOR_SHARE, 0.0) / COLOR_SHARE
            for cell, start, end, shade in zip(
                row, self.starts[k], self.ends, self.shades[k], strict=True
            ):
                cell.points = start.points + share * (end.points - start.points)
                color = interpolate_color(start.get_fill_color(), shade, blend)
                cell.set_fill(color, opacity=float(share < 1.0))
        landed = int(turn)
        colored = self.shades[landed - 1] if landed else [end.get_fill_color() for end in self.ends]
        for cell, shade in zip(self.total.cells, colored, strict=True):
            cell.set_fill(shade)


def places_that_add_up(terms: Sequence[Quantity], total: Quantity) -> int | None:
    """The fewest decimals, from 2, in which the rounded terms add up to the rounded total."""
    for places in range(2, MOST_PLACES + 1):
        rounded = sum(Decimal(f"{float(term):.{places}f}") for term in terms)
        if rounded == Decimal(f"{float(total):.{places}f}"):
            return places
    return None


def _when_all_have_arrived(share: float) -> float:
    return float(smooth(min(max(share - ALL_ARRIVED, 0.0) / 0.1, 1.0)))


def _soon(share: float) -> float:
    """Done before the graph around the slot is bright."""
    return float(smooth(min(share / 0.5, 1.0)))
