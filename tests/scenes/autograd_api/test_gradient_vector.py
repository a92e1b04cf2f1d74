"""Partial derivatives and one step down, against SymPy."""

from __future__ import annotations

import math

import pytest
import sympy

from tests.scenes.run_scene import captions_of, dry_run, duration, numbers


@pytest.mark.parametrize(
    ("params", "text", "x", "y", "rate"),
    [
        ({}, "x**2 + x*y + y**2", 1.0, 0.5, 0.2),
        ({"function": "x**2 + 2*x*y + y**2", "rate": 0.1}, "x**2 + 2*x*y + y**2", 1.0, 0.5, 0.1),
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


def test_the_figure_of_the_lecture_is_shown_as_a_comparison_whose_arrow_never_turns():
    scene = dry_run("GradientVector")
    assert numbers(scene, "f at", "another landscape") == [2.25]
    assert numbers(scene, "df/dx", "another landscape") == [3.0]
    assert numbers(scene, "df/dy", "another landscape") == [3.0]
    assert "contour lines are parallel" in captions_of(scene)
    assert numbers(scene, "f at", "the way down")[-1] == 1.75  # and back again


def test_another_function_to_compare_with_is_not_said_to_have_parallel_lines():
    scene = dry_run("GradientVector", compare="x**2 + 3*y**2")
    assert numbers(scene, "df/dy", "another landscape") == [3.0]
    assert "parallel" not in captions_of(scene)
    assert scene.faults == []


def test_a_step_that_is_too_long_is_said_to_be():
    assert "too long" in captions_of(dry_run("GradientVector", rate=1))


def test_a_step_with_an_infinite_loss_is_drawn_without_faults():
    scene = dry_run("GradientVector", function="exp(x*y)", x=3, y=3, rate=1)
    assert scene.faults == []
    by_x = 3 * math.exp(9)
    assert numbers(scene, "df/dx", "along x") == pytest.approx([by_x] * 2)
