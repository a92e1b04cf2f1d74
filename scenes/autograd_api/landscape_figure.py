"""The landscape of a function of two variables with its slices, their slopes and the gradient."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, hypot, pi, sin
from typing import Protocol

import numpy as np
from manim import DOWN, LEFT, Rectangle, ValueTracker

from gradreel.draw.contours import contour_levels, equal_scale_ranges
from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats, Plane
from gradreel.draw.text import math
from gradreel.draw.text_background import text_background
from gradreel.scenes.autograd_api.floor_marks_figure import FloorArrow, FloorLine, RightAngle
from gradreel.scenes.autograd_api.relief_figure import (
    Floor,
    GlassPlane,
    Relief,
    ReliefLines,
    SurfaceDot,
    SurfacePoint,
)
from gradreel.tape import input_quantity
from gradreel.theme import FontSize, colors

LEVELS = 40
LONGEST = 3.0  # of an arrow, in half widths of the walk
MARGIN = 0.9  # half widths of the walk, beyond the tip of the gradient at the start
IN_SCALE = 2.2  # half widths: a longer gradient at the start is drawn shorter, as are all arrows
DIRECTION_COUNT = 24  # in which a steep place is looked for
DIRECTIONS = ("local", "leaf")  # the colors of what belongs to x and of what belongs to y


class Surface(Protocol):
    """A function of two variables that may change, as Landscape is one."""

    def evaluate(self, x: float, y: float) -> SurfacePoint: ...
    def values(self, xs: Floats, ys: Floats) -> Floats: ...
    def grid_of(self, xs: Floats, ys: Floats) -> Callable[[], Floats]: ...


class LandscapeFigure:
    """The parts of the picture; all follow the surface and `position()`, the point on the map.

    `tilt` is 1 for the view from the side and 0 for the map on `plane`; `growth` and
    `descent_growth` are the lengths of `gradient` and `downhill`, as shares. All of `downhill` is
    the step of gradient descent with the learning rate `rate`, as far as the map reaches, which is
    beyond `half_width` on each side of `start`. A slope of 1 is one unit of the map long, unless
    the gradient at `start` would leave the map.
    """

    def __init__(
        self, surface: Surface, start: SurfacePoint, position: Callable[[], tuple[float, float]],
        half_width: float, rate: float, area: Rect,
    ) -> None:  # fmt: skip
        self.rate = rate
        self.surface, self.position, self.half_width = surface, position, half_width
        self.tilt, self.growth, self.descent_growth = map(ValueTracker, (1, 0, 0))
        x, y = start.inputs
        slope = hypot(*start.partials)
        in_scale = slope <= IN_SCALE * half_width
        reach = max(1.4 * half_width, float(abs(start.partials[1] + y / 2)) + MARGIN * half_width)
        ranges = equal_scale_ranges(area, (x / 2, y / 2), reach if in_scale else 1.4 * half_width)
        self.plane = Plane(*ranges, area, tick_count=(5, 5))
        self.axes = (np.linspace(*ranges[0], 61), np.linspace(*ranges[1], 61))
        heights = surface.values(*self.axes)
        bottom, top = height_range(heights, float(start.value))
        self.relief = Relief(self.plane, area, bottom, top, self.tilt.get_value)
        self._build_surface(heights)
        self._build_arrows(1.0 if in_scale else 0.75 * half_width / slope)

    def current(self) -> SurfacePoint:
        """The surface at the point of the current frame."""
        return self.surface.evaluate(*self.position())

    def _build_surface(self, heights: Floats) -> None:
        """Floor, contour lines, point and glass planes."""
        relief = self.relief
        grid = self.surface.grid_of(*self.axes)
        inside = int((contour_levels(heights, LEVELS) <= relief.top).sum())

        def lines(
            part: slice, *, lifted: bool, width: float, color: str = colors.value
        ) -> ReliefLines:
            def levels(heights: Floats) -> Floats:
                return contour_levels(heights, LEVELS)[part]

            return ReliefLines(
                relief, *self.axes, grid, levels, lifted=lifted, width=width, color=color
            )

        self.floor = Floor(relief)
        self.floor_lines = lines(slice(inside), lifted=False, width=1.2, color=colors.muted)
        self.rings = lines(slice(inside), lifted=True, width=3)
        self.outer = lines(slice(inside, None), lifted=False, width=1.5)
        self.point = SurfaceDot(relief, self.current)
        self.stem = FloorLine(relief, self._stem_ends)
        self.glass = [
            GlassPlane(relief, k, self.current, self.surface.values, getattr(colors, role))
            for k, role in enumerate(DIRECTIONS)
        ]
        (x0, x1), (y0, y1) = self.plane.x_range, self.plane.y_range
        self.edge_names = [
            math("x", color=colors.muted).next_to(relief.at((x0 + x1) / 2, y0), DOWN, buff=0.2),
            math("y", color=colors.muted).next_to(relief.at(x0, (y0 + y1) / 2), LEFT, buff=0.2),
        ]

    def _stem_ends(self) -> list[tuple[float, float, float | None]]:
        """The point on the surface and the place below it on the floor."""
        height = min(float(np.nan_to_num(self.current().value)), self.relief.top)
        return [(*self.position(), None), (*self.position(), height)]

    def _build_arrows(self, scale: float) -> None:
        """The two components, the gradient, and its opposite; a slope of 1 is `scale` long."""
        self.scale = scale

        def part(x: float, y: float) -> tuple[float, float]:
            by_x, by_y = self.current().partials
            return by_x * x, by_y * y

        def arrow(along: Callable[[], tuple[float, float]], color: str) -> FloorArrow:
            return FloorArrow(self.relief, self.position, along, color=color, scale=scale)

        def tip(x: float, y: float) -> tuple[float, float, None]:
            (at_x, at_y), (dx, dy) = self.position(), part(x, y)
            return at_x + dx * scale, at_y + dy * scale, None

        self.components = [
            arrow(lambda: part(1, 0), getattr(colors, DIRECTIONS[0])),
            arrow(lambda: part(0, 1), getattr(colors, DIRECTIONS[1])),
        ]
        self.sides = [
            FloorLine(self.relief, lambda: [tip(1, 0), tip(1, 1)]),
            FloorLine(self.relief, lambda: [tip(0, 1), tip(1, 1)]),
        ]

        def whole(share: float) -> tuple[float, float]:
            x, y = part(share, share)
            shorter = min(LONGEST * self.half_width / max(hypot(x, y) * scale, 1e-9), 1.0)
            return x * shorter, y * shorter

        self.gradient = arrow(lambda: whole(self.growth.get_value()), colors.gradient)
        self.right_angle = RightAngle(
            self.relief, self.position, lambda: [d * scale for d in whole(1.0)]
        )

        self.downhill = FloorArrow(
            self.relief, self.position, lambda: self._step(self.descent_growth.get_value()),
            color=colors.falling, scale=1.0,
        )  # fmt: skip

    def _step(self, growth: float) -> tuple[float, float]:
        """The way of a step times `growth`, as far as it is on the map."""
        x, y = (-self.rate * float(slope) for slope in self.current().partials)
        share = growth * self._share_inside(self.position(), (x, y))
        return x * share, y * share

    def step_label(self) -> tuple[Rectangle, Formula]:
        """The product of learning rate and gradient beside `downhill`, after its background."""
        words = Formula(
            "- {rate} nabla f", rate=input_quantity(self.rate, "learning rate"),
            color=colors.falling, roles={"rate": "falling"}, font_size=FontSize.label,
        )  # fmt: skip
        (x, y), (dx, dy) = self.position(), self._step(1.0)
        begin, end = self.relief.at(x, y), self.relief.at(x + dx, y + dy)
        along = (end - begin) / max(float(np.linalg.norm(end - begin)), 1e-9)
        aside = np.array([-along[1], along[0], 0.0])
        away = 0.3 + abs(aside[0]) * words.width / 2 + abs(aside[1]) * words.height / 2
        words.move_to((begin + end) / 2 + away * aside)
        background = text_background(words).set_z_index(2)  # above the arrow
        return background, words.set_z_index(3)

    def steepest_place(self, x: float, y: float, way: float) -> tuple[float, float]:
        """The place at the distance `way` from (x, y) with the longest arrow that is on the map."""
        steepest, longest = (x, y), 0.0
        for number in range(DIRECTION_COUNT):
            angle = 2 * pi * number / DIRECTION_COUNT
            place = x + way * cos(angle), y + way * sin(angle)
            by_x, by_y = (self.scale * float(d) for d in self.surface.evaluate(*place).partials)
            is_on_map = self._share_inside(place, (by_x, by_y)) == 1
            if is_on_map and hypot(by_x, by_y) > longest:
                steepest, longest = place, hypot(by_x, by_y)
        return steepest

    def _share_inside(self, place: tuple[float, float], along: tuple[float, float]) -> float:
        """The share of a way from a place that is on the map, at most 1."""
        share = 1.0
        ranges = (self.plane.x_range, self.plane.y_range)
        for at, way, (low, high) in zip(place, along, ranges, strict=True):
            if way:
                share = min(share, max(((high if way > 0 else low) - at) / way, 0.0))
        return share


def height_range(heights: Floats, start: float) -> tuple[float, float]:
    """The heights at which the relief begins and ends.

    It ends where the lowest part of the edge is, so that a bowl has a round rim, but not below the
    start or most of the surface.
    """
    finite = heights[np.isfinite(heights)]
    if not finite.size:
        return 0.0, 1.0
    bottom = float(finite.min())
    edge = np.concatenate([heights[0], heights[-1], heights[:, 0], heights[:, -1]])
    rim = float(np.nanmin(edge)) if np.isfinite(edge).any() else bottom
    least = bottom + 1.3 * (start - bottom) if np.isfinite(start) else bottom
    top = max(rim, float(np.quantile(finite, 0.45)), least)
    return (bottom, top) if top > bottom else (bottom, bottom + 1.0)
