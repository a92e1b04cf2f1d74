"""Formulas parsed, rejected, printed and decomposed; the oracles are SymPy and Python's math."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy
import typst

from gradreel.errors import ExpressionError
from gradreel.expression import FUNCTIONS, Expression, parse

POINTS = {
    "0.5*(x-3)**2": 1.25,
    "x*sin(x) + cos(2*x)": 0.3,
    "-x**2": 1.5,
    "2**-x": 0.5,
    "exp(-x**2)/sqrt(2*pi)": 0.7,
    "log(x)/ln(x) + e": 2.0,
    "1/(1 + exp(-x))": -0.4,
    "x - (x - (x - 1))": 3.0,
    "tanh(x) + atan(x) - asin(x/9) * acos(x/9)": 1.0,
    "abs(x) + +x": -2.0,
}


def call_math(name: str, argument: float) -> float:
    special = {"ln": math.log, "abs": abs, "sigmoid": lambda v: 1 / (1 + math.exp(-v))}
    return float(special.get(name, getattr(math, name, abs))(argument))


@pytest.mark.parametrize("text", POINTS)
def test_a_formula_evaluates_to_the_value_sympy_computes(text: str) -> None:
    x = POINTS[text]
    names: dict[str, Any] = {"abs": sympy.Abs, "ln": sympy.log, "e": sympy.E}
    expected = float(sympy.sympify(text, locals=names).subs("x", x))
    assert parse(text).evaluate({"x": x}, call_math) == pytest.approx(expected, rel=1e-12)


REJECTED = {
    "__import__('os').getcwd()": "__import__",
    "x.real": r"x\.real",
    "[x for x in x]": "comprehension",
    "lambda: x": "lambda",
    "'text'": "'text' is not a number",
    "open(x)": "'open' is not a known function",
    "x^2": r"Write \*\* for powers",
    "y + 1": "'y' is not known",
    "9**9**9": "exponent 9\\*\\*9",
    "x**1000": "exponent 1000",
    "x**-1000": "exponent -1000",
    "1e300*x": "a number over",
    "1j": "1j is not a number",
    "True": "True is not a number",
    "x < 1": "comparison",
    "x if x else 1": "if/else",
    "x[0]": "index",
    "x // 2": "operator",
    "sin": "with its argument",
    "sin(x, x)": "takes one argument",
    "sin(*x)": "takes one argument",
    "(x := 1)": "assignment",
    "f'{x}'": "string",
    "": "empty",
    "x +": "cannot be read",
    "x\ny": "cannot be read",
    "-" * 60 + "x": "too large",
    "+".join(["x"] * 149): "too large",
    "x" * 400: "characters",
    "x**(1/0)": "has no value",
}


@pytest.mark.parametrize("text", REJECTED)
def test_anything_but_arithmetic_is_rejected_with_its_reason(text: str) -> None:
    with pytest.raises(ExpressionError, match=REJECTED[text]) as caught:
        parse(text)
    assert caught.value.exit_code == 2


def test_an_error_gives_the_column_and_the_valid_names() -> None:
    with pytest.raises(ExpressionError, match="column 5") as caught:
        parse("2 + foo(x)")
    assert set(FUNCTIONS) <= set(caught.value.valid)


def test_without_a_list_the_variables_are_those_of_the_formula() -> None:
    formula = parse("w*y + sin(b)*pi", None)
    assert formula.variables == ("w", "y", "b")
    for reserved in ("sin", "pi", "not a name", "lambda"):
        with pytest.raises(ExpressionError, match="cannot be the name"):
            parse("1", (reserved,))


def test_used_variables_keep_the_declared_order() -> None:
    assert parse("y*x + 1", ("x", "t", "y")).used_variables == ("x", "y")


TYPST = {
    "0.5*(x-3)**2": "0.5 (x - 3)^2",
    "x*sin(x)": "x sin(x)",
    "(3*x+1)**2": "(3 x + 1)^2",
    "1/(1+exp(-x))": "frac(1, 1 + e^(-x))",
    "x*2": "x dot 2",
    "sin(x)*x": "sin(x) dot x",
    "2**x**2": "2^(x^2)",
    "(x**2)**3": "(x^2)^3",
    "-(x+1)": "-(x + 1)",
    "x - (1 - x)": "x - (1 - x)",
    "2*-x": "2 (-x)",
    "sqrt(x)/abs(x)": "frac(sqrt(x), abs(x))",
    "log(x)": "ln(x)",
    "1e-7*x": "1 dot 10^(-7) x",
}


@pytest.mark.parametrize("text", TYPST)
def test_typst_markup(text: str) -> None:
    assert parse(text).typst() == TYPST[text]


def test_typst_compiles_the_markup_of_every_function() -> None:
    formulas = [*TYPST, *POINTS, *(f"2*{name}(x/2)**3" for name in FUNCTIONS)]
    lines = "\n\n".join(f"$ {parse(text).typst()} $" for text in formulas)
    assert typst.compile(lines.encode(), format="svg")


def test_markup_of_variable_names() -> None:
    formula = parse("w1*theta + speed", ("w1", "theta", "speed"))
    assert formula.typst() == 'w_1 theta + #"speed"'
    assert parse("x**2").typst({"x": "u"}) == "u^2"


LINKS = {
    "(3*x+1)**2": ["3 * x + 1", "u ** 2"],
    "sin(exp(x))": ["exp(x)", "sin(u)"],
    "exp(-x**2)": ["-x ** 2", "exp(u)"],
    "1/(1+exp(-x))": ["-x", "exp(u)", "1 + v", "1 / w"],
    "log(x**2+x)": ["x ** 2 + x", "log(u)"],
    "x*sin(x)": ["x * sin(x)"],
    "2*-x+1": ["2 * -x + 1"],
    "x": ["x"],
}


@pytest.mark.parametrize("text", LINKS)
def test_the_formula_of_each_link(text: str) -> None:
    assert [link.text for link in parse(text).links()] == LINKS[text]


@pytest.mark.parametrize("text", [*LINKS, "sqrt(1 + (2*x - 1)**2)/3", "tanh(sin(cos(x/2))*4)"])
def test_the_links_composed_give_the_value_of_the_formula(text: str) -> None:
    formula = parse(text)
    value = 0.8
    for link in formula.links():
        value = link.evaluate({link.variables[0]: value}, call_math)
    assert value == pytest.approx(formula.evaluate({"x": 0.8}, call_math), rel=1e-12)
    assert formula.links()[-1].name == "y"


@pytest.mark.parametrize(("text", "names"), [("3 + pi", "none"), ("x*y", "x, y")])
def test_a_composition_needs_exactly_one_variable(text: str, names: str) -> None:
    with pytest.raises(ExpressionError, match=names):
        parse(text, ("x", "y")).links()


def test_an_expression_is_immutable_and_compares_by_content() -> None:
    assert parse("x + 1") == parse("x + 1")
    assert isinstance(parse("x"), Expression)
    with pytest.raises(AttributeError):
        parse("x").text = "y"  # type: ignore[misc]
