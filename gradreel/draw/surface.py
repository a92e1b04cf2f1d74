"""A height field in space as one light mobject: turned, lit and sorted as arrays.

A mobject for every face costs half a second a frame. Here `HeightField` fills its faces straight
into the picture, which `PaintingCamera` lets it do; the scene asks for that camera.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import Camera, Dot, ManimColor, Mobject, VGroup, VMobject

from gradreel.draw.field import LiveArrow
from gradreel.draw.plane import Floats
from gradreel.draw.stage import Area
from gradreel.theme import ink, stroke, theme_name

TILT = np.radians(38)  # of the eye above the floor
SUN = np.array([-0.45, -0.35, 0.82])
SEAM = 0.07  # by how much a face reaches over its edges
TALL = 0.95  # height of the field, where its floor reaches from -1 to 1


class PaintingCamera(Camera):
    """Manim's camera, which also lets a mobject paint itself."""

    # What a field paints depends on its points, colour and opacity and lies between its points,
    # as with any mobject: a renderer that draws only what changed may go by them.
    DRAWN_BY_LOOKS = ("display_vectorized",)

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
        self, heights: Callable[[], Floats], turn: Callable[[], float], area: Area
    ) -> None:
        super().__init__(fill_opacity=1, fill_color=ink.value, stroke_width=0)
        self.heights, self.turn, self.area = heights, turn, area
        high = 2 * np.sqrt(2) * np.sin(TILT) + TALL * np.cos(TILT)
        self.unit = min(area.width / (2 * np.sqrt(2)), area.height / high)
        self.middle = area.center - np.array([0, TALL * np.cos(TILT) / 2 * self.unit, 0])
        # The light theme's colours are made for letters: too dark for land with shadows.
        pale = 0.5 if theme_name() == "light" else 0.0
        self.low, self.mid, self.high = (
            np.array(ManimColor(c).interpolate(ManimColor(ink.background), pale).to_rgb())
            for c in (ink.falling, ink.value, ink.rising)
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
        shaded = color * (0.35 + 0.62 * np.clip(light, 0, 1))[..., None] * chequer[..., None]
        flat: Floats = np.clip(shaded, 0, 1).reshape(-1, 3)
        return flat


class FieldTrail(VGroup):
    """The way of a descent over the field up to `now()` steps, and the ball in front of it.

    `places` has shape (steps, 3): u and v from -1 to 1, and the height.
    """

    def __init__(
        self, field: HeightField, places: Floats, now: Callable[[], float], *, color: str
    ) -> None:
        self.way = VMobject(stroke_color=color, stroke_width=stroke.arrow)
        self.ball = Dot(radius=0.12, color=color).set_stroke(ink.background, 2)
        super().__init__(self.way, self.ball)
        steps = np.arange(len(places))

        def follow(_: Mobject) -> None:
            at = min(now(), len(places) - 1)
            tip = np.array([np.interp(at, steps, places[:, k]) for k in range(3)])
            done = np.vstack([places[: int(at) + 1], tip])
            corners = field.at(done[:, 0], done[:, 1], done[:, 2])
            self.way.set_points_as_corners(np.vstack([corners, corners[-1:] + [1e-4, 0, 0]]))
            self.ball.move_to(corners[-1])

        self.add_updater(follow, call_updater=True)


class FieldArrow(LiveArrow):
    """An arrow over the field between two points (u, v, height) that `ends()` gives."""

    def __init__(
        self, field: HeightField, ends: Callable[[], tuple[Floats, Floats]], *, color: str
    ) -> None:
        def on_screen() -> tuple[Floats, Floats]:
            begin, end = ends()
            return field.at(*begin), field.at(*end)

        super().__init__(on_screen, color=color)
