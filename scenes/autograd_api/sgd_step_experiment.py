"""One step of plain descent: the loss of a program before and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from gradreel.functions.function import input_quantity
from gradreel.tape import Quantity


@dataclass(frozen=True)
class SgdStep:
    """`learnt` are the parameters after the step, by name; `before` and `after` are the loss."""

    rate: Quantity
    learnt: Mapping[str, Quantity]
    before: Quantity
    after: Quantity


def sgd_step(
    program: Callable[..., Any],
    parameters: Mapping[str, float],
    data: Mapping[str, float],
    rate: float,
) -> SgdStep:
    """Run `program`, whose result is its loss, backward, a step of torch.optim.SGD, and it again.

    The parameters are float64 leaves that require a gradient; the data do not.
    """
    given = {name: torch.tensor(float(x), dtype=torch.float64) for name, x in data.items()}
    leaves = {
        name: torch.tensor(float(x), dtype=torch.float64, requires_grad=True)
        for name, x in parameters.items()
    }
    loss = program(**leaves, **given)
    loss.backward()
    torch.optim.SGD(list(leaves.values()), lr=rate).step()
    again = program(**leaves, **given)
    learnt = {
        name: Quantity(leaf.item(), f"{name} after one step of SGD", name)
        for name, leaf in leaves.items()
    }
    return SgdStep(
        input_quantity(rate, "learning rate"),
        learnt,
        Quantity(loss.item(), "loss before the step", "loss"),
        Quantity(again.item(), "loss after the step", "loss"),
    )
