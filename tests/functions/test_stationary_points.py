"""Stationary points against roots known in closed form."""

import math

import pytest

from gradreel.functions.function import Function
from gradreel.functions.stationary_points import stationary_points


@pytest.mark.parametrize(
    ("text", "start", "stop", "roots"),
    [
        ("(x-3)**2", -1.0, 7.0, [3.0]),
        ("x**3 - 3*x", -2.0, 2.0, [-1.0, 1.0]),
        ("sin(x)", 0.0, 6.0, [math.pi / 2, 3 * math.pi / 2]),
        ("1/x", -1.0, 1.0, []),
        ("x**3", 0.5, 2.0, []),
        # Its neighbouring slopes are 1e155 and more: their product is beyond float64.
        ("((-x)**(x**-1))**2", -2.5, 0.0, []),
    ],
)
def test_the_roots_of_the_slope(text: str, start: float, stop: float, roots: list[float]) -> None:
    points = stationary_points(Function.parse(text), start, stop)
    assert [float(point.x) for point in points] == pytest.approx(roots, abs=1e-6)
