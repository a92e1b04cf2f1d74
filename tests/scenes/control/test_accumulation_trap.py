"""Gradients with and without zero_grad against sums of slopes by SymPy."""

from __future__ import annotations

from itertools import accumulate

import pytest
import sympy

from gradreel.errors import UsageError
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers

CASES = [
    {},
    {"first": "x**3-4*x", "second": "-2*x**2+1", "x": 1.25, "passes": 4, "emptied": "zeros"},
    {"first": "cos(x)", "second": "exp(x)/2", "x": -0.7, "passes": 2},
]


def slope(formula: str, x: float) -> float:
    return float(sympy.diff(sympy.sympify(formula)).subs("x", x))


@pytest.mark.parametrize("params", CASES)
def test_without_zero_grad_slopes_add_up(params):
    scene = dry_run("AccumulationTrap", **params)
    p = scene.params
    slopes = [slope(p.first, p.x)] + [slope(p.second, p.x)] * (p.passes - 1)
    sums = list(accumulate(slopes))
    for k in range(p.passes):
        assert numbers(scene, f"sent to x in backward {k + 1}")[0] == pytest.approx(slopes[k])
        kept = numbers(scene, f"x.grad after backward {k + 1}, without")
        fresh = numbers(scene, f"x.grad after backward {k + 1}, with zero_grad")
        assert kept and kept == pytest.approx([sums[k]] * len(kept))
        assert fresh and fresh == pytest.approx([slopes[k]] * len(fresh))
    zeros = numbers(scene, "x.grad before backward 2, with zero_grad")
    assert bool(zeros) == (p.emptied == "zeros") and not any(zeros)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


def test_the_figures_of_the_lecture():
    words = captions_of(dry_run("AccumulationTrap"))
    for claim in (
        "sends 6",
        "sends 27",
        "33 is nobody's slope",
        "above 60, below 27",
        "None again",
    ):
        assert claim in words


def test_the_pointers_end_at_the_final_gradients():
    scene = dry_run("AccumulationTrap", passes=2)
    assert scene.without_zero_grad.level.get_value() == 33
    assert scene.with_zero_grad.level.get_value() == 27


def test_a_function_without_a_slope_raises_an_error():
    with pytest.raises(UsageError, match="no slope"):
        dry_run("AccumulationTrap", first="sqrt(x)", x=-1)
