"""One result tracked, computed under no_grad, and detached: attributes, gradients and storage.

In all three cases the result is multiplied by x, `loss = x * result`, so that there is a loss to
go backward from. Its gradient reaches x directly and, unless the graph is cut, through the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.measure.optimizers import make_leaf
from gradreel.record.codegen import program_from
from gradreel.tape import Quantity, format_number


@dataclass(frozen=True)
class DetachResult:
    """A result's attributes, and the gradients of one backward pass.

    `direct` is the contribution to x from the product. `sent` is the gradient of the result,
    `slope` its derivative by x, and `through` what reaches x from there; all three are None where
    the graph is cut. `grad` is `x.grad` afterwards.
    """

    value: Quantity
    requires_grad: bool
    grad_fn: str | None
    loss: Quantity
    direct: Quantity
    sent: Quantity | None
    slope: Quantity | None
    through: Quantity | None
    grad: Quantity


@dataclass(frozen=True)
class SharedStorage:
    """Which results share the storage of the tracked one.

    `before` and `after` are the values of the tracked, the untracked and the detached result before
    and after `written` is written into the detached one.
    """

    untracked_shares: bool
    detached_shares: bool
    written: Quantity
    before: tuple[Quantity, Quantity, Quantity]
    after: tuple[Quantity, Quantity, Quantity]


@dataclass(frozen=True)
class DetachComparison:
    """The three results at `x`, and the storage that they have."""

    x: Quantity
    tracked: DetachResult
    untracked: DetachResult
    detached: DetachResult
    storage: SharedStorage


def compare_detach(function: Function, x: float, write: float) -> DetachComparison:
    """The three results of `function` at `x` in float64; `write` is written into the detached one.

    Raises UsageError where the function has no finite slope at x.
    """
    return DetachComparison(
        Quantity(x, "input", "x"),
        _run_backward(function, x, _tracked, "y"),
        _run_backward(function, x, _untracked, "n"),
        _run_backward(function, x, _detached, "d"),
        _compare_storage(function, x, write),
    )


def _evaluate(function: Function, leaf: Tensor) -> Tensor:
    """The result as a user's own program would compute it, with plain numbers as constants."""
    of = function.fn if function.expression is None else program_from(function.expression)
    return torch.as_tensor(of(leaf))


def _tracked(function: Function, leaf: Tensor) -> Tensor:
    result = _evaluate(function, leaf)
    if result is leaf or not result.requires_grad:
        raise UsageError(
            f"{function.text} does nothing to x that could be tracked.",
            hint="Choose a formula that computes something from x, such as x**2.",
        )
    return result


def _untracked(function: Function, leaf: Tensor) -> Tensor:
    with torch.no_grad():
        return _evaluate(function, leaf)


def _detached(function: Function, leaf: Tensor) -> Tensor:
    return _tracked(function, leaf).detach()


def _run_backward(
    function: Function, x: float, compute: Callable[[Function, Tensor], Tensor], name: str
) -> DetachResult:
    """Compute the result, multiply it by x, go backward, and read what the engine sent."""
    leaf = make_leaf(x)
    result = compute(function, leaf)
    sent: list[Tensor | None] = []
    loss = leaf * result
    assert loss.grad_fn is not None  # because the leaf is a factor
    loss.grad_fn.register_hook(lambda grad_inputs, _: sent.extend(grad_inputs))
    loss.backward(retain_graph=True)  # type: ignore[no-untyped-call]
    assert leaf.grad is not None and sent[0] is not None
    numbers = [result.item(), loss.item(), sent[0].item(), leaf.grad.item()]
    if not all(map(math.isfinite, numbers)):
        raise UsageError(
            f"{function.text} has no finite value and slope at x = {format_number(x)}.",
            hint="Choose an x inside the formula's domain.",
        )
    to_result, slope, through = _through_result(result, leaf, sent[1], name)
    return DetachResult(
        Quantity(numbers[0], f"value of {name}", name),
        result.requires_grad,
        None if result.grad_fn is None else result.grad_fn.name(),
        Quantity(numbers[1], f"x * {name}", "loss"),
        Quantity(numbers[2], f"sent to x beside {name}"),
        to_result,
        slope,
        through,
        Quantity(numbers[3], f"x.grad after backward of x * {name}", "x.grad"),
    )


def _through_result(
    result: Tensor, leaf: Tensor, gradient: Tensor | None, name: str
) -> tuple[Quantity | None, Quantity | None, Quantity | None]:
    """The result's gradient, its slope, and what it contributes to x; None without a gradient."""
    if gradient is None:
        return None, None, None
    (slope,) = torch.autograd.grad(result, leaf, retain_graph=True)
    (contribution,) = torch.autograd.grad(result, leaf, gradient)
    return (
        Quantity(gradient.item(), f"sent to {name}"),
        Quantity(slope.item(), f"slope of {name} at x"),
        Quantity(contribution.item(), f"sent to x through {name}"),
    )


def _compare_storage(function: Function, x: float, write: float) -> SharedStorage:
    leaf = make_leaf(x)
    tracked, untracked = _tracked(function, leaf), _untracked(function, leaf)
    detached = tracked.detach()
    tensors = {"y": tracked, "n": untracked, "d": detached}

    def values(when: str) -> tuple[Quantity, Quantity, Quantity]:
        y, n, d = (Quantity(t.item(), f"{name} {when}", name) for name, t in tensors.items())
        return y, n, d

    before = values("before the write")
    detached.fill_(write)
    return SharedStorage(
        tracked.data_ptr() == untracked.data_ptr(),
        tracked.data_ptr() == detached.data_ptr(),
        Quantity(write, "input", "d"),
        before,
        values("after the write to d"),
    )
