"""OptimizerRace and its sweep against the published update rules, written out in numpy."""

from __future__ import annotations

import numpy as np
import pytest

from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import run_descent
from gradreel.scenes.descent.race_parts_experiment import step_columns
from gradreel.scenes.descent.race_rates_experiment import sweep_rates
from tests.scenes.run_scene import dry_run, duration


def after(name: str, slope, start, steps: int, lr: float):
    x, velocity, square = np.array(start, float), np.zeros(2), np.zeros(2)
    for k in range(1, steps + 1):
        g = slope(x)
        if name == "SGD":
            x = x - lr * g
        elif name == "momentum":
            velocity = 0.9 * velocity + g
            x = x - lr * velocity
        elif name == "RMSprop":
            square = 0.99 * square + 0.01 * g**2
            x = x - lr * g / (np.sqrt(square) + 1e-8)
        else:
            velocity = 0.9 * velocity + 0.1 * g
            square = 0.999 * square + 0.001 * g**2
            scaled = np.sqrt(square / (1 - 0.999**k)) + 1e-8
            x = x - lr * velocity / (1 - 0.9**k) / scaled
    return x


TILTED = np.array([[0.2 + 0.018, 0.6 - 0.006], [0.6 - 0.006, 1.8 + 0.002]])


def losses_after(name, hessian, start, steps, lr):
    """The loss x H x / 2 after 0 to `steps` steps."""
    states = [after(name, lambda z: hessian @ z, start, k, lr) for k in range(steps + 1)]
    return np.array([x @ hessian @ x / 2 for x in states])


def arrival(losses, goal):
    """The step from which on the loss is below the goal; None if it rises above its start."""
    if (losses > losses[0] + 1e-9).any() or losses[-1] > goal:
        return None
    return int(np.flatnonzero(losses > goal)[-1]) + 1


@pytest.mark.parametrize(
    ("params", "hessian", "start", "steps", "rates"),
    [
        ({}, TILTED, (-7, 1), 100, {"SGD": 0.9, "momentum": 0.3, "RMSprop": 0.2, "Adam": 0.9}),
        (
            {"function": "x**2/4 + y**2", "x": 3, "y": -1, "steps": 20,
             "sgd": 0.5, "momentum": 0.05, "rmsprop": 0.1, "adam": 0.2},
            np.diag([0.5, 2.0]), (3, -1), 20,
            {"SGD": 0.5, "momentum": 0.05, "RMSprop": 0.1, "Adam": 0.2},
        ),
    ],
)  # fmt: skip
def test_every_rate_and_arrival_agrees_with_the_update_rule(params, hessian, start, steps, rates):
    scene = dry_run("OptimizerRace", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    rows = {row["name"]: row for row in scene.manifest()["beats"]}
    goal = float(scene.goal_loss)
    for track, (name, lr) in zip(scene.tracks, rates.items(), strict=True):
        assert [float(n.quantity) for n in track.lane.rate.readout.numbers()] == [lr]
        there = arrival(losses_after(name, hessian, start, steps, lr), goal)
        assert rows[name]["say"].endswith("It does not get to the goal.") == (there is None)
        assert track.lane.arrival == there
        shown = [n["value"] for n in rows["the race"]["numbers"] if name in n["source"]]
        assert shown == ([] if there is None else [there])
    if not params:
        assert goal == pytest.approx(0.01 * 2.084, rel=1e-3)
        assert (
            "bounces" in rows["SGD"]["say"] and rows["the race"]["say"].count("Adam is first") == 1
        )


@pytest.mark.parametrize("name", ["SGD", "momentum", "RMSprop", "Adam"])
def test_the_parts_of_a_step_make_the_step(name):
    f = Function.parse("0.1*(x+3*y)**2 + 0.001*(3*x-y)**2", ("x", "y"), label="loss")
    lr, count = 0.3, 12
    columns = step_columns(f, run_descent(f, (-7.0, 1.0), 20, lr, name), count)
    parts = [column.values for column in columns]
    steps = np.diff([after(name, lambda z: TILTED @ z, (-7, 1), k, lr) for k in range(13)], axis=0)
    np.testing.assert_allclose(parts[-1], steps, atol=1e-9)
    made = {
        "SGD": lambda against: lr * against,
        "momentum": lambda kept, against: kept + lr * against,
    }.get(name, lambda against, size: lr * against / (size + 1e-8))
    np.testing.assert_allclose(made(*parts[:-1]), steps, atol=1e-9)


@pytest.mark.parametrize("name", ["SGD", "momentum", "RMSprop", "Adam"])
def test_no_rate_that_was_tried_is_faster_than_the_best(name):
    f = Function.parse("0.1*(x+3*y)**2 + 0.001*(3*x-y)**2", ("x", "y"), label="loss")
    sweeps = sweep_rates(f, (-7.0, 1.0), 100, ("SGD", "momentum", "RMSprop", "Adam"))
    (sweep,) = (s for s in sweeps.sweeps if s.optimizer == name)
    best = sweep.arrivals[list(sweep.rates).index(sweep.best)]
    assert best == np.nanmin(sweep.arrivals)
    for lr in (0.05, 0.2, 0.9, 3.0):
        losses = losses_after(name, TILTED, (-7, 1), 200, lr)
        # The first 100 steps are the race; the rest is for those that do not arrive in it.
        expected = arrival(losses[:101], float(sweeps.goal)) or arrival(losses, float(sweeps.goal))
        measured = sweep.arrivals[list(sweep.rates).index(lr)]
        assert np.isnan(measured) if expected is None else measured == expected


def test_a_loss_that_is_no_number_does_not_win_and_is_said():
    rates = {"sgd": 0.9, "momentum": 0.1, "rmsprop": 0.2, "adam": 0.4}
    scene = dry_run("OptimizerRace", function="x**4 + y**4", x=-8, y=2, steps=8, **rates)
    rows = {row["name"]: row["say"] for row in scene.manifest()["beats"]}
    assert "valley" not in " ".join(rows) and "across" not in rows["SGD"]
    assert "its learning rate is too large. It does not get to the goal." in rows["SGD"]
    assert "RMSprop is first here." in rows["the race"]
