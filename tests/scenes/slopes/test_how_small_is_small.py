"""HowSmallIsSmall against forward differences by numpy in the same formats."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from gradreel.draw.layout import Rect
from gradreel.draw.numbers import numbers_in
from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.scenes.slopes.rounding_figure import Digits
from gradreel.scenes.slopes.secant_experiment import (
    most_accurate_secant,
    secant,
    secants,
)
from gradreel.theme import colors
from tests.scenes.run_scene import dry_run, duration, numbers

FUNCTIONS = {"x**3": (lambda x: x**3, lambda x: 3 * x**2), "exp(x)": (np.exp, np.exp)}


@pytest.mark.parametrize(
    ("params", "text", "x", "smallest", "kind"),
    [
        ({"function": "x**3"}, "x**3", 2.0, 16, np.float32),
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
    error = "size of: secant slope minus"
    shown = numbers(scene, error, "until it is not")
    assert shown[0] == pytest.approx(abs(expected), rel=0.06)
    best = numbers(scene, error, "smaller is better")[0]
    assert best < 1e-6 < shown[0]
    turn = most_accurate_secant(scene.coarse)
    width, coarse = float(turn.h), float(turn.abs_error)
    assert 1e-5 < coarse < 1
    low, high = kind(x), kind(x) + kind(width)
    rough = kind(f(high) - f(low)) / kind(width) - slope(x)
    assert coarse == pytest.approx(abs(float(rough)), rel=0.6, abs=1e-3)


def test_the_digits_that_both_heights_share_are_struck_out():
    f = Function.parse("x**2+3*x+2")
    for h, shared in ((1.0, 0), (1e-7, 9), (1e-16, 18)):
        row = secant(f, 2.0, h)
        digits = Digits(lambda row=row: row, 15, colors.value, Rect(0, 6, 0, 2))
        digits.struck.set_value(1)
        digits.update()
        for number, strike in zip(digits.readouts, digits.strikes, strict=False):
            digit = number.width / len(number.numbers()[0].text)
            assert strike.get_length() / digit == pytest.approx(shared, abs=0.8)
    assert row.h.rounded(1).text == "1e-16"
    assert [n.quantity for n in numbers_in(digits.readouts)] == [row.there, row.here, row.rise]


def test_the_errors_of_the_lecture_fall_and_then_rise():
    widths = [10.0**-k for k in range(17)]
    f = Function.parse("x**2+3*x+2")
    for dtype, turn in (("float64", 7), ("float32", 3)):
        errors = [row.abs_error for row in secants(f, 2.0, widths, dtype)]
        assert errors[turn] == min(errors)
        assert errors[: turn + 1] == sorted(errors[: turn + 1], reverse=True)
        # Neighbors may be equal but for the rounding of h.
        assert all(b >= a * (1 - 1e-12) for a, b in pairwise(errors[turn:]))


def test_the_scrub_track_has_each_width_with_its_error():
    swept = dry_run("HowSmallIsSmall", function="x**3", x=1).sweep.to_json()
    values = swept["values"]
    widest, best, smallest = values["h"]  # at the ends of the dot's moves: none in between
    assert widest == 1 and smallest == pytest.approx(1e-16)
    assert smallest < best < widest and values["error"][2] == -3
    for h, slope, error in zip(values["h"], values["rise / h"], values["error"], strict=True):
        assert slope == ((1 + h) ** 3 - 1) / h
        assert error == pytest.approx(slope - 3, abs=1e-15)
    assert "0" not in swept["readings"]["h"]  # small widths are written as powers of ten


def test_other_parameters_leave_the_layout_without_faults():
    assert (
        dry_run("HowSmallIsSmall", function="exp(x)", x=-5, other="float16", smallest=12).faults
        == []
    )


def test_a_straight_line_has_no_best_width():
    with pytest.raises(UsageError, match="as good as it gets"):
        dry_run("HowSmallIsSmall", function="2*x+1", x=1)


def test_an_error_without_a_minimum_raises_an_error():
    with pytest.raises(UsageError, match="still falls at h = 1e-16"):
        dry_run("HowSmallIsSmall", function="x**3", x=0)


def test_an_x_without_a_slope_raises_an_error():
    with pytest.raises(UsageError, match="log.*x = -1"):
        dry_run("HowSmallIsSmall", function="log(x)", x=-1)
