"""TangentLine against derivatives by SymPy."""

import math

import pytest
import sympy

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.scenes.slopes.tangent_line import caption_slope
from tests.scenes.run_scene import dry_run, manifest_of

X = sympy.Symbol("x")


def shown(result: dict, label: str) -> list[float]:
    return [n["value"] for b in result["beats"] for n in b["numbers"] if label in n["source"]]


@pytest.mark.parametrize(
    ("function", "start", "stop"),
    [("0.5*(x-3)**2", -1, 7), ("x*sin(x)", -4, 4), ("exp(-x**2)", -2, 1), ("x**3 - x", 2, -2)],
)
def test_every_slope_is_the_derivative(function: str, start: float, stop: float) -> None:
    result = manifest_of("TangentLine", function=function, start=start, stop=stop)
    slope = sympy.lambdify(X, sympy.diff(sympy.sympify(function), X))
    value = sympy.lambdify(X, sympy.sympify(function))
    for beat in result["beats"][2:]:
        x, y, dy = (n["value"] for n in beat["numbers"][:3])
        assert y == pytest.approx(value(x), abs=1e-9)
        assert dy == pytest.approx(slope(x), abs=1e-9)
    first, last = result["beats"][2], result["beats"][-1]
    assert (first["numbers"][0]["value"], last["numbers"][0]["value"]) == (start, stop)


def test_the_default_pauses_at_the_minimum() -> None:
    result = manifest_of("TangentLine")
    slopes = [beat["numbers"][2]["value"] for beat in result["beats"][2:]]
    assert slopes == [-4.0, 0.0, 4.0]
    assert [beat["numbers"][0]["value"] for beat in result["beats"][2:]] == [-1.0, 3.0, 7.0]


def test_a_pole_and_a_gap_in_the_domain_do_not_stop_the_scene() -> None:
    for function in ("1/x", "sqrt(x**2 - 1)", "2"):
        assert manifest_of("TangentLine", function=function, start=-2, stop=2)["beats"]


def test_an_end_without_a_slope_is_refused() -> None:
    for ends in ({"start": -1, "stop": 2}, {"start": 2, "stop": 0}):
        with pytest.raises(UsageError, match=r"log\(x\) has no slope at x = (-1|0)"):
            manifest_of("TangentLine", function="log(x)", **ends)


def test_the_axis_of_a_function_with_a_pole_shows_the_rest_of_it() -> None:
    scene = dry_run("TangentLine", function="1/x", start=-1, stop=2)
    low, high = scene.plane.y_range
    assert -30 < low < -1 and 1 < high < 30 and scene.faults == []


def test_a_constant_function_has_its_own_caption() -> None:
    assert "Level ground" in " ".join(
        beat["say"] for beat in manifest_of("TangentLine", function="5")["beats"]
    )


def test_a_point_that_does_not_move_raises_an_error() -> None:
    with pytest.raises(UsageError, match="same place"):
        manifest_of("TangentLine", start=2, stop=2)


def test_a_tiny_slope_is_not_called_zero() -> None:
    f, points = Function.parse("x**2*1e-9"), [0.0]
    assert caption_slope(f, 1.0, points)[0].startswith("Here the slope is {slope}. Positive")
    assert "bottom of a valley" in caption_slope(f, 0.0, points)[0]
    assert (
        "zero, but for rounding" in caption_slope(Function.parse("cos(x)"), math.pi, [math.pi])[0]
    )
