"""What makes the gradient of many activations arrive: chains with a cure, measured."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import batch_norm

from gradreel.measure.activations import ACTIVATIONS
from gradreel.record import record
from gradreel.scenes.chain_rule.deep_chain_experiment import DeepChainRun, GradientRun
from gradreel.tape import Quantity, Tape, input_quantity

BATCH = 17  # inputs that are normalized together; odd, so that one of them is in the middle
SPREAD = 0.4  # of the batch, to both sides of the input
ABOVE_ZERO = 1e-12  # where the slope of an activation at zero is taken: ReLU has a corner there


def residual_chain(depth: int, name: str, x: float) -> DeepChainRun:
    """`depth` activations, each with a shortcut: a link adds its input to what it computes.

    `locals[k]` is the local derivative of the activation in the k-th link on the way back.
    """
    activation = ACTIVATIONS[name]

    def program(x: Any) -> Any:
        h = x
        for _ in range(depth):
            h = h + activation(h)
        return h

    return _follow_shortcuts(record(program, x=x), input_quantity(depth, "depth"))


def initialized_chain(depth: int, name: str, x: float) -> GradientRun:
    """`depth` layers `activation(weight * h + bias)` whose slope is one at the value that comes.

    As in data-dependent initialization, the bias centers that value; the weight makes up for the
    slope of the activation at zero. For a sigmoid it is 4.
    """
    activation = ACTIVATIONS[name]
    near = torch.tensor(ABOVE_ZERO, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(activation(near), near)
    weight, center = 1 / slope, near.detach()
    h = start = torch.tensor([x], dtype=torch.float64, requires_grad=True)
    values = [start]
    for _ in range(depth):
        h = activation(weight * (h - h.detach()) + center)
        values.append(h)
    return _measured(values, torch.ones(1, dtype=torch.float64))


def normalized_chain(depth: int, name: str, x: float) -> GradientRun:
    """`depth` activations of a batch around `x` that is normalized before each of them.

    A gradient of one is sent back from the element that begins as `x`, in the middle of the batch;
    `running` holds the norms of the gradient of the whole batch.
    """
    activation = ACTIVATIONS[name]
    spread = torch.linspace(-SPREAD, SPREAD, BATCH, dtype=torch.float64)
    h = start = (x + spread).reshape(-1, 1).requires_grad_()
    values = [start]
    for _ in range(depth):
        h = activation(batch_norm(h, None, None, training=True))
        values.append(h)
    middle = torch.zeros_like(h)
    middle[BATCH // 2] = 1.0
    return _measured(values, middle)


def _measured(values: list[torch.Tensor], gradient: torch.Tensor) -> GradientRun:
    """The norms of the gradients of `values`, from the last one back to the input.

    `gradient` is what backward begins with, in the shape of the last value.
    """
    depth = len(values) - 1
    gradients = torch.autograd.grad(values[-1], values, gradient)
    running = []
    for k, found in reversed(list(enumerate(gradients))):
        source = f"norm of the gradient after {depth - k} links, backward 1"
        running.append(Quantity(float(found.norm()), source, f"h{k}.grad"))
    return GradientRun(factor=input_quantity(depth, "depth"), running=tuple(running))


def _follow_shortcuts(tape: Tape, factor: Quantity) -> DeepChainRun:
    """Read the gradients at the links' results, from the last one back to the input."""
    op = tape.backward()[0].op
    running, slopes = [tape.gradient(op)], []
    while inputs := tape[op].inputs:
        before, activated = inputs
        slopes += [tape.local(e) for e in tape.outgoing(activated) if e.target == before]
        running.append(tape.gradient(before))
        op = before
    return DeepChainRun(factor=factor, running=tuple(running), tape=tape, locals=tuple(slopes))
