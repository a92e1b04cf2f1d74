"""Values and slopes of functions, against SymPy, closed forms and finite differences."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
import sympy
import torch

from gradreel.errors import ExpressionError, UsageError
from gradreel.expression import parse
from gradreel.functions.function import Function, input_quantity
from gradreel.record import record
from gradreel.record.codegen import program_from, source_of
from gradreel.tape import Quantity

FORMULAS = ("0.5*(x-3)**2", "x**2+3*x+2", "x*sin(x)", "exp(-x**2)", "log(1+x**2)", "2**x/(1+x**2)")


@pytest.mark.parametrize("text", FORMULAS)
def test_slopes_of_a_sweep_are_those_of_sympy(text: str) -> None:
    x = sympy.Symbol("x")
    formula = sympy.sympify(text)
    sweep = Function.parse(text).sample(-2.5, 2.5, 23)
    for array, exact in ((sweep.values, formula), (sweep.slopes, formula.diff(x))):
        expected = [float(exact.subs(x, place)) for place in sweep.xs]
        np.testing.assert_allclose(array, expected, rtol=1e-11, atol=1e-13)


def test_a_point_agrees_with_the_sweep_and_says_where_it_is_from() -> None:
    f = Function.parse("0.5*(x-3)**2")
    point = f.point_at(1.0)
    assert (point.x, point.value, point.slope) == (1.0, 2.0, -2.0)
    assert all(isinstance(q, Quantity) for q in (point.x, point.value, point.slope))
    assert point.x.source == "input" and "by autograd" in point.slope.source
    assert f.sample(1.0, 5.0, 3)[0] == point
    assert f.sample(0.0, 6.0, 7).lowest().x == 3.0


def test_numbers_are_called_after_the_functions_own_variable() -> None:
    point = Function.parse("t**2", ("t",), label="s").point_at(3.0)
    assert (point.x.name, point.slope.name) == ("t", "s'(t)")
    assert point.slope.source == "ds/dt at t = 3 by autograd"


def test_outside_the_domain_there_is_nan_and_no_exception() -> None:
    sweep = Function.parse("log(x)").sample(-1.0, 1.0, 3)
    assert math.isnan(sweep.values[0]) and math.isnan(sweep.slopes[0])
    assert (sweep.values[1], sweep.slopes[1]) == (-math.inf, math.inf)
    assert math.isnan(Function.parse("x + (-8)**(1/3)").point_at(1.0).value)
    assert Function.parse("x + 1/0").point_at(1.0).value == math.inf


def test_a_constant_has_slope_zero() -> None:
    sweep = Function.parse("3").sample(0.0, 1.0, 4)
    assert list(sweep.values) == [3.0] * 4 and list(sweep.slopes) == [0.0] * 4


def test_code_serves_as_well_as_a_formula() -> None:
    f = Function(lambda x: torch.where(x > 0, x**2, -x), label="g")
    h = 1e-6
    for at in (-1.0, 2.0):
        two = (f.point_at(at + h).value - f.point_at(at - h).value) / (2 * h)
        assert f.point_at(at).slope == pytest.approx(two, rel=1e-6)
    with pytest.raises(UsageError, match="only a formula"):
        f.typst()


def test_partials() -> None:
    f = Function.parse("x**2 + 2*x*y + y**2 + sin(y)", ("x", "y"))
    place = f.evaluate(1.0, 2.0)
    assert place.value == pytest.approx(9 + math.sin(2))
    assert place.partials[0] == pytest.approx(6.0)
    assert place.partials[1] == pytest.approx(6 + math.cos(2))
    values, (along_x, along_y) = f.grid(np.array([1.0, 5.0]), np.array([2.0, 3.0, 4.0]))
    assert values.shape == along_x.shape == along_y.shape == (2, 3)
    assert values[0, 0] == place.value and along_y[0, 0] == place.partials[1]
    with pytest.raises(UsageError, match="x, y"):
        f.point_at(1.0)


def test_the_chain_rule_on_the_lecture_example() -> None:
    chain = Function.parse("(3*x+1)**2").chain(2.0)
    assert [(link.input, link.output, link.slope) for link in chain.links] == [
        (2.0, 7.0, 3.0),
        (7.0, 49.0, 14.0),
    ]
    assert chain.slope == 42.0 and Function.parse("(3*x+1)**2").chain_tape(2.0)["u"].value == 7.0
    assert [link.slope.name for link in chain.links] == ["du/dx", "dy/du"]


@pytest.mark.parametrize("text", ["sin(exp(x))", "1/(1+exp(-x))", "sqrt(1+log(2+x)**2)", "x"])
def test_the_slopes_of_the_links_multiply_to_the_slope(text: str) -> None:
    chain = Function.parse(text).chain(0.4)
    exact = float(sympy.sympify(text).diff("x").subs("x", 0.4))
    assert math.prod(link.slope for link in chain.links) == pytest.approx(exact, rel=1e-12)
    assert chain.slope == pytest.approx(exact, rel=1e-12)


def test_no_chain_without_a_variable() -> None:
    with pytest.raises(ExpressionError):
        Function.parse("3").chain(1.0)


def test_a_formula_becomes_the_program_a_reader_would_write() -> None:
    source = source_of(parse("x*y + x**2", ("x", "y")))
    assert source == (
        "def program(x, y):\n    a = x * y\n    b = x**2\n    z = a + b\n    return z\n"
    )
    program = program_from(parse("x*y + x**2", ("x", "y")))
    assert inspect.getsource(program) == source
    tape = record(program, x=2.0, y=3.0)
    assert [op.name for op in tape if op.op != "constant"] == ["x", "y", "a", "b", "z"]
    assert tape.grad("x") == 7.0


@pytest.mark.parametrize(
    "text", ["2*pi*a/z", "-(a + b)**-2", "sin(2)*a", "a", "log(a)+ln(b)*exp(z)", "e**(a*(1/3))"]
)
def test_programs_from_formulas_compute_the_formula(text: str) -> None:
    names = ("a", "b", "z")
    at = {"a": 0.3, "b": 0.5, "z": 1.7}
    program = program_from(parse(text, names))
    tensors = {n: torch.tensor(v, dtype=torch.float64) for n, v in at.items()}
    expected = Function.parse(text, names).evaluate(*at.values()).value
    assert float(program(**tensors)) == pytest.approx(float(expected), rel=1e-14)


def test_inputs_may_be_shown() -> None:
    assert input_quantity(2.0, "x").source == "input"
