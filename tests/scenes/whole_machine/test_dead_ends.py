"""DeadEnds against gradients computed by hand."""

from __future__ import annotations

import pytest

from gradreel.scenes.whole_machine.autograd_errors_experiment import FAILING_PROGRAMS
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers
from tests.scenes.whole_machine.test_autograd_errors_experiment import grads_by_hand


def test_all_four_with_the_figures_of_the_lecture():
    scene = dry_run("DeadEnds")
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    words = captions_of(scene)
    for claim in ("x.grad is 8", "x.grad is 7.3891", "Version 0 was kept, version 1 is there"):
        assert claim in words
    assert numbers(scene, "x.grad", "not one number: the cure") == [4, 6]


@pytest.mark.parametrize("name", FAILING_PROGRAMS)
def test_one_program_at_another_x(name):
    scene = dry_run("DeadEnds", case=name, x=-1.5)
    assert scene.faults == []
    grads = numbers(scene, "x.grad", f"{name}: the cure")
    expected = grads_by_hand(name, -1.5)
    assert grads[: len(expected)] == pytest.approx(expected, rel=1e-6)
    assert numbers(scene, "x as torch left it")[0] == -1.5
