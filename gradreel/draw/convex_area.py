"""Convex polygons cut by a level, as a liquid in a vessel is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Corners = npt.NDArray[np.float64]
"""The corners of a convex polygon in order, shape (n, 2)."""


def below(corners: Corners, level: float, *, flipped: bool = False) -> Corners:
    """The part of a polygon below `level`; with `flipped`, the part above -`level`."""
    heights = (-corners[:, 1] if flipped else corners[:, 1]) - level
    kept: list[npt.NDArray[np.float64]] = []
    for k in range(len(corners)):
        one, other = corners[k - 1], corners[k]
        a, b = heights[k - 1], heights[k]
        if (a <= 0) != (b <= 0):
            kept.append(one + (other - one) * a / (a - b))
        if b <= 0:
            kept.append(other)
    return np.array(kept) if kept else np.zeros((0, 2))


def area_of(corners: Corners) -> float:
    """The area of a polygon, by the shoelace formula."""
    if len(corners) < 3:
        return 0.0
    x, y = corners.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def level_of_area(corners: Corners, area: float) -> float:
    """The level below which a polygon has `area`, by bisection."""
    low, high = float(corners[:, 1].min()), float(corners[:, 1].max())
    for _ in range(40):
        middle = (low + high) / 2
        if area_of(below(corners, middle)) < area:
            low = middle
        else:
            high = middle
    return (low + high) / 2
