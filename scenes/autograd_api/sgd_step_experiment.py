"""One step of SGD: the parameters of a program after it, and the loss before and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from gradreel.measure.optimizers import make_leaf
from gradreel.tape import Quantity, input_quantity


@dataclass(frozen=True)
class SgdStep:
    """`parameters` are the values after the step, by name; `before` and `after` are the loss."""

    rate: Quantity
    parameters: Mapping[str, Quantity]
    before: Quantity
    after: Quantity


def sgd_step(
    program: Callable[..., Any],
    parameters: Mapping[str, float],
    data: Mapping[str, float],
    rate: float,
) -> SgdStep:
    """Run `program`, which returns its loss, then backward, a step of SGD, and `program` again.

    The parameters are float64 leaves that require a gradient; the data do not.
    """
    constants = {name: torch.tensor(float(x), dtype=torch.float64) for name, x in data.items()}
    leaves = {name: make_leaf(x) for name, x in parameters.items()}
    loss = program(**leaves, **constants)
    loss.backward()
    torch.optim.SGD(list(leaves.values()), lr=rate).step()
    loss_after = program(**leaves, **constants)
    return SgdStep(
        input_quantity(rate, "learning rate"),
        {
            name: Quantity(leaf.item(), f"{name} after one step of SGD", name)
            for name, leaf in leaves.items()
        },
        Quantity(loss.item(), "loss before the step", "loss"),
        Quantity(loss_after.item(), "loss after the step", "loss"),
    )
