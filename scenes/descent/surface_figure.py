"""A height field in space as one light mobject: turned, lit and sorted as arrays.

A mobject for every face costs half a second a frame. Here `HeightField` fills its faces straight
into the picture, which `PaintingCamera` lets it do; the scene asks for that camera.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from manim import Camera, Dot, ManimColor, VGroup, VMobject
from scipy.ndimage import map_coordinates  # type: ignore[import-untyped]

from gradreel.draw.contours import LiveArrow, lines
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors, theme_name

TILT = np.radians(44)  # of the eye above the floor
SUN = np.array([-0.45, -0.35, 0.82])
SEAM = 0.07  # by how much a face reaches over its edges
ROOMY = 0.96
TALL = 0.95  # height of the field, where its floor reaches from -1 to 1
SLOTH = 0.05  # how much of a way it is worth to turn by one radian less
FAINT = 0.3  # opacity of a way behind the land
MOST_PIECES = 160  # into which a way is cut, to see which of them are hidden


class PaintingCamera(Camera):
    """Manim's camera, which also lets a mobject paint itself."""

    # What a field paints depends on its points, colour and opacity and lies between its points,
    # as with any mobject: a renderer that draws only what changed may go by them.
    STATE_ONLY_METHODS = ("display_vectorized",)

    @staticmethod
    def draws_custom(vmobject: VMobject) -> bool:
        """Whether a mobject is drawn in another way than Manim's."""
        return isinstance(vmobject, HeightField)

    def display_vectorized(self, vmobject: VMobject, ctx: Any) -> Any:
        """Draw a mobject; one that can `paint` does so itself, in scene units."""
        if isinstance(vmobject, HeightField):
            vmobject.paint(ctx)
            return self
        return super().display_vectorized(vmobject, ctx)


class HeightField(VMobject):
    """Heights over a square floor, seen from above at an angle and turned by `turn()` radians.

    `heights()` has shape (n, n), from 0 (floor) to 1; `at(u, v, height)` is the place on screen of
    a point, u and v from -1 to 1.
    """

    def __init__(
        self, heights: Callable[[], Floats], turn: Callable[[], float], area: Rect
    ) -> None:
        super().__init__(fill_opacity=1, fill_color=colors.value, stroke_width=0)
        self.heights, self.turn, self.area = heights, turn, area
        # Corners rarely lie on the floor: land fills its area better than a box would.
        high = ROOMY * (2 * np.sqrt(2) * np.sin(TILT) + TALL * np.cos(TILT))
        self.unit = min(area.width / (2 * np.sqrt(2)), area.height / high)
        self.middle = area.center - np.array([0, TALL * np.cos(TILT) / 2 * self.unit, 0])
        # The light theme's colours are made for letters: too dark for land with shadows.
        light = theme_name() == "light"
        pale, self.shade = (0.5, 0.72) if light else (0.0, 0.35)
        self.low, self.mid, self.high = (
            np.array(ManimColor(c).interpolate(ManimColor(colors.background), pale).to_rgb())
            for c in (colors.falling, colors.value, colors.rising)
        )
        self.add_updater(lambda _: self._follow(), call_updater=True)

    def _follow(self) -> None:
        """Look again at the heights and from where they are seen.

        The points are the places of the grid: not drawn, but lint and renderers go by them.
        """
        heights = self.heights()
        axis = np.linspace(-1, 1, len(heights))
        u, v = np.meshgrid(axis, axis, indexing="ij")
        places = self.at(u, v, heights)
        self._faces = self._painted(places[..., :2], heights, axis)
        known = places[np.isfinite(places).all(axis=-1)]
        self.set_points_as_corners(known if len(known) else np.zeros((2, 3)))

    def at(self, u: Any, v: Any, height: Any) -> Floats:
        """Places on screen, shape (..., 3), of points of the field."""
        angle = self.turn()
        across = u * np.cos(angle) - v * np.sin(angle)
        away = u * np.sin(angle) + v * np.cos(angle)
        up = away * np.sin(TILT) + height * TALL * np.cos(TILT)
        flat: Floats = np.stack(np.broadcast_arrays(across, up, 0.0), axis=-1) * self.unit
        places: Floats = flat + self.middle
        return places

    def paint(self, ctx: Any) -> None:
        """Fill the faces from the far ones to the near ones."""
        opacity = float(self.get_fill_opacity())
        # Whatever was drawn before has left its path behind.
        ctx.new_path()
        move, line, color, fill = ctx.move_to, ctx.line_to, ctx.set_source_rgba, ctx.fill
        numbers = iter(self._faces)
        for ax, ay, bx, by, cx, cy, dx, dy, red, green, blue in zip(*[numbers] * 11, strict=True):
            move(ax, ay)
            line(bx, by)
            line(cx, cy)
            line(dx, dy)
            # Manim keeps its pixels in the order that cairo calls blue, green, red.
            color(blue, green, red, opacity)
            fill()

    def _painted(self, places: Floats, heights: Floats, axis: Floats) -> list[float]:
        """Four corners on screen and a colour for each face, from far to near, in one row: a list
        for each face would keep Python's collector of garbage busy."""
        corners = np.stack(
            [places[:-1, :-1], places[1:, :-1], places[1:, 1:], places[:-1, 1:]], axis=2
        ).reshape(-1, 4, 2)
        # A little larger each, so that no seam shows between two of them.
        centers = corners.mean(axis=1, keepdims=True)
        corners = corners + (corners - centers) * SEAM
        angle = self.turn()
        middle = (axis[:-1] + axis[1:]) / 2
        away = middle[:, None] * np.sin(angle) + middle[None, :] * np.cos(angle)
        order = np.argsort(-away.ravel(), kind="stable")
        # There is no land where the loss is not finite.
        order = order[np.isfinite(corners).all(axis=(1, 2))[order]]
        colors = self._colors(heights, axis, angle)
        rows = np.column_stack([corners.reshape(-1, 8), colors])[order]
        numbers: list[float] = rows.ravel().tolist()
        return numbers

    def _colors(self, heights: Floats, axis: Floats, angle: float) -> Floats:
        level = (heights[:-1, :-1] + heights[1:, 1:] + heights[1:, :-1] + heights[:-1, 1:]) / 4
        step = axis[1] - axis[0]
        down_u = (heights[:-1, :-1] - heights[1:, :-1]) * TALL / step
        down_v = (heights[:-1, :-1] - heights[:-1, 1:]) * TALL / step
        # The sun stays where it is while the field turns.
        x = down_u * np.cos(angle) - down_v * np.sin(angle)
        y = down_u * np.sin(angle) + down_v * np.cos(angle)
        light = (x * SUN[0] + y * SUN[1] + SUN[2]) / np.sqrt(x**2 + y**2 + 1)
        share = level[..., None]
        color = np.where(
            share < 0.5,
            self.low + (self.mid - self.low) * share * 2,
            self.mid + (self.high - self.mid) * (share * 2 - 1),
        )
        # A fine chequer of the grid's lines: every other row and column a shade darker.
        rows = np.arange(len(axis) - 1) // 2
        chequer = 1 - 0.06 * ((rows[:, None] + rows[None, :]) % 2)
        shaded = (
            color
            * (self.shade + (0.97 - self.shade) * np.clip(light, 0, 1))[..., None]
            * chequer[..., None]
        )
        flat: Floats = np.clip(shaded, 0, 1).reshape(-1, 3)
        return flat


class FieldTrail(VGroup):
    """The way of a descent over the field up to `now()` steps, and the ball in front of it.

    `places` has shape (steps, 3): u and v from -1 to 1, and the height. What lies behind the land
    is faint. `grown()` says how much of it is there, from 0 to 1: animations that fade it would
    not turn along with the field.
    """

    def __init__(
        self,
        field: HeightField,
        places: Floats,
        now: Callable[[], float],
        grown: Callable[[], float],
        *,
        color: str,
    ) -> None:
        self.way = VMobject(stroke_color=color, stroke_width=StrokeWidth.arrow)
        self.behind = VMobject(
            stroke_color=color, stroke_width=StrokeWidth.arrow, stroke_opacity=FAINT
        )
        self.ball = Dot(radius=0.13, color=color).set_stroke(colors.background, 2)
        super().__init__(self.behind, self.way, self.ball)
        self.field = field
        self.steps = np.arange(len(places))
        self.places, self.now, self.grown = places, now, grown
        self.disc = self.ball.points.copy()
        self.pieces = max(MOST_PIECES // len(places), 1)
        self.add_updater(lambda _: self._follow(), call_updater=True)

    def _follow(self) -> None:
        at = min(self.now(), len(self.places) - 1)
        done = np.append(np.arange(0, int(at) + 1e-9, 1 / self.pieces), at)
        field = self.field
        places = np.column_stack([np.interp(done, self.steps, p) for p in self.places.T])
        corners, unseen = field.at(*places.T), hidden(field.heights(), places, field.turn())
        split = unseen[:-1] | unseen[1:]
        starts, ends = corners[:-1], corners[1:]
        for way, piece, opacity in ((self.way, ~split, 1), (self.behind, split, FAINT)):
            way.points = lines(starts[piece], ends[piece])
            way.set_stroke(opacity=opacity * self.grown())
        self.ball.points = self.disc * self.grown() + corners[-1]


def hidden(heights: Floats, places: Floats, turn: float) -> npt.NDArray[np.bool_]:
    """Which points (n, 3) of u, v and height lie behind the land when it is turned so."""
    # Towards the eye the line of sight rises: land that is above it hides the point.
    far = np.linspace(0.06, 2.2, 28)
    u = places[:, :1] - far * np.sin(turn)
    v = places[:, 1:2] - far * np.cos(turn)
    sight = places[:, 2:] + far * np.tan(TILT) / TALL
    half = (len(heights) - 1) / 2
    grid = [(u + 1) * half, (v + 1) * half]
    land = map_coordinates(np.nan_to_num(heights), grid, order=1, cval=-1.0)
    behind: npt.NDArray[np.bool_] = (land > sight + 0.01).any(axis=1)
    return behind


def best_view(heights: Floats, ways: Sequence[Floats], near: float, swing: float) -> float:
    """The turn from which these ways, each (n, 3), are seen best, also `swing` to both sides.

    Of turns that show as much, the one closest to `near`.
    """
    places = np.concatenate(ways)

    def merit(away: float) -> float:
        turns = (near + away - swing, near + away, near + away + swing)
        seen = [1 - hidden(heights, places, turn).mean() for turn in turns]
        return float(np.mean(seen)) - SLOTH * abs(away)

    turns: list[float] = np.radians(np.arange(-180, 180, 10)).tolist()
    return near + max(turns, key=merit)


class FieldArrow(LiveArrow):
    """An arrow over the field between two points (u, v, height) that `ends()` gives."""

    def __init__(
        self, field: HeightField, ends: Callable[[], tuple[Floats, Floats]], *, color: str
    ) -> None:
        def on_screen() -> tuple[Floats, Floats]:
            begin, end = ends()
            return field.at(*begin), field.at(*end)

        super().__init__(on_screen, color=color)
