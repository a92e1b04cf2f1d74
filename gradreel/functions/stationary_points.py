"""Stationary points: where the slope of a function of one variable is zero."""

from __future__ import annotations

import numpy as np

from gradreel.functions.function import Function, Point


def stationary_points(
    function: Function, start: float, stop: float, count: int = 400
) -> list[Point]:
    """The points between `start` and `stop` at which the slope changes its sign, in order.

    The function is sampled at `count` places and each change of sign is bisected, until the slope
    is zero as nearly as float64 allows. Poles, where the sign changes without a zero, and intervals
    with slope zero are left out.
    """
    samples = function.sample(start, stop, count)
    slopes = samples.slopes
    points = []
    for k in range(len(samples) - 1):
        if slopes[k] == 0:
            if 0 in (slopes[k - 1] if k else 0, slopes[k + 1]):
                continue
            points.append(samples[k])
        elif np.sign(slopes[k]) * np.sign(slopes[k + 1]) < 0:  # a product could overflow
            points.append(_bisect(function, float(samples.xs[k]), float(samples.xs[k + 1])))
    finite = np.abs(slopes[np.isfinite(slopes)])
    scale = float(finite.max(initial=0.0))
    return [point for point in points if abs(point.slope) <= 1e-9 * scale]


def _bisect(function: Function, low: float, high: float) -> Point:
    """The point between `low` and `high` at which the slope changes its sign."""
    rises_at_high = function.point_at(high).slope > 0
    for _ in range(60):
        middle = (low + high) / 2
        if (function.point_at(middle).slope > 0) == rises_at_high:
            high = middle
        else:
            low = middle
    # A round number nearby is often the exact solution.
    candidates = [function.point_at(x) for x in (low, high, round(low, 9))]
    return min(candidates, key=lambda point: abs(point.slope))
