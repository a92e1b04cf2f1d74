"""The values of a composition at x and after a nudge of x."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

from gradreel.expression import Expression
from gradreel.tape import Quantity

KEPT = 64  # evaluations


class LinkState(Protocol):
    """One function of the chain, evaluated."""

    @property
    def expression(self) -> Expression: ...
    @property
    def input(self) -> Quantity: ...
    @property
    def output(self) -> Quantity: ...
    @property
    def slope(self) -> Quantity: ...


class ChainState(Protocol):
    """The whole chain, evaluated at one input."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def links(self) -> Sequence[LinkState]: ...
    @property
    def slope(self) -> Quantity: ...


class NudgedChain:
    """A chain at the current x, and after a share of the nudge of x."""

    def __init__(
        self, evaluate: Callable[[float], ChainState], current_x: Callable[[], float], nudge: float
    ) -> None:
        self._evaluate, self.current_x, self.nudge = evaluate, current_x, nudge
        self._kept: dict[float, ChainState] = {}

    def at(self, x: float) -> ChainState:
        """The chain at `x`. A frame asks for a few x many times, so they are kept."""
        if x not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[x] = self._evaluate(x)
        return self._kept[x]

    def after(self, share: float) -> ChainState:
        """The chain after this share of the nudge."""
        return self.at(self.current_x() + share * self.nudge)

    def value(self, row: int, share: float = 0.0) -> Quantity:
        """The input (row 0) or the output of a link, after this share of the nudge."""
        links = self.after(share).links
        return links[row - 1].output if row else links[0].input

    def steps(self, row: int, share: float = 1.0) -> float:
        """How many nudges a value moves when x is nudged by `share`; 0 where it is not finite."""
        steps = (self.value(row, share) - self.value(row)) / self.nudge
        return steps if math.isfinite(steps) else 0.0


def decimals_of(nudge: float) -> int:
    """How many decimals a nudge has."""
    return max(-int(Decimal(repr(nudge)).normalize().as_tuple().exponent), 0)


def decimals_while_moving(nudge: float) -> int:
    """How many decimals values have while x moves: those of the nudge, but two or three."""
    return min(max(decimals_of(nudge), 2), 3)
