"""Round after round against the published update rules, written out by hand."""

from __future__ import annotations

import math

import pytest
import sympy

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import OPTIMIZERS
from gradreel.scenes.control.training_rounds_experiment import training_rounds
from tests.scenes.run_scene import duration, numbers, dry_run, captions_of


def trained(name: str, formula: str, x: float, lr: float, count: int):
    """(start, loss, slope, moved) of each round."""
    symbol = sympy.Symbol("x")
    loss = sympy.sympify(formula)
    slope = sympy.diff(loss, symbol)
    velocity = square = total = 0.0
    rows = []
    for k in range(1, count + 1):
        g = float(slope.subs(symbol, x))
        total += g * g
        if name == "RMSprop":
            square = 0.99 * square + 0.01 * g * g
            step = g / (math.sqrt(square) + 1e-8)
        elif name == "Adam":
            velocity, square = 0.9 * velocity + 0.1 * g, 0.999 * square + 0.001 * g * g
            step = velocity / (1 - 0.9**k) / (math.sqrt(square / (1 - 0.999**k)) + 1e-8)
        elif name == "Adagrad":
            step = g / (math.sqrt(total) + 1e-10)
        else:
            velocity = 0.9 * velocity + g
            step = {"SGD": g, "momentum": velocity, "Nesterov": g + 0.9 * velocity}[name]
        rows.append((x, float(loss.subs(symbol, x)), g, x - lr * step))
        x -= lr * step
    return rows


def agree(made, rows):
    for one, row in zip(made, rows, strict=True):
        assert (one.start, one.loss, one.slope, one.moved) == pytest.approx(row, rel=1e-6)
        assert one.emptied is None


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_follows_its_rule(optimizer):
    made = training_rounds(Function.parse("cosh(x) - x"), 2.0, 5, 0.07, optimizer)
    agree(made, trained(optimizer, "cosh(x) - x", 2.0, 0.07, 5))


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
    rows = trained(p.optimizer, p.function, p.start, p.lr, p.rounds)
    agree(scene.rows, rows)
    last = p.rounds
    assert numbers(scene, f"loss in round {last} of")[-1] == pytest.approx(rows[-1][1])
    assert numbers(scene, f"x after step in round {last} of")[-1] == pytest.approx(rows[-1][3])
    assert numbers(scene, "x.grad after backward in round 2")[-1] == pytest.approx(rows[1][2])
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


def test_the_figures_of_the_lecture():
    words = captions_of(dry_run("TrainingLoop"))
    assert "x = 0 goes in, and out comes the loss, 9" in words
    assert "from 0 to 0.6" in words and "x moves to 1.08" in words


def test_a_rate_that_does_harm_is_told():
    assert "does harm" in captions_of(dry_run("TrainingLoop", lr=1.1, rounds=3))


def test_a_loss_without_a_slope_is_refused():
    with pytest.raises(UsageError, match="no slope"):
        training_rounds(Function.parse("3"), 1.0, 3, 0.1, "SGD")
