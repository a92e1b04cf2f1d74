"""The training loop as it runs: what each of its four calls leaves behind, round by round."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gradreel.errors import UsageError, unknown_name
from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import OPTIMIZERS
from gradreel.tape import Quantity, format_number


@dataclass(frozen=True)
class TrainingRound:
    """One time around: the parameter it began with, `.grad` after zero_grad (None is PyTorch's
    None), the loss of forward, `.grad` after backward, the parameter after step."""

    number: Quantity
    start: Quantity
    emptied: Quantity | None
    loss: Quantity
    slope: Quantity
    moved: Quantity


def training_rounds(
    function: Function, start: float, count: int, lr: float, optimizer: str
) -> tuple[TrainingRound, ...]:
    """`count` rounds of training the one variable of `function`, in float64.

    Raises UsageError for an optimizer that is not in OPTIMIZERS, or where there is no slope.
    """
    if optimizer not in OPTIMIZERS:
        raise unknown_name("optimizer", optimizer, OPTIMIZERS)
    leaf = torch.tensor(float(start), dtype=torch.float64, requires_grad=True)
    engine = OPTIMIZERS[optimizer]([leaf], lr)
    return tuple(_round(function, leaf, engine, k, optimizer) for k in range(1, count + 1))


def _round(
    function: Function, leaf: Tensor, engine: torch.optim.Optimizer, number: int, optimizer: str
) -> TrainingRound:
    name = function.variables[0]
    when = f"round {number} of {optimizer}"
    source = f"{name} before {when}" if number > 1 else "input"
    begin = Quantity(leaf.item(), source, name)
    engine.zero_grad()
    emptied = leaf.grad
    loss = torch.as_tensor(function.fn(leaf))
    if not loss.requires_grad:
        raise UsageError(
            f"{function.text} has no slope at {name} = {format_number(begin)}.",
            hint="Choose a formula that depends on its variable.",
        )
    loss.backward()  # type: ignore[no-untyped-call]
    assert leaf.grad is not None
    slope = leaf.grad.item()
    engine.step()
    return TrainingRound(
        Quantity(number, f"rounds of {optimizer} begun", "round"),
        begin,
        None if emptied is None else Quantity(emptied.item(), f"{name}.grad emptied in {when}"),
        Quantity(loss.item(), f"loss in {when}", "loss"),
        Quantity(slope, f"{name}.grad after backward in {when}", f"{name}.grad"),
        Quantity(leaf.item(), f"{name} after step in {when}", name),
    )
