"""DeadEnds against gradients computed by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradreel.errors import RecordingError
from gradreel.scenes.whole_machine import autograd_errors_experiment
from gradreel.scenes.whole_machine.autograd_errors_experiment import (
    FAILING_PROGRAMS,
    provoke_error,
)
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers
from tests.scenes.whole_machine.test_autograd_errors_experiment import grads_by_hand


def test_all_four_with_the_figures_of_the_lecture():
    scene = dry_run("DeadEnds")
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    words = captions_of(scene)
    for cure in ("retain_graph=True", "a new tensor", "sum first", "set requires_grad"):
        assert cure in words
    assert numbers(scene, "x.grad", "backward twice: the cure") == [8, 8]
    assert numbers(scene, "x.grad", "not one number: the cure") == [4, 6, 4, 6]
    assert numbers(scene, "version", "changed in place: refused") == [0, 1]


def test_the_mended_graphs_have_the_nodes_that_were_missing():
    untracked = dry_run("DeadEnds", case="nothing tracked").graph
    assert [n[2].typst_code for n in untracked.new_nodes] == ["PowBackward0"]
    assert untracked.x.get_x() < untracked.new_nodes[0].get_x() < untracked.y.get_x()
    summed = dry_run("DeadEnds", case="not one number").graph
    assert [n[2].typst_code for n in summed.new_nodes] == ["SumBackward0"]
    assert summed.y.get_x() < summed.new_nodes[0].get_x() < summed.root.get_x()
    assert [n.text for n in summed.root[2].shown_numbers] == ["13"]


def test_what_is_quoted_is_what_torch_says():
    scene = dry_run("DeadEnds", case="changed in place")
    assert (
        provoke_error("changed in place", 2.0).quote == "... modified by an inplace operation ..."
    )
    assert scene.faults == []


def test_a_quote_that_torch_does_not_say_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    known = FAILING_PROGRAMS["nothing tracked"]
    programs = {"other": replace(known, quote="something else")}
    monkeypatch.setattr(autograd_errors_experiment, "FAILING_PROGRAMS", programs)
    with pytest.raises(RecordingError, match="does not say"):
        provoke_error("other", 1.0)


def test_several_numbers_are_written_as_a_list():
    scene = dry_run("DeadEnds", case="not one number")
    assert "[" in scene.graph.y[2].typst_code and "," in scene.graph.y[2].typst_code
    assert "[" not in scene.graph.nodes[0][2].typst_code
    assert scene.tabs.submobjects == []


@pytest.mark.parametrize("name", FAILING_PROGRAMS)
def test_one_program_at_another_x(name):
    scene = dry_run("DeadEnds", case=name, x=-1.5)
    assert scene.faults == []
    grads = numbers(scene, "x.grad", f"{name}: the cure")
    expected = grads_by_hand(name, -1.5)
    assert grads[: len(expected)] == pytest.approx(expected, rel=1e-6)
    assert numbers(scene, "x as torch left it")[0] == -1.5
