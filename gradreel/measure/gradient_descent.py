"""Descent by torch.optim, written down step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from gradreel.errors import UsageError, unknown_name
from gradreel.functions.function import Function, input_quantity
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
RATES = tuple(m * 10.0**k for k in range(1, -7, -1) for m in (5, 2, 1))
FURTHER = 5000  # steps after which a descent that settles has settled


@dataclass(frozen=True)
class DescentStep:
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
    visits: tuple[DescentStep, ...]
    further: Callable[[], tuple[float, ...]] = field(repr=False, compare=False)

    def __getitem__(self, step: int) -> DescentStep:
        return self.visits[step]

    def __len__(self) -> int:
        return len(self.visits)

    @cached_property
    def goal(self) -> tuple[float, ...]:
        """Where FURTHER more steps lead, if the slope is as good as zero there; else NaN."""
        return self.further()

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


def run_descent(
    function: Function, start: Sequence[float], steps: int, lr: float, optimizer: str = "SGD"
) -> Descent:
    """`steps` steps of an optimizer of torch from `start`, one number for each variable.

    Raises UsageError for an optimizer that is not in OPTIMIZERS, and for a start where the function
    has no finite value.
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
    _check_start(visits[0])

    def further() -> tuple[float, ...]:
        return _goal(function, leaves, engine)

    return Descent(optimizer, input_quantity(lr, "learning rate"), tuple(visits), further)


def require_nonzero_gradient(path: Descent) -> Descent:
    """The descent itself; a UsageError if it starts where every slope is zero."""
    first = path[0]
    if any(first.slopes):
        return path
    place = ", ".join(f"{x.name} = {x.text}" for x in first.inputs)
    raise UsageError(
        f"a descent that starts at {place} never moves: the slope there is zero.",
        hint="Choose another start.",
    )


def calm_rate(function: Function, start: Sequence[float], steps: int) -> float:
    """The largest of 50, 20, 10, 5 ... with which plain descent never overshoots.

    A step overshoots if the loss falls by less than half of what the slope promises: on a parabola,
    if it leads across the bottom. The first step is at most as long as from the start to 0, plus 1.
    """
    return next((lr for lr in RATES if _is_calm(function, start, steps, lr)), RATES[-1])


def _is_calm(function: Function, start: Sequence[float], steps: int, lr: float) -> bool:
    leaves = [torch.tensor(float(x), dtype=torch.float64, requires_grad=True) for x in start]
    engine = OPTIMIZERS["SGD"](leaves, lr)
    before = _backward(function, leaves, engine)
    if lr * math.hypot(*map(_grad, leaves)) > 1 + math.hypot(*start):
        return False
    for _ in range(steps):
        promised = lr * sum(_grad(leaf) ** 2 for leaf in leaves)
        engine.step()
        after = _backward(function, leaves, engine)
        if not after <= before - promised / 2 + 1e-12 * max(1.0, abs(before)):
            return False
        before = after
    return True


def _check_start(first: DescentStep) -> None:
    if not all(math.isfinite(q) for q in (first.value, *first.slopes)):
        place = ", ".join(f"{x.name} = {x.text}" for x in first.inputs)
        raise UsageError(
            f"a descent cannot start at {place}: the loss is {first.value.text} there.",
            hint="Choose another start.",
        )


def _visit(
    function: Function,
    leaves: Sequence[Tensor],
    engine: torch.optim.Optimizer,
    step: int,
    optimizer: str,
) -> DescentStep:
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
    return DescentStep(count, inputs, Quantity(value, f"loss {after}", "loss"), slopes)


def _backward(function: Function, leaves: Sequence[Tensor], engine: torch.optim.Optimizer) -> float:
    engine.zero_grad()
    loss = torch.as_tensor(function.fn(*leaves), dtype=torch.float64)
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
