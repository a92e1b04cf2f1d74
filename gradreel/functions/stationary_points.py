"""Where the slope of a function of one variable is zero."""

from __future__ import annotations

import numpy as np

from gradreel.functions.function import Function, Point


def stationary_points(
    function: Function, start: float, stop: float, count: int = 400
) -> list[Point]:
    """Where the slope changes its sign between `start` and `stop`, found by halving intervals.

    Each point's slope is zero as nearly as float64 allows; a jump from one sign to the other
    without a zero between (as at a pole) is left out, and so is level ground, where the slope is
    zero all along. In order from `start` to `stop`.
    """
    sweep = function.sample(start, stop, count)
    found = []
    for k in range(len(sweep) - 1):
        if sweep.slopes[k] == 0:
            if 0 in (sweep.slopes[k - 1] if k else 0, sweep.slopes[k + 1]):
                continue
            found.append(sweep[k])
        elif sweep.slopes[k] * sweep.slopes[k + 1] < 0:
            found.append(_halved(function, float(sweep.xs[k]), float(sweep.xs[k + 1])))
    finite = np.abs(sweep.slopes[np.isfinite(sweep.slopes)])
    scale = float(finite.max(initial=0.0))
    return [point for point in found if abs(point.slope) <= 1e-9 * scale]


def _halved(function: Function, low: float, high: float) -> Point:
    rising = function.point_at(high).slope > 0
    for _ in range(60):
        middle = (low + high) / 2
        if (function.point_at(middle).slope > 0) == rising:
            high = middle
        else:
            low = middle
    # A round number nearby is often the exact place.
    candidates = [function.point_at(x) for x in (low, high, round(low, 9))]
    return min(candidates, key=lambda point: abs(point.slope))
