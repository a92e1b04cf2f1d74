"""A land to descend on: a function of x and y, the square shown of it, and descents there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradreel.functions.function import Array, Function
from gradreel.measure.gradient_descent import Descent, calm_rate, run_descent

SPAN = 2.0
SURFACES: dict[str, tuple[str, float, tuple[tuple[float, float], ...]]] = {
    "bowl": ("x**2 + y**2", 0.08, ((-1.6, 1.2),)),
    "valley": ("0.15*x**2 + 1.5*y**2", 0.6, ((-1.8, 1.2),)),
    "saddle": ("x**2 - y**2", 0.08, ((-1.7, 0.02),)),
    "minima": ("(x**2-1.2)**2 + (y**2-1.2)**2 + 0.4*x", 0.02, ((-0.3, 0.2), (0.4, -0.3))),
}
STEEP = 4  # how often the height of three quarters of a land fits below its top


@dataclass(frozen=True)
class LossLandscape:
    """`function` over the square of half width `half` around `middle`, and what came down it."""

    name: str
    function: Function
    paths: tuple[Descent, ...]
    middle: tuple[float, float]
    half: float

    def axes(self, count: int) -> list[Array]:
        """`count` places along x and along y."""
        return [np.linspace(m - self.half, m + self.half, count) for m in self.middle]

    @property
    def ranges(self) -> list[tuple[float, float]]:
        """From where to where x and y go."""
        return [(m - self.half, m + self.half) for m in self.middle]

    @cached_property
    def heights(self) -> Array:
        """Shape (27, 27), from 0 at the lowest place to 1; NaN where the loss is not finite."""
        values = self.function.grid(*self.axes(27))[0]
        return self.height(np.where(np.isfinite(values), values, np.nan))

    @cached_property
    def _levels(self) -> tuple[float, float]:
        """The lowest value, and how far above it the land is drawn; walls far above are cut."""
        values = self.function.grid(*self.axes(27))[0]
        finite = values[np.isfinite(values)]
        if not finite.size:
            return 0.0, 1.0
        low = float(finite.min())
        walls = STEEP * (float(np.quantile(finite, 0.75)) - low)
        return low, min(float(np.ptp(finite)), walls or math.inf) or 1.0

    def height(self, values: Array) -> Array:
        """The heights from 0 to 1 at which these losses are drawn."""
        low, reach = self._levels
        return np.asarray(np.minimum((values - low) / reach, 1.0))

    @property
    def steepness(self) -> float:
        """By how much the drawn height grows for one unit of loss."""
        return 1 / self._levels[1]

    def places(self, path: Descent) -> Array:
        """Where a descent was, shape (steps, 2), up to where it leaves the square."""
        places = np.array([[float(x) for x in visit.inputs] for visit in path.visits])
        within = (np.abs(places - self.middle) <= self.half * (1 + 1e-9)).all(axis=1)
        return places[: len(places) if within.all() else max(int(np.argmin(within)), 1)]

    def outcome(self, path: Descent) -> str:
        """What became of a descent: rests, flat, leaves, rises, or goes on."""
        first, last = path[0], path[len(path) - 1]
        if all(abs(float(slope)) < 1e-9 for slope in first.slopes):
            return "flat"
        if not float(last.value) <= float(first.value):
            return "rises"
        if len(self.places(path)) < len(path):
            return "leaves"
        return "rests" if self._at_rest(path) else "goes on"

    def _at_rest(self, path: Descent) -> bool:
        """Whether the last step was next to nothing beside the whole way."""
        places = [[float(x) for x in visit.inputs] for visit in path.visits]
        steps = [math.dist(a, b) for a, b in zip(places, places[1:], strict=False)]
        return steps[-1] < 1e-3 * sum(steps)


def surface_named(name: str, rate: float, steps: int) -> LossLandscape:
    """One of LANDS, its learning rate times `rate`."""
    formula, lr, starts = SURFACES[name]
    f = Function.parse(formula, ("x", "y"), label="loss")
    paths = tuple(run_descent(f, start, steps, lr * rate) for start in starts)
    return LossLandscape(name, f, paths, (0.0, 0.0), SPAN)


def user_surface(
    f: Function, start: Sequence[float], rate: float, steps: int, half: float = 0.0
) -> LossLandscape:
    """The land around a descent on `f`: square, with `half` 0 as large as the descent needs.

    The learning rate is `rate` times the largest round number with which no step leads up.
    """
    path = run_descent(f, start, steps, rate * calm_rate(f, start, steps))
    places = np.array([[float(x) for x in visit.inputs] for visit in path.visits])
    places = places[np.isfinite(places).all(axis=1)]
    if half:
        return LossLandscape("land", f, (path,), (float(start[0]), float(start[1])), half)
    far = 4 * max(1.0, math.hypot(*start))
    places = np.clip(places, np.array(start) - far, np.array(start) + far)
    low, high = places.min(axis=0), places.max(axis=0)
    x, y = (low + high) / 2
    return LossLandscape(
        "land", f, (path,), (float(x), float(y)), max(0.75 * float((high - low).max()), 1)
    )
