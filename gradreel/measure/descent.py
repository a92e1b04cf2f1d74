"""Descent by torch.optim, written down step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gradreel.errors import unknown_name
from gradreel.functions import Function, input_quantity
from gradreel.tape import Quantity

Made = Callable[[Sequence[Tensor], float], torch.optim.Optimizer]

OPTIMIZERS: dict[str, Made] = {
    "SGD": lambda leaves, lr: torch.optim.SGD(leaves, lr=lr),
    "momentum": lambda leaves, lr: torch.optim.SGD(leaves, lr=lr, momentum=0.9),
    "Nesterov": lambda leaves, lr: torch.optim.SGD(leaves, lr=lr, momentum=0.9, nesterov=True),
    "Adagrad": lambda leaves, lr: torch.optim.Adagrad(leaves, lr=lr),
    "RMSprop": lambda leaves, lr: torch.optim.RMSprop(leaves, lr=lr),
    "Adam": lambda leaves, lr: torch.optim.Adam(leaves, lr=lr),
}
FURTHER = 5000  # steps after which a descent that settles has settled


@dataclass(frozen=True)
class Visit:
    """Where a descent stands after `step` steps: inputs, loss there, gradient there."""

    step: Quantity
    inputs: tuple[Quantity, ...]
    value: Quantity
    slopes: tuple[Quantity, ...]


@dataclass(frozen=True)
class Descent:
    """A descent from its start on; `visits[k]` is the place after k steps."""

    optimizer: str
    lr: Quantity
    visits: tuple[Visit, ...]
    goal: tuple[float, ...]

    def __getitem__(self, step: int) -> Visit:
        return self.visits[step]

    def __len__(self) -> int:
        return len(self.visits)

    @property
    def settles(self) -> bool:
        """Whether many more steps lead to a place where the slope is as good as zero."""
        return all(math.isfinite(x) for x in self.goal)

    def distance(self, step: int) -> Quantity:
        """How far it is from the place where the descent ends; NaN if it never does."""
        here = self.visits[step].inputs
        away = math.dist([float(x) for x in here], self.goal)
        return Quantity(away, f"distance to the end of the descent after step {step}", "distance")

    def removed(self, step: int) -> Quantity:
        """The share of the distance, in percent, that step number `step` (from 1) takes away."""
        before, after = self.distance(step - 1), self.distance(step)
        share = 100 * (1 - after / before) if before > 0 else math.nan
        return Quantity(share, f"share of the distance removed by step {step}, in %", "removed")


def descend(
    function: Function, start: Sequence[float], steps: int, lr: float, optimizer: str = "SGD"
) -> Descent:
    """`steps` steps of an optimizer of torch from `start`, one number for each variable.

    Raises UsageError for an optimizer that is not in OPTIMIZERS.
    """
    if optimizer not in OPTIMIZERS:
        raise unknown_name("optimizer", optimizer, OPTIMIZERS)
    leaves = [torch.tensor(float(x), dtype=torch.float64, requires_grad=True) for x in start]
    engine = OPTIMIZERS[optimizer](leaves, lr)
    visits = []
    for step in range(steps + 1):
        if step:
            engine.step()
        visits.append(_visit(function, leaves, engine, step, optimizer))
    goal = _goal(function, leaves, engine)
    return Descent(optimizer, input_quantity(lr, "learning rate"), tuple(visits), goal)


def _visit(
    function: Function,
    leaves: Sequence[Tensor],
    engine: torch.optim.Optimizer,
    step: int,
    optimizer: str,
) -> Visit:
    value = _backward(function, leaves, engine)
    after = f"after {step} steps of {optimizer}"
    names = function.variables
    inputs = tuple(
        Quantity(leaf.item(), f"{name} {after}" if step else "input", name)
        for leaf, name in zip(leaves, names, strict=True)
    )
    slopes = tuple(
        Quantity(_grad(leaf), f"{name}.grad {after}", f"{name}.grad")
        for leaf, name in zip(leaves, names, strict=True)
    )
    count = Quantity(step, f"steps of {optimizer} taken", "step")
    return Visit(count, inputs, Quantity(value, f"loss {after}", "loss"), slopes)


def _backward(function: Function, leaves: Sequence[Tensor], engine: torch.optim.Optimizer) -> float:
    engine.zero_grad()
    loss = torch.as_tensor(function.of(*leaves), dtype=torch.float64)
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    return loss.item()


def _grad(leaf: Tensor) -> float:
    return 0.0 if leaf.grad is None else leaf.grad.item()


def _goal(
    function: Function, leaves: Sequence[Tensor], engine: torch.optim.Optimizer
) -> tuple[float, ...]:
    """Where the descent ends; NaN for each variable if it does not within FURTHER steps."""
    nowhere = tuple(math.nan for _ in leaves)
    for _ in range(FURTHER):
        before = [leaf.item() for leaf in leaves]
        engine.step()
        if not all(math.isfinite(leaf.item()) for leaf in leaves):
            return nowhere
        if [leaf.item() for leaf in leaves] == before:
            break
        _backward(function, leaves, engine)
    flat = all(abs(_grad(leaf)) < 1e-6 for leaf in leaves)
    return tuple(leaf.item() for leaf in leaves) if flat else nowhere
