"""Typical programs of a lecture; each is compared with a run without the recorder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gradreel.record.program_loader import LoadedProgram, load_program
from gradreel.tape import Tape

HERE = Path(__file__).parent / "programs"

PROGRAMS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "regression.py:line_fit": ({"slope": "0.5", "intercept": "0"}, ("x", "error", "loss")),
    "regression.py:logistic": ({"w": "[0.1, -0.2]", "b": "0.3"}, ("logits", "p", "loss")),
    "regression.py:softmax_regression": ({"weights": "randn(2, 3)"}, ("scores", "loss")),
    "regression.py:three_epochs": ({"w": "[0.5, 0.5]"}, ("w", "w@2", "loss", "loss@3")),
    "networks.py:Perceptron": ({"x": "randn(4, 2)"}, ("fc1.weight", "hidden", "out")),
    "networks.py:Residual": ({"x": "randn(2, 3)"}, ("blocks.1.inner.2.bias", "x", "x@3")),
    "networks.py:Vision": ({"image": "randn(1, 1, 4, 4)"}, ("conv.weight", "features", "logits")),
    "networks.py:Words": ({"ids": "int([0, 3, 1, 4])"}, ("table.weight", "vectors", "logits")),
    "sequences.py:rnn": (
        {"w": "randn(2, 2)", "u": "randn(2, 2)", "b": "[0.1, 0.2]"},
        ("h[0]", "h[1]", "h[2]", "h[3]"),
    ),
    "sequences.py:attention": (
        {"q": "randn(3, 2)", "k": "randn(3, 2)", "v": "fixed(randn(3, 2))"},
        ("scores", "weights", "mixed"),
    ),
    "sequences.py:two_heads": (
        {"x": "randn(3, 2)", "w": "randn(2, 4)"},
        ("halves[0]", "halves[1]", "heads[0]", "joined"),
    ),
    "tricks.py:vae": ({"mean": "[0.5, -1]", "log_var": "[0.1, 0.2]"}, ("sample", "divergence")),
    "tricks.py:newton": ({"x": "2.0"}, ("f", "slope", "bend", "x@2", "x@4")),
    "tricks.py:penalty": ({"x": "[0.3, 0.4]", "w": "1.5"}, ("y", "slope")),
    "tricks.py:straight_through": ({"x": "[0.3, 0.4]"}, ("r",)),
    "tricks.py:momentum": ({"x": "1.0", "y": "0.5"}, ("x", "x@2", "y@2", "loss@2")),
    "tricks.py:clipped": ({"w": "[1.0, 2.0]"}, ("loss",)),
    "tricks.py:rows_filled": ({"x": "[0.3, 0.4]"}, ("table", "table@5")),
}


def load(name: str) -> LoadedProgram:
    return load_program(f"{HERE}/{name}", PROGRAMS[name][0], seed=3)


def run_plainly(program: LoadedProgram) -> dict[str, Tensor | None]:
    """The gradients of the same program without the recorder."""
    from gradreel.record.input_specs import as_argument

    inputs = {name: as_argument(value, name) for name, value in program.inputs.items()}
    result = program.program(**inputs)
    leaves = {name: t for name, t in inputs.items() if isinstance(t, Tensor) and t.requires_grad}
    owner = getattr(program.program, "__self__", program.program)
    if isinstance(owner, nn.Module):
        leaves |= dict(owner.named_parameters())
    untouched = all(leaf.grad is None for leaf in leaves.values())
    if untouched and result.grad_fn is not None:
        result.backward()
    return {name: leaf.grad for name, leaf in leaves.items()}


def last_grads(tape: Tape) -> dict[str, Any]:
    return {tape[row.leaf].name: row.after for row in tape.grads}


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_equal_those_without_the_recorder(name: str) -> None:
    tape = load(name).record()
    found = last_grads(tape)
    for leaf, grad in run_plainly(load(name)).items():
        if grad is not None and "clipped" not in name:
            np.testing.assert_allclose(np.asarray(found[leaf]), grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_tape_is_consistent_and_complete(name: str, tape_checks: Any) -> None:
    tape = load(name).record()
    assert tape_checks.wrong_sums(tape) == []
    assert tape_checks.wrong_slots(tape) == []
    assert tape_checks.missing_values(tape) == []
    assert Tape.from_json(tape.to_json()).to_json() == tape.to_json()


@pytest.mark.parametrize("name", PROGRAMS)
def test_ids_are_the_variable_names_of_the_program(name: str) -> None:
    tape = load(name).record()
    assert set(PROGRAMS[name][1]) <= {op.id for op in tape}


@pytest.mark.parametrize("name", ["tricks.py:momentum", "networks.py:Perceptron"])
def test_two_recordings_of_a_program_are_equal(name: str) -> None:
    program = load(name)
    assert program.record() == program.record()


def test_ops_know_their_module_and_line() -> None:
    tape = load("networks.py:Perceptron").record()
    assert {op.module for op in tape if op.id.startswith("fc1")} == {"fc1"}
    source = (HERE / "networks.py").read_text().splitlines()
    line = tape["hidden"].line
    assert line is not None and "hidden = torch.tanh" in source[line - 1]


def test_the_gradient_of_a_broadcast_is_a_sum() -> None:
    tape = load("regression.py:line_fit").record()
    contributions = [e.contribution for e in tape.incoming("intercept")]
    (sender,) = {e.source for e in tape.incoming("intercept")}
    gradient = next(s.gradient for s in tape.backward() if s.op == sender)
    assert contributions == [pytest.approx(sum(gradient))]  # type: ignore[arg-type]


def test_newton_equals_the_iteration_by_hand() -> None:
    tape = load("tricks.py:newton").record()
    x = 2.0
    for _ in range(3):
        x -= (4 * x**3 - 3) / (12 * x**2)
    assert tape.ops[-1].value == pytest.approx(x, rel=1e-12)
    assert tape["bend"].value == pytest.approx(12 * 2.0**2)


def test_a_gradient_penalty_equals_a_finite_difference() -> None:
    def by_hand(w: float) -> float:
        x = torch.tensor([0.3, 0.4], dtype=torch.float64)
        slope = w * (1 - torch.tanh(w * x) ** 2)
        return float(torch.tanh(w * x).sum() + (slope.norm() - 1) ** 2)

    tape = load("tricks.py:penalty").record()
    h = 1e-6
    assert last_grads(tape)["w"] == pytest.approx(
        (by_hand(1.5 + h) - by_hand(1.5 - h)) / (2 * h), rel=1e-7
    )


@pytest.mark.parametrize(
    ("name", "inputs", "note", "dtype"),
    [
        ("GRUCellNet", {"x": "randn(2, 3, 2)", "y": "randn(2, 1)"}, "are float64 here", "float64"),
        ("OneHot", {"ids": "int([0, 2, 1])"}, "recorded in float32", "float32"),
    ],
)
def test_programs_that_make_float32_tensors_are_recorded(
    name: str, inputs: dict[str, str], note: str, dtype: str
) -> None:
    tape = load_program(f"{HERE}/real.py:{name}", inputs).record()
    assert any(note in one for one in tape.notes)
    assert {op.dtype for op in tape if op.requires_grad} == {dtype}
    assert torch.get_default_dtype() == torch.float32
