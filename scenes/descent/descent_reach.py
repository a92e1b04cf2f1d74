"""What a plane has to show of a descent in one variable."""

from __future__ import annotations

import numpy as np

from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import Descent


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
