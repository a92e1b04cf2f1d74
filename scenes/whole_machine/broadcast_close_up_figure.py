"""The gradient of a broadcast from near by: its rows slide into one, and add up."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    Animation,
    AnimationGroup,
    FadeIn,
    Mobject,
    ReplacementTransform,
    Transform,
    VGroup,
    VMobject,
    interpolate_color,
    smooth,
)
from manim.utils.color import ManimColor

from gradreel.draw.exchange import goes, second_part
from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.draw.tensors.heat_map import HeatMap, Scale
from gradreel.scenes.whole_machine.network_training_figure import nested
from gradreel.theme import colors

MOST_CELL = 0.72  # frame units
TITLE_SCALE = 1.25
GAP = 0.5  # between the rows and their sum, and between a map and its title
COLOR_SHARE = 0.4  # of a row's way, at its end, on which it takes the color of the sum


class BroadcastCloseUp(VGroup):
    """The rows of the heat map `small`, as large as `area` allows, above the row of their sum.

    `rows` are its numbers, shape (rows, columns). `titles` belong to the gradient and to the sum;
    copies of them stand to the left. The sum begins empty, and in the end goes into `slot`.
    """

    def __init__(
        self, small: HeatMap, slot: Mobject, rows: Floats, scale: Scale,
        titles: tuple[VMobject, VMobject], area: Rect,
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
        self.add(maps, self.titles)

    def appears(self) -> Animation:
        """The map grows from its card, and then the titles and the empty sum appear."""
        return AnimationGroup(
            ReplacementTransform(self.small.copy(), self.gradient, rate_func=second_part),
            FadeIn(self.titles, self.total, rate_func=second_part),
        )

    def adds_up(self) -> Animation:
        """The rows slide into the sum, one after the other, from the lowest up."""
        columns = len(self.total.cells)
        cells = self.gradient.cells
        rows = [cells[k : k + columns] for k in range(0, len(cells), columns)]
        return RowsAddUp(rows[::-1], self.total, self.shades)

    def goes_home(self) -> Animation:
        """The sum shrinks into the slot on its card, in front of all; the rest fades."""
        small = self.total.copy().scale(self.slot.width / self.total.width).move_to(self.slot)
        rest = VGroup(*(part for part in self.gradient if part not in self.gradient.cells))
        return AnimationGroup(
            goes(VGroup(rest, self.titles)), Transform(self.total, small, introducer=True)
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
        turn = alpha * len(self.rows)
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
