"""ThreeWays against derivatives by SymPy, and the costs that each method must have."""

from __future__ import annotations

import math

import pytest
import sympy

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.scenes.slopes.derivative_costs_experiment import (
    compare_derivatives,
    derivative_costs,
)
from tests.scenes.run_scene import dry_run, duration, numbers


@pytest.mark.parametrize(
    ("params", "text", "x", "h", "most"),
    [
        ({}, "x**2+3*x+2", 2.0, 1e-7, 24),
        ({"function": "sin(x)*x", "x": 0.5, "h": 0.01, "parameters": 8}, "sin(x)*x", 0.5, 0.01, 8),
    ],
)
def test_all_methods_give_the_same_slope(params, text, x, h, most):
    scene = dry_run("ThreeWays", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    X = sympy.Symbol("x")
    f = sympy.sympify(text)
    exact = float(f.diff(X).subs(X, x))
    assert numbers(scene, "derivative by SymPy", "automatic") == pytest.approx([exact])
    assert numbers(scene, "df/dx", "automatic")[-1] == pytest.approx(exact, rel=1e-14)
    secant = float((f.subs(X, x + h) - f.subs(X, x)) / h)
    assert numbers(scene, "(f(x + h)", "numerical")[-1] == pytest.approx(secant, rel=1e-7)
    costs = scene.costs
    assert [float(c.parameters) for c in costs][-1] == most
    shown = numbers(scene, "operations of", "what it costs")
    assert set(shown) == {costs[-1].symbolic, costs[-1].numerical, costs[-1].automatic}
    assert costs[-1].symbolic > most**2


def test_the_operations_are_those_that_each_method_must_do():
    # f(w) = w*w is one operation, so the product of n such takes n + (n - 1).
    for cost in derivative_costs(Function.parse("x*x"), (1, 4, 9), 2.0, 1e-3):
        n = int(cost.parameters)
        loss = 2 * n - 1
        assert cost.numerical == (n + 1) * loss + 3 * n  # a nudge, a difference, a division each
        assert loss < cost.automatic <= 5 * loss
    few, many = derivative_costs(Function.parse("x**2+3*x+2"), (8, 16), 2.0, 1e-7)
    assert many.symbolic > 3 * few.symbolic and many.automatic < 2.5 * few.automatic


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"function": "log(x)", "x": 0}, "no slope at x = 0"),
        ({"function": "exp(exp(x))", "x": 100}, "no slope at x = 100"),
        ({"function": "x**5*sin(x)*exp(x)+x**4*cos(x)"}, "too long to be read in its column"),
        ({"function": "sinh(x)*cosh(x)*x*sin(x)*cos(x)"}, "too long to be read"),
        ({"function": "abs(x)"}, r"is sign\(x\), which formulas cannot write"),
        ({"function": "relu(x)"}, r"is Heaviside\(x\), which formulas cannot write"),
        ({"function": "5"}, "5 does not depend on x"),
    ],
)
def test_what_cannot_be_shown_raises_an_error(params, match):
    with pytest.raises(UsageError, match=match):
        dry_run("ThreeWays", **params)


@pytest.mark.parametrize(
    ("text", "formula", "slope"),
    [
        ("e**x", "exp(x)", math.exp(2)),
        ("sigmoid(100*x)", "100*exp(-100*x)/(1 + exp(-100*x))**2", 100 * math.exp(-200)),
        ("log10(x)", "1/(x*log(10))", 0.5 / math.log(10)),
        ("e*x", "e", math.e),
    ],
)
def test_the_symbolic_derivative_of_every_function_is_a_formula(text, formula, slope):
    comparison = compare_derivatives(Function.parse(text), 2.0, 1e-7)
    assert comparison.formula == formula
    assert comparison.symbolic == pytest.approx(slope, rel=1e-12)


def test_a_large_slope_stays_in_its_column():
    assert dry_run("ThreeWays", function="log(x)", x=0.01, h=1e-12).faults == []
