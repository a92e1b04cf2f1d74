"""Loss surfaces over x and y, the square of each that is shown, and descents on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradreel.functions.function import Array, Function
from gradreel.measure.gradient_descent import Descent, run_descent, sufficient_decrease_rate

HALF_WIDTH = 2.0
# Formula, learning rate and starts of each surface.
SURFACES: dict[str, tuple[str, float, tuple[tuple[float, float], ...]]] = {
    "bowl": ("x**2 + y**2", 0.06, ((-1.6, 1.2),)),
    "saddle": ("x**2 - y**2", 0.08, ((-1.7, -0.02),)),
    "minima": ("(x**2-1.2)**2 + (y**2-1.2)**2 + 0.4*x", 0.02, ((-0.3, 0.2), (0.45, 0.2))),
    "valley": ("1.5*x**2 + 0.15*y**2", 0.6, ((-1.2, 1.8),)),
}
MAX_HEIGHT = 4  # of a surface, as a multiple of the height of its 75 % quantile
GRID = 27  # points along each side at which a surface is evaluated


@dataclass(frozen=True)
class LossLandscape:
    """`function` over the square of half width `half_width` around `center`, and its descents."""

    name: str
    function: Function
    descents: tuple[Descent, ...]
    center: tuple[float, float]
    half_width: float

    def axes(self, count: int) -> tuple[Array, Array]:
        """`count` evenly spaced values of x and of y."""
        x, y = (np.linspace(low, high, count) for low, high in self.ranges)
        return x, y

    @property
    def ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The ranges of x and of y."""
        (x, y), half = self.center, self.half_width
        return (x - half, x + half), (y - half, y + half)

    @cached_property
    def heights(self) -> Array:
        """Heights from 0 to 1, shape (GRID, GRID); NaN where the loss is not finite."""
        values = self.function.grid(*self.axes(GRID))[0]
        return self.height(np.where(np.isfinite(values), values, np.nan))

    @cached_property
    def _scale(self) -> tuple[float, float]:
        """The lowest loss, and the difference above it that is drawn at height 1."""
        values = self.function.grid(*self.axes(GRID))[0]
        finite = values[np.isfinite(values)]
        if not finite.size:
            return 0.0, 1.0
        low = float(finite.min())
        limit = MAX_HEIGHT * (float(np.quantile(finite, 0.75)) - low)
        return low, min(float(np.ptp(finite)), limit or math.inf) or 1.0

    def height(self, losses: Array) -> Array:
        """The heights at which losses are drawn, 0 for the lowest; larger ones are cut at 1."""
        low, reach = self._scale
        return np.asarray(np.minimum((losses - low) / reach, 1.0))

    @property
    def height_per_loss(self) -> float:
        """By how much the height grows for one unit of loss."""
        return 1 / self._scale[1]

    def positions_inside(self, descent: Descent) -> Array:
        """The positions until a descent leaves the square, at least one, shape (states, 2)."""
        positions = descent.positions
        limit = self.half_width * (1 + 1e-9)
        inside = (np.abs(positions - self.center) <= limit).all(axis=1)
        return positions[: len(positions) if inside.all() else max(int(np.argmin(inside)), 1)]

    def outcome(self, descent: Descent) -> str:
        """How a descent ends: rests, flat, leaves, rises, or goes on."""
        first, last = descent[0], descent.last
        if all(abs(float(slope)) < 1e-9 for slope in first.gradient):
            return "flat"
        if not float(last.loss) <= float(first.loss):
            return "rises"
        if len(self.positions_inside(descent)) < len(descent):
            return "leaves"
        steps = [math.dist(a, b) for a, b in zip(
            descent.positions, descent.positions[1:], strict=False
        )]  # fmt: skip
        return "rests" if steps[-1] < 1e-3 * sum(steps) else "goes on"


def surface_named(name: str, rate: float, steps: int) -> LossLandscape:
    """One of SURFACES; its learning rate is multiplied by `rate`."""
    formula, lr, starts = SURFACES[name]
    f = Function.parse(formula, ("x", "y"), label="loss")
    descents = tuple(run_descent(f, start, steps, lr * rate) for start in starts)
    return LossLandscape(name, f, descents, (0.0, 0.0), HALF_WIDTH)


def user_surface(
    f: Function, start: Sequence[float], rate: float, steps: int, half_width: float = 0.0
) -> LossLandscape:
    """A square of the user's function around a descent; `half_width` 0 fits it to the descent.

    The learning rate is `rate` times the largest round number with which every step decreases the
    loss sufficiently.
    """
    descent = run_descent(f, start, steps, rate * sufficient_decrease_rate(f, start, steps))
    if half_width:
        center = (float(start[0]), float(start[1]))
        return LossLandscape("land", f, (descent,), center, half_width)
    finite = descent.positions[np.isfinite(descent.positions).all(axis=1)]
    reach = 4 * max(1.0, math.hypot(*start))
    near = np.clip(finite, np.array(start) - reach, np.array(start) + reach)
    low, high = near.min(axis=0), near.max(axis=0)
    x, y = (low + high) / 2
    half_width = max(0.75 * float((high - low).max()), 1)
    return LossLandscape("land", f, (descent,), (float(x), float(y)), half_width)
