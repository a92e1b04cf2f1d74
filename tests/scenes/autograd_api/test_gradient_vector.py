"""Partial derivatives and one step down, against SymPy."""

from __future__ import annotations

import math

import pytest
import sympy

from tests.scenes.run_scene import dry_run, duration, numbers


@pytest.mark.parametrize(
    ("params", "text", "x", "y", "rate"),
    [
        ({}, "x**2 + 2*x*y + y**2", 1.0, 0.5, 0.1),
        ({"function": "x*sin(y) + x**2/2", "x": -1.2, "y": 0.8, "rate": 0.3},
         "x*sin(y) + x**2/2", -1.2, 0.8, 0.3),
    ],
)  # fmt: skip
def test_partial_derivatives_and_the_step_agree_with_sympy(params, text, x, y, rate):
    scene = dry_run("GradientVector", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    X, Y = sympy.symbols("x y")
    f = sympy.sympify(text)
    here = {X: x, Y: y}
    by_x, by_y = (float(f.diff(v).subs(here)) for v in (X, Y))
    assert numbers(scene, "df/dx", "along x") == pytest.approx([by_x] * 2)
    assert numbers(scene, "df/dy", "along y") == pytest.approx([by_y] * 2)
    after = {X: x - rate * by_x, Y: y - rate * by_y}
    shown = numbers(scene, "loss after 1", "one step") + numbers(scene, "f at", "one step")
    assert float(f.subs(after)) == pytest.approx(shown[0])


def test_a_step_with_an_infinite_loss_is_drawn_without_faults():
    scene = dry_run("GradientVector", function="exp(x*y)", x=3, y=3, rate=1)
    assert scene.faults == []
    by_x = 3 * math.exp(9)
    assert numbers(scene, "df/dx", "along x") == pytest.approx([by_x] * 2)
