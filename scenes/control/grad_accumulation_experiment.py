"""Backward passes one after the other, with and without emptying `.grad` in between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.tape import Quantity, format_number


@dataclass(frozen=True)
class AccumulationPass:
    """One backward pass: `.grad` before it, what the pass sent, `.grad` after it.

    `before` is None where PyTorch has None.
    """

    function: Function
    before: Quantity | None
    sent: Quantity
    after: Quantity


def run_passes(
    functions: Sequence[Function], x: float, *, zeroed: bool, to_none: bool = True
) -> tuple[AccumulationPass, ...]:
    """A backward pass through each function of x, all with the same leaf.

    With `zeroed`, zero_grad of torch.optim.SGD comes before every pass but the first; `to_none` is
    its set_to_none. Raises UsageError where a function has no finite slope at x.
    """
    leaf = torch.tensor(float(x), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([leaf], lr=1.0)
    sent: list[float] = []
    leaf.register_hook(lambda gradient: sent.append(gradient.item()))  # type: ignore[no-untyped-call]
    rows = []
    lane = "with zero_grad" if zeroed else "without zero_grad"
    for number, function in enumerate(functions, start=1):
        if zeroed and number > 1:
            optimizer.zero_grad(set_to_none=to_none)
        before = _grad(leaf, f"before backward {number}, {lane}")
        _backward(function, leaf)
        handed = Quantity(sent[-1], f"sent to x in backward {number}", "slope")
        after = _grad(leaf, f"after backward {number}, {lane}")
        if after is None or not math.isfinite(handed):
            raise _no_slope(function, x)
        rows.append(AccumulationPass(function, before, handed, after))
    return tuple(rows)


def _backward(function: Function, leaf: Tensor) -> None:
    loss = torch.as_tensor(function.fn(leaf))
    if not loss.requires_grad:
        raise _no_slope(function, leaf.item())
    loss.backward()  # type: ignore[no-untyped-call]


def _no_slope(function: Function, x: float) -> UsageError:
    return UsageError(
        f"{function.text} has no slope at x = {format_number(x)}.",
        hint="Choose a formula that depends on x, and an x inside its domain.",
    )


def _grad(leaf: Tensor, when: str) -> Quantity | None:
    if leaf.grad is None:
        return None
    return Quantity(leaf.grad.item(), f"x.grad {when}", "x.grad")
