"""TrainingLoop against the published update rules, written out by hand."""

from __future__ import annotations

import pytest

from tests.scenes.control.test_training_rounds_experiment import assert_agree, by_update_rule
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"function": "x**4/4 - x", "start": -1.5, "lr": 0.05, "rounds": 4, "optimizer": "momentum"},
    ],
)
def test_every_number_follows_the_update_rule(params):
    scene = dry_run("TrainingLoop", **params)
    p = scene.params
    rows = by_update_rule(p.optimizer, p.function, p.start, p.lr, p.rounds)
    assert_agree(scene.rounds, rows)
    last = p.rounds
    assert numbers(scene, f"loss in round {last} of")[-1] == pytest.approx(rows[-1][1])
    assert numbers(scene, f"x after step in round {last} of")[-1] == pytest.approx(rows[-1][3])
    assert numbers(scene, "x.grad after backward in round 2")[-1] == pytest.approx(rows[1][2])
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


def test_the_figures_of_the_lecture():
    words = captions_of(dry_run("TrainingLoop"))
    assert "Here it is 9." in words and "It is −6." in words
    assert "x is now 0.6" in words and "gradient is −4.8, and x is 1.08" in words


def test_the_program_is_the_one_of_the_recap():
    assert dry_run("Recap").code.source == dry_run("TrainingLoop", rounds=3).program.source


def test_the_program_names_optimizer_and_model():
    assert dry_run("TrainingLoop", rounds=3).program.source == [
        "optimizer.zero_grad()",
        "loss = model(input)",
        "loss.backward()",
        "optimizer.step()",
    ]


def test_a_diverging_rate_has_its_own_caption():
    assert "too large" in captions_of(dry_run("TrainingLoop", lr=1.1, rounds=3))
