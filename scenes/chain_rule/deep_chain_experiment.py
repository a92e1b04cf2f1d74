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
class DeepChainRun:
    """A recorded chain and the gradient on its way back.

    `running[k]` is the gradient after k links, from 1 at the result to the input's `.grad`;
    `locals[k]` is the local derivative of the k-th link on that way.
    """

    tape: Tape
    factor: Quantity
    running: tuple[Quantity, ...]
    locals: tuple[Quantity, ...]

    @property
    def link_count(self) -> Quantity:
        """The number of links."""
        return Quantity(len(self.locals), "links walked in backward 1", "links")

    @property
    def factors(self) -> tuple[Quantity, ...]:
        """By what each link multiplies the gradient; not defined after a gradient of zero."""
        return tuple(
            Quantity(after / before if before else math.nan, after.source, "factor")
            for before, after in pairwise(self.running)
        )

    @property
    def result(self) -> Quantity:
        """The gradient that arrives at the input."""
        return self.running[-1]


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


def residual_chain(depth: int, name: str, x: float) -> DeepChainRun:
    """Like `activation_chain`, with a shortcut: each link adds its input to what it computes.

    `locals[k]` is the local derivative of the activation in the k-th link on the way back.
    """
    activation = ACTIVATIONS[name]

    def program(x: Any) -> Any:
        h = x
        for _ in range(depth):
            h = h + activation(h)
        return h

    return _follow_shortcuts(record(program, x=x), input_quantity(depth, "depth"))


def _follow_shortcuts(tape: Tape, factor: Quantity) -> DeepChainRun:
    """Read the gradients at the links' results, from the last one back to the input."""
    op = tape.backward()[0].op
    running, slopes = [tape.gradient(op)], []
    while inputs := tape[op].inputs:
        before, activated = inputs
        slopes += [tape.local(e) for e in tape.outgoing(activated) if e.target == before]
        running.append(tape.gradient(before))
        op = before
    return DeepChainRun(tape, factor, tuple(running), tuple(slopes))


def _follow_gradient(tape: Tape, factor: Quantity) -> DeepChainRun:
    """Read the gradients along the only path from the result back to the input."""
    op = tape.backward()[0].op
    running, slopes = [tape.gradient(op)], []
    while edges := tape.outgoing(op):
        slopes.append(tape.local(edges[0]))
        running.append(tape.contribution(edges[0]))
        op = edges[0].target
    return DeepChainRun(tape, factor, tuple(running), tuple(slopes))
