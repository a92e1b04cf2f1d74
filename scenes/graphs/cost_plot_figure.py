"""What both modes cost: columns with a block for each pass, then curves over inputs or outputs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from manim import (
    DOWN,
    Animation,
    ApplyMethod,
    Mobject,
    ValueTracker,
    VGroup,
    VMobject,
    linear,
    smooth,
)

from gradreel.draw.contours import MapTrail
from gradreel.draw.exchange import comes, goes
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats, Plane, padded_range
from gradreel.draw.text import math
from gradreel.theme import FontSize, colors

if TYPE_CHECKING:
    from gradreel.scenes.graphs.ad_modes_experiment import ModeComparison
    from gradreel.scenes.graphs.mode_panel_figure import ModePanel

WIDE, POINT = 1.1, 0.12  # frame units: width of a column, radius of the point it becomes
APPEARS = 0.15  # of the operations of the first pass, while which a column appears
SIDE = 6  # corners of an outline on each side of a block
STANDS_AT = (0.3, 0.7)  # of the plane's width, wide columns of forward and reverse mode
BLOCK_GAP = 0.05  # frame units between the blocks of two passes, and at most this share of one:
GAP_SHARE = 0.35


class CostPlot:
    """The operations of both modes: in columns, then against the number of inputs or outputs.

    Columns stand side by side in the `frame` of the plane; `opens` makes each the last point of
    its curve.
    `most` is how many operations the plane has room for at least. `index` is the tracker of the
    last point drawn there, `last` the index of the last point.
    """

    def __init__(
        self, name: str, comparisons: Sequence[ModeComparison], most: float, area: Rect
    ) -> None:
        self.index, self.last = ValueTracker(0), len(comparisons) - 1
        self.opened = ValueTracker(0)
        costs = np.array([[c.forward.operations, c.reverse.operations] for c in comparisons], float)
        self.plane = Plane(
            (1, len(comparisons) + 0.5), padded_range([0.0, max(most, costs.max())], 0.05), area,
            x_name=name, y_name='"operations"',
        )  # fmt: skip
        xs, index = np.arange(1, len(comparisons) + 1), self.index.get_value
        self.curves = [
            MapTrail(self.plane, np.column_stack([xs, column]), index, color=color)
            for column, color in zip(costs.T, (colors.value, colors.gradient), strict=True)
        ]
        self.columns: list[VMobject] = []
        self._split_plane()

    def _split_plane(self) -> None:
        """Divide the plane into what belongs to its x axis, which comes later, and the rest."""
        plane, bottom = self.plane, self.plane.plot_area.bottom
        upright = [line for line in plane.grid if line.width < 1e-6]
        below = [label for label in plane.labels if label.get_y() < bottom]
        self.x_axis = VGroup(*upright, *below, plane.names[0]).set_z_index(
            -1
        )  # comes last, but behind the points
        later = {id(part) for part in self.x_axis}
        parts = (*plane.grid, *plane.lines, *plane.labels, *plane.names)
        self.signs = VGroup(
            *(
                math(f"arrow.{way}.long", font_size=FontSize.body, color=color).next_to(
                    plane.point(self._stand(is_reverse), 0), DOWN, buff=0.3
                )
                for is_reverse, (way, color) in enumerate(
                    (("r", colors.value), ("l", colors.gradient))
                )
            )
        )
        self.frame = VGroup(*(part for part in parts if id(part) not in later), self.signs)

    def _stand(self, is_reverse: int) -> float:
        """The x of a wide column."""
        low, high = self.plane.x_range
        return low + (high - low) * STANDS_AT[is_reverse]

    def add_column(self, panel: ModePanel) -> VMobject:
        """A column as high as the operations of a panel so far, with a block for each pass."""
        x = self._stand(panel.is_reverse)
        counts = [0.0, *(float(operations) for _, operations in panel.cost.steps)]
        point = _disc(self.plane.point(self.last + 1, counts[-1]))
        column = VMobject(fill_color=panel.color, fill_opacity=1, stroke_width=0)

        def follow(_: Mobject) -> None:
            opened, done = self.opened.get_value(), float(panel.progress()[1])
            outlines = []
            for low, high in pairwise(counts):
                foot, top = self.plane.point(x, low), self.plane.point(x, min(done, high))
                if done > high:
                    top[1] -= min(BLOCK_GAP, GAP_SHARE * (top[1] - foot[1]))
                if done > low:
                    outlines.append(_block(foot, top) * (1 - opened) + point * opened)
            column.set_fill(opacity=min(done / (APPEARS * counts[1]), 1.0))
            # In the end all blocks are one and the same point.
            shown = outlines[-1:] if opened == 1 else outlines
            column.set_points(np.vstack([np.empty((0, 3)), *map(_straight, shown)]))

        column.add_updater(follow, call_updater=True)
        self.columns.append(column)
        return column

    def opens(self) -> list[Animation]:
        """Each column becomes the last point of its curve; the x axis appears with the curves."""
        return [
            ApplyMethod(self.opened.set_value, 1, rate_func=smooth),
            goes(self.signs),
            comes(VGroup(self.x_axis, *self.curves)),
        ]

    def draws_curves(self) -> Animation:
        """Both curves grow from the first to the last point."""
        return ApplyMethod(self.index.set_value, self.last, rate_func=linear)

    def stops(self) -> VGroup:
        """Plane, curves and columns, which no longer follow the passes."""
        for mobject in (*self.curves, *self.columns):
            mobject.clear_updaters()
        return VGroup(self.plane, *self.curves, *self.columns)


def _block(foot: Floats, top: Floats) -> Floats:
    """The outline of a block between two heights, from its upper right corner to the left."""
    low, high = foot - [WIDE / 2, 0, 0], top + [WIDE / 2, 0, 0]
    corners = [high, [low[0], high[1], 0], low, [high[0], low[1], 0], high]
    shares = np.arange(len(corners) - 1).repeat(SIDE) + np.tile(np.arange(SIDE) / SIDE, 4)
    along = np.arange(len(corners))
    ends = np.array(corners).T
    return np.column_stack([np.interp([*shares, along[-1]], along, xs) for xs in ends])


def _disc(center: Floats) -> Floats:
    """The outline of a point, with as many corners as that of a block, from the same direction."""
    angles = np.linspace(0.25, 2.25, 4 * SIDE + 1) * np.pi
    return center + POINT * np.column_stack([np.cos(angles), np.sin(angles), 0 * angles])


def _straight(corners: Floats) -> Floats:
    """The Bezier points of straight lines between corners."""
    begin, way = corners[:-1, None], (corners[1:] - corners[:-1])[:, None]
    shares = np.array([0, 1, 2, 3])[:, None] / 3
    return (begin + way * shares).reshape(-1, 3)
