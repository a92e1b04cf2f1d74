"""The machine against calculus done by SymPy and the update rules written out by hand."""

from __future__ import annotations

import math

import pytest
import sympy

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.scenes.whole_machine.training_trace_experiment import trace_training
from tests.scenes.run_scene import duration, numbers, dry_run, captions_of

x = sympy.Symbol("x")


def turned(links, start, lr, count, momentum=0.0):
    """(values, slopes of the result with respect to each, x after the step) of each turn."""
    velocity, place, rows = 0.0, start, []
    for _ in range(count):
        values, locals_ = [place], []
        for link in links:
            locals_.append(float(sympy.diff(link, x).subs(x, values[-1])))
            values.append(float(link.subs(x, values[-1])))
        slopes = [math.prod(locals_[k:]) for k in range(len(values))]
        velocity = momentum * velocity + slopes[0]
        place -= lr * velocity
        rows.append((values, locals_, slopes, place))
    return rows


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
def test_every_turn_obeys_the_chain_rule_and_the_update_rule(params, links, momentum):
    scene = dry_run("Recap", **params)
    p = scene.params
    rows = turned(links, p.start, p.lr, p.turns, momentum)
    for turn, (values, locals_, slopes, moved) in zip(scene.made.turns, rows, strict=True):
        assert list(turn.values) == pytest.approx(values, rel=1e-9)
        assert list(turn.locals) == pytest.approx(locals_, rel=1e-9)
        assert list(turn.slopes) == pytest.approx(slopes, rel=1e-9)
        assert turn.moved == pytest.approx(moved, rel=1e-9)
    assert scene.made.forgotten == pytest.approx(rows[0][2][0] + rows[1][2][0])
    last = numbers(scene, beat="the whole machine")
    for shown in (*rows[-1][0][1:], *rows[-1][1], *rows[-1][2], rows[-1][3]):
        assert any(number == pytest.approx(shown) for number in last)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


def test_the_figures_of_the_lecture():
    words = captions_of(dry_run("Recap"))
    assert "the slope is −12" in words
    assert "x goes from 0 to 0.6" in words
    assert "−19.2 in place of −7.2" in words


def test_what_does_not_fit_is_refused():
    with pytest.raises(UsageError, match="4 links; the machine shows 3"):
        dry_run("Recap", function="sin(exp(-x)/2)", start=1.0)
    with pytest.raises(UsageError, match="no finite slope"):
        trace_training(Function.parse("log(2*x)"), -1.0, 3, 0.1)
    with pytest.raises(UsageError, match="Adam"):
        trace_training(Function.parse("x**2"), 1.0, 3, 0.1, "Newton")
