"""A height field in 3D as one mobject that paints its faces itself, and descents on it.

One mobject for each face would cost half a second per frame. `HeightField` computes its faces as
arrays and fills them with cairo; the scene must use `HeightFieldCamera`, which allows that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from manim import Camera, Dot, Line, ManimColor, VGroup, VMobject
from scipy.ndimage import map_coordinates  # type: ignore[import-untyped]

from gradreel.draw.contours import LiveArrow, segment_points
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors, theme_name

TILT = np.radians(44)  # elevation of the viewer above the floor
LIGHT = np.array([-0.45, -0.35, 0.82])  # direction towards the light
OVERLAP = 0.07  # by how much of its size a face is enlarged
AREA_SHARE = 0.96  # of the area's height that the bounding box takes
MAX_HEIGHT = 0.95  # of the field, in units in which its floor reaches from -1 to 1
HIDDEN_OPACITY = 0.3  # of the part of a path behind the surface
EDGE = 2.0  # of an arrow, in Manim's units of stroke width
MAX_SEGMENTS = 160  # of a path, each of which is visible or hidden


class HeightFieldCamera(Camera):
    """Manim's camera, but a HeightField paints itself."""

    # What a field paints depends on its points, colour and opacity and lies between its points,
    # as for any mobject: a renderer that draws only what changed may rely on that.
    STATE_ONLY_METHODS = ("display_vectorized",)

    @staticmethod
    def draws_custom(vmobject: VMobject) -> bool:
        """Whether a mobject is not drawn by Manim's own code."""
        return isinstance(vmobject, HeightField)

    def display_vectorized(self, vmobject: VMobject, ctx: Any) -> Any:
        """Draw a mobject; `ctx` is a cairo context in scene units."""
        if isinstance(vmobject, HeightField):
            vmobject.paint(ctx)
            return self
        return super().display_vectorized(vmobject, ctx)


class HeightField(VMobject):
    """Heights over a square floor, seen from an elevation and turned by `angle()` radians.

    `tilt()` is the elevation of the viewer in radians, TILT by default.
    `heights()` has shape (n, n), with values from 0 (floor) to 1 and NaN for holes. `project` gives
    the point on screen of u and v from -1 to 1 and a height.
    """

    def __init__(
        self,
        heights: Callable[[], Floats],
        angle: Callable[[], float],
        area: Rect,
        tilt: Callable[[], float] = lambda: TILT,
    ) -> None:
        super().__init__(fill_opacity=1, fill_color=colors.value, stroke_width=0)
        self.heights, self.angle, self.area, self.tilt = heights, angle, area, tilt
        # The surface rarely fills its bounding box, so the box may exceed the area a little.
        height = AREA_SHARE * (2 * np.sqrt(2) * np.sin(TILT) + MAX_HEIGHT * np.cos(TILT))
        self.unit = min(area.width / (2 * np.sqrt(2)), area.height / height)
        self.middle = area.center - np.array([0, MAX_HEIGHT * np.cos(TILT) / 2 * self.unit, 0])
        # The light theme's colours are made for letters: they are too dark for a shaded surface.
        light = theme_name() == "light"
        paleness, self.ambient = (0.5, 0.72) if light else (0.0, 0.35)
        self.low, self.mid, self.high = (
            np.array(ManimColor(c).interpolate(ManimColor(colors.background), paleness).to_rgb())
            for c in (colors.falling, colors.value, colors.rising)
        )
        self.add_updater(lambda _: self._follow(), call_updater=True)

    def _follow(self) -> None:
        """Compute the faces for the current heights and angle.

        The mobject's points are those of the grid. They are not drawn, but lint and renderers take
        them for its extent and its state.
        """
        heights = self.heights()
        axis = np.linspace(-1, 1, len(heights))
        u, v = np.meshgrid(axis, axis, indexing="ij")
        positions = self.project(u, v, heights)
        self._faces = self._sorted_faces(positions[..., :2], heights, axis)
        finite = positions[np.isfinite(positions).all(axis=-1)]
        self.set_points_as_corners(finite if len(finite) else np.zeros((2, 3)))

    def project(self, u: Any, v: Any, height: Any) -> Floats:
        """Points on screen, shape (..., 3), of points of the field."""
        angle, tilt = self.angle(), self.tilt()
        across = u * np.cos(angle) - v * np.sin(angle)
        away = u * np.sin(angle) + v * np.cos(angle)
        up = away * np.sin(tilt) + height * MAX_HEIGHT * np.cos(tilt)
        flat: Floats = np.stack(np.broadcast_arrays(across, up, 0.0), axis=-1) * self.unit
        positions: Floats = flat + self.middle
        return positions

    def paint(self, ctx: Any) -> None:
        """Fill the faces, the farthest first."""
        opacity = float(self.get_fill_opacity())
        # The path of what was drawn before may still be in the context.
        ctx.new_path()
        move, line, color, fill = ctx.move_to, ctx.line_to, ctx.set_source_rgba, ctx.fill
        numbers = iter(self._faces)
        for ax, ay, bx, by, cx, cy, dx, dy, red, green, blue in zip(*[numbers] * 11, strict=True):
            move(ax, ay)
            line(bx, by)
            line(cx, cy)
            line(dx, dy)
            # Manim's pixel order is what cairo calls blue, green, red.
            color(blue, green, red, opacity)
            fill()

    def polygons(self) -> Iterator[tuple[list[tuple[float, float]], tuple[float, ...]]]:
        """Corners in scene units and RGBA of each face, the farthest first, for explorers."""
        opacity = float(self.get_fill_opacity())
        numbers = iter(self._faces)
        for ax, ay, bx, by, cx, cy, dx, dy, red, green, blue in zip(*[numbers] * 11, strict=True):
            yield [(ax, ay), (bx, by), (cx, cy), (dx, dy)], (red, green, blue, opacity)

    def _sorted_faces(self, positions: Floats, heights: Floats, axis: Floats) -> list[float]:
        """Four corners on screen and a colour, 11 numbers, for each face, the farthest first.

        All are in one flat list: a list for each face would burden the garbage collector.
        """
        corners = np.stack(
            [positions[:-1, :-1], positions[1:, :-1], positions[1:, 1:], positions[:-1, 1:]], axis=2
        ).reshape(-1, 4, 2)
        # Faces overlap a little, so that no seam is visible between them.
        centers = corners.mean(axis=1, keepdims=True)
        corners = corners + (corners - centers) * OVERLAP
        angle = self.angle()
        middle = (axis[:-1] + axis[1:]) / 2
        away = middle[:, None] * np.sin(angle) + middle[None, :] * np.cos(angle)
        order = np.argsort(-away.ravel(), kind="stable")
        # A face with a corner that is not finite is left out.
        order = order[np.isfinite(corners).all(axis=(1, 2))[order]]
        rows = np.column_stack([corners.reshape(-1, 8), self._colors(heights, axis, angle)])[order]
        numbers: list[float] = rows.ravel().tolist()
        return numbers

    def _colors(self, heights: Floats, axis: Floats, angle: float) -> Floats:
        """Red, green and blue of each face, from 0 to 1, by its height and its slope."""
        level = (heights[:-1, :-1] + heights[1:, 1:] + heights[1:, :-1] + heights[:-1, 1:]) / 4
        step = axis[1] - axis[0]
        down_u = (heights[:-1, :-1] - heights[1:, :-1]) * MAX_HEIGHT / step
        down_v = (heights[:-1, :-1] - heights[:-1, 1:]) * MAX_HEIGHT / step
        # The light does not turn with the field.
        x = down_u * np.cos(angle) - down_v * np.sin(angle)
        y = down_u * np.sin(angle) + down_v * np.cos(angle)
        light = (x * LIGHT[0] + y * LIGHT[1] + LIGHT[2]) / np.sqrt(x**2 + y**2 + 1)
        share = level[..., None]
        color = np.where(
            share < 0.5,
            self.low + (self.mid - self.low) * share * 2,
            self.mid + (self.high - self.mid) * (share * 2 - 1),
        )
        # A checkerboard of 2 x 2 faces makes the shape easier to see.
        rows = np.arange(len(axis) - 1) // 2
        checkerboard = 1 - 0.06 * ((rows[:, None] + rows[None, :]) % 2)
        shaded = (
            color
            * (self.ambient + (0.97 - self.ambient) * np.clip(light, 0, 1))[..., None]
            * checkerboard[..., None]
        )
        flat: Floats = np.clip(shaded, 0, 1).reshape(-1, 3)
        return flat


def color_by_height(lines: VMobject, heights: Floats) -> None:
    """Color the lines of a map as the surface is colored at their heights, from 0 to 1."""
    low, mid, high = (ManimColor(c) for c in (colors.falling, colors.value, colors.rising))
    for line, height in zip(lines, heights, strict=True):
        share = 2 * float(np.clip(height, 0, 1))
        line.set_stroke(
            low.interpolate(mid, share) if share < 1 else mid.interpolate(high, share - 1)
        )


class FieldTrail(VGroup):
    """The path of a descent over the field up to `clock()` steps, with a ball at its end.

    `positions` has shape (states, 3): u and v from -1 to 1, and the height. The part behind the
    surface is faint. `opacity()`, from 0 to 1, fades path and ball in and out: a FadeIn would stop
    them from turning with the field.
    """

    def __init__(
        self,
        field: HeightField,
        positions: Floats,
        clock: Callable[[], float],
        opacity: Callable[[], float],
        *,
        color: str,
    ) -> None:
        width = StrokeWidth.arrow
        self.front = VMobject(stroke_color=color, stroke_width=width)
        self.behind = VMobject(
            stroke_color=color, stroke_width=width, stroke_opacity=HIDDEN_OPACITY
        )
        self.ball = Dot(radius=0.13, color=color).set_stroke(colors.background, 2)
        super().__init__(self.behind, self.front, self.ball)
        self.field = field
        self.steps = np.arange(len(positions))
        self.positions, self.clock, self.opacity = positions, clock, opacity
        self.disc = self.ball.points.copy()
        self.segments_per_step = max(MAX_SEGMENTS // len(positions), 1)
        self.add_updater(lambda _: self._follow(), call_updater=True)

    def _follow(self) -> None:
        now = min(self.clock(), len(self.positions) - 1)
        times = np.append(np.arange(0, int(now) + 1e-9, 1 / self.segments_per_step), now)
        field = self.field
        path = np.column_stack([np.interp(times, self.steps, p) for p in self.positions.T])
        points, hidden = field.project(*path.T), occluded(field.heights(), path, field.angle())
        segment_hidden = hidden[:-1] | hidden[1:]
        starts, ends = points[:-1], points[1:]
        for part, chosen, opacity in (
            (self.front, ~segment_hidden, 1), (self.behind, segment_hidden, HIDDEN_OPACITY),
        ):  # fmt: skip
            part.points = segment_points(starts[chosen], ends[chosen])
            part.set_stroke(opacity=opacity * self.opacity())
        self.ball.points = self.disc * self.opacity() + points[-1]


def occluded(heights: Floats, positions: Floats, angle: float) -> npt.NDArray[np.bool_]:
    """Which points (n, 3) of u, v and height lie behind the surface turned by `angle`."""
    # The line of sight rises towards the viewer: a surface above it hides the point.
    distances = np.linspace(0.06, 2.2, 28)
    u = positions[:, :1] - distances * np.sin(angle)
    v = positions[:, 1:2] - distances * np.cos(angle)
    sight = positions[:, 2:] + distances * np.tan(TILT) / MAX_HEIGHT
    half = (len(heights) - 1) / 2
    grid = [(u + 1) * half, (v + 1) * half]
    surface = map_coordinates(np.nan_to_num(heights), grid, order=1, cval=-1.0)
    hidden: npt.NDArray[np.bool_] = (surface > sight + 0.01).any(axis=1)
    return hidden


def best_view(
    heights: Floats, paths: Sequence[Floats], views: Sequence[float], swing: float
) -> float:
    """The one of `views`, angles, at which most of `paths`, each (n, 3), can be seen.

    What can be seen `swing` to both sides counts too; where all is alike, the first one is taken.
    """
    positions = np.concatenate(paths)

    def visible(view: float) -> float:
        angles = (view - swing, view, view + swing)
        return float(np.mean([1 - occluded(heights, positions, angle).mean() for angle in angles]))

    return max(views, key=visible)


class FieldArrow(LiveArrow):
    """An arrow over the field between the two points (u, v, height) that `ends()` returns.

    It has a dark edge, since the field may have its color.
    """

    def __init__(
        self, field: HeightField, ends: Callable[[], tuple[Floats, Floats]], *, color: str
    ) -> None:
        def on_screen() -> tuple[Floats, Floats]:
            begin, end = ends()
            return field.project(*begin), field.project(*end)

        super().__init__(on_screen, color=color)
        self.add_to_back(Line(stroke_width=self.shaft.get_stroke_width() + 2 * EDGE))
        self.tip.set_stroke(width=EDGE)
        self.add_updater(_follow_edge, call_updater=True)


def _follow_edge(arrow: Any) -> None:
    """Draw the edge around shaft and tip in the background's color."""
    edge, shaft, tip = arrow.submobjects
    edge.points = shaft.points
    for part in (edge, tip):
        part.set_stroke(colors.background, opacity=shaft.get_stroke_opacity())
