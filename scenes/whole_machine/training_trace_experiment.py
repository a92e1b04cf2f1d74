"""A composition that is trained: all that autograd and the optimizer do in it, turn by turn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gradreel.errors import UsageError, unknown_name
from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import OPTIMIZERS
from gradreel.record.codegen import as_tensor, torch_call
from gradreel.tape import Quantity, format_number


@dataclass(frozen=True)
class TrainingStep:
    """One turn: zero_grad, forward, backward, step.

    `values` are those of the input, each intermediate and the result; `slopes` the derivative of
    the result with respect to each of them, the result's own included; `locals` the slope of each
    link. `moved` is the input after the step.
    """

    number: Quantity
    values: tuple[Quantity, ...]
    locals: tuple[Quantity, ...]
    slopes: tuple[Quantity, ...]
    moved: Quantity


@dataclass(frozen=True)
class TrainingTrace:
    """`names` from the input to the result, `formulas` of the links in Typst math, and the turns.

    `forgotten` is what the input's .grad would be in the second turn without zero_grad.
    """

    names: tuple[str, ...]
    formulas: tuple[str, ...]
    optimizer: str
    rate: Quantity
    turns: tuple[TrainingStep, ...]
    forgotten: Quantity


def trace_training(
    function: Function, start: float, count: int, lr: float, optimizer: str = "SGD"
) -> TrainingTrace:
    """`count` turns, at least two, of training the one variable of a formula, in float64.

    Raises UsageError for an optimizer that is not in OPTIMIZERS and where there is no finite slope
    to begin with; ExpressionError for what is no formula of one variable.
    """
    if optimizer not in OPTIMIZERS:
        raise unknown_name("optimizer", optimizer, OPTIMIZERS)
    chain = function.chain(start).links
    names = (chain[0].input.name, *(link.output.name for link in chain))
    leaf = _leaf(start)
    engine = OPTIMIZERS[optimizer]([leaf], lr)
    turns, grads = [], []
    for number in range(1, count + 1):
        engine.zero_grad()
        turns.append(_turn(function, names, leaf, engine, number))
        grads.append(None if leaf.grad is None else leaf.grad.clone())
    return TrainingTrace(
        names,
        tuple(link.expression.typst() for link in chain),
        optimizer,
        Quantity(lr, "input", "learning rate"),
        tuple(turns),
        _forgotten(function, names, turns[1], grads[0]),
    )


def _turn(
    function: Function,
    names: Sequence[str],
    leaf: Tensor,
    engine: torch.optim.Optimizer,
    number: int,
) -> TrainingStep:
    passed = _forward(function, leaf)
    result = passed[-1]
    here = f"in turn {number}"
    values = [_number(t, f"{n} {here}", n) for t, n in zip(passed, names, strict=True)]
    if number == 1:
        values[0] = Quantity(leaf.item(), "input", names[0])
    local = _locals(passed, names, here)
    for tensor in passed[1:]:
        tensor.retain_grad()
    result.backward()  # type: ignore[no-untyped-call]
    slopes = [
        _number(t.grad, _source(names, n, here), f"d{names[-1]}/d{n}")
        for t, n in zip(passed, names, strict=True)
    ]
    _check(function, values[0], values[-1], slopes[0])
    engine.step()
    moved = _number(leaf, f"{names[0]} after step {here}", names[0])
    count = Quantity(number, "turns begun", "turn")
    return TrainingStep(count, tuple(values), tuple(local), tuple(slopes), moved)


def _forward(function: Function, leaf: Tensor) -> list[Tensor]:
    """The input, what each link makes of it, and the result."""
    assert function.expression is not None  # or chain() would have said so
    passed = [leaf]
    for link in function.expression.links():
        passed.append(link.evaluate({link.variables[0]: passed[-1]}, torch_call, as_tensor))
    return passed


def _locals(passed: Sequence[Tensor], names: Sequence[str], here: str) -> list[Quantity]:
    found = []
    for k in range(1, len(passed)):
        (slope,) = torch.autograd.grad(passed[k], passed[k - 1], retain_graph=True)
        name = f"d{names[k]}/d{names[k - 1]}"
        found.append(_number(slope, f"{name} (local) {here}", name))
    return found


def _source(names: Sequence[str], name: str, here: str) -> str:
    if name == names[0]:
        return f"{name}.grad after backward {here}"
    return f"gradient at {name} {here}"


def _forgotten(
    function: Function, names: Sequence[str], second: TrainingStep, old: Tensor | None
) -> Quantity:
    """A backward pass in the second turn on top of what the first one left."""
    leaf = _leaf(second.values[0])
    leaf.grad = old
    _forward(function, leaf)[-1].backward()  # type: ignore[no-untyped-call]
    return _number(leaf.grad, f"{names[0]}.grad in turn 2 without zero_grad", f"{names[0]}.grad")


def _check(function: Function, x: Quantity, result: Quantity, slope: Quantity) -> None:
    """Further turns may run away; the first must have somewhere to go from."""
    if x.source != "input" or (math.isfinite(result) and math.isfinite(slope)):
        return
    raise UsageError(
        f"{function.text} has no finite slope at {x.name} = {format_number(x)}.",
        hint="Choose a start inside the formula's domain.",
    )


def _leaf(value: float) -> Tensor:
    return torch.tensor(float(value), dtype=torch.float64, requires_grad=True)


def _number(tensor: Tensor | None, source: str, name: str) -> Quantity:
    assert tensor is not None
    return Quantity(tensor.item(), source, name)
