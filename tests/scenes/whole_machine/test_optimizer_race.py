"""OptimizerRace against the published update rules, written out in numpy."""

from __future__ import annotations

import numpy as np
import pytest

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


@pytest.mark.parametrize(
    ("params", "a", "start", "steps"),
    [
        ({}, 0.02, (-8, 2), 60),
        (
            {"function": "x**2/4 + y**2", "x": 3, "y": -1, "steps": 20,
             "sgd": 0.5, "momentum": 0.05, "rmsprop": 0.1, "adam": 0.2},
            0.25, (3, -1), 20,
        ),
    ],
)  # fmt: skip
def test_every_loss_agrees_with_the_update_rule(params, a, start, steps):
    scene = dry_run("OptimizerRace", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    rates = {"SGD": 0.9, "momentum": 0.1, "RMSprop": 0.2, "Adam": 0.4}
    rates |= {name: params[name.lower()] for name in rates if name.lower() in params}
    shown = {
        row["name"]: row["numbers"][-1]["value"]
        for row in scene.manifest()["beats"]
        if row["name"] in rates
    }
    for name, lr in rates.items():
        x = after(name, lambda z: np.array([2 * a * z[0], 2 * z[1]]), start, steps, lr)
        assert shown[name] == pytest.approx(a * x[0] ** 2 + x[1] ** 2, rel=1e-6), name


def test_a_loss_that_is_no_number_does_not_win_and_is_said():
    scene = dry_run("OptimizerRace", function="x**4 + y**4", steps=8)
    rows = {row["name"]: row["say"] for row in scene.manifest()["beats"]}
    assert "valley" not in " ".join(rows) and "across" not in rows["SGD"]
    assert "the loss is nan: its rate is too large" in rows["SGD"]
    assert rows["the race"].startswith("RMSprop is lowest in the end, at 145.7108.")
