"""CuttingTheGraph against SymPy."""

from __future__ import annotations

import pytest

from gradreel.errors import UsageError
from tests.scenes.control.test_detach_comparison_experiment import by_sympy
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers

DEFAULTS = {"function": "x**2", "x": 3.0, "write": 100.0}


def same_set(shown, expected) -> bool:
    """Whether both have the same numbers, but for rounding and how often each occurs."""
    shown, expected = set(shown), set(expected)
    return all(any(s == pytest.approx(e) for s in shown) for e in expected) and all(
        any(s == pytest.approx(e) for e in expected) for s in shown
    )


@pytest.mark.parametrize(
    "given",
    [{}, {"function": "x*exp(x)", "x": -1.5, "write": -3.25}, {"function": "sin(x)", "x": 100}],
)
def test_every_number_follows_the_parameters(given):
    p = {**DEFAULTS, **given}
    scene = dry_run("CuttingTheGraph", **given)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 60
    value, through = by_sympy(p["function"], p["x"])
    x, write = p["x"], p["write"]
    sums = [x, value, x * value, through, value + through]
    sums.append(through / x)
    assert same_set(numbers(scene, beat="the gradient stops"), sums)
    assert same_set(numbers(scene, beat="one memory"), [write])


def test_both_addends_stand_beside_the_path_that_brought_them():
    scene = dry_run("CuttingTheGraph")
    assert "Times 6, this brings 18 more: x.grad is 27." in captions_of(scene)
    lanes = (scene.lanes[0], scene.detached_lane)
    notes = [[float(note.quantity) for note in lane.notes.values()] for lane in lanes]
    assert notes == [[9, 3, 18], [9]]
    assert all(lane.notes["direct"].get_y() < lane.cards[0].get_y() for lane in lanes)
    # The gradient of y is multiplied by the slope before it arrives.
    assert numbers(scene, "slope of y", beat="the gradient stops") == [6, 6, 6]


@pytest.mark.parametrize(
    ("given", "word"),
    [({"function": "x"}, "tracked"), ({"function": "ln(x)", "x": -1}, "finite")],
)
def test_what_cannot_be_shown_raises_an_error(given, word):
    with pytest.raises(UsageError, match=word):
        dry_run("CuttingTheGraph", **given)
