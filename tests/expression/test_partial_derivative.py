"""Derivatives of single operations against SymPy."""

from __future__ import annotations

import pytest
import sympy

from gradreel.expression import parse
from gradreel.expression.partial_derivative import partial_derivative

NAMES = ("x", "y")
OPERATIONS = [
    "x + y", "x - y", "x * y", "x / y", "x ** 2", "x ** 3", "x ** 5.0", "3 * x", "x * -2", "x / 4",
    "2 - x", "-x", "exp(x)", "log(x)", "sqrt(x)", "sin(x)", "cos(x)", "tan(x)", "tanh(x)",
    "sinh(x)", "cosh(x)", "atan(x)", "sigmoid(x)", "1 / x",
]  # fmt: skip


@pytest.mark.parametrize("text", OPERATIONS)
def test_derivatives_agree_with_sympy(text: str) -> None:
    formula = parse(text, variables=NAMES)
    for name in formula.used_variables:
        derivative = partial_derivative(formula, name)
        assert derivative is not None
        expected = sympy.diff(_in_sympy(text), name)
        assert sympy.simplify(_in_sympy(derivative.text) - expected) == 0


def _in_sympy(text: str) -> sympy.Expr:
    known = {"sigmoid": lambda x: 1 / (1 + sympy.exp(-x))}
    return sympy.nsimplify(sympy.sympify(text, locals=known))


@pytest.mark.parametrize(
    "text", ["x * x", "abs(x)", "2 ** x", "x ** 0.5", "sin(x * y)", "x * y + 1", "y"]
)
def test_what_has_no_short_form_has_none(text: str) -> None:
    assert partial_derivative(parse(text, variables=NAMES), "x") is None


@pytest.mark.parametrize(
    ("text", "markup"),
    [("x ** 2", "2 x"), ("x * y", "y"), ("x + y", "1"), ("y / x", "-frac(y, x^2)")],
)
def test_it_is_written_as_in_a_textbook(text: str, markup: str) -> None:
    derivative = partial_derivative(parse(text, variables=NAMES), "x")
    assert derivative is not None
    assert derivative.typst() == markup
