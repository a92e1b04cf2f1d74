"""Consecutive backward passes into one leaf, with and without zero_grad between them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.measure.optimizers import make_leaf
from gradreel.tape import Quantity, format_number


@dataclass(frozen=True)
class AccumulationPass:
    """One backward pass through `function`.

    `before` and `after` are the leaf's `.grad` before and after it, `contribution` is the gradient
    that it adds. `before` is None where `.grad` is None.
    """

    function: Function
    before: Quantity | None
    contribution: Quantity
    after: Quantity


def run_passes(
    functions: Sequence[Function], x: float, *, zero_grad: bool, set_to_none: bool = True
) -> tuple[AccumulationPass, ...]:
    """A backward pass through each function of x, all with the same leaf.

    With `zero_grad`, the optimizer's zero_grad(set_to_none) is called before every pass but the
    first. Raises UsageError where a function has no finite slope at x.
    """
    leaf = make_leaf(x)
    optimizer = torch.optim.SGD([leaf], lr=1.0)
    contributions: list[float] = []
    leaf.register_hook(lambda grad: contributions.append(grad.item()))  # type: ignore[no-untyped-call]
    passes = []
    variant = "with zero_grad" if zero_grad else "without zero_grad"
    for number, function in enumerate(functions, start=1):
        if zero_grad and number > 1:
            optimizer.zero_grad(set_to_none=set_to_none)
        before = _grad(leaf, f"before backward {number}, {variant}")
        _backward(function, leaf)
        contribution = Quantity(contributions[-1], f"sent to x in backward {number}", "slope")
        after = _grad(leaf, f"after backward {number}, {variant}")
        if after is None or not math.isfinite(contribution):
            raise _no_slope(function, x)
        passes.append(AccumulationPass(function, before, contribution, after))
    return tuple(passes)


def summed_pass(functions: Sequence[Function], x: float) -> AccumulationPass:
    """One backward pass through the sum of these functions of x, with a leaf of its own.

    Raises UsageError where the sum has no finite slope at x.
    """
    whole = Function.parse(" + ".join(f"({function.text})" for function in functions))
    leaf = make_leaf(x)
    _backward(whole, leaf)
    after = _grad(leaf, "after one backward of the sum")
    if after is None or not math.isfinite(after):
        raise _no_slope(whole, x)
    return AccumulationPass(whole, None, Quantity(after, "sent to x by the sum", "slope"), after)


@dataclass(frozen=True)
class PressedLeaf:
    """A leaf after calls of backward and zero_grad.

    `passes` are those since zero_grad was called last, `grad` is what `.grad` is now.
    """

    passes: tuple[AccumulationPass, ...]
    grad: Quantity | None


def run_calls(
    functions: Mapping[str, Function], x: float, calls: Sequence[str], *, set_to_none: bool
) -> PressedLeaf:
    """Make these calls, in order, on one leaf: a backward through the function of that name.

    Any other name is a call of the optimizer's zero_grad(set_to_none). Raises UsageError where a
    function has no finite slope at x.
    """
    leaf = make_leaf(x)
    optimizer = torch.optim.SGD([leaf], lr=1.0)
    passes: list[AccumulationPass] = []
    for call in calls:
        if call in functions:
            passes.append(_call_backward(functions[call], leaf, len(passes) + 1))
        else:
            optimizer.zero_grad(set_to_none=set_to_none)
            passes = []
    return PressedLeaf(tuple(passes), _grad(leaf, "after zero_grad"))


def step_from(x: float, grad: Quantity, lr: Quantity) -> Quantity:
    """Where a step of torch.optim.SGD leads from `x` with this gradient."""
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    leaf.grad = torch.tensor(float(grad), dtype=torch.float64)
    torch.optim.SGD([leaf], lr=float(lr)).step()
    return Quantity(leaf.item(), f"x after a step with {grad.source}", "x")


def _call_backward(function: Function, leaf: Tensor, number: int) -> AccumulationPass:
    when = f"backward {number} since .grad was emptied"
    before = _grad(leaf, f"before {when}")
    sent: list[float] = []
    hook = leaf.register_hook(lambda grad: sent.append(grad.item()))  # type: ignore[no-untyped-call]
    _backward(function, leaf)
    hook.remove()
    after = _grad(leaf, f"after {when}")
    if after is None or not math.isfinite(sent[-1]):
        raise _no_slope(function, leaf.item())
    contribution = Quantity(sent[-1], f"sent to x in {when}", "slope")
    return AccumulationPass(function, before, contribution, after)


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
