"""The gradient along a long chain of operations, from a recording of its backward pass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gradreel.measure.activations import ACTIVATIONS
from gradreel.record import record
from gradreel.tape import Quantity, Tape, input_quantity


@dataclass(frozen=True)
class GradientRun:
    """The gradient on its way back through a chain.

    `running[k]` is the gradient after k links, from 1 at the result to the input's `.grad`, and
    `factor` what the chain was made with: the factor of its links, or how many activations.
    """

    factor: Quantity
    running: tuple[Quantity, ...]

    @property
    def result(self) -> Quantity:
        """The gradient that arrives at the input."""
        return self.running[-1]

    @property
    def factors(self) -> tuple[Quantity, ...]:
        """By what each link multiplies the gradient; not defined after a gradient of zero."""
        return tuple(
            Quantity(after / before if before else math.nan, after.source, "factor")
            for before, after in pairwise(self.running)
        )


@dataclass(frozen=True)
class DeepChainRun(GradientRun):
    """A recorded chain; `locals[k]` is the local derivative of the k-th link on the way back."""

    tape: Tape
    locals: tuple[Quantity, ...]

    @property
    def link_count(self) -> Quantity:
        """The number of links."""
        return Quantity(len(self.locals), "links walked in backward 1", "links")


def scaled_chain(links: int, factor: float) -> DeepChainRun:
    """A chain in which each link multiplies by `factor`."""

    def program(x: Any) -> Any:
        h = x
        for _ in range(links):
            h = factor * h
        return h

    return _follow_gradient(record(program, x=1.0), input_quantity(factor, "factor"))


def activation_chain(depth: int, name: str, x: float) -> DeepChainRun:
    """`depth` activations of ACTIVATIONS one after the other, with `x` as the input."""
    activation = ACTIVATIONS[name]

    def program(x: Any) -> Any:
        h = x
        for _ in range(depth):
            h = activation(h)
        return h

    return _follow_gradient(record(program, x=x), input_quantity(depth, "depth"))


def _follow_gradient(tape: Tape, factor: Quantity) -> DeepChainRun:
    """Read the gradients along the only path from the result back to the input."""
    op = tape.backward()[0].op
    running, slopes = [tape.gradient(op)], []
    while edges := tape.outgoing(op):
        slopes.append(tape.local(edges[0]))
        running.append(tape.contribution(edges[0]))
        op = edges[0].target
    return DeepChainRun(factor=factor, running=tuple(running), tape=tape, locals=tuple(slopes))
