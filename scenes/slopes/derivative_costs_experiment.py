"""Symbolic, numerical and automatic derivatives compared, and the operations that each takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy  # type: ignore[import-untyped]
import torch
from torch import Tensor

from gradreel.functions.function import Function, input_quantity
from gradreel.scenes.slopes.secant_experiment import Secant, secant
from gradreel.tape import Quantity, format_number


@dataclass(frozen=True)
class DerivativeCost:
    """What all partial derivatives of a loss of `parameters` inputs take.

    `numerical` and `automatic` are numbers of evaluations of the loss, counted by the loss itself;
    `symbolic` is the number of arithmetic operations in SymPy's formulas.
    """

    parameters: Quantity
    symbolic: Quantity
    numerical: Quantity
    automatic: Quantity


@dataclass(frozen=True)
class DerivativeComparison:
    """One derivative at `x` by three methods; `formula` is SymPy's, in the notation of formulas."""

    formula: str
    x: Quantity
    symbolic: Quantity
    numerical: Quantity
    automatic: Quantity
    secant: Secant


def compare_derivatives(function: Function, x: float, h: float) -> DerivativeComparison:
    """The derivative of a formula of x by SymPy, by a forward difference of width `h`, and by
    autograd."""
    symbol = sympy.Symbol("x")
    derivative = sympy.diff(_to_sympy(function), symbol)
    where = f"at x = {format_number(x)}"
    difference, point = secant(function, x, h), function.point_at(x)
    exact = float(derivative.subs(symbol, x).evalf())
    return DerivativeComparison(
        str(derivative),
        point.x,
        Quantity(exact, f"derivative by SymPy {where}", "symbolic"),
        difference.slope,
        point.slope,
        difference,
    )


def derivative_costs(
    function: Function, counts: Sequence[int], x: float, h: float
) -> tuple[DerivativeCost, ...]:
    """What the gradient of f(w1) · f(w2) · … · f(wn) takes, for each n of `counts`."""
    return tuple(_cost(function, n, x, h) for n in counts)


def _cost(function: Function, n: int, x: float, h: float) -> DerivativeCost:
    calls = [0]

    def loss(weights: Tensor) -> Tensor:
        calls[0] += 1
        return torch.prod(torch.as_tensor(function.fn(weights)))

    automatic = _count_calls(calls, lambda: _gradient_by_autograd(loss, n, x))
    numerical = _count_calls(calls, lambda: _gradient_by_differences(loss, n, x, h))
    symbolic = _count_operations(function, n)
    where = f"for {n} parameters"
    return DerivativeCost(
        input_quantity(n, "parameters"),
        Quantity(symbolic, f"operations in SymPy's formulas {where}", "symbolic"),
        Quantity(numerical, f"evaluations of the loss by differences {where}", "numerical"),
        Quantity(automatic, f"evaluations of the loss with autograd {where}", "automatic"),
    )


def _count_calls(calls: list[int], compute: Callable[[], Any]) -> int:
    before = calls[0]
    compute()
    return calls[0] - before


def _gradient_by_autograd(loss: Callable[[Tensor], Tensor], n: int, x: float) -> Tensor:
    weights = torch.full((n,), float(x), dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(loss(weights), weights)
    return gradient


def _gradient_by_differences(
    loss: Callable[[Tensor], Tensor], n: int, x: float, h: float
) -> list[float]:
    weights = torch.full((n,), float(x), dtype=torch.float64)
    base, slopes = loss(weights), []
    for k in range(n):
        nudged = weights.clone()
        nudged[k] += h
        slopes.append(float((loss(nudged) - base) / h))
    return slopes


def _count_operations(function: Function, n: int) -> int:
    weights = sympy.symbols(f"w1:{n + 1}")
    f, symbol = _to_sympy(function), sympy.Symbol("x")
    loss = sympy.Mul(*(f.subs(symbol, w) for w in weights))
    return sum(int(sympy.count_ops(sympy.diff(loss, w))) for w in weights)


def _to_sympy(function: Function) -> Any:
    # gradreel's own parser has accepted the text: it is plain arithmetic and known names only.
    return sympy.sympify(function.text, locals={"ln": sympy.log, "x": sympy.Symbol("x")})
