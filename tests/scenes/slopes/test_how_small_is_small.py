"""HowSmallIsSmall against forward differences by numpy in the same formats."""

from __future__ import annotations

import numpy as np
import pytest

from gradreel.errors import UsageError
from tests.scenes.run_scene import dry_run, duration, numbers

FUNCTIONS = {"x**3": (lambda x: x**3, lambda x: 3 * x**2), "exp(x)": (np.exp, np.exp)}


@pytest.mark.parametrize(
    ("params", "text", "x", "smallest", "kind"),
    [
        ({}, "x**3", 2.0, 16, np.float32),
        (
            {"function": "exp(x)", "x": 1, "smallest": 14, "other": "float16"},
            "exp(x)", 1.0, 14, np.float16,
        ),
    ],
)  # fmt: skip
def test_errors_agree_with_numpy(params, text, x, smallest, kind):
    f, slope = FUNCTIONS[text]
    scene = dry_run("HowSmallIsSmall", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    h = 10.0**-smallest
    expected = (f(x + h) - f(x)) / h - slope(x)
    shown = numbers(scene, "secant slope minus", "until it is not")
    assert shown[0] == pytest.approx(expected, rel=0.02)
    best = numbers(scene, "secant slope minus", "smaller is better")[0]
    assert abs(best) < 1e-6 < abs(shown[0])
    coarse = numbers(scene, "size of: secant slope minus", f"the same in {kind.__name__}")[-1]
    assert 1e-5 < coarse < 1
    width = [
        n["value"]
        for row in scene.manifest()["beats"]
        if row["name"] == f"the same in {kind.__name__}"
        for n in row["numbers"]
    ][-2]
    low, high = kind(x), kind(x) + kind(width)
    rough = kind(f(high) - f(low)) / kind(width) - slope(x)
    assert coarse == pytest.approx(abs(float(rough)), rel=0.6, abs=1e-3)


def test_the_scrub_track_has_each_width_with_its_error():
    swept = dry_run("HowSmallIsSmall", x=1).sweep.to_json()
    values = swept["values"]
    assert len(swept["times"]) >= 5
    for h, slope, error in zip(values["h"], values["rise / h"], values["error"], strict=True):
        assert slope == ((1 + h) ** 3 - 1) / h
        assert error == pytest.approx(slope - 3, abs=1e-15)
    assert "0" not in swept["readings"]["h"]  # small widths are written as powers of ten


def test_the_legend_keeps_clear_of_the_curves():
    assert (
        dry_run("HowSmallIsSmall", function="exp(x)", x=-5, other="float16", smallest=8).faults
        == []
    )


def test_a_straight_line_has_no_best_width():
    with pytest.raises(UsageError, match="as good as it gets"):
        dry_run("HowSmallIsSmall", function="2*x+1", x=1)


def test_an_error_without_a_minimum_raises_an_error():
    with pytest.raises(UsageError, match="still falls at h = 1e-16"):
        dry_run("HowSmallIsSmall", x=0)


def test_an_x_without_a_slope_raises_an_error():
    with pytest.raises(UsageError, match="log.*x = -1"):
        dry_run("HowSmallIsSmall", function="log(x)", x=-1)
