"""Places where a scene can stand: a function has a finite value and slope there."""

from __future__ import annotations

import math

from gradreel.errors import UsageError
from gradreel.functions.function import Function, Point


def finite_point_at(function: Function, x: float) -> Point:
    """`function.at(x)`; a UsageError where its value or its slope is not finite."""
    point = function.point_at(x)
    for name, found in (("value", point.value), ("slope", point.slope)):
        if not math.isfinite(found):
            raise UsageError(
                f"{function.text or function.label} has no slope at {point.x.name} ="
                f" {point.x.text}: its {name} there is {found.text}.",
                hint="Choose another place, inside its domain and away from poles.",
            )
    return point
