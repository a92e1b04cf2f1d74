"""What a pass brought, what was in .grad before, what hooks made of it, and where it started."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradreel.record.program_loader import load_program
from gradreel.tape import Tape
from gradreel.tape.facts import custom_function, pass_facts

HERE = Path(__file__).parent / "programs"


def tape_of(name: str, **inputs: str) -> Tape:
    return load_program(f"{HERE}/passes.py:{name}", inputs).record()


@pytest.mark.parametrize(
    ("name", "inputs", "leaf", "rows"),
    [
        ("two_batches", {"w": "0.5"}, "w", [(-3.0, None, -3.0), (3.0, -3.0, 0.0)]),
        ("preset", {"x": "3"}, "x", [(6.0, 10.0, 16.0)]),
        ("seed_of_two", {"x": "2"}, "x", [(24.0, None, 24.0)]),
        ("two_roots", {"x": "2"}, "x", [(36.0, None, 36.0)]),
        ("dropped", {"x": "2"}, "x", [(4.0, None, None)]),
        ("hooked", {"x": "2", "y": "3"}, "x", [(5.0, None, 5.0)]),
        ("reversal", {"x": "2", "y": "3"}, "x", [(-36.0, None, -36.0)]),
        ("chosen_input", {"x": "2"}, "h", [(12.0, None, 12.0)]),
    ],
)
def test_what_a_pass_brings_and_what_grad_becomes(name, inputs, leaf, rows) -> None:
    tape = tape_of(name, **inputs)
    for number, (brought, before, after) in enumerate(rows, start=1):
        assert tape.gradient(leaf, number) == brought
        assert tape.grad_before(leaf, number) == before
        assert tape.grad(leaf, number) == after
    assert Tape.from_json(tape.to_json()) == tape


def test_two_equal_passes_add_up() -> None:
    tape = tape_of("twice", x="0.5", y="0.7")
    brought = tape.gradient("y", 2)
    assert brought == tape.grad("y", 1) == tape.grad_before("y", 2)
    assert tape.grad("y", 2) == 2 * brought


def test_each_call_of_a_hook_is_recorded_by_name() -> None:
    hooks = tape_of("hooked", x="2", y="3").hooks
    called = [(h.op, h.name, h.kind, h.before, h.after) for h in hooks]
    assert called == [("h", "tenfold", "tensor", 12.0, 120.0), ("x", "clamp", "tensor", 363.0, 5.0)]
    (drop,) = tape_of("dropped", x="2").hooks
    assert (drop.name, drop.kind, drop.before, drop.after) == ("drop", "post_accumulate", 4.0, None)
    double, triple = tape_of("hooks_on_a_vector", x="[1, 2]").hooks
    assert (double.before, double.after, triple.after) == ((2.0, 4.0), (4.0, 8.0), (12.0, 24.0))


@pytest.mark.parametrize(
    ("name", "inputs", "derivatives", "others"),
    [
        ("hooked", {"x": "2", "y": "3"}, {"z", "y"}, {"h", "x"}),
        ("reversal", {"x": "2", "y": "3"}, {"z", "r"}, {"h", "x", "y"}),
        ("seed_of_two", {"x": "2"}, set(), {"y", "x"}),
        ("two_roots", {"x": "2"}, set(), {"first", "second", "x"}),
        ("preset", {"x": "3"}, {"y", "x"}, set()),
    ],
)
def test_only_what_comes_from_derivatives_is_a_derivative(
    name, inputs, derivatives, others
) -> None:
    tape = tape_of(name, **inputs)
    facts = pass_facts(tape, 1)
    assert {op for op in derivatives | others if facts.is_derivative(op)} == derivatives


def test_a_custom_function_has_a_name() -> None:
    tape = tape_of("reversal", x="2", y="3")
    assert {op.id: custom_function(op) for op in tape if custom_function(op)} == {"r": "Reverse"}
