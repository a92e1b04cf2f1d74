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
    for source, expected in (
        (f"loss in round {last} of", rows[-1][1]),
        (f"x after step in round {last} of", rows[-1][3]),
        ("x.grad after backward in round 2", rows[1][2]),
    ):
        assert numbers(scene, source)[-1] == pytest.approx(expected, rel=1e-9)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


def test_the_figures_of_the_lecture():
    words = captions_of(dry_run("TrainingLoop"))
    assert "Here the loss is 9." in words and "It is −6." in words
    assert "x is now 0.6" in words and "gradient is −4.8, and x is 1.08" in words


def test_the_program_is_the_one_of_the_recap():
    programs = dry_run("Recap").code.source, dry_run("TrainingLoop", rounds=3).program.source
    # Where the code is narrow, its longest line is broken.
    first, second = ("".join(line.strip() for line in program) for program in programs)
    assert first == second


def test_the_program_names_optimizer_and_model():
    assert dry_run("TrainingLoop", rounds=3).program.source == [
        "optimizer.zero_grad()",
        "loss = criterion(model(input), target)",
        "loss.backward()",
        "optimizer.step()",
    ]


def test_the_output_and_the_target_are_named():
    assert "target" in dry_run("TrainingLoop", rounds=3).formula.typst_code
    assert "target" not in dry_run("TrainingLoop", function="x**4", rounds=3).formula.typst_code


def test_a_diverging_rate_has_its_own_caption():
    assert "too large" in captions_of(dry_run("TrainingLoop", lr=1.1, rounds=3))
