"""Values and slopes of functions; the oracles are SymPy, closed forms, finite differences."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
import sympy
import torch

from gradreel.errors import ExpressionError, UsageError
from gradreel.expression import parse
from gradreel.functions.function import Function
from gradreel.record import record
from gradreel.record.codegen import program_from, source_of
from gradreel.tape import Quantity, input_quantity

FORMULAS = ("0.5*(x-3)**2", "x**2+3*x+2", "x*sin(x)", "exp(-x**2)", "log(1+x**2)", "2**x/(1+x**2)")


@pytest.mark.parametrize("text", FORMULAS)
def test_sampled_values_and_slopes_agree_with_sympy(text: str) -> None:
    x = sympy.Symbol("x")
    formula = sympy.sympify(text)
    samples = Function.parse(text).sample(-2.5, 2.5, 23)
    for array, exact in ((samples.values, formula), (samples.slopes, formula.diff(x))):
        expected = [float(exact.subs(x, point)) for point in samples.xs]
        np.testing.assert_allclose(array, expected, rtol=1e-11, atol=1e-13)


def test_a_point_agrees_with_the_samples_and_names_its_source() -> None:
    f = Function.parse("0.5*(x-3)**2")
    point = f.point_at(1.0)
    assert (point.x, point.value, point.slope) == (1.0, 2.0, -2.0)
    assert all(isinstance(q, Quantity) for q in (point.x, point.value, point.slope))
    assert point.x.source == "input" and "by autograd" in point.slope.source
    assert f.sample(1.0, 5.0, 3)[0] == point


def test_quantities_are_named_after_the_variable_and_label() -> None:
    point = Function.parse("t**2", ("t",), label="s").point_at(3.0)
    assert (point.x.name, point.slope.name) == ("t", "s'(t)")
    assert point.slope.source == "ds/dt at t = 3 by autograd"


def test_outside_the_domain_the_value_is_nan_and_nothing_is_raised() -> None:
    samples = Function.parse("log(x)").sample(-1.0, 1.0, 3)
    assert math.isnan(samples.values[0]) and math.isnan(samples.slopes[0])
    assert (samples.values[1], samples.slopes[1]) == (-math.inf, math.inf)
    assert math.isnan(Function.parse("x + (-8)**(1/3)").point_at(1.0).value)
    assert Function.parse("x + 1/0").point_at(1.0).value == math.inf


def test_a_constant_has_slope_zero() -> None:
    samples = Function.parse("3").sample(0.0, 1.0, 4)
    assert list(samples.values) == [3.0] * 4 and list(samples.slopes) == [0.0] * 4


def test_code_is_differentiated_like_a_formula() -> None:
    f = Function(lambda x: torch.where(x > 0, x**2, -x), label="g")
    h = 1e-6
    for x in (-1.0, 2.0):
        difference = (f.point_at(x + h).value - f.point_at(x - h).value) / (2 * h)
        assert f.point_at(x).slope == pytest.approx(difference, rel=1e-6)
    with pytest.raises(UsageError, match="only a formula"):
        f.typst()


def test_partial_derivatives_at_a_point_and_on_a_grid() -> None:
    f = Function.parse("x**2 + 2*x*y + y**2 + sin(y)", ("x", "y"))
    evaluation = f.evaluate(1.0, 2.0)
    assert evaluation.value == pytest.approx(9 + math.sin(2))
    assert evaluation.partials[0] == pytest.approx(6.0)
    assert evaluation.partials[1] == pytest.approx(6 + math.cos(2))
    values, (by_x, by_y) = f.grid(np.array([1.0, 5.0]), np.array([2.0, 3.0, 4.0]))
    assert values.shape == by_x.shape == by_y.shape == (2, 3)
    assert values[0, 0] == evaluation.value and by_y[0, 0] == evaluation.partials[1]
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


def test_a_constant_has_no_chain() -> None:
    with pytest.raises(ExpressionError):
        Function.parse("3").chain(1.0)


def test_the_source_of_a_program_written_from_a_formula() -> None:
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
    point = {"a": 0.3, "b": 0.5, "z": 1.7}
    program = program_from(parse(text, names))
    tensors = {n: torch.tensor(v, dtype=torch.float64) for n, v in point.items()}
    expected = Function.parse(text, names).evaluate(*point.values()).value
    assert float(program(**tensors)) == pytest.approx(float(expected), rel=1e-14)


def test_a_typed_number_has_the_source_input() -> None:
    assert input_quantity(2.0, "x").source == "input"
