"""A training loop of one parameter: what each of its four calls leaves, round by round."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.measure.optimizers import make_leaf, make_optimizer
from gradreel.tape import Quantity, format_number

DIGITS = 3  # significant ones, of the numbers that are shown


@dataclass(frozen=True)
class TrainingRound:
    """One round of zero_grad, forward, backward, step.

    `start` and `end` are the parameter before and after the round, `loss` is the result of forward.
    `grad_zeroed` is `.grad` after zero_grad, `grad` is `.grad` after backward.
    """

    number: Quantity
    start: Quantity
    grad_zeroed: Quantity | None
    loss: Quantity
    grad: Quantity
    end: Quantity

    @property
    def shown(self) -> TrainingRound:
        """The same round with every number rounded to three significant digits."""
        zeroed = None if self.grad_zeroed is None else self.grad_zeroed.rounded(DIGITS)
        start, loss, grad, end = (
            n.rounded(DIGITS) for n in (self.start, self.loss, self.grad, self.end)
        )
        return TrainingRound(self.number, start, zeroed, loss, grad, end)


def training_rounds(
    function: Function, start: float, count: int, lr: float, optimizer: str
) -> tuple[TrainingRound, ...]:
    """`count` rounds of training the one variable of `function`, in float64.

    Raises UsageError for an optimizer that is not in OPTIMIZERS, or where there is no slope.
    """
    leaf = make_leaf(start)
    engine = make_optimizer(optimizer, [leaf], lr)
    return tuple(_run_round(function, leaf, engine, k, optimizer) for k in range(1, count + 1))


def _run_round(
    function: Function, leaf: Tensor, engine: torch.optim.Optimizer, number: int, optimizer: str
) -> TrainingRound:
    name = function.variables[0]
    when = f"round {number} of {optimizer}"
    start = Quantity(leaf.item(), f"{name} before {when}" if number > 1 else "input", name)
    engine.zero_grad()
    zeroed = leaf.grad
    loss = torch.as_tensor(function.fn(leaf))
    if not loss.requires_grad:
        raise UsageError(
            f"{function.text} has no slope at {name} = {format_number(start)}.",
            hint="Choose a formula that depends on its variable.",
        )
    loss.backward()  # type: ignore[no-untyped-call]
    assert leaf.grad is not None
    grad = leaf.grad.item()
    engine.step()
    return TrainingRound(
        Quantity(number, f"rounds of {optimizer} begun", "round"),
        start,
        None if zeroed is None else Quantity(zeroed.item(), f"{name}.grad emptied in {when}"),
        Quantity(loss.item(), f"loss in {when}", "loss"),
        Quantity(grad, f"{name}.grad after backward in {when}", f"{name}.grad"),
        Quantity(leaf.item(), f"{name} after step in {when}", name),
    )
