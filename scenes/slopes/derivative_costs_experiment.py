"""The same derivative three ways, and what each costs, counted while it is worked out."""

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
class Cost:
    """What the derivatives of a loss of `parameters` inputs took.

    `numerical` and `automatic` count evaluations of the loss, by a counter inside it; `symbolic`
    counts the arithmetic operations in the formulas that SymPy wrote.
    """

    parameters: Quantity
    symbolic: Quantity
    numerical: Quantity
    automatic: Quantity


@dataclass(frozen=True)
class DerivativeComparison:
    """The derivative at one place: `formula` is SymPy's, in the notation of our formulas."""

    formula: str
    x: Quantity
    symbolic: Quantity
    numerical: Quantity
    automatic: Quantity
    secant: Secant


def three_ways(function: Function, x: float, h: float) -> DerivativeComparison:
    """The derivative of a formula of x by SymPy, by a forward difference of width `h`, and by
    autograd."""
    symbol = sympy.Symbol("x")
    derivative = sympy.diff(_sympified(function), symbol)
    where = f"at x = {format_number(x)}"
    cut, point = secant(function, x, h), function.point_at(x)
    exact = float(derivative.subs(symbol, x).evalf())
    return DerivativeComparison(
        str(derivative),
        point.x,
        Quantity(exact, f"derivative by SymPy {where}", "symbolic"),
        cut.slope,
        point.slope,
        cut,
    )


def costs(function: Function, counts: Sequence[int], x: float, h: float) -> tuple[Cost, ...]:
    """What the gradient of f(w1) · f(w2) · … · f(wn) takes, for each n of `counts`."""
    return tuple(_cost(function, n, x, h) for n in counts)


def _cost(function: Function, n: int, x: float, h: float) -> Cost:
    calls = [0]

    def loss(weights: Tensor) -> Tensor:
        calls[0] += 1
        return torch.prod(torch.as_tensor(function.fn(weights)))

    automatic = _counted(calls, lambda: _by_autograd(loss, n, x))
    numerical = _counted(calls, lambda: _by_differences(loss, n, x, h))
    where = f"for {n} parameters"
    return Cost(
        input_quantity(n, "parameters"),
        Quantity(_operations(function, n), f"operations in SymPy's formulas {where}", "symbolic"),
        Quantity(numerical, f"evaluations of the loss by differences {where}", "numerical"),
        Quantity(automatic, f"evaluations of the loss with autograd {where}", "automatic"),
    )


def _counted(calls: list[int], work: Callable[[], Any]) -> int:
    before = calls[0]
    work()
    return calls[0] - before


def _by_autograd(loss: Callable[[Tensor], Tensor], n: int, x: float) -> Tensor:
    weights = torch.full((n,), float(x), dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(loss(weights), weights)
    return gradient


def _by_differences(loss: Callable[[Tensor], Tensor], n: int, x: float, h: float) -> list[float]:
    weights = torch.full((n,), float(x), dtype=torch.float64)
    here, slopes = loss(weights), []
    for k in range(n):
        nudged = weights.clone()
        nudged[k] += h
        slopes.append(float((loss(nudged) - here) / h))
    return slopes


def _operations(function: Function, n: int) -> int:
    weights = sympy.symbols(f"w1:{n + 1}")
    f, symbol = _sympified(function), sympy.Symbol("x")
    loss = sympy.Mul(*(f.subs(symbol, w) for w in weights))
    return sum(int(sympy.count_ops(sympy.diff(loss, w))) for w in weights)


def _sympified(function: Function) -> Any:
    # The text has been read by our own parser: plain arithmetic and known names only.
    return sympy.sympify(function.text, locals={"ln": sympy.log, "x": sympy.Symbol("x")})
