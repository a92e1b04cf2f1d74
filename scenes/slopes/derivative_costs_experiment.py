"""Symbolic, numerical and automatic derivatives compared, and the operations that each takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import mul
from typing import Any

import sympy  # type: ignore[import-untyped]
import torch
from sympy.printing.str import StrPrinter  # type: ignore[import-untyped]
from torch import Tensor

from gradreel.errors import ExpressionError, UsageError
from gradreel.functions.function import Function
from gradreel.functions.require_finite import finite_point_at
from gradreel.measure.operation_counter import OperationCounter
from gradreel.record import record
from gradreel.record.codegen import program_from
from gradreel.scenes.slopes.secant_experiment import Secant, secant
from gradreel.tape import Quantity, Tape, format_number, input_quantity

_X = sympy.Symbol("x", real=True)
_CONSTANTS = {"pi": sympy.pi, "e": sympy.E}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "ln": sympy.log, "log2": lambda u: sympy.log(u) / sympy.log(2),
    "log10": lambda u: sympy.log(u) / sympy.log(10), "abs": sympy.Abs,
    "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)), "relu": lambda u: sympy.Max(u, 0),
}  # fmt: skip
_TORCH = {
    "pi": math.pi, "E": math.e, "Abs": torch.abs, "sign": torch.sign, "exp": torch.exp,
    "log": torch.log, "sqrt": torch.sqrt, "sin": torch.sin, "cos": torch.cos, "tan": torch.tan,
    "asin": torch.asin, "acos": torch.acos, "atan": torch.atan, "sinh": torch.sinh,
    "cosh": torch.cosh, "tanh": torch.tanh, "asinh": torch.asinh, "acosh": torch.acosh,
    "atanh": torch.atanh,
}  # fmt: skip
LONGEST = 120  # characters of a derivative; a longer one could not be read in its column


@dataclass(frozen=True)
class DerivativeCost:
    """The arithmetic operations that all partial derivatives of a loss take, by three methods.

    The loss has `parameters` inputs. All numbers are counted by one meter while PyTorch runs
    SymPy's formulas, the forward differences, and the loss with its backward pass.
    """

    parameters: Quantity
    symbolic: Quantity
    numerical: Quantity
    automatic: Quantity


@dataclass(frozen=True)
class DerivativeComparison:
    """One derivative at `x` by three methods, with the recording of the automatic one.

    `formula` is SymPy's derivative, in the notation of formulas. `terms` are the terms of the
    function, each with its own derivative.
    """

    formula: str
    terms: tuple[tuple[str, str], ...]
    tape: Tape
    x: Quantity
    symbolic: Quantity
    numerical: Quantity
    automatic: Quantity
    secant: Secant


def compare_derivatives(function: Function, x: float, h: float) -> DerivativeComparison:
    """The derivative of a formula of x by SymPy, by a forward difference of width `h`, and by
    autograd.

    Raises UsageError for a constant, for a place without a finite value and slope, and for a
    derivative that formulas cannot write or that has no value at `x`.
    """
    if function.expression is None or not function.expression.used_variables:
        raise UsageError(f"{function.text} does not depend on x.", hint=_HINT)
    finite_point_at(function, x)  # SymPy takes minutes for complex constants such as asin(2)
    derivative = sympy.diff(_to_sympy(function, _X), _X)
    formula = _as_formula(function, derivative)
    where = f"at x = {format_number(x)}"
    difference, point = secant(function, x, h), function.point_at(x)
    return DerivativeComparison(
        formula,
        _terms(function, formula),
        record(program_from(function.expression), x=x),
        point.x,
        Quantity(_value_at(derivative, x), f"derivative by SymPy {where}", "symbolic"),
        difference.slope,
        point.slope,
        difference,
    )


_HINT = "Take a function with one formula for its slope, such as x*sin(x) or exp(-x**2)."


class _FormulaPrinter(StrPrinter):  # type: ignore[misc]
    """Prints SymPy's expressions in the notation of formulas."""

    def _print_Exp1(self, _: Any) -> str:  # noqa: N802 - SymPy calls it by the class's name
        return "e"

    def _print_Abs(self, node: Any) -> str:  # noqa: N802
        return f"abs({self._print(node.args[0])})"


def _as_formula(function: Function, derivative: Any) -> str:
    """The derivative as text; raises UsageError if it is too long or no formula can say it."""
    text = str(_FormulaPrinter().doprint(derivative))
    if len(text) > LONGEST:
        raise UsageError(
            f"the symbolic derivative of {function.text} is too long to be read in its column.",
            hint="Take a shorter function, such as x*sin(x) or exp(-x**2).",
        )
    try:
        Function.parse(text)
    except ExpressionError:
        raise UsageError(
            f"the symbolic derivative of {function.text} is {text}, which formulas cannot write.",
            hint=_HINT,
        ) from None
    return text


def _terms(function: Function, derivative: str) -> tuple[tuple[str, str], ...]:
    """The terms of a sum, each with its derivative; or the function as a whole with its own."""
    terms = _to_sympy(function, _X).as_ordered_terms()
    try:
        return tuple(
            (_as_formula(function, term), _as_formula(function, sympy.diff(term, _X)))
            for term in terms
        )
    except UsageError:
        return ((function.text, derivative),)


def _value_at(derivative: Any, x: float) -> float:
    try:
        value = float(derivative.subs(_X, x).evalf())
    except (TypeError, OverflowError):  # complex, or "zoo", SymPy's infinity
        value = math.nan
    if math.isfinite(value):
        return value
    raise UsageError(f"SymPy's derivative {derivative} has no value at x = {x:g}.", hint=_HINT)


def derivative_costs(
    function: Function, counts: Sequence[int], x: float, h: float
) -> tuple[DerivativeCost, ...]:
    """What the gradient of f(w1) · f(w2) · … · f(wn) takes, for each n of `counts`."""
    return tuple(_cost(function, n, x, h) for n in counts)


@lru_cache(maxsize=64)
def _cost(function: Function, n: int, x: float, h: float) -> DerivativeCost:
    def loss(weights: Sequence[Tensor]) -> Tensor:
        return reduce(mul, [torch.as_tensor(function.fn(weight)) for weight in weights])

    formulas = _partial_derivatives(function, n)
    symbolic = _count_operations(lambda w: formulas(*w), n, x)
    numerical = _count_operations(lambda w: _differences(loss, w, h), n, x)
    automatic = _count_operations(lambda w: torch.autograd.grad(loss(w), w), n, x)
    where = f"for {n} parameters"
    return DerivativeCost(
        input_quantity(n, "parameters"),
        Quantity(symbolic, f"operations of SymPy's formulas {where}", "symbolic"),
        Quantity(numerical, f"operations of forward differences {where}", "numerical"),
        Quantity(automatic, f"operations of autograd {where}", "automatic"),
    )


def _count_operations(compute: Callable[[list[Tensor]], Any], n: int, x: float) -> int:
    """The operations that PyTorch does in `compute`, which is given n leaves of value `x`."""
    weights = [torch.tensor(float(x), dtype=torch.float64, requires_grad=True) for _ in range(n)]
    counter = OperationCounter()
    with counter:
        compute(weights)
    return counter.count


def _differences(
    loss: Callable[[Sequence[Tensor]], Tensor], weights: Sequence[Tensor], h: float
) -> list[Tensor]:
    with torch.no_grad():
        base, slopes = loss(weights), []
        for k, weight in enumerate(weights):
            nudged = [*weights[:k], weight + h, *weights[k + 1 :]]
            slopes.append((loss(nudged) - base) / h)
    return slopes


def _partial_derivatives(function: Function, n: int) -> Callable[..., list[Any]]:
    """SymPy's formulas for the derivatives of f(w1) · … · f(wn) by each w, as code for tensors."""
    weights = sympy.symbols(f"w1:{n + 1}", real=True)
    loss = sympy.Mul(*(_to_sympy(function, weight) for weight in weights))
    formulas = [sympy.diff(loss, weight) for weight in weights]
    code: Callable[..., list[Any]] = sympy.lambdify(weights, formulas, modules=[_TORCH])
    return code


def _to_sympy(function: Function, x: Any) -> Any:
    """A formula of x as an expression of SymPy, evaluated by the tree that was parsed."""
    if function.expression is None:
        raise UsageError(f"{function.text} is no formula, and SymPy differentiates formulas.")

    def call(name: str, argument: Any) -> Any:
        return _FUNCTIONS.get(name, getattr(sympy, name, None))(argument)  # type: ignore[misc]

    return function.expression.evaluate({"x": x, **_CONSTANTS}, call, sympy.sympify)
