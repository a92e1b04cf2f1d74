"""One result tracked, computed under no_grad and detached: what each knows and lets through.

In all three the result is then multiplied by x, `loss = x * result`, so that there is something to
go backward from: the direct way to x stays open, the way through the result may be cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.record.codegen import program_from
from gradreel.tape import Quantity, format_number


@dataclass(frozen=True)
class Result:
    """A result as its tensor describes itself, and what a backward pass brought to x.

    `sent` is what the product sent to the result and `through` what came to x from there, both None
    where that way is cut; `direct` is what came along the other one; `grad` is `x.grad` afterwards.
    """

    value: Quantity
    tracked: bool
    grad_fn: str | None
    loss: Quantity
    direct: Quantity
    sent: Quantity | None
    through: Quantity | None
    grad: Quantity


@dataclass(frozen=True)
class Shared:
    """Which results lie in the memory of the tracked one, and their values after a write.

    `before` and `after` are the values of the tracked, the untracked and the detached result,
    around writing `written` into the detached one.
    """

    untracked_is_same: bool
    detached_is_same: bool
    written: Quantity
    before: tuple[Quantity, Quantity, Quantity]
    after: tuple[Quantity, Quantity, Quantity]


@dataclass(frozen=True)
class DetachComparison:
    """The three results, and the memory that they have."""

    x: Quantity
    tracked: Result
    untracked: Result
    detached: Result
    shared: Shared


def compare_detach(function: Function, x: float, write: float) -> DetachComparison:
    """All of it for `function` at `x`, in float64; `write` is written into the detached result.

    Raises UsageError where the function has no finite slope at x.
    """
    return DetachComparison(
        Quantity(x, "input", "x"),
        _asked(function, x, _tracked, "y"),
        _asked(function, x, _untracked, "n"),
        _asked(function, x, _detached, "d"),
        _shared(function, x, write),
    )


def _of(function: Function, leaf: Tensor) -> Tensor:
    """The result as a reader's own program would compute it, with plain numbers as constants."""
    of = function.fn if function.expression is None else program_from(function.expression)
    return torch.as_tensor(of(leaf))


def _tracked(function: Function, leaf: Tensor) -> Tensor:
    result = _of(function, leaf)
    if result is leaf or not result.requires_grad:
        raise UsageError(
            f"{function.text} does nothing to x that could be tracked.",
            hint="Choose a formula that computes something from x, such as x**2.",
        )
    return result


def _untracked(function: Function, leaf: Tensor) -> Tensor:
    with torch.no_grad():
        return _of(function, leaf)


def _detached(function: Function, leaf: Tensor) -> Tensor:
    return _tracked(function, leaf).detach()


def _asked(
    function: Function, x: float, way: Callable[[Function, Tensor], Tensor], name: str
) -> Result:
    """Compute, multiply by x, go backward, and write down what the engine sent where."""
    leaf = _leaf(x)
    result = way(function, leaf)
    sent: list[Tensor | None] = []
    loss = leaf * result
    assert loss.grad_fn is not None  # it has x in it
    loss.grad_fn.register_hook(lambda to, _: sent.extend(to))
    loss.backward(retain_graph=True)  # type: ignore[no-untyped-call]
    assert leaf.grad is not None and sent[0] is not None
    numbers = [result.item(), loss.item(), sent[0].item(), leaf.grad.item()]
    if not all(map(math.isfinite, numbers)):
        raise UsageError(
            f"{function.text} has no finite value and slope at x = {format_number(x)}.",
            hint="Choose an x inside the formula's domain.",
        )
    handed, through = None, None
    if sent[1] is not None:
        (arrived,) = torch.autograd.grad(result, leaf, sent[1])
        handed = Quantity(sent[1].item(), f"sent to {name}")
        through = Quantity(arrived.item(), f"sent to x through {name}")
    return Result(
        Quantity(numbers[0], f"value of {name}", name),
        result.requires_grad,
        None if result.grad_fn is None else result.grad_fn.name(),
        Quantity(numbers[1], f"x * {name}", "loss"),
        Quantity(numbers[2], f"sent to x beside {name}"),
        handed,
        through,
        Quantity(numbers[3], f"x.grad after backward of x * {name}", "x.grad"),
    )


def _shared(function: Function, x: float, write: float) -> Shared:
    leaf = _leaf(x)
    tracked, untracked = _tracked(function, leaf), _untracked(function, leaf)
    detached = tracked.detach()
    three = {"y": tracked, "n": untracked, "d": detached}

    def values(when: str) -> tuple[Quantity, Quantity, Quantity]:
        y, n, d = (Quantity(t.item(), f"{name} {when}", name) for name, t in three.items())
        return y, n, d

    before = values("before the write")
    detached.fill_(write)
    return Shared(
        tracked.data_ptr() == untracked.data_ptr(),
        tracked.data_ptr() == detached.data_ptr(),
        Quantity(write, "input", "d"),
        before,
        values("after the write to d"),
    )


def _leaf(x: float) -> Tensor:
    return torch.tensor(float(x), dtype=torch.float64, requires_grad=True)
