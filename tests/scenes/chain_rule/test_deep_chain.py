"""The gradient after many links, against powers and activations in plain Python."""

from __future__ import annotations

import math

import pytest

from tests.scenes.run_scene import captions_of, dry_run, duration


def chain_gradient(name: str, depth: int, x: float) -> float:
    if "relu" in name:
        below = 0.01 if name == "leaky_relu" else 0.0
        return 1.0 if x > 0 else below**depth
    left = 1.0
    for _ in range(depth):
        y = 1 / (1 + math.exp(-x)) if name == "sigmoid" else math.tanh(x)
        left *= y * (1 - y) if name == "sigmoid" else 1 - y**2
        x = y
    return left


@pytest.mark.parametrize(
    ("params", "links", "under", "over", "activation", "depth", "x"),
    [
        ({}, 100, 0.9, 1.1, "sigmoid", 10, 1.0),
        ({"links": 30, "under": 0.5, "over": 1.5, "activation": "tanh", "depth": 6, "x": -2},
         30, 0.5, 1.5, "tanh", 6, -2.0),
        ({"activation": "relu", "x": 2}, 100, 0.9, 1.1, "relu", 10, 2.0),
        ({"activation": "relu", "x": -2}, 100, 0.9, 1.1, "relu", 10, -2.0),
        ({"activation": "leaky_relu", "x": -2, "depth": 5}, 100, 0.9, 1.1, "leaky_relu", 5, -2.0),
    ],
)  # fmt: skip
def test_the_gradient_is_the_product_of_the_local_slopes(
    params, links, under, over, activation, depth, x
):
    scene = dry_run("DeepChain", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    last = {row["name"]: row["numbers"][-1]["value"] for row in scene.manifest()["beats"]
            if row["numbers"]}  # fmt: skip
    assert last["under one"] == pytest.approx(under**links)
    assert last["exactly one"] == 1
    assert last["over one"] == pytest.approx(over**links)
    assert last["all of them"] == pytest.approx(chain_gradient(activation, depth, x))
    assert len(scene.manifest()["tape"]["steps"]) >= links


def test_a_gradient_of_zero_has_its_own_caption():
    assert "0 is left. A log axis" in captions_of(
        dry_run("DeepChain", activation="relu", x=-1, depth=2)
    )


def test_ten_sigmoids_shrink_the_gradient_below_a_millionth():
    assert chain_gradient("sigmoid", 10, 1.0) < 1e-6
