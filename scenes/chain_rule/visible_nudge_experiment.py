"""Whether the digits of a composition's values show what a nudge of x does."""

from __future__ import annotations

import math

from gradreel.errors import UsageError
from gradreel.functions.function import Chain, Function
from gradreel.functions.require_finite import finite_point_at

LOST = 1e-9  # of a value: a smaller move cannot be seen in its digits on a number line


def require_visible_nudge(f: Function, x: float, nudge: float) -> Chain:
    """The chain at `x`; raises UsageError if a value or slope is not finite, or hides the nudge."""
    finite_point_at(f, x)
    chain = f.chain(x)
    values = [chain.links[0].input, *(link.output for link in chain.links)]
    for number in (*values, *(link.slope for link in chain.links)):
        if not math.isfinite(number):
            raise UsageError(
                f"at {values[0].name} = {values[0].text} {number.name} is {number.text}.",
                hint="Choose another place, inside the domain of every link.",
            )
    after = [link.output for link in f.chain(x + nudge).links]
    moves = [nudge, *(abs(a - b) for a, b in zip(after, values[1:], strict=True))]
    longest = max(filter(math.isfinite, moves))
    for number in values:
        if longest < LOST * abs(number):
            raise UsageError(
                f"{number.name} is {number.text}: a nudge of {nudge:g} is lost in its digits.",
                hint="Choose a function with smaller values, or a larger nudge.",
            )
    return chain
