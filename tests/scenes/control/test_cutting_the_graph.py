"""CuttingTheGraph against SymPy, and against the memory of a network worked out on paper."""

from __future__ import annotations

import pytest

from gradreel.errors import UsageError
from tests.scenes.control.test_detach_comparison_experiment import by_sympy
from tests.scenes.control.test_saved_tensor_memory_experiment import saved_tensors
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers

DEFAULTS = {
    "function": "x**2", "x": 3.0, "write": 100.0, "depth": 8, "cut": 4, "rows": 256, "width": 256,
    "activation": "tanh", "dtype": "float32",
}  # fmt: skip


def same_set(shown, expected) -> bool:
    """Whether both have the same numbers, but for rounding and how often each occurs."""
    shown, expected = set(shown), set(expected)
    return all(any(s == pytest.approx(e) for s in shown) for e in expected) and all(
        any(s == pytest.approx(e) for e in expected) for s in shown
    )


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"function": "x*exp(x)", "x": -1.5, "write": -3.25, "depth": 5, "cut": 1, "rows": 100,
         "width": 24, "activation": "gelu", "dtype": "float64"},
        {"function": "sin(x)", "x": 100, "depth": 16, "cut": 15, "rows": 1, "width": 1,
         "activation": "relu"},
    ],
)  # fmt: skip
def test_every_number_follows_the_parameters(given):
    p = {**DEFAULTS, **given}
    scene = dry_run("CuttingTheGraph", **given)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    value, through = by_sympy(p["function"], p["x"])
    x, write = p["x"], p["write"]
    sums = [x, value, x * value, through, value + through]
    assert same_set(numbers(scene, beat="the gradient stops"), sums)
    assert same_set(numbers(scene, beat="one memory"), [write, value])
    size = p["rows"] * p["width"] * {"float32": 4, "float64": 8}[p["dtype"]]
    peaks = [
        max(saved_tensors(p["depth"], cut, p["activation"])[0]) * size for cut in (0, p["cut"])
    ]
    unit, power = next(
        (u, n) for u, n in (("MiB", 1024**2), ("KiB", 1024), ("B", 1)) if size * p["depth"] >= n
    )
    held = set(numbers(scene, beat="kept only behind the cut"))
    assert held >= {0, peaks[0] / power, peaks[1] / power}
    assert f" {unit}. Under no_grad" in captions_of(scene)
    assert numbers(scene, "quoted", "powers of ten")[:4] == [10, 100, 50, 75]
    # Columns before the cut are empty, and the one after it stands to the right of the mark.
    lane = scene.networks[2]
    heights = [column.height for column in lane.columns]
    assert max(heights[: p["cut"] - 1], default=0) < 0.01 < min(heights[p["cut"] - 1 :])
    assert lane.xs[p["cut"] - 1] < lane.slash.get_x() < lane.columns[p["cut"] - 1].get_x()
    assert scene.scale.at(peaks[0])[0] == pytest.approx(scene.scale.dot.get_x())


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"cut": 5, "depth": 5}, "cut"),
        ({"function": "x"}, "tracked"),
        ({"function": "ln(x)", "x": -1}, "finite"),
        ({"rows": 0}, "rows"),
    ],
)
def test_what_cannot_be_shown_raises_an_error(given, word):
    with pytest.raises(UsageError, match=word):
        dry_run("CuttingTheGraph", **given)
