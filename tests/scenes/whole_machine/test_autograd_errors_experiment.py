"""provoke_error against torch's messages, and gradients computed by hand."""

from __future__ import annotations

import math

import pytest

from gradreel.errors import RecordingError, UsageError
from gradreel.scenes.whole_machine import autograd_errors_experiment
from gradreel.scenes.whole_machine.autograd_errors_experiment import (
    FAILING_PROGRAMS,
    FailingProgram,
    provoke_error,
)

MESSAGES = {
    "backward twice": "backward through the graph a second time",
    "changed in place": "modified by an inplace operation",
    "not one number": "only for scalar outputs",
    "nothing tracked": "does not require grad",
}


def grads_by_hand(name: str, x: float) -> list[float]:
    """x.grad after the program with its fix."""
    return {
        "backward twice": [2 * x + 2 * x],
        "changed in place": [math.exp(x)],
        "not one number": [2 * x, 2 * (x + 1)],
        "nothing tracked": [2 * x],
    }[name]


@pytest.mark.parametrize("x", [2.0, -2.75, 0.0])
@pytest.mark.parametrize("name", FAILING_PROGRAMS)
def test_each_program_raises_and_runs_with_its_fix(name: str, x: float) -> None:
    error = provoke_error(name, x)
    assert MESSAGES[name] in error.message
    assert "backward" in error.lines[error.failed - 1]
    assert error.key in error.message
    assert list(error.fixed.grads[-1]) == pytest.approx(grads_by_hand(name, x), rel=1e-6)
    assert list(error.fixed.grads[0]) == pytest.approx(
        [2 * x] if name == "backward twice" else grads_by_hand(name, x), rel=1e-6
    )
    assert [node.name for node in error.fixed.nodes] == {
        "changed in place": ["ExpBackward0", "AddBackward0"],
        "not one number": ["PowBackward0", "SumBackward0"],
    }.get(name, ["PowBackward0"])
    if name == "not one number":
        assert list(error.fixed.total) == pytest.approx([x**2 + (x + 1) ** 2], rel=1e-6)
    assert error.freed is (name == "backward twice")
    assert list(error.grads) == ([2 * x] if error.freed else [])
    assert error.fixed.freed == ((False, True) if name == "backward twice" else (True,))
    assert error.version == (1 if name == "changed in place" else 0)
    saved = [node.saved for node in error.nodes]
    assert saved == {"changed in place": ["y", ""], "nothing tracked": []}.get(name, ["x"])


def test_a_program_that_raises_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ("x = tensor({x}, requires_grad=True)", "y = x**2", "y.backward()")
    programs = {"fine": FailingProgram(lines, 2, "y = x")}
    monkeypatch.setattr(autograd_errors_experiment, "FAILING_PROGRAMS", programs)
    with pytest.raises(RecordingError, match="refuses nothing"):
        provoke_error("fine", 1.0)
    with pytest.raises(UsageError, match="fine"):
        provoke_error("finer", 1.0)
