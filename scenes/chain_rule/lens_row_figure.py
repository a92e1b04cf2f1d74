"""A row of many lenses seen from their side, and the light that comes back through them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import CubicBezier, Ellipse, Polygon, ValueTracker, VGroup, VMobject

from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors

CROWDED = 20  # more lenses have no outlines
MANY_HEIGHT, FEW_HEIGHT = 0.95, 0.66  # of the height of the row; above few there are shortcuts
WIDEST = 0.34  # frame units
THREAD = 0.006  # frame units, half of the thickness of light that is not seen any more
FULL_LIGHT = 0.4  # of the height of a lens: the light for a gradient of 1
MOST_LIGHT = 1.12  # the same for all that is more than the lenses can hold
DIM = 0.8  # opacity of light in the lenses; what does not fit into them is solid


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
        self.set_z_index(1)  # the light is behind the glass
        self.area, self.count, self.lens_height = area, count, height * area.height
        self._lens = Ellipse(width, self.lens_height).points
        self.spread = ValueTracker(0)
        self.add_updater(_fan_out, call_updater=True)

    def center_of(self, lens: int) -> Floats:
        """The center of a lens when the row is spread."""
        return point(self.area.left + self.area.width * (lens + 0.5) / self.count, self.middle)

    @property
    def middle(self) -> float:
        """The height at which the light passes."""
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


class Light(VGroup):
    """The light that comes back through a row of lenses, from the right.

    It is as high as the gradient: `running[k]` after k lenses, of which it has passed `now()`.
    It bursts out of the lenses where the gradient is too large for them, and is brighter then.
    """

    def __init__(
        self, row: LensRow, running: Sequence[float], now: Callable[[], float], color: str
    ) -> None:
        super().__init__()
        sizes = np.abs(np.asarray(running, dtype=float))
        self._halves = light_heights(sizes) * row.lens_height / 2
        self._row, self._now = row, now
        self.shape = Polygon(*[row.center_of(0)] * 4, stroke_width=0, fill_color=color)
        self.shape.set_fill(opacity=DIM).add_updater(self._draw, call_updater=True)
        self.add(self.shape)

    def _outline(self, halves: Floats, end: float) -> tuple[Floats, Floats]:
        """The x of the light after each lens passed so far, and half its height there.

        After the last lens it is at `end`.
        """
        now = min(max(self._now(), 0.0), len(halves) - 1)
        steps = np.append(np.arange(int(now) + 1), now)
        start = self._row.area.right
        xs: Floats = start - (start - end) * steps / (len(halves) - 1)
        return xs, np.interp(steps, np.arange(len(halves)), halves) + THREAD

    def _draw(self, shape: Any) -> None:
        xs, halves = self._outline(self._halves, self._row.area.left)
        _set_outline(shape, xs, self._row.middle + halves, self._row.middle - halves)
        too_much = halves[-1] >= MOST_LIGHT * self._row.lens_height / 2
        if (opacity := 1.0 if too_much else DIM) != getattr(shape, "brightness", DIM):
            shape.set_fill(opacity=opacity)  # only when it changes: else it could not fade
            shape.brightness = opacity


def _set_outline(shape: Any, xs: Floats, upper: Floats, lower: Floats) -> None:
    """Let `shape` lie between two lines over the same xs."""
    above = [point(*place) for place in zip(xs, upper, strict=True)]
    below = [point(*place) for place in zip(xs, lower, strict=True)]
    shape.set_points_as_corners([*above, *below[::-1], above[0]])


def light_heights(sizes: Floats | float) -> Floats:
    """The height of the light for gradients of these sizes, as a share of the lenses' height."""
    return np.minimum(np.asarray(sizes) * FULL_LIGHT, MOST_LIGHT)


def shortcuts(row: LensRow) -> VGroup:
    """An arc around each lens of the row: the way on which a value passes it by."""
    half = row.area.width / row.count * 0.46
    rise = point(0, 0.66 * row.area.height)
    arcs = []
    for k in range(row.count):
        start, end = row.center_of(k) - point(half, 0), row.center_of(k) + point(half, 0)
        arcs.append(CubicBezier(start, start + rise, end + rise, end))
    return VGroup(*arcs).set_stroke(colors.leaf, StrokeWidth.arrow)
