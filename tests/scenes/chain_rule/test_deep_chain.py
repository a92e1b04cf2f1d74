"""The gradient after many links, against powers and activations in plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradreel.draw.formula import number_as_text
from gradreel.scenes.chain_rule.deep_chain_cures_experiment import residual_chain
from gradreel.scenes.chain_rule.lens_row_figure import light_heights
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


def residual_gradient(name: str, depth: int, x: float) -> float:
    left = 1.0
    for _ in range(depth):
        left *= 1 + chain_gradient(name, 1, x)
        sigmoid = 1 / (1 + math.exp(-x))
        below = 0.01 * x if name == "leaky_relu" else 0.0
        values = {"sigmoid": sigmoid, "tanh": math.tanh(x)}
        x += values.get(name, x if x > 0 else below)
    return left


def initialized_gradient(name: str, depth: int, x: float) -> float:
    if name != "sigmoid":
        return chain_gradient(name, depth, x)
    left = 1.0
    for _ in range(depth):
        x = 4 * x - 2
        left *= 4 * chain_gradient(name, 1, x)
        x = 1 / (1 + math.exp(-x))
    return left


def normalized_gradient(name: str, depth: int, x: float) -> float:
    """By central differences of the first of sixteen results."""
    rules = {
        "sigmoid": lambda h: 1 / (1 + np.exp(-h)),
        "tanh": np.tanh,
        "relu": lambda h: np.maximum(h, 0),
        "leaky_relu": lambda h: np.where(h > 0, h, 0.01 * h),
    }

    def first(h: np.ndarray) -> float:
        for _ in range(depth):
            h = rules[name]((h - h.mean()) / np.sqrt(h.var() + 1e-5))
        return float(h[0])

    batch, h = x + np.linspace(-1, 1, 16), 1e-5
    slopes = [(first(batch + h * e) - first(batch - h * e)) / (2 * h) for e in np.eye(16)]
    return float(np.linalg.norm(slopes))


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
    one, same, many = (row.gradient.quantity for row in scene.long.rows)
    assert (one, same, many) == pytest.approx((under**links, 1, over**links))
    alone, relu, initialized, normalized, rescued = (
        row.gradient.quantity for row in scene.short.rows
    )
    assert alone == pytest.approx(chain_gradient(activation, depth, x))
    assert relu == pytest.approx(chain_gradient("relu", depth, x))
    assert initialized == pytest.approx(initialized_gradient(activation, depth, x))
    assert normalized == pytest.approx(normalized_gradient(activation, depth, x), rel=1e-3)
    assert rescued == pytest.approx(residual_gradient(activation, depth, x))
    said = {row["name"]: row["say"] for row in scene.manifest()["beats"]}
    assert number_as_text(one.rounded(3)) in said["under one"]
    assert number_as_text(rescued.rounded(3)) in said["a shortcut"]
    assert len(scene.manifest()["tape"]["steps"]) >= links


def test_a_gradient_of_zero_has_its_own_caption():
    assert "0 is left. A log axis" in captions_of(
        dry_run("DeepChain", activation="relu", x=-1, depth=2)
    )


def test_ten_sigmoids_shrink_the_gradient_below_a_millionth():
    assert chain_gradient("sigmoid", 10, 1.0) < 1e-6


def test_light_is_as_high_as_the_gradient_after_each_lens():
    heights: dict[str, float] = {}

    def measure(scene, beat):
        shown = [light.shape.points for light in scene.long.lights + scene.short.lights]
        heights[beat.name] = [float(points[:, 1].max() - points[:, 1].min()) for points in shown]

    scene = dry_run("DeepChain", measure, links=5, depth=2)
    full = scene.long.lenses.lens_height * 0.4
    assert heights["exactly one"][1] == pytest.approx(full, abs=0.02)
    assert heights["over one"][2] == pytest.approx(full * 1.1**5, abs=0.02)


def test_light_is_true_to_scale_until_it_bursts_out_of_the_lenses():
    gradients = np.array([1.1**k for k in range(101)])
    heights = light_heights(gradients)
    inside = heights < 1
    assert np.allclose(heights[inside], 0.4 * gradients[inside]) and inside.sum() == 10
    assert heights[-1] == pytest.approx(1.12)


def test_with_a_shortcut_every_factor_is_one_plus_a_slope():
    run = residual_chain(10, "sigmoid", 1.0)
    assert run.factors == pytest.approx([1 + slope for slope in run.locals])
    said = captions_of(dry_run("DeepChain"))
    assert "adds one to every slope" in said


def test_light_that_bursts_out_lies_over_no_axis_and_no_label():
    scene = dry_run("DeepChain")
    light = scene.long.lights[2]
    assert light.height > scene.long.lenses.lens_height
    assert light.get_bottom()[1] > scene.long.plane.get_top()[1]
    assert light.get_top()[1] < scene.long.ends.get_bottom()[1]


def test_beside_a_partial_product_is_its_own_power():
    scene = dry_run("DeepChain", links=20)
    scene.long.clocks[0].set_value(7.5)
    row = scene.long.rows[0].update()
    base, exponent = row.label
    assert (base.numbers()[0].text, exponent.numbers()[0].text) == ("0.9", "7")
    assert row.gradient.quantity == pytest.approx(0.9**7)


def test_below_each_lens_is_its_factor_and_below_many_the_one_that_the_light_passes():
    scene = dry_run("DeepChain", links=30, under=0.7)
    (shortcut_row,) = scene.short.factors[-1:]
    run = residual_chain(10, "sigmoid", 1.0)
    shown = [number.numbers()[0].text for number in shortcut_row]
    assert shown == [number_as_text(factor.rounded(3)) for factor in run.factors]
    places = [number.get_center()[0] for number in shortcut_row]
    assert places == sorted(places, reverse=True)
    traveling = scene.long.factors[0]
    assert traveling[1].numbers()[0].text == "0.7"
    scene.long.clocks[0].set_value(0)
    start = traveling.update().get_center()[0]
    scene.long.clocks[0].set_value(15)
    assert traveling.update().get_center()[0] < start
