"""A function of two variables that can turn into another one, and the places of a walk on it."""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, pi, sin

import numpy as np

from gradreel.functions.function import Array, Evaluation, Function

SAME_DIRECTION = 1e-6  # radians


class Landscape:
    """The mix (1 - share) f + share g of two functions; `share()` is from 0 to 1."""

    def __init__(self, f: Function, g: Function, share: Callable[[], float]) -> None:
        self._f, self._g, self._share = f, g, share
        self._mixed: tuple[float, Function] = (0.0, f)
        self._grid: tuple[float, Array] | None = None

    def function(self) -> Function:
        """The function at the current share."""
        share = self._share()
        if share != self._mixed[0]:
            self._mixed = (share, self._mix(share))
        return self._mixed[1]

    def _mix(self, share: float) -> Function:
        f, g = self._f, self._g
        if share in (0.0, 1.0):
            return g if share else f
        return Function(
            lambda *at: (1 - share) * f.fn(*at) + share * g.fn(*at), f.variables, label=f.label
        )

    def evaluate(self, x: float, y: float) -> Evaluation:
        """Value and partial derivatives at one point."""
        return self.function().evaluate(x, y)

    def values(self, xs: Array, ys: Array) -> Array:
        """The values on the grid of two axes, shape (len(xs), len(ys))."""
        return self.function().grid(xs, ys)[0]

    def grid_of(self, xs: Array, ys: Array) -> Callable[[], Array]:
        """A function that returns the values on this grid; the same array while nothing changes."""

        def heights() -> Array:
            share = self._share()
            if self._grid is None or self._grid[0] != share:
                self._grid = (share, self.values(xs, ys))
            return self._grid[1]

        return heights


def place_on_circle(start: tuple[float, float], radius: float, share: float) -> tuple[float, float]:
    """The place at this share of a circle that begins at `start`, as far out as it gets."""
    toward = atan2(start[1], start[0])
    middle_x, middle_y = start[0] - radius * cos(toward), start[1] - radius * sin(toward)
    angle = toward + 2 * pi * share
    return middle_x + radius * cos(angle), middle_y + radius * sin(angle)


def has_one_direction(f: Function, xs: Array, ys: Array) -> bool:
    """Whether all gradients on the grid of two axes lie on one line, as contours are parallel."""
    by_x, by_y = f.grid(xs, ys)[1]
    angles = [atan2(b, a) % pi for a, b in zip(by_x.ravel(), by_y.ravel(), strict=True) if a or b]
    if not angles or not np.isfinite(angles).all():
        return False
    turns = np.abs(np.array(angles) - angles[0])
    return bool(np.minimum(turns, pi - turns).max() < SAME_DIRECTION)
