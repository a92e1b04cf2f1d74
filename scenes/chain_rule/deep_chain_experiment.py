"""How a gradient fares on its way back through a long chain, from a recording of that chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from gradreel.functions.function import input_quantity
from gradreel.record import record
from gradreel.tape import Quantity, Tape

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
}


@dataclass(frozen=True)
class DeepChainRun:
    """A recorded chain: `running[k]` is the gradient after k links on the way back, from 1 at the
    result to the input's `.grad`; `locals[k]` is the slope of the k-th link met on that way."""

    tape: Tape
    factor: Quantity
    running: tuple[Quantity, ...]
    locals: tuple[Quantity, ...]

    @property
    def links(self) -> Quantity:
        """How many links were walked."""
        return Quantity(len(self.locals), "links walked in backward 1", "links")

    @property
    def left(self) -> Quantity:
        """What arrives at the input."""
        return self.running[-1]


def scaled_chain(links: int, factor: float) -> DeepChainRun:
    """A chain in which each link multiplies by `factor`."""

    def program(x: Any) -> Any:
        h = x
        for _ in range(links):
            h = factor * h
        return h

    return _followed(record(program, x=1.0), input_quantity(factor, "factor"))


def activation_chain(depth: int, name: str, x: float) -> DeepChainRun:
    """`depth` activations of ACTIVATIONS one after the other, starting from `x`."""
    activation = ACTIVATIONS[name]

    def program(x: Any) -> Any:
        h = x
        for _ in range(depth):
            h = activation(h)
        return h

    return _followed(record(program, x=x), input_quantity(depth, "depth"))


def _followed(tape: Tape, factor: Quantity) -> DeepChainRun:
    """Walk the one path from the result back to the input."""
    at = tape.backward()[0].op
    running, slopes = [tape.gradient(at)], []
    while sent := tape.outgoing(at):
        slopes.append(tape.local(sent[0]))
        running.append(tape.contribution(sent[0]))
        at = sent[0].target
    return DeepChainRun(tape, factor, tuple(running), tuple(slopes))
