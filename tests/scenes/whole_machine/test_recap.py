"""Recap against derivatives by SymPy and the update rules, written out by hand."""

from __future__ import annotations

import pytest
import sympy

from gradreel.errors import UsageError
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers
from tests.scenes.whole_machine.test_training_trace_experiment import (
    assert_agree,
    by_update_rule,
    x,
)


@pytest.mark.parametrize(
    ("params", "links", "momentum"),
    [
        ({}, (x - 3, x**2), 0.0),
        (
            {"function": "sin(exp(-x/2))", "start": -1.0, "lr": 0.5, "turns": 9,
             "optimizer": "momentum"},
            (-x / 2, sympy.exp(x), sympy.sin(x)),
            0.9,
        ),
    ],
)  # fmt: skip
def test_every_number_follows_the_chain_rule_and_the_update_rule(params, links, momentum):
    scene = dry_run("Recap", **params)
    p = scene.params
    rows = by_update_rule(links, p.start, p.lr, p.turns, momentum)
    assert_agree(scene.training, rows)
    shown, last = numbers(scene, beat="round and round"), rows[-1]
    for expected in (*last.values[1:], *last.locals, *last.slopes, last.updated):
        assert any(number == pytest.approx(expected, rel=6e-3) for number in shown)
    assert scene.faults == []
    assert 40 <= duration(scene) <= 110


def test_the_figures_of_the_lecture():
    scene = dry_run("Recap")
    words = captions_of(scene)
    assert "It is −6, so step" in words
    assert "with learning rate 0.1" in words
    assert "After 3 rounds, x has come to 1.46" in words
    assert scene.training.accumulated == pytest.approx(-10.8)
    assert [beat.name for beat in scene.beats][-1] == "the hill"


def test_a_descent_that_never_rests_ends_without_the_hill():
    scene = dry_run("Recap", lr=1.1)
    assert scene.faults == []
    assert "the hill" not in [beat.name for beat in scene.beats]


def test_more_links_than_the_figure_shows_raise_an_error():
    with pytest.raises(UsageError, match="4 links; the machine shows 3"):
        dry_run("Recap", function="sin(exp(-x)/2)", start=1.0)
