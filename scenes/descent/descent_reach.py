"""Where a descent in one variable goes: if it turns back, and what a plane has to show of it."""

from __future__ import annotations

import numpy as np

from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import Descent


def crosses_minimum(descent: Descent, steps: int) -> bool:
    """Whether one of the first steps turns back from the one before."""
    moves = np.diff(descent.positions[: steps + 1, 0])
    return bool((moves[1:] * moves[:-1] < 0).any())


def reach_of(f: Function, descent: Descent, listed: int) -> tuple[float, float]:
    """From where to where the plane reaches: the first states, the minimum, and the first slope.

    What would make everything else small is left out.
    """
    xs = [float(x) for x in descent.positions[:listed, 0]]
    losses = descent.losses[:listed]
    low, high = min(xs), max(xs)
    for x in (*descent.limit, xs[0] - float(descent[0].gradient[0])):
        room = 1.2 * (high - low)
        near = low - room <= x <= high + room
        if near and float(f.point_at(x).value) <= max(losses) + float(np.ptp(losses)):
            low, high = min(low, x), max(high, x)
    return low, high
