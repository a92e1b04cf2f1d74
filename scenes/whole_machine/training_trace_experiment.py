"""Training of a composition: values, local derivatives and gradients of every training step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.measure.optimizers import make_leaf, make_optimizer
from gradreel.record.codegen import as_tensor, torch_call
from gradreel.tape import Quantity, format_number

DIGITS = 3  # significant ones, of the numbers that are shown


@dataclass(frozen=True)
class TrainingStep:
    """One round of zero_grad, forward, backward, step.

    `values` are those of the input, each intermediate and the result; `slopes` are the derivatives
    of the result with respect to each of them, itself included; `locals` is the local derivative of
    each link. `updated` is the input after the step.
    """

    number: Quantity
    values: tuple[Quantity, ...]
    locals: tuple[Quantity, ...]
    slopes: tuple[Quantity, ...]
    updated: Quantity


@dataclass(frozen=True)
class TrainingTrace:
    """`names` from the input to the result, `formulas` of the links in Typst math, and the steps.

    `accumulated` is what the input's .grad would be in the second step without zero_grad.
    """

    names: tuple[str, ...]
    formulas: tuple[str, ...]
    optimizer: str
    rate: Quantity
    steps: tuple[TrainingStep, ...]
    accumulated: Quantity

    @property
    def shown_steps(self) -> tuple[TrainingStep, ...]:
        """The steps with every number rounded to three significant digits."""
        return tuple(
            TrainingStep(
                step.number,
                _rounded(step.values),
                _rounded(step.locals),
                _rounded(step.slopes),
                step.updated.rounded(DIGITS),
            )
            for step in self.steps
        )


def trace_training(
    function: Function, start: float, count: int, lr: float, optimizer: str = "SGD"
) -> TrainingTrace:
    """`count` steps, at least two, of training the one variable of a formula, in float64.

    Raises UsageError for an optimizer that is not in OPTIMIZERS and where the slope at the start is
    not finite; ExpressionError for what is not a formula of one variable.
    """
    leaf = make_leaf(start)
    engine = make_optimizer(optimizer, [leaf], lr)
    chain = function.chain(start).links
    names = (chain[0].input.name, *(link.output.name for link in chain))
    steps, grads = [], []
    for number in range(1, count + 1):
        engine.zero_grad()
        steps.append(_train_step(function, names, leaf, engine, number))
        grads.append(None if leaf.grad is None else leaf.grad.clone())
    return TrainingTrace(
        names,
        tuple(link.expression.typst() for link in chain),
        optimizer,
        Quantity(lr, "input", "learning rate"),
        tuple(steps),
        _accumulated_grad(function, names, steps[1], grads[0]),
    )


def _train_step(
    function: Function,
    names: Sequence[str],
    leaf: Tensor,
    engine: torch.optim.Optimizer,
    number: int,
) -> TrainingStep:
    tensors = _forward(function, leaf)
    where = f"in turn {number}"
    values = [_quantity(t, f"{n} {where}", n) for t, n in zip(tensors, names, strict=True)]
    if number == 1:
        values[0] = Quantity(leaf.item(), "input", names[0])
    local = _local_derivatives(tensors, names, where)
    for tensor in tensors[1:]:
        tensor.retain_grad()
    tensors[-1].backward()  # type: ignore[no-untyped-call]
    slopes = [
        _quantity(t.grad, _grad_source(names, n, where), f"d{names[-1]}/d{n}")
        for t, n in zip(tensors, names, strict=True)
    ]
    if number == 1:
        _check_start(function, values[0], values[-1], slopes[0])
    engine.step()
    updated = _quantity(leaf, f"{names[0]} after step {where}", names[0])
    count = Quantity(number, "turns begun", "turn")
    return TrainingStep(count, tuple(values), tuple(local), tuple(slopes), updated)


def _forward(function: Function, leaf: Tensor) -> list[Tensor]:
    """The input, the result of each link, and with the last of them the result."""
    assert function.expression is not None  # function.chain() raises for code
    tensors = [leaf]
    for link in function.expression.links():
        tensors.append(link.evaluate({link.variables[0]: tensors[-1]}, torch_call, as_tensor))
    return tensors


def _local_derivatives(
    tensors: Sequence[Tensor], names: Sequence[str], where: str
) -> list[Quantity]:
    derivatives = []
    for k in range(1, len(tensors)):
        (slope,) = torch.autograd.grad(tensors[k], tensors[k - 1], retain_graph=True)
        name = f"d{names[k]}/d{names[k - 1]}"
        derivatives.append(_quantity(slope, f"{name} (local) {where}", name))
    return derivatives


def _grad_source(names: Sequence[str], name: str, where: str) -> str:
    if name == names[0]:
        return f"{name}.grad after backward {where}"
    return f"gradient at {name} {where}"


def _accumulated_grad(
    function: Function, names: Sequence[str], second: TrainingStep, first_grad: Tensor | None
) -> Quantity:
    """The `.grad` after a backward pass at the second step's input on top of the first step's."""
    leaf = make_leaf(second.values[0])
    leaf.grad = first_grad
    _forward(function, leaf)[-1].backward()  # type: ignore[no-untyped-call]
    return _quantity(leaf.grad, f"{names[0]}.grad in turn 2 without zero_grad", f"{names[0]}.grad")


def _check_start(function: Function, x: Quantity, result: Quantity, slope: Quantity) -> None:
    """Only the first step is checked: later ones may diverge."""
    if not (math.isfinite(result) and math.isfinite(slope)):
        raise UsageError(
            f"{function.text} has no finite slope at {x.name} = {format_number(x)}.",
            hint="Choose a start inside the formula's domain.",
        )


def _quantity(tensor: Tensor | None, source: str, name: str) -> Quantity:
    assert tensor is not None
    return Quantity(tensor.item(), source, name)


def _rounded(numbers: Sequence[Quantity]) -> tuple[Quantity, ...]:
    return tuple(number.rounded(DIGITS) for number in numbers)
