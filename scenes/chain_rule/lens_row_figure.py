"""A row of many lenses seen from their side, and the shortcuts around them."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import CubicBezier, Ellipse, ValueTracker, VGroup, VMobject

from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors

CROWDED = 20  # more lenses have no outlines
ROW_HEIGHT = 0.8  # frame units
MANY_HEIGHT, FEW_HEIGHT = 0.7, 0.85  # of the height of the row
WIDEST = 0.34  # frame units


class LensRow(VMobject):
    """`count` lenses seen from the side, as one outline; `spread` fans them out from the first.

    The input is at its left end and the loss at its right, as in graphs.
    """

    def __init__(self, count: int, area: Rect) -> None:
        pitch = area.width / count
        super().__init__()
        if count > CROWDED:
            self.set_fill(colors.muted, 0.55).set_stroke(width=0)
            width, height = 0.4 * pitch, MANY_HEIGHT
        else:
            self.set_fill(colors.panel, 0.4).set_stroke(colors.muted, StrokeWidth.axis, 1)
            width, height = min(0.5 * pitch, WIDEST), FEW_HEIGHT
        self.area, self.count, self.lens_height = area, count, height * area.height
        self._lens = Ellipse(width, self.lens_height).points
        self.spread = ValueTracker(0)
        self.add_updater(_fan_out, call_updater=True)

    def center_of(self, lens: int) -> Floats:
        """The center of a lens when the row is spread."""
        return point(self.area.left + self.area.width * (lens + 0.5) / self.count, self.middle)

    @property
    def middle(self) -> float:
        """The height of their centers."""
        return float(self.area.center[1])

    def first(self) -> VMobject:
        """The first lens alone."""
        lens = VMobject().match_style(self)
        lens.points = self._lens + self.center_of(0)
        return lens


def _fan_out(row: Any) -> None:
    share, start = row.spread.get_value(), row.center_of(0)
    places = [start + (row.center_of(k) - start) * share for k in range(row.count)]
    row.points = np.concatenate([row._lens + place for place in places])


def shortcuts(row: LensRow) -> VGroup:
    """An arc around each lens of the row: the way on which a value passes it by."""
    half = row.area.width / row.count * 0.46
    rise = point(0, 0.72 * row.area.height)
    arcs = []
    for k in range(row.count):
        start, end = row.center_of(k) - point(half, 0), row.center_of(k) + point(half, 0)
        arcs.append(CubicBezier(start, start + rise, end + rise, end))
    return VGroup(*arcs).set_stroke(colors.leaf, StrokeWidth.arrow)
