"""Gradients with and without zero_grad against sums of slopes by SymPy."""

from __future__ import annotations

from itertools import accumulate

import pytest
import sympy

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.scenes.control.grad_accumulation_experiment import run_passes, summed_pass
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers

CASES = [
    {},
    {"first": "x**3-4*x", "second": "-2*x**2+1", "x": 1.5, "passes": 4, "emptied": "zeros"},
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
        # The other bucket appears after the first pass, and is emptied in the same beat.
        assert bool(fresh) == (k > 0) and fresh == pytest.approx([slopes[k]] * len(fresh))
    zeros = numbers(scene, "x.grad before backward 2, with zero_grad")
    assert bool(zeros) == (p.emptied == "zeros") and not any(zeros)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


def test_the_figures_of_the_lecture():
    scene = dry_run("AccumulationTrap")
    words = captions_of(scene)
    for claim in (
        "pours in 6",
        "slope 27",
        "x.grad is 33: the old 6",
        "None again",
        "gives 27",
        "Their sum, 33, is the gradient of the whole batch",
    ):
        assert claim in words
    assert 60 in numbers(scene, "x.grad after backward 3, without")
    assert numbers(scene, "sent to x by the sum") == [33]
    # The wanted sum stays; the other bucket is emptied.
    levels = [lane.bucket.level.get_value() for lane in scene.lanes]
    assert levels == pytest.approx([33, 0])


def test_the_sum_over_mini_batches_is_the_gradient_of_the_whole_batch():
    functions = [Function.parse(text) for text in ("x*sin(x)", "exp(x)")]
    last = run_passes(functions, 1.5, zero_grad=False)[-1]
    assert summed_pass(functions, 1.5).after == pytest.approx(last.after, rel=1e-12)


def test_bands_are_the_contributions_unless_one_takes_away():
    levels = {}

    def observe(scene, beat):
        left = scene.lanes[0]
        levels[beat.name] = (left.bucket.level.get_value(), left.bucket.bounds, left.with_sums)

    dry_run("AccumulationTrap", observe, passes=2)
    level, bounds, with_sums = levels["the trap"]
    assert (level, bounds, with_sums) == (pytest.approx(33), pytest.approx([6]), True)
    scene = dry_run("AccumulationTrap", observe, first="-x**4", x=7.25)
    assert levels["the trap"][1:] == ([], False)
    assert "old slope is mixed in" in captions_of(scene)


def test_a_function_without_a_slope_raises_an_error():
    with pytest.raises(UsageError, match="no slope"):
        dry_run("AccumulationTrap", first="sqrt(x)", x=-1)
