"""A loss surface in 3D and as a contour map, with the same descents on both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from manim import LEFT, Animation, ApplyMethod, FadeIn, FadeOut, Mobject, ValueTracker

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

ARROW_LENGTH = 0.45  # of the arrow at the start of a descent, in half widths of the surface


class DescentState(Protocol):
    """The state of a descent in two variables after some step."""

    @property
    def inputs(self) -> Sequence[Quantity]: ...
    @property
    def loss(self) -> Quantity: ...
    @property
    def gradient(self) -> Sequence[Quantity]: ...


class DescentPath(Protocol):
    """A descent: its learning rate and its states."""

    @property
    def lr(self) -> Quantity: ...
    def __getitem__(self, step: int) -> DescentState: ...
    def at(self, time: float) -> DescentState: ...


class Surface(Protocol):
    """A loss surface with its descents, as LossLandscape has them."""

    @property
    def function(self) -> Any: ...
    @property
    def descents(self) -> Sequence[Any]: ...
    @property
    def center(self) -> tuple[float, float]: ...
    @property
    def half_width(self) -> float: ...
    @property
    def height_per_loss(self) -> float: ...
    @property
    def heights(self) -> Floats: ...
    def axes(self, count: int) -> tuple[Floats, Floats]: ...
    def height(self, losses: Floats) -> Floats: ...
    def positions_inside(self, descent: Any) -> Floats: ...


class SurfaceWithMap:
    """The mobjects of one surface on `field` and on the map `plane`; `clock` counts steps.

    The formula is in `head`, the learning rate and the loss in `foot`.
    """

    def __init__(
        self, surface: Surface, field: HeightField, plane: Plane, head: Rect, foot: Rect
    ) -> None:
        self.surface = surface
        self.clock, self.opacity = ValueTracker(0), ValueTracker(0)
        self.descent: DescentPath = surface.descents[0]
        self.positions: Floats = surface.positions_inside(self.descent)
        self.path = self._path_on_field(self.descent)
        self.losses: Floats = surface.function.grid(*surface.axes(61))[0]
        self.levels = contour_levels(self.losses)
        formula = math(f'"loss" = {surface.function.typst()}', font_size=FontSize.body)
        self.formula = fit_into(formula, head)
        time, opacity = self.clock.get_value, self.opacity.get_value
        self.trails, self.marks = [], []
        for descent, color in zip(surface.descents, (colors.accent, colors.gradient), strict=False):
            path = self._path_on_field(descent)
            self.trails.append(FieldTrail(field, path, time, opacity, color=color))
            positions = surface.positions_inside(descent)
            self.marks.append(MapTrail(plane, positions, time, color=color))
        self.arrows = self._arrows(field, plane)
        left, right = foot.columns(1, 1.5, gap=0.15)
        self.numbers = [
            _labelled('"lr"', self.descent.lr, left, colors.leaf),
            _labelled('"loss"', lambda: self.descent.at(time()).loss, right, colors.accent),
        ]

    def best_view(self, near: float, swing: float) -> float:
        """The angle at which the descents are seen best; see `surface_figure.best_view`."""
        paths = [self._path_on_field(descent) for descent in self.surface.descents]
        return best_view(self.surface.heights, paths, near, swing)

    @property
    def field_mobjects(self) -> list[Mobject]:
        """The mobjects on the field; they are transparent until `appears` is played."""
        return [*self.trails, *self.arrows]

    @property
    def mobjects(self) -> list[Mobject]:
        """All that `disappears` makes invisible."""
        return [*self.field_mobjects, *self.marks, *self.numbers]

    def appears(self) -> list[Animation]:
        """Balls and arrows grow on the field; the marks on the map and the numbers fade in."""
        return [ApplyMethod(self.opacity.set_value, 1), FadeIn(*self.marks, *self.numbers)]

    def disappears(self) -> list[Animation]:
        """The opposite of `appears`."""
        return [ApplyMethod(self.opacity.set_value, 0), FadeOut(*self.marks, *self.numbers)]

    def _position(self) -> Floats:
        """Where the ball is now, as x and y."""
        positions = self.positions
        now = min(self.clock.get_value(), len(positions) - 1.0)
        steps = np.arange(len(positions))
        return np.array([np.interp(now, steps, axis) for axis in positions.T])

    def _arrows(self, field: HeightField, plane: Plane) -> list[Mobject]:
        """Arrows against the gradient where the ball is, on the surface and on the map."""
        return [
            FieldArrow(field, self._arrow_on_field, color=colors.falling),
            MapArrow(plane, self._map_position, self._downhill, color=colors.falling),
        ]

    def _map_position(self) -> list[float]:
        return [float(x) for x in self._position()]

    def _downhill(self) -> Floats:
        """The arrow against the gradient in x and y; it is limited in length and by the square."""
        surface, position = self.surface, self._position()
        steepest = max(float(np.linalg.norm(self.descent[0].gradient)), 1e-9)
        scale = ARROW_LENGTH * surface.half_width / steepest
        gradient = np.array(surface.function.evaluate(*position).partials, dtype=float)
        arrow = -gradient * scale * self.opacity.get_value()
        offset = position - np.array(surface.center)
        room = (surface.half_width - np.sign(arrow) * offset) / np.maximum(np.abs(arrow), 1e-12)
        length = max(float(np.linalg.norm(arrow)), 1e-12)
        longest = 1.6 * ARROW_LENGTH * surface.half_width
        shortened: Floats = arrow * min(1.0, longest / length, max(float(room.min()), 0.0))
        return shortened

    def _arrow_on_field(self) -> tuple[Floats, Floats]:
        """Both ends of the arrow from the ball along the surface, as u, v and height."""
        arrow = self._downhill()
        now = min(self.clock.get_value(), len(self.path) - 1.0)
        steps = np.arange(len(self.path))
        start = np.array([np.interp(now, steps, axis) for axis in self.path.T])
        gradient = self.surface.function.evaluate(*self._position()).partials
        height = float(np.dot(gradient, arrow)) * self.surface.height_per_loss
        return start, start + np.array([*(arrow / self.surface.half_width), height])

    def _field_position(self, state: DescentState) -> Floats:
        """u and v from -1 to 1, and the height of a state."""
        position = np.array([float(x) for x in state.inputs])
        u, v = (position - self.surface.center) / self.surface.half_width
        return np.array([u, v, float(self.surface.height(np.array(float(state.loss))))])

    def _path_on_field(self, descent: Any) -> Floats:
        """The positions of a descent on the field, shape (states, 3)."""
        count = len(self.surface.positions_inside(descent))
        return np.array([self._field_position(descent[k]) for k in range(count)])


def _labelled(
    label: str, source: Quantity | Callable[[], Quantity], area: Rect, color: str
) -> LabelledNumber:
    """A number with its label at the left of `area`, smaller where the area is narrow."""
    font_size = FontSize.label if area.width > 1.9 else FontSize.small
    number = LabelledNumber(label, source, color=color, places=None, font_size=font_size)
    number.move_to(area.center).align_to(point(area.left, 0), LEFT)
    return number
