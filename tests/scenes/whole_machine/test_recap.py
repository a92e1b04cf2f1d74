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
        ({}, (2 * x - 3, x**2), 0.0),
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
    shown, last = numbers(scene, beat="the whole machine"), rows[-1]
    for expected in (*last.values[1:], *last.locals, *last.slopes, last.updated):
        assert any(number == pytest.approx(expected) for number in shown)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


def test_the_figures_of_the_lecture():
    words = captions_of(dry_run("Recap"))
    assert "the slope is −12" in words
    assert "x goes from 0 to 0.6" in words
    assert "−19.2 in place of −7.2" in words


def test_more_links_than_the_figure_shows_raise_an_error():
    with pytest.raises(UsageError, match="4 links; the machine shows 3"):
        dry_run("Recap", function="sin(exp(-x)/2)", start=1.0)
