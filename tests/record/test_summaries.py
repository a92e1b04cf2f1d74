"""Large tensors: a summary on the tape, and null only where PyTorch has None."""

from __future__ import annotations

import pytest
import torch

from gradreel.errors import RecordingError
from gradreel.record import record
from gradreel.record.tensor_values import summarize
from gradreel.tape import Summary, Tape


@pytest.fixture(scope="module")
def weights() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    data = torch.randn(60, 100, generator=generator, dtype=torch.float64)
    return data.requires_grad_()


@pytest.fixture(scope="module")
def tape(weights: torch.Tensor) -> Tape:
    return record(lambda w, unused: (w**2).sum(), w=weights, unused=torch.ones(6000) + 0)


def test_the_gradient_of_a_large_leaf_is_kept_in_summary(tape, weights) -> None:
    (row,) = [row for row in tape.grads if row.leaf == "w"]
    gradient = 2 * weights.detach()
    assert row.before is None
    assert isinstance(row.after, Summary)
    assert row.after.shape == (60, 100)
    assert row.after.norm == pytest.approx(float(gradient.norm()), rel=1e-12)
    assert (row.after.low, row.after.high) == (float(gradient.min()), float(gradient.max()))
    assert row.after.sample[-1][-1] == float(gradient[-1, -1])
    assert len(row.after.sample) == len(row.after.sample[0]) == 16


def test_no_gradient_and_no_value_of_a_large_tensor_is_null(tape) -> None:
    assert all(isinstance(op.value, (Summary, float)) for op in tape if op.value != ())
    assert all(step.gradient is not None for step in tape.steps)
    assert all(edge.contribution is not None for edge in tape.edges if edge.backward)


def test_a_number_of_a_summary_is_an_error_that_says_what_there_is(tape) -> None:
    for index in ((), (0, 0)):
        with pytest.raises(RecordingError, match=r"shape \[60, 100\]: of a large tensor a summary"):
            tape.grad("w", index=index)


def test_a_tape_with_summaries_survives_json(tape) -> None:
    assert Tape.from_json(tape.to_json()) == tape
    data = tape.to_dict()
    data["grads"][0]["after"]["norm"] = [1.0]
    with pytest.raises(RecordingError, match=r"grads\[0\].after.norm"):
        Tape.from_dict(data)


@pytest.mark.parametrize(
    ("tensor", "kind", "norm", "high"),
    [
        (torch.eye(3).to_sparse(), "sparse", 3**0.5, 1.0),
        (torch.full((2, 0), 1.0), "large", 0.0, 0.0),
        (torch.ones(2, 3, 40, dtype=torch.int64), "large", 240**0.5, 1.0),
    ],
)
def test_a_summary_of_any_kind_of_tensor(tensor, kind, norm, high) -> None:
    summary = summarize(tensor)
    assert (summary.kind, summary.shape, summary.high) == (kind, tuple(tensor.shape), high)
    assert summary.norm == pytest.approx(norm)


def test_a_tape_of_very_many_numbers_has_summaries_of_all_but_small_tensors() -> None:
    def deep(x, b):
        for _ in range(60):
            x = torch.sin(x) + b
        return x.sum()

    generator = torch.Generator().manual_seed(0)
    start = torch.randn(60, 60, generator=generator, dtype=torch.float64, requires_grad=True)
    tape = record(deep, x=start, b=[0.5])
    values = [op.value for op in tape] + [edge.contribution for edge in tape.edges]
    assert not any(isinstance(value, tuple) and len(value) == 60 for value in values)
    assert len(tape.to_json()) < 1_000_000
    (gradient,) = torch.autograd.grad(deep(start, 0.5), start)
    (row,) = [row for row in tape.grads if row.leaf == "x"]
    assert row.after.norm == pytest.approx(float(gradient.norm()), rel=1e-12)
    assert isinstance(tape.grad("b", index=(0,)), float)
