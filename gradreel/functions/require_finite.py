"""Points of a function at which both value and slope are finite, as a scene needs them."""

from __future__ import annotations

import math

from gradreel.errors import UsageError
from gradreel.functions.function import Function, Point


def finite_point_at(function: Function, x: float) -> Point:
    """`function.point_at(x)`; raises UsageError if its value or its slope is not finite."""
    point = function.point_at(x)
    for name, number in (("value", point.value), ("slope", point.slope)):
        if not math.isfinite(number):
            raise UsageError(
                f"{function.text or function.label} has no slope at {point.x.name} ="
                f" {point.x.text}: its {name} there is {number.text}.",
                hint="Choose another place, inside its domain and away from poles.",
            )
    return point
