"""The gradient of a broadcast from near by: its rows move into one, and add up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
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
ALL_ARRIVED = 0.88  # of the time, when the last row has arrived
NUMBER_GAP, LANE = 0.45, 0.2  # beside the maps: to the numbers; more on each side of a lane
APPEARS = 0.35  # of the time of a row, in which the first sum appears
ASIDE = 0.3  # of a row's way, in which it moves into the lane, and out of it
MOST_PLACES = 4


class BroadcastCloseUp(VGroup):
    """The rows of the heat map `small`, as large as `area` allows, above the row of their sum.

    `rows` are its numbers, shape (rows, columns). `titles` belong to the gradient and to the sum;
    copies of them stand to the left. The sum begins empty, and in the end goes into `slot`.
    `column` are the numbers of the last column, and `column_sums` are their sums so far, from the
    top down; they stand to the right, if they add up as they are rounded.
    """

    def __init__(
        self, small: HeatMap, slot: Mobject, rows: Floats, scale: Scale,
        titles: tuple[VMobject, VMobject], area: Rect, column: Sequence[Quantity],
        column_sums: Sequence[Quantity],
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
        sums = np.cumsum(rows, axis=0)
        self.shades = [[scale.color(scale.level(x)) for x in partial] for partial in sums]
        # A single tile moves beside the others; wider rows have no room there.
        self.lane = self.gradient.width + LANE if columns == 1 else 0.0
        self.terms, self.result, self.sums = self._numbers(column, column_sums)
        self.add(maps, self.titles, self.terms)

    def _numbers(
        self, column: Sequence[Quantity], sums: Sequence[Quantity]
    ) -> tuple[VGroup, VGroup, list[Readout]]:
        """The numbers of the last column beside its cells, with a frame; below, their sum.

        Last, the sums so far, all at the place of the sum, which is the last of them.
        """
        places = places_that_add_up(column, sums)
        if places is None:
            return VGroup(), VGroup(), []
        right = self.gradient.get_right()[0] + max(NUMBER_GAP, self.lane + LANE)
        readouts = [
            Readout(
                number, places=places, font_size=FontSize.body, color=colors.gradient, sign=sign
            )
            for number, sign in [*((q, True) for q in column), *((q, False) for q in sums)]
        ]
        count, across = len(column), len(self.total.cells)
        column_cells = self.gradient.cells[across - 1 :: across]
        cells = [*column_cells, *[self.total.cells[-1]] * len(sums)]
        equals = math("=", font_size=FontSize.body, color=colors.muted)
        widest = max(readout.width for readout in readouts)
        edge = right + equals.width + 0.15 + widest
        for readout, cell in zip(readouts, cells, strict=True):
            readout.move_to(point(edge, cell.get_y()), aligned_edge=RIGHT)
        equals.move_to(point(right, self.total.get_y()), aligned_edge=LEFT)
        outline = SurroundingRectangle(
            VGroup(*column_cells), buff=0.05, color=colors.accent, stroke_width=StrokeWidth.frame
        )
        terms, so_far = readouts[:count], readouts[count:]
        return VGroup(outline, *terms), VGroup(equals, so_far[-1]), so_far

    def appears(self) -> Animation:
        """The map grows from its card, and then the titles and the empty sum appear."""
        return AnimationGroup(
            ReplacementTransform(self.small.copy(), self.gradient),
            FadeIn(self.titles, self.total, self.terms, rate_func=second_part),
        )

    def adds_up(self) -> Animation:
        """Copies of the rows move into the sum, from the top down, with the sum so far."""
        columns = len(self.total.cells)
        cells = [cell.copy() for cell in self.gradient.cells]
        self.passing = [*cells, *self.sums[:-1]]
        rows = [cells[k : k + columns] for k in range(0, len(cells), columns)]
        return RowsAddUp(rows, self.total, self.shades, self.result, self.sums, self.lane)

    def goes_home(self) -> Animation:
        """The sum shrinks into the slot on its card, in front of all; the rest fades."""
        small = self.total.copy().scale(self.slot.width / self.total.width).move_to(self.slot)
        return AnimationGroup(
            FadeOut(VGroup(self.gradient, self.titles, self.terms, self.result), rate_func=at_once),
            Transform(self.total, small, introducer=True, rate_func=_soon),
        )


class RowsAddUp(Animation):
    """Each of `rows`, a list of cells, moves into that of `total`, `lane` to the right of others.

    When row k has arrived, the cells of the total have the colors `shades[k]`, and of `sums`,
    where there are any, number k is seen in the `result`.
    """

    def __init__(
        self, rows: list[list[Any]], total: HeatMap, shades: list[list[ManimColor]],
        result: VGroup, sums: list[Readout], lane: float, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.rows, self.total, self.shades = rows, total, shades
        self.result, self.sums, self.lane = result, sums, lane
        self.starts = [[cell.copy() for cell in row] for row in rows]
        self.ends = [cell.copy() for cell in total.cells]
        moving = (cell for row in rows for cell in row)
        super().__init__(VGroup(total, *moving, *result, *sums[:-1]), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Move the row whose turn it is, and color the sum of those that have arrived."""
        turn = min(alpha / ALL_ARRIVED, 1.0) * len(self.rows)
        for k, row in enumerate(self.rows):
            share, down, aside = self._way(min(max(turn - k, 0.0), 1.0))
            blend = max(share - 1 + COLOR_SHARE, 0.0) / COLOR_SHARE
            for cell, start, end, shade in zip(
                row, self.starts[k], self.ends, self.shades[k], strict=True
            ):
                cell.points = start.points + down * (end.points - start.points) + aside * RIGHT
                color = interpolate_color(start.get_fill_color(), shade, blend)
                cell.set_fill(color, opacity=float(share < 1.0))
        landed = int(turn + 1e-9)
        appeared = smooth(min(max(turn - 1, 0.0) / APPEARS, 1.0))
        self.result.set_opacity(appeared)
        for k, number in enumerate(self.sums, start=1):
            number.set_opacity(appeared * (k == landed))
        colored = self.shades[landed - 1] if landed else [end.get_fill_color() for end in self.ends]
        for cell, shade in zip(self.total.cells, colored, strict=True):
            cell.set_fill(shade)

    def _way(self, share: float) -> tuple[float, float, float]:
        """Of a row, at a share of its time: the share of its way, how far down, how far aside."""
        if not self.lane:
            return (smooth(share), smooth(share), 0.0)
        out, back = (smooth(min(max(x / ASIDE, 0.0), 1.0)) for x in (share, share - 1 + ASIDE))
        down = smooth(min(max((share - ASIDE) / (1 - 2 * ASIDE), 0.0), 1.0))
        return share, down, self.lane * (out - back)


def places_that_add_up(terms: Sequence[Quantity], sums: Sequence[Quantity]) -> int | None:
    """The fewest decimals, from 2, in which the rounded terms add up to each rounded sum so far."""
    for places in range(2, MOST_PLACES + 1):
        rounded = [Decimal(f"{float(term):.{places}f}") for term in terms]
        if list(accumulate(rounded)) == [Decimal(f"{float(x):.{places}f}") for x in sums]:
            return places
    return None


def _soon(share: float) -> float:
    """Done before the graph around the slot is bright."""
    return float(smooth(min(share / 0.5, 1.0)))
