"""Formulas: read, refused, typeset, taken apart; SymPy and plain evaluation are the oracles."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy
import typst

from gradreel.errors import ExpressionError
from gradreel.expression import FUNCTIONS, Expression, parse

MEANS = {
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


def by_math(name: str, argument: float) -> float:
    special = {"ln": math.log, "abs": abs, "sigmoid": lambda v: 1 / (1 + math.exp(-v))}
    return float(special.get(name, getattr(math, name, abs))(argument))


@pytest.mark.parametrize("text", MEANS)
def test_a_formula_means_what_sympy_says(text: str) -> None:
    at = MEANS[text]
    names: dict[str, Any] = {"abs": sympy.Abs, "ln": sympy.log, "e": sympy.E}
    expected = float(sympy.sympify(text, locals=names).subs("x", at))
    assert parse(text).evaluate({"x": at}, by_math) == pytest.approx(expected, rel=1e-12)


REFUSED = {
    "__import__('os').getcwd()": "__import__",
    "x.real": r"x\.real",
    "[x for x in x]": "comprehension",
    "lambda: x": "lambda",
    "'text'": "'text' is not a number",
    "open(x)": "'open' is not a function",
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


@pytest.mark.parametrize("text", REFUSED)
def test_everything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(ExpressionError, match=REFUSED[text]) as caught:
        parse(text)
    assert caught.value.exit_code == 2


def test_a_refusal_says_where_and_what_is_valid() -> None:
    with pytest.raises(ExpressionError, match="column 5") as caught:
        parse("2 + foo(x)")
    assert set(FUNCTIONS) <= set(caught.value.valid)


def test_without_variables_the_formula_names_its_own() -> None:
    formula = parse("w*y + sin(b)*pi", None)
    assert formula.variables == ("w", "y", "b")
    for taken in ("sin", "pi", "not a name", "lambda"):
        with pytest.raises(ExpressionError, match="cannot be the name"):
            parse("1", (taken,))


def test_used_variables_keep_the_declared_order() -> None:
    assert parse("y*x + 1", ("x", "t", "y")).used == ("x", "y")


TYPESET = {
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


@pytest.mark.parametrize("text", TYPESET)
def test_typst(text: str) -> None:
    assert parse(text).typst() == TYPESET[text]


def test_typst_can_set_every_function_and_every_shape() -> None:
    formulas = [*TYPESET, *MEANS, *(f"2*{name}(x/2)**3" for name in FUNCTIONS)]
    lines = "\n\n".join(f"$ {parse(text).typst()} $" for text in formulas)
    assert typst.compile(lines.encode(), format="svg")


def test_typst_names() -> None:
    formula = parse("w1*theta + speed", ("w1", "theta", "speed"))
    assert formula.typst() == 'w_1 theta + "speed"'
    assert parse("x**2").typst({"x": "u"}) == "u^2"


CHAINS = {
    "(3*x+1)**2": ["3 * x + 1", "u ** 2"],
    "sin(exp(x))": ["exp(x)", "sin(u)"],
    "exp(-x**2)": ["-x ** 2", "exp(u)"],
    "1/(1+exp(-x))": ["-x", "exp(u)", "1 + v", "1 / w"],
    "log(x**2+x)": ["x ** 2 + x", "log(u)"],
    "x*sin(x)": ["x * sin(x)"],
    "2*-x+1": ["2 * -x + 1"],
    "x": ["x"],
}


@pytest.mark.parametrize("text", CHAINS)
def test_links(text: str) -> None:
    assert [link.text for link in parse(text).links()] == CHAINS[text]


@pytest.mark.parametrize("text", [*CHAINS, "sqrt(1 + (2*x - 1)**2)/3", "tanh(sin(cos(x/2))*4)"])
def test_the_links_one_after_the_other_are_the_formula(text: str) -> None:
    whole = parse(text)
    value = 0.8
    for link in whole.links():
        value = link.evaluate({link.variables[0]: value}, by_math)
    assert value == pytest.approx(whole.evaluate({"x": 0.8}, by_math), rel=1e-12)
    assert whole.links()[-1].name == "y"


@pytest.mark.parametrize(("text", "names"), [("3 + pi", "none"), ("x*y", "x, y")])
def test_no_chain(text: str, names: str) -> None:
    with pytest.raises(ExpressionError, match=names):
        parse(text, ("x", "y")).links()


def test_an_expression_is_a_value() -> None:
    assert parse("x + 1") == parse("x + 1")
    assert isinstance(parse("x"), Expression)
    with pytest.raises(AttributeError):
        parse("x").text = "y"  # type: ignore[misc]
