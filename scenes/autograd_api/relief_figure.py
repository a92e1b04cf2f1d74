"""A function of two variables in space: contour lines at their heights, from the side or above.

From above the picture is a contour map: heights then make no difference on screen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from manim import Dot, Line, ManimColor, Mobject, Polygon, VGroup, VMobject

from gradreel.draw.contours import segment_points, zero_level_segments
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats, Plane
from gradreel.tape import Quantity
from gradreel.theme import StrokeWidth, colors

TURN = np.radians(-24.0)  # of the map about the vertical, in the view from the side
ELEVATION = np.radians(34.0)  # of the viewer above the floor, in the view from the side
HEIGHT = 0.62  # of the relief, as a share of the height of the map
TANGENT_LENGTH = 2.4


class SurfacePoint(Protocol):
    """A function of two variables at one point."""

    @property
    def inputs(self) -> tuple[Quantity, ...]: ...
    @property
    def value(self) -> Quantity: ...
    @property
    def partials(self) -> tuple[Quantity, ...]: ...


Now = Callable[[], SurfacePoint]
GridHeights = Callable[[], Floats]


class Relief:
    """Where points of space are on screen; heights from `bottom` to `top` stand above `plane`.

    `tilt()` is 0 for the view from above, in which the relief is the map on `plane`, and 1 for the
    view from the side, in which it fills `area`.
    """

    def __init__(
        self, plane: Plane, area: Rect, bottom: float, top: float, tilt: Callable[[], float]
    ) -> None:
        self.plane, self.bottom, self.top, self.tilt = plane, bottom, top, tilt
        self._rise = HEIGHT * plane.plot_area.height
        corners = np.array([[x, y] for x in plane.x_range for y in plane.y_range])
        around = np.vstack([corners, corners.mean(axis=0) + 0.8 * (corners - corners.mean(axis=0))])
        flat = self._turned(around, np.repeat([bottom, top], 4), 1.0)
        low, high = flat.min(axis=0), flat.max(axis=0)
        self._scale = min(area.width / (high - low)[0], area.height / (high - low)[1])
        self._shift = area.center[:2] - self._scale * (low + high) / 2

    @property
    def height_unit(self) -> float:
        """The length of one unit of height, as the map's own lengths, before scaling."""
        return self._rise / (self.top - self.bottom)

    def _turned(self, points: Floats, heights: Floats, tilt: float) -> Floats:
        """Positions about the middle of the map, before scaling, shape (n, 2)."""
        flat = self.plane.positions(points)[:, :2] - self.plane.plot_area.center[:2]
        turn, elevation = tilt * TURN, np.pi / 2 - tilt * (np.pi / 2 - ELEVATION)
        x = flat[:, 0] * np.cos(turn) - flat[:, 1] * np.sin(turn)
        y = flat[:, 0] * np.sin(turn) + flat[:, 1] * np.cos(turn)
        share = (heights - self.bottom) / (self.top - self.bottom)
        return np.column_stack([x, y * np.sin(elevation) + self._rise * share * np.cos(elevation)])

    def project(self, points: Floats, heights: Floats) -> Floats:
        """The screen positions of points (n, 2) of the map at these heights, shape (n, 3)."""
        tilt = self.tilt()
        scale = 1 + (self._scale - 1) * tilt
        middle = (1 - tilt) * self.plane.plot_area.center[:2] + tilt * self._shift
        flat = middle + scale * self._turned(points, heights, tilt)
        return np.column_stack([flat, np.zeros(len(flat))])

    def at(self, x: float, y: float, height: float | None = None) -> Floats:
        """The screen position of one point, on the floor if `height` is None."""
        heights = np.array([self.bottom if height is None else height])
        position: Floats = self.project(np.array([[x, y]]), heights)[0]
        return position


class ReliefLines(VGroup):
    """Contour lines of the grid of `heights()`: `lifted` to their heights, or else on the floor.

    `levels` gives the levels for heights; their number must not change. Lines are of `color`, the
    fainter the higher they are.
    """

    def __init__(
        self, relief: Relief, xs: Floats, ys: Floats, heights: GridHeights,
        levels: Callable[[Floats], Floats], *, lifted: bool, width: float, color: str,
    ) -> None:  # fmt: skip
        super().__init__()
        segments = _Segments(xs, ys, levels, heights)
        low, high = ManimColor(color), ManimColor(colors.faint)
        for level in segments.current().levels:
            share = (level - relief.bottom) / (relief.top - relief.bottom) / 4
            tone = low.interpolate(high, float(np.sqrt(np.clip(share, 0, 1))))
            self.add(VMobject(stroke_color=tone, stroke_width=width))
        self.drawn: tuple[int, float] | None = None

        # The updaters keep what they need in closures: a mobject is copied with its attributes.
        def follow(lines: Any) -> None:
            now = segments.current()
            if lines.drawn == (now.version, relief.tilt()):
                return
            lines.drawn = (now.version, relief.tilt())
            for line, level, (starts, ends) in zip(lines, now.levels, now.pieces, strict=True):
                at = np.full(len(starts), level if lifted else relief.bottom)
                line.points = segment_points(relief.project(starts, at), relief.project(ends, at))

        self.add_updater(follow, call_updater=True)


class _Segments:
    """The pieces of the contour lines of a grid, computed anew when its heights change.

    `version` changes with the heights; `pieces` are the starts and the ends for each level.
    """

    def __init__(
        self, xs: Floats, ys: Floats, levels: Callable[[Floats], Floats], heights: GridHeights
    ) -> None:
        self._axes, self._levels_of, self._heights = (xs, ys), levels, heights
        self._known: Floats | None = None
        self.version = 0
        self.levels: Floats = np.empty(0)
        self.pieces: list[tuple[Floats, Floats]] = []

    def current(self) -> _Segments:
        """This object, brought up to date."""
        heights = self._heights()
        if heights is not self._known:
            self._known, self.version = heights, self.version + 1
            self.levels = self._levels_of(heights)
            self.pieces = [zero_level_segments(*self._axes, heights - x) for x in self.levels]
        return self


class Floor(Polygon):
    """The map as a sheet on the floor of the relief."""

    def __init__(self, relief: Relief) -> None:
        (x0, x1), (y0, y1) = relief.plane.x_range, relief.plane.y_range
        corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]])
        super().__init__(
            *relief.project(corners[:4], np.full(4, relief.bottom)),
            stroke_color=colors.faint, stroke_width=StrokeWidth.axis,
            fill_color=colors.panel, fill_opacity=0.45,
        )  # fmt: skip
        heights = np.full(5, relief.bottom)
        self.add_updater(
            lambda m: m.set_points_as_corners(relief.project(corners, heights)), call_updater=True
        )


class SurfaceDot(Dot):
    """A dot on the surface at `now()`."""

    def __init__(self, relief: Relief, now: Now) -> None:
        super().__init__(radius=0.12, color=colors.accent)
        self.set_stroke(colors.background, width=2).set_z_index(2)

        def follow(dot: Mobject) -> None:
            current = now()
            height = np.nan_to_num(float(current.value), nan=relief.bottom)
            x, y = current.inputs
            dot.move_to(relief.at(x, y, min(float(height), relief.top)))

        self.add_updater(follow, call_updater=True)


class GlassPlane(VGroup):
    """A vertical plane through the point along variable `index`: `sheet` and `curve`, its slice.

    `tangent` touches the curve at the point; it is no part of the group. `values` gives the heights
    on a grid of two axes; sheet and tangent are of `color`.
    """

    def __init__(
        self, relief: Relief, index: int, now: Now,
        values: Callable[[Floats, Floats], Floats], color: str,
    ) -> None:  # fmt: skip
        slice_ = _Slice(relief, index, now, values)
        self.sheet = VMobject(
            stroke_color=colors.muted, stroke_width=1.5, stroke_opacity=0.6,
            fill_color=color, fill_opacity=0.14,
        )  # fmt: skip
        # Not of the color of the rings, among which it runs.
        self.curve = VMobject(stroke_color=colors.text, stroke_width=StrokeWidth.curve)
        super().__init__(self.sheet, self.curve)
        self.tangent = Line(stroke_color=color, stroke_width=StrokeWidth.curve)
        self.tangent.set_z_index(1)
        self.sheet.add_updater(
            lambda sheet: sheet.set_points_as_corners(slice_.outline()), call_updater=True
        )

        def follow_curve(curve: Mobject) -> None:
            curve.points = slice_.curve_points()

        def follow_tangent(line: Any) -> None:
            ends = slice_.tangent_ends()
            line.set_stroke(opacity=0.0 if ends is None else 1.0)
            if ends is not None:
                line.set_points_by_ends(*ends)

        self.curve.add_updater(follow_curve, call_updater=True)
        self.tangent.add_updater(follow_tangent, call_updater=True)


class _Slice:
    """The geometry of a glass plane on screen."""

    def __init__(
        self, relief: Relief, index: int, now: Now, values: Callable[[Floats, Floats], Floats]
    ) -> None:
        self._relief, self._index, self._now, self._values = relief, index, now, values
        plane = relief.plane
        span = (plane.x_range, plane.y_range)[index]
        side = (plane.plot_area.width, plane.plot_area.height)[index]
        self._samples = np.linspace(*span, 121)
        self._unit = side / (span[1] - span[0])

    def _along(self, positions: Floats) -> Floats:
        """Points of the map with these values of the plane's variable, shape (n, 2)."""
        points = np.tile([float(x) for x in self._now().inputs], (len(positions), 1))
        points[:, self._index] = positions
        return points

    def outline(self) -> Floats:
        """The corners of the plane, the first one again at the end."""
        low, high = self._relief.bottom, self._relief.top
        ends = self._samples[[0, -1, -1, 0, 0]]
        return self._relief.project(self._along(ends), np.array([low, low, high, high, low]))

    def curve_points(self) -> Floats:
        """The Bézier points of the slice, as far as it is below the top of the relief."""
        axes = [np.array([float(x)]) for x in self._now().inputs]
        axes[self._index] = self._samples
        heights = self._values(axes[0], axes[1]).ravel()
        inside = np.isfinite(heights) & (heights <= self._relief.top)
        pairs = inside[:-1] & inside[1:]
        points = self._relief.project(self._along(self._samples), np.where(inside, heights, 0.0))
        return segment_points(points[:-1][pairs], points[1:][pairs])

    def tangent_ends(self) -> tuple[Floats, Floats] | None:
        """The ends of the tangent; None where there is none within the relief."""
        now, relief = self._now(), self._relief
        slope, value = float(now.partials[self._index]), float(now.value)
        if not np.isfinite([slope, value]).all() or value > relief.top:
            return None
        middle = float(now.inputs[self._index])
        half = TANGENT_LENGTH / 2 / np.hypot(self._unit, slope * relief.height_unit)
        ends = np.array([middle - half, middle + half])
        first, last = relief.project(self._along(ends), value + slope * (ends - middle))
        return first, last
