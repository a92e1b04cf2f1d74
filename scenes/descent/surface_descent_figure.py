"""One descent on a surface and on its map: ball, trail, and the arrow against the gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from manim import Mobject

from gradreel.draw.contours import MapArrow, MapTrail
from gradreel.draw.plane import Floats, Plane
from gradreel.scenes.descent.surface_figure import FieldArrow, FieldTrail, HeightField
from gradreel.tape import Quantity
from gradreel.theme import colors

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


class SurfaceDescent:
    """The mobjects of one descent on `field` and on the map `plane`, after `time()` steps.

    What is on the field is as visible as `opacity()` says, from 0 to 1.
    """

    def __init__(
        self,
        surface: Surface,
        descent: DescentPath,
        field: HeightField,
        plane: Plane,
        time: Callable[[], float],
        opacity: Callable[[], float],
        color: str,
    ) -> None:
        self.surface, self.descent, self.color = surface, descent, color
        self._time, self._opacity = time, opacity
        self.positions: Floats = surface.positions_inside(descent)
        self.path = path_on_field(surface, descent)
        self.trail = FieldTrail(field, self.path, time, opacity, color=color)
        self.mark = MapTrail(plane, self.positions, time, color=color)
        self.arrows: list[Mobject] = [
            FieldArrow(field, self._arrow_on_field, color=colors.falling),
            MapArrow(plane, self._map_position, self._downhill, color=colors.falling),
        ]

    def loss(self) -> Quantity:
        """The loss after the last whole step."""
        return self.descent.at(self._time()).loss

    def _along(self, states: Floats) -> Floats:
        """Between two of `states`, one a row, where the ball is now."""
        now = min(self._time(), len(states) - 1.0)
        steps = np.arange(len(states))
        return np.array([np.interp(now, steps, axis) for axis in states.T])

    def _map_position(self) -> list[float]:
        return [float(x) for x in self._along(self.positions)]

    def _downhill(self) -> Floats:
        """The arrow against the gradient in x and y; it is limited in length and by the square."""
        surface, position = self.surface, self._along(self.positions)
        steepest = max(float(np.linalg.norm(self.descent[0].gradient)), 1e-9)
        scale = ARROW_LENGTH * surface.half_width / steepest
        gradient = np.array(surface.function.evaluate(*position).partials, dtype=float)
        arrow = -gradient * scale * self._opacity()
        offset = position - np.array(surface.center)
        room = (surface.half_width - np.sign(arrow) * offset) / np.maximum(np.abs(arrow), 1e-12)
        length = max(float(np.linalg.norm(arrow)), 1e-12)
        longest = 1.6 * ARROW_LENGTH * surface.half_width
        shortened: Floats = arrow * min(1.0, longest / length, max(float(room.min()), 0.0))
        return shortened

    def _arrow_on_field(self) -> tuple[Floats, Floats]:
        """Both ends of the arrow from the ball along the surface, as u, v and height."""
        arrow, start = self._downhill(), self._along(self.path)
        gradient = self.surface.function.evaluate(*self._along(self.positions)).partials
        height = float(np.dot(gradient, arrow)) * self.surface.height_per_loss
        return start, start + np.array([*(arrow / self.surface.half_width), height])


def path_on_field(surface: Surface, descent: Any) -> Floats:
    """The positions of a descent on the field, shape (states, 3)."""
    positions = surface.positions_inside(descent)
    return on_field(surface, positions, descent.losses[: len(positions)])


def on_field(surface: Surface, positions: Floats, losses: Floats) -> Floats:
    """u and v from -1 to 1, and the height, of points x and y with these losses; shape (n, 3)."""
    flat = (positions - np.array(surface.center)) / surface.half_width
    return np.column_stack([flat, surface.height(losses)])
