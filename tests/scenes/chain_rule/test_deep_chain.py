"""The gradient after many links, against powers and activations in plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradreel.draw.formula import number_as_text
from gradreel.scenes.chain_rule.deep_chain_cures_experiment import residual_chain
from gradreel.scenes.chain_rule.deep_chain_figure import factor_digits
from gradreel.tape import Quantity
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


def normalized_gradient(name: str, depth: int, x: float) -> float:
    """By central differences of the middle one of seventeen results."""
    rules = {
        "sigmoid": lambda h: 1 / (1 + np.exp(-h)),
        "tanh": np.tanh,
        "relu": lambda h: np.maximum(h, 0),
        "leaky_relu": lambda h: np.where(h > 0, h, 0.01 * h),
    }

    def middle(h: np.ndarray) -> float:
        for _ in range(depth):
            h = rules[name]((h - h.mean()) / np.sqrt(h.var() + 1e-5))
        return float(h[8])

    batch, h = x + np.linspace(-0.4, 0.4, 17), 1e-5
    slopes = [(middle(batch + h * e) - middle(batch - h * e)) / (2 * h) for e in np.eye(17)]
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
    one, same, many = (power.shown_numbers[-1].quantity for power in scene.powers)
    assert (one, same, many) == pytest.approx((under**links, 1, over**links), rel=5e-3)
    alone, relu, initialized, normalized, rescued = (result[1].quantity for result in scene.results)
    assert alone == pytest.approx(chain_gradient(activation, depth, x), rel=5e-3)
    assert relu == pytest.approx(chain_gradient("relu", depth, x))
    assert initialized == pytest.approx(1)
    assert normalized == pytest.approx(normalized_gradient(activation, depth, x), rel=6e-3)
    assert rescued == pytest.approx(residual_gradient(activation, depth, x), rel=5e-3)
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


def test_the_area_between_row_and_curve_follows_the_clock():
    scene = dry_run("DeepChain", links=30)
    long = scene.long
    shade, trail = long.curves[0]
    long.clocks[0].set_value(12)
    shade.update()
    trail.update()
    low, high = shade.get_bottom()[1], shade.get_top()[1]
    assert low == pytest.approx(trail.head.get_y()) == pytest.approx(long.plane.at(18, 0.9**12)[1])
    assert high == pytest.approx(long.lenses.middle)


def test_with_a_shortcut_every_factor_is_one_plus_a_slope():
    run = residual_chain(10, "sigmoid", 1.0)
    assert run.factors == pytest.approx([1 + slope for slope in run.locals])
    said = captions_of(dry_run("DeepChain"))
    assert "adds one to every slope" in said


def test_a_factor_that_reads_as_one_is_one():
    near = factor_digits(Quantity(1.00016, "by hand"))
    assert [near.text, factor_digits(Quantity(1.0, "by hand")).text] == ["1.0002", "1"]
    assert factor_digits(Quantity(0.2216, "by hand")).text == "0.22"


def test_above_each_lens_is_its_factor_and_above_many_the_one_that_is_passed():
    scene = dry_run("DeepChain", links=30, under=0.7)
    row = scene.short.factors[-1]
    run = residual_chain(10, "sigmoid", 1.0)
    shown = [float(number.numbers()[0].text) for number in row]
    assert shown == pytest.approx(run.factors, abs=5e-3)
    assert shown[0] > 1 and shown == sorted(shown)
    places = [number.get_center()[0] for number in row]
    assert places == sorted(places, reverse=True)
    traveling = scene.long.factors[0]
    assert traveling[1].numbers()[0].text == "0.7"
    scene.long.clocks[0].set_value(0)
    start = traveling.update().get_center()[0]
    scene.long.clocks[0].set_value(15)
    assert traveling.update().get_center()[0] < start
