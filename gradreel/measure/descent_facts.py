"""Facts about a recorded descent, from which the captions of scenes are made.

pattern(descent, 0, 10)    Pattern.SHRINKING: every step brings it nearer to the limit
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence

import numpy as np

from gradreel.errors import UsageError
from gradreel.functions.function import Array, Function
from gradreel.measure.gradient_descent import Descent
from gradreel.tape import Quantity, format_number

VALLEY_RATIO = 10.0  # of the curvatures across and along, from which on a place is a long valley
_EQUAL = 1e-9  # relative difference of two lengths that count as equal


class Pattern(enum.Enum):
    """What the steps of a descent in one variable do, between two of its states."""

    ARRIVED = "arrived"  # it does not move any more: the slope is zero
    SHRINKING = "shrinking"  # converges, and each step brings it nearer to the limit
    EQUAL = "equal"  # all steps have one length and one direction
    BACK_AND_FORTH = "back and forth"  # all steps have one length, and alternate in direction
    DIVERGING = "diverging"  # each step is longer than the one before, and each raises the loss
    GROWING = "growing"  # each step is longer than the one before
    MIXED = "mixed"  # none of these


def pattern(descent: Descent, first: int, last: int) -> Pattern:
    """What the steps number `first` + 1 to `last` of a descent in one variable do.

    All states up to `last` must be finite.
    """
    steps = np.diff(descent.positions[first : last + 1, 0])
    lengths = np.abs(steps)
    if lengths[-1] == 0.0:
        return Pattern.ARRIVED
    if _are_equal(lengths):
        signs = np.sign(steps)
        if len(steps) > 1 and (signs[1:] != signs[:-1]).all():
            return Pattern.BACK_AND_FORTH
        return Pattern.EQUAL
    if (np.diff(lengths) > 0).all():
        rises = (np.diff(descent.losses[first : last + 1]) > 0).all()
        return Pattern.DIVERGING if rises else Pattern.GROWING
    distances = [float(descent.distance_to_limit(k)) for k in range(first, last + 1)]
    return Pattern.SHRINKING if (np.diff(distances) < 0).all() else Pattern.MIXED


def _are_equal(lengths: Array) -> bool:
    return float(np.ptp(lengths)) <= _EQUAL * float(np.max(lengths))


def step_length(descent: Descent, step: int) -> Quantity:
    """How far step number `step`, from 1, moves a descent in one variable."""
    before, after = (float(descent[k].inputs[0]) for k in (step - 1, step))
    return Quantity(abs(after - before), f"length of step {step}", "step length")


def first_arrival(descent: Descent) -> int:
    """The number of the first step after which the slope of a descent is zero."""
    return next(k for k, state in enumerate(descent.steps) if not any(state.gradient))


def require_finite(descent: Descent) -> Descent:
    """The descent itself; raises UsageError if a state of it is not finite."""
    for k, state in enumerate(descent.steps):
        if all(map(math.isfinite, (*state.inputs, state.loss, *state.gradient))):
            continue
        place = ", ".join(f"{x.name} = {x.text}" for x in state.inputs)
        raise UsageError(
            f"with the rate {format_number(descent.lr)} the descent ends at step {k}: at {place}"
            f" the loss is {state.loss.text} and the slope {state.gradient[0].text}.",
            hint=f"Take a smaller rate, another start, or fewer steps than {k}.",
        )
    return descent


def is_finite(descent: Descent) -> bool:
    """Whether the loss and the variables are finite after every step."""
    return bool(np.isfinite(descent.losses).all() and np.isfinite(descent.positions).all())


def best_of(descents: Sequence[Descent]) -> list[Descent]:
    """The descents with the lowest last loss, by the digits shown; [] if none of them is finite.

    A descent that left the finite numbers is never the best.
    """
    finite = sorted(filter(is_finite, descents), key=lambda descent: float(descent.last.loss))
    return [one for one in finite if one.last.loss.text == finite[0].last.loss.text]


def is_long_valley(function: Function, descents: Sequence[Descent]) -> bool:
    """Whether the descents, in two variables, start on the side of a long valley.

    That is so if the function bends up both ways there, one way far more (across); if the slope
    points across more than along; and if the way to the limit is longer along than across.
    """
    start = descents[0].positions[0]
    matrix = _second_derivatives(function, *start)
    if not np.isfinite(matrix).all():
        return False
    curvatures, directions = np.linalg.eigh(matrix)
    along, across = directions.T
    slope = np.array(descents[0][0].gradient, dtype=float)
    is_steep = 0 < curvatures[0] * VALLEY_RATIO <= curvatures[1]
    if not (is_steep and abs(slope @ across) > abs(slope @ along)):
        return False
    # A limit takes thousands of steps, least often that of the first optimizer, plain SGD.
    limit = next((d.limit for d in descents if d.converges), None)
    way = np.array(limit or start) - start
    return bool(abs(way @ along) > abs(way @ across))


def _second_derivatives(function: Function, x: float, y: float) -> Array:
    """The 2 by 2 matrix of second derivatives, from differences of autograd's slopes."""
    step = 1e-4 * max(1.0, abs(x), abs(y))
    rows = []
    for dx, dy in ((step, 0.0), (0.0, step)):
        after, before = function.evaluate(x + dx, y + dy), function.evaluate(x - dx, y - dy)
        rows.append(np.subtract(after.partials, before.partials) / (2 * step))
    matrix = np.array(rows)
    return np.asarray((matrix + matrix.T) / 2)
