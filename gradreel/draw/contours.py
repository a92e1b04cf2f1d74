"""Contour lines of a function of two variables (marching squares), and arrows on its map."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import Dot, Line, ManimColor, Mobject, Polygon, VGroup, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats, Plane
from gradreel.theme import StrokeWidth, colors

PLANE_EDGES = (1.0, 0.85)  # width and height of a Plane's area that its labels take

MOST_QUARTILES = 4  # the highest level, in distances from the minimum to the upper quartile

# Corners of a cell in order around it; edge k runs from corner k to corner k + 1.
_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


class Contours(VGroup):
    """Contour lines on `plane`, at `levels`; `heights` has shape (len(xs), len(ys)).

    Colors run from that of values, at the lowest level, to that of grid lines, at the highest.
    """

    def __init__(
        self,
        plane: Plane,
        xs: Floats,
        ys: Floats,
        heights: Floats,
        levels: Sequence[float] | Floats,
    ) -> None:
        super().__init__()
        self._plane, self._xs, self._ys = plane, xs, ys
        low, high = ManimColor(colors.value), ManimColor(colors.faint)
        for k in range(len(levels)):
            color = low.interpolate(high, k / max(len(levels) - 1, 1))
            self.add(VMobject(stroke_color=color, stroke_width=2.2))
        self.set_heights(heights, levels)

    def set_heights(self, heights: Floats, levels: Sequence[float] | Floats) -> None:
        """Redraw the lines for other heights, at the same number of levels."""
        for line, level in zip(self.submobjects, levels, strict=True):
            starts, ends = zero_level_segments(self._xs, self._ys, heights - level)
            line.points = segment_points(self._plane.positions(starts), self._plane.positions(ends))


def zero_level_segments(xs: Floats, ys: Floats, heights: Floats) -> tuple[Floats, Floats]:
    """Straight pieces of the line where `heights` is zero, by marching squares.

    Returns their starts and their ends, each of shape (pieces, 2). Crossings of cell edges are
    interpolated linearly; in a saddle cell they are joined in order around the cell. Cells with a
    corner that is not finite have no line.
    """
    corners = [_corner(heights, k) for k in range(4)]
    above = np.stack([corner > 0 for corner in corners])
    finite = np.logical_and.reduce([np.isfinite(corner) for corner in corners])
    # Few cells are crossed; the rest of the work is done for these only.
    i, j = np.nonzero(finite & above.any(axis=0) & ~above.all(axis=0))
    values = np.stack([corner[i, j] for corner in corners], axis=-1)
    positions = np.stack([np.stack([xs[i + a], ys[j + b]], axis=-1) for a, b in _CORNERS], axis=1)
    next_values = np.roll(values, -1, axis=-1)
    next_positions = np.roll(positions, -1, axis=1)
    is_cut = (values > 0) != (next_values > 0)
    share = values / np.where(is_cut, values - next_values, 1.0)
    crossings = positions + share[..., None] * (next_positions - positions)
    # Sort each cell's cut edges first, in their order around it; there are two or four.
    order = np.argsort(~is_cut, axis=-1, kind="stable")
    crossings = np.take_along_axis(crossings, order[..., None], axis=1)
    is_saddle = is_cut.all(axis=-1)
    pieces = np.concatenate([crossings[:, :2], crossings[is_saddle][:, 2:]])
    return pieces[:, 0], pieces[:, 1]


def _corner(grid: Floats, k: int) -> Floats:
    """The value at corner k of every cell of a grid (n, m, ...), shape (n - 1, m - 1, ...)."""
    i, j = _CORNERS[k]
    values: Floats = grid[i : grid.shape[0] - 1 + i, j : grid.shape[1] - 1 + j]
    return values


def segment_points(starts: Floats, ends: Floats) -> Floats:
    """The Bézier points of a VMobject of straight lines, shape (4 n, 3); arguments (n, 3)."""
    shares = np.array([0, 1 / 3, 2 / 3, 1])[None, :, None]
    points: Floats = starts[:, None] + (ends - starts)[:, None] * shares
    return points.reshape(-1, 3)


def contour_levels(heights: Floats, count: int = 14, *, power: float = 1.0) -> Floats:
    """`count` equally spaced levels: lines are close together where `heights` is steep.

    A `power` above 1 spaces them the closer, the lower they are, for the bottom of a flat valley.
    Heights that are not finite are ignored, and the range is cut off far above the upper quartile.
    Without a finite height there are no levels.
    """
    finite = heights[np.isfinite(heights)]
    if not finite.size:
        return np.empty(0)
    low, high = float(finite.min()), float(finite.max())
    most = MOST_QUARTILES * (float(np.quantile(finite, 0.75)) - low)
    levels: Floats = (
        low
        + (min(high - low, most) if most > 0 else high - low)
        * (np.arange(1, count + 1) / (count + 1)) ** power
    )
    return levels


class LiveArrow(VGroup):
    """An arrow between two screen positions that `ends()` returns for each frame.

    It is hidden where its length is nearly zero or not finite.
    """

    def __init__(
        self,
        ends: Callable[[], tuple[Floats, Floats]],
        *,
        color: str,
        width: float = StrokeWidth.arrow + 2,
    ) -> None:
        self.shaft = Line(stroke_color=color, stroke_width=width)
        self.tip = Polygon(
            np.array([0, 0.14, 0]), np.array([0.28, 0, 0]), np.array([0, -0.14, 0]),
            stroke_width=0, fill_opacity=1, fill_color=color,
        )  # fmt: skip
        super().__init__(self.shaft, self.tip)
        head = self.tip.points.copy()

        def follow(_: Mobject) -> None:
            begin, end = ends()
            finite = np.isfinite(begin).all() and np.isfinite(end).all()
            length = float(np.linalg.norm(end - begin)) if finite else 0.0
            visible = length > 0.03
            self.set_color(color).set_opacity(1.0 if visible else 0.0)
            if not visible:
                return
            unit = (end - begin) / length
            size = min(1.0, length / 0.45)
            rotation = np.array([[unit[0], -unit[1], 0], [unit[1], unit[0], 0], [0, 0, 1]])
            self.shaft.set_points_by_ends(begin, end - unit * 0.26 * size)
            self.tip.points = (head * size) @ rotation.T + end - unit * 0.28 * size

        self.add_updater(follow, call_updater=True)


class MapArrow(LiveArrow):
    """An arrow on a map from `start()`, with the vector `along()` times `scale`.

    Both are in the coordinates of the plane.
    """

    def __init__(
        self,
        plane: Plane,
        start: Callable[[], Sequence[float]],
        along: Callable[[], Sequence[float] | Floats],
        *,
        color: str,
        scale: float = 1.0,
    ) -> None:
        def ends() -> tuple[Floats, Floats]:
            origin = np.array(start(), dtype=float)
            vector = np.array(along(), dtype=float) * scale
            return plane.point(*origin), plane.point(*(origin + vector))

        super().__init__(ends, color=color)


class MapPoint(Dot):
    """A dot on a map that follows `coordinates()`."""

    def __init__(self, plane: Plane, coordinates: Callable[[], Sequence[float]]) -> None:
        super().__init__(radius=0.12, color=colors.accent)
        self.set_stroke(colors.background, width=2).set_z_index(1)
        self.add_updater(lambda dot: dot.move_to(plane.point(*coordinates())), call_updater=True)


class MapTrail(VGroup):
    """The path of a descent on a map up to now: straight between steps, with a dot at its end.

    `places` holds (x, y) after each step, shape (steps, 2); `now()` is the current step, which may
    be fractional. The path ends where it leaves the map.
    """

    def __init__(
        self, plane: Plane, places: Floats, now: Callable[[], float], *, color: str
    ) -> None:
        self.path = VMobject(stroke_color=color, stroke_width=StrokeWidth.arrow)
        self.head = Polygon(*_disc(0.12), fill_color=color, fill_opacity=1)
        self.head.set_stroke(colors.background, 2)
        super().__init__(self.path, self.head)
        corners = np.array([plane.point(*place) for place in points_before_leaving(plane, places)])
        steps = np.arange(len(corners))

        def follow(_: Mobject) -> None:
            step = min(now(), len(corners) - 1)
            tip = np.array([np.interp(step, steps, corners[:, axis]) for axis in range(3)])
            passed = corners[: int(step) + 1]
            self.path.set_points_as_corners(np.vstack([passed, tip, tip + [1e-4, 0, 0]]))
            self.head.move_to(tip)

        self.add_updater(follow, call_updater=True)


def points_before_leaving(plane: Plane, points: Floats) -> Floats:
    """The points up to the first one outside the plane's ranges; at least one."""
    (x0, x1), (y0, y1) = plane.x_range, plane.y_range
    x, y = points[:, 0], points[:, 1]
    is_inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    outside = np.flatnonzero(~is_inside)
    last = int(outside[0]) if outside.size else len(points)
    kept: Floats = points[: max(last, 1)]
    return kept


def _disc(radius: float) -> list[Floats]:
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return [np.array([radius * np.cos(a), radius * np.sin(a), 0.0]) for a in angles]


def equal_scale_ranges(
    area: Rect, middle: Sequence[float], half_height: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ranges of x and y for a Plane in `area` with the same scale on both axes.

    On such a plane, right angles look like right angles.
    """
    half_width = half_height * (area.width - PLANE_EDGES[0]) / (area.height - PLANE_EDGES[1])
    x, y = middle
    return (x - half_width, x + half_width), (y - half_height, y + half_height)


def square_plane_area(area: Rect) -> Rect:
    """The centered part of `area` in which the plot of a Plane is a square."""
    side = min(area.width - PLANE_EDGES[0], area.height - PLANE_EDGES[1])
    x, y, _ = area.center
    wide, high = (side + PLANE_EDGES[0]) / 2, (side + PLANE_EDGES[1]) / 2
    return Rect(x - wide, x + wide, y - high, y + high)
