"""ChainRule against derivatives that SymPy worked out."""

import math

import pytest
import sympy

from tests.scenes.rehearse import score, texts

X = sympy.Symbol("x")


def test_the_figures_of_the_lecture() -> None:
    result = score("ChainRule")
    assert texts(result, "a composition") == ["2.00", "7.00", "49.00"]
    assert texts(result, "the product")[-4:] == ["14", "3", "42", "42"]


@pytest.mark.parametrize(
    ("function", "x"),
    [("(3*x+1)**2", -1.5), ("sin(exp(x/2))", 1.0), ("exp(-(tanh(2*x)+1)**2)", 0.3), ("3*x", 2.0)],
)
def test_the_product_is_the_derivative(function: str, x: float) -> None:
    result = score("ChainRule", function=function, x=x)
    product = next(b for b in result["beats"] if b["name"] == "the product")
    total = product["numbers"][-1]["value"]
    expected = float(sympy.diff(sympy.sympify(function), X).subs(X, x))
    assert total == pytest.approx(expected, rel=1e-12)
    links = len([b for b in result["beats"] if b["name"].startswith("how ")])
    factors = [n["value"] for n in product["numbers"][-2 - links : -2]]
    assert math.prod(factors) == pytest.approx(expected, rel=1e-12)


def test_a_nudge_moves_every_value() -> None:
    before = texts(score("ChainRule"), "a composition")
    after = texts(score("ChainRule", nudge=0.1), "a nudge")
    assert after == ["2.10", "7.30", "53.29"]
    assert all(a != b for a, b in zip(before, after, strict=True))
