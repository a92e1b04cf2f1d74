"""What torch refuses, and what comes out once it is mended: the slopes by hand."""

from __future__ import annotations

import math

import pytest

from gradreel.errors import UsageError
from gradreel.scenes.whole_machine import autograd_errors_experiment
from gradreel.scenes.whole_machine.autograd_errors_experiment import (
    ATTEMPTS,
    Attempt,
    provoke_error,
)
from tests.scenes.run_scene import duration, numbers, dry_run, captions_of

SAID = {
    "backward twice": "backward through the graph a second time",
    "changed in place": "modified by an inplace operation",
    "not one number": "only for scalar outputs",
    "nothing tracked": "does not require grad",
}


def slopes_by_hand(name: str, x: float) -> list[float]:
    return {
        "backward twice": [2 * x + 2 * x],
        "changed in place": [math.exp(x)],
        "not one number": [2 * x, 2 * (x + 1)],
        "nothing tracked": [2 * x],
    }[name]


@pytest.mark.parametrize("x", [2.0, -2.75, 0.0])
@pytest.mark.parametrize("name", ATTEMPTS)
def test_it_is_refused_and_then_it_is_mended(name, x):
    found = provoke_error(name, x)
    assert SAID[name] in found.message
    assert "backward" in found.lines[found.failed - 1]
    assert list(found.slopes) == pytest.approx(slopes_by_hand(name, x), rel=1e-6)
    assert found.freed is (name == "backward twice")
    assert found.version == (1 if name == "changed in place" else 0)
    keeps = [node.keeps for node in found.nodes]
    assert keeps == {"changed in place": ["y", ""], "nothing tracked": []}.get(name, ["x"])


def test_all_four_with_the_figures_of_the_lecture():
    scene = dry_run("DeadEnds")
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    words = captions_of(scene)
    for claim in ("x.grad is 8", "x.grad is 7.3891", "Version 0 was kept, version 1 is there"):
        assert claim in words
    assert numbers(scene, "x.grad", "not one number: the cure") == [4, 6]


@pytest.mark.parametrize("name", ATTEMPTS)
def test_one_alone_at_another_place(name):
    scene = dry_run("DeadEnds", case=name, x=-1.5)
    assert scene.faults == []
    grads = numbers(scene, "x.grad", f"{name}: the cure")
    wanted = slopes_by_hand(name, -1.5)
    assert grads[: len(wanted)] == pytest.approx(wanted, rel=1e-6)
    assert numbers(scene, "x as torch left it")[0] == -1.5


def test_an_attempt_that_torch_does_not_refuse_is_no_dead_end(monkeypatch):
    fine = Attempt(("x = tensor({x}, requires_grad=True)", "y = x**2", "y.backward()"), 2, "y = x")
    monkeypatch.setattr(autograd_errors_experiment, "ATTEMPTS", {"fine": fine})
    with pytest.raises(autograd_errors_experiment.RecordingError, match="refuses nothing"):
        provoke_error("fine", 1.0)
    with pytest.raises(UsageError, match="fine"):
        provoke_error("finer", 1.0)
