"""A land twice: as a surface in space and as a map, with the descents on both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from manim import LEFT, FadeIn, FadeOut, Mobject, ValueTracker

from gradreel.draw.contours import MapArrow, MapTrail, contour_levels
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.plane import Floats, Plane
from gradreel.draw.text import math
from gradreel.scenes.descent.surface_figure import (
    FieldArrow,
    FieldTrail,
    HeightField,
    best_view,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

LONGEST = 0.45  # the arrow at the start of a descent, in half widths of the land


class DescentPath(Protocol):
    """A descent: its learning rate and its places."""

    @property
    def lr(self) -> Quantity: ...
    def __getitem__(self, step: int) -> Any: ...


class VisibleDescent(Protocol):
    """A land as it was measured."""

    @property
    def function(self) -> Any: ...
    @property
    def paths(self) -> Sequence[Any]: ...
    @property
    def middle(self) -> tuple[float, float]: ...
    @property
    def half(self) -> float: ...
    @property
    def steepness(self) -> float: ...
    @property
    def heights(self) -> Floats: ...
    def axes(self, count: int) -> list[Floats]: ...
    def height(self, values: Floats) -> Floats: ...
    def places(self, path: Any) -> Floats: ...


class SurfaceWithMap:
    """What stands on `field` and `plane` for one land; `now` counts the steps of its descents."""

    def __init__(
        self, land: VisibleDescent, field: HeightField, plane: Plane, head: Rect, foot: Rect
    ) -> None:
        self.land, self.now, self.grown = land, ValueTracker(0), ValueTracker(0)
        now = self.now.get_value
        self.values = land.function.grid(*land.axes(61))[0]
        self.levels = contour_levels(self.values)
        self.formula = fit_into(
            math(f'"loss" = {land.function.typst()}', font_size=FontSize.body), head
        )
        self.trails, self.marks = [], []
        for path, color in zip(land.paths, (colors.accent, colors.gradient), strict=False):
            places, grown = self._on_field(path), self.grown.get_value
            self.trails.append(FieldTrail(field, places, now, grown, color=color))
            self.marks.append(MapTrail(plane, land.places(path), now, color=color))
        self.arrows = self._arrows(field, plane)
        left, right = foot.columns(1, 1.5, gap=0.15)
        self.readings = [
            self._reading('"rate"', land.paths[0].lr, left, colors.leaf),
            self._reading('"loss"', lambda: self._here().value, right, colors.accent),
        ]

    def _reading(self, name: str, source: Any, area: Rect, color: str) -> LabelledNumber:
        letters = FontSize.label if area.width > 1.9 else FontSize.small
        made = LabelledNumber(name, source, color=color, places=None, font_size=letters)
        made.move_to(area.center).align_to(point(area.left, 0), LEFT)
        return made

    def view(self, near: float, swing: float) -> float:
        """From where to look, so that no hill hides the descents; see `best_view`."""
        ways = [self._on_field(path) for path in self.land.paths]
        return best_view(self.land.heights, ways, near, swing)

    @property
    def movers(self) -> list[Mobject]:
        """What stands on the field, unseen until `appears` is played."""
        return [*self.trails, *self.arrows]

    def appears(self) -> list[Any]:
        """Balls and arrows grow on the field; the marks on the map and the numbers come in."""
        return [self.grown.animate.set_value(1), FadeIn(*self.marks, *self.readings)]

    def goes(self) -> list[Any]:
        """Everything of the descents leaves."""
        return [self.grown.animate.set_value(0), FadeOut(*self.marks, *self.readings)]

    def _here(self) -> Any:
        """The visit at this moment, while the ball is on the land."""
        path = self.land.paths[0]
        return path[int(self.now.get_value() + 1e-9)]

    def _arrows(self, field: HeightField, plane: Plane) -> list[Mobject]:
        """The way down from where the ball is, on the surface and on the map."""
        land, path = self.land, self.land.paths[0]
        last = len(land.places(path)) - 1
        steepest = max(float(np.linalg.norm(path[0].slopes)), 1e-9)
        scale = LONGEST * land.half / steepest

        def visit() -> Any:
            return path[min(int(self.now.get_value() + 1e-9), last)]

        def down() -> Floats:
            """Against the gradient, not longer than the land is wide, and not beyond its edge."""
            here = visit()
            way = -np.array([float(g) for g in here.slopes]) * scale * self.grown.get_value()
            place = np.array([float(x) for x in here.inputs]) - land.middle
            room = (land.half - np.sign(way) * place) / np.maximum(np.abs(way), 1e-12)
            long = max(float(np.linalg.norm(way)), 1e-12)
            return way * min(1.0, 1.6 * LONGEST * land.half / long, max(float(room.min()), 0.0))

        def on_field() -> tuple[Floats, Floats]:
            here, way = visit(), down()
            place = self._lifted(here.inputs, here.value)
            fall = float(np.dot([float(g) for g in here.slopes], way)) * land.steepness
            return place, place + np.array([*(way / land.half), fall])

        return [
            FieldArrow(field, on_field, color=colors.falling),
            MapArrow(plane, lambda: [float(x) for x in visit().inputs], down, color=colors.falling),
        ]

    def _lifted(self, place: Sequence[Any], value: Any) -> Floats:
        """A place of the land on the field: u and v from -1 to 1, and the height."""
        flat = (np.array([float(x) for x in place]) - self.land.middle) / self.land.half
        return np.array([*flat, float(self.land.height(np.array(float(value))))])

    def _on_field(self, path: Any) -> Floats:
        """The places of a descent on the field, shape (steps, 3)."""
        count = len(self.land.places(path))
        return np.array([self._lifted(path[k].inputs, path[k].value) for k in range(count)])
