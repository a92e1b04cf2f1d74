"""Scalar programs: derivatives equal those by hand, of SymPy and of finite differences."""

# ruff: noqa: RET504 - the tests look for the names of the results

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import sympy
import torch

from gradreel.errors import RecordingError, UsageError
from gradreel.record import fixed, plain, record
from gradreel.tape import Tape


def two_paths(x: Any, y: Any) -> Any:
    a = x * y
    b = x**2
    z = a + b
    return z


def test_gradients_of_two_paths_add_up() -> None:
    tape = record(two_paths, x=2.0, y=3.0)
    assert [op.id for op in tape] == ["x", "y", "a", "2", "b", "z"]
    assert [op.grad_fn for op in tape if op.grad_fn] == [
        "MulBackward0", "PowBackward0", "AddBackward0",
    ]  # fmt: skip
    assert {e.source: e.contribution for e in tape.incoming("x")} == {"a": 3.0, "b": 4.0}
    assert (tape.gradient("x"), tape.grad("x"), tape.grad("y")) == (7.0, 7.0, 2.0)
    assert [step.op for step in tape.backward()] == ["z", "b", "a", "x", "y"]
    assert [tape[name].call for name in "abz"] == ["x * y", "x ** 2", "a + b"]


def test_the_slot_of_an_edge_is_the_position_of_its_target() -> None:
    tape = record(lambda x, y: 2 - x * x / y, x=3.0, y=4.0)
    for edge in tape.edges:
        assert tape[edge.source].inputs[edge.slot] == edge.target


def test_a_square_as_a_product_has_two_edges() -> None:
    def program(x: Any) -> Any:
        return x * x

    first, second = record(program, x=3.0).incoming("x")
    assert (first.slot, second.slot) == (0, 1)
    assert (first.local, second.local, first.contribution) == (3.0, 3.0, 3.0)


FORMULAS = {
    "x*exp(y)": lambda x, y: x * torch.exp(y),
    "log(x)/sqrt(y)": lambda x, y: torch.log(x) / torch.sqrt(y),
    "sin(x)*cos(y) - 3": lambda x, y: torch.sin(x) * torch.cos(y) - 3,
    "tanh(x*y) + 2**x": lambda x, y: torch.tanh(x * y) + 2**x,
    "1/x - y/(x + y)": lambda x, y: 1 / x - y / (x + y),
    "1/(1 + exp(-x*y))": lambda x, y: torch.sigmoid(x * y),
    "(x - 2*y)**3": lambda x, y: (x - 2 * y) ** 3,
}


@pytest.mark.parametrize("text", FORMULAS)
def test_gradients_equal_those_of_sympy(text: str) -> None:
    x, y = sympy.symbols("x y")
    formula = sympy.sympify(text)
    at = {x: 0.7, y: 1.3}
    tape = record(FORMULAS[text], x=0.7, y=1.3)
    for name, symbol in (("x", x), ("y", y)):
        assert tape.grad(name) == pytest.approx(float(formula.diff(symbol).subs(at)), rel=1e-12)


@pytest.mark.parametrize("text", FORMULAS)
def test_local_derivatives_along_the_paths_give_the_gradient(text: str) -> None:
    """The chain rule done by hand over the recorded local derivatives."""
    tape = record(FORMULAS[text], x=0.7, y=1.3)
    total = {op.id: 0.0 for op in tape}
    total[tape.backward()[0].op] = 1.0
    for op in reversed(tape.ops):
        for edge in tape.outgoing(op.id):
            assert edge.local is not None
            total[edge.target] += total[op.id] * edge.local
    assert total["x"] == pytest.approx(tape.grad("x"), rel=1e-12)
    assert total["y"] == pytest.approx(tape.grad("y"), rel=1e-12)


def test_relu_and_abs_equal_a_finite_difference() -> None:
    def program(x: Any) -> Any:
        return torch.relu(x) + 3 * abs(x)

    for at in (-1.5, 0.5):
        h = 1e-6
        values = [float(max(v, 0) + 3 * abs(v)) for v in (at + h, at - h)]
        assert record(program, x=at).grad("x") == pytest.approx((values[0] - values[1]) / (2 * h))


def test_two_passes_accumulate() -> None:
    def program(x: Any) -> None:
        (x**2).backward()
        (x**3).backward()

    tape = record(program, x=3.0)
    assert tape.backwards == (1, 2)
    assert (tape.grad("x", 1), tape.grad("x", 2)) == (6.0, 33.0)
    assert [(row.before, row.after) for row in tape.grads] == [(None, 6.0), (6.0, 33.0)]


def test_data_gets_no_gradient() -> None:
    def program(w: Any, b: Any, x: Any, target: float) -> Any:
        z = w * x + b
        loss = (z - target) ** 2
        return loss

    tape = record(program, w=0.5, b=0.1, x=fixed(2.0), target=plain(1.0))
    assert not tape["x"].requires_grad
    assert tape.grad("w") == pytest.approx(0.4)
    assert tape.grad("b") == pytest.approx(0.2)
    assert not tape.incoming("x")
    assert tape.inputs == {"w": 0.5, "b": 0.1, "x": 2.0, "target": 1.0}


def test_local_names_of_a_called_function_are_used_as_a_fallback() -> None:
    def square(u: Any) -> Any:
        s = u * u
        return s

    def program(x: Any) -> Any:
        h = square(x)
        return h + square(h)

    tape = record(program, x=2.0)
    assert [op.id for op in tape] == ["x", "h", "s", "add"]


def test_ids_of_a_repeated_name_are_numbered() -> None:
    def program(x: Any) -> Any:
        for _ in range(3):
            x = torch.sin(x)
        return x

    assert [op.id for op in record(program, x=1.0)] == ["x", "x@2", "x@3", "x@4"]


def test_recording_of_the_forward_pass_only() -> None:
    tape = record(two_paths, backward=False, x=2.0, y=3.0)
    assert tape.steps == () and tape.value("z") == 10.0
    assert {e.local for e in tape.edges if e.target == "x"} == {3.0, 4.0}


def test_json_round_trip_of_infinity() -> None:
    tape = record(lambda x: torch.log(x) * math.inf, x=0.0)
    assert tape.to_json() == Tape.from_json(tape.to_json()).to_json()
    assert tape["mul"].value == -math.inf


def raises_attribute_error(x: Any) -> Any:
    a = x * 2
    return a.no_such_thing


REJECTED: dict[str, tuple[Callable[..., Any], str]] = {
    "returns nothing": (lambda x: None, "returns nothing"),
    "not a scalar": (lambda x: torch.stack([x, x]), r"shape \(2,\)"),
    "no dependence": (lambda x: torch.tensor(1.0), "does not depend"),
    "a number": (lambda x: x.item(), "returns a float"),
    "raises": (raises_attribute_error, "AttributeError"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_programs_without_a_scalar_result_are_rejected(case: str) -> None:
    program, words = REJECTED[case]
    with pytest.raises(RecordingError, match=words):
        record(program, x=1.0)


def test_the_error_of_a_failing_program_has_the_original_as_cause() -> None:
    with pytest.raises(RecordingError, match="no_such_thing") as caught:
        record(raises_attribute_error, x=1.0)
    assert isinstance(caught.value.__cause__, AttributeError)


def test_an_error_names_missing_and_unknown_inputs() -> None:
    with pytest.raises(UsageError, match="'y'"):
        record(two_paths, x=1.0)
    with pytest.raises(UsageError, match="q"):
        record(two_paths, x=1.0, q=2.0)


def test_a_saved_value_that_was_changed_and_is_not_needed_is_no_failure() -> None:
    def program(x, y):
        a = x.clone()
        a.mul_(a)  # torch would refuse a backward pass through it
        return y * 2

    tape = record(program, x=3.0, y=1.0)
    assert (tape.grad("y"), tape.grad("x")) == (2.0, None)
    assert all(edge.local is None for edge in tape.edges if edge.source == "a@2")
