"""TangentLine against derivatives by SymPy."""

import math

import numpy as np
import pytest
import sympy

from gradreel.draw.hill import Ground, HillCurve, HillView
from gradreel.draw.layout import content_area
from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.scenes.slopes.curve_planes_figure import tangent_plane
from gradreel.scenes.slopes.tangent_captions import RISES, caption_slope
from tests.scenes.run_scene import dry_run, manifest_of

X = sympy.Symbol("x")


def pauses(result: dict) -> list[dict]:
    """The beats at which the point pauses: where it starts, at stationary points, at the end."""
    return [beat for beat in result["beats"] if beat["name"].startswith("the slope")]


@pytest.mark.parametrize(
    ("function", "start", "stop"),
    [("0.5*(x-3)**2", -1, 7), ("x*sin(x)", -4, 4), ("exp(-x**2)", -2, 1), ("x**3 - x", 2, -2)],
)
def test_every_slope_is_the_derivative(function: str, start: float, stop: float) -> None:
    result = manifest_of("TangentLine", function=function, start=start, stop=stop)
    slope = sympy.lambdify(X, sympy.diff(sympy.sympify(function), X))
    value = sympy.lambdify(X, sympy.sympify(function))
    for beat in pauses(result):
        x, y, dy = (n["value"] for n in beat["numbers"][:3])
        assert y == pytest.approx(value(x), abs=1e-9)
        assert dy == pytest.approx(slope(x), abs=1e-9)
    first, *_, last = pauses(result)
    assert (first["numbers"][0]["value"], last["numbers"][0]["value"]) == (start, stop)


def test_the_default_pauses_at_the_minimum() -> None:
    result = manifest_of("TangentLine")
    slopes = [beat["numbers"][2]["value"] for beat in pauses(result)]
    assert slopes == [-4.0, 0.0, 4.0]
    assert [beat["numbers"][0]["value"] for beat in pauses(result)] == [-1.0, 3.0, 7.0]
    assert result["beats"][0]["name"] == "on a hill"


def test_the_opening_is_left_out_on_request_and_where_the_curve_makes_no_hill() -> None:
    plain = manifest_of("TangentLine", opening=False)
    assert plain["beats"][0]["name"] == "a curve" and len(pauses(plain)) == 3
    assert (
        manifest_of("TangentLine", function="1/x", start=-1, stop=2)["beats"][0]["name"]
        == "a curve"
    )


@pytest.mark.parametrize(
    ("function", "said"),
    [("x**2", "lower there"), ("-x**2", "higher there"), ("5", "no lower there")],
)
def test_the_foot_ahead_feels_where_it_goes_down(function: str, said: str) -> None:
    result = manifest_of("TangentLine", function=function, start=-2, stop=1)
    assert said in result["beats"][1]["say"]


def test_from_the_side_the_hill_is_the_curve_on_its_plane() -> None:
    f = Function.parse("x*sin(x)")
    plane, curve = tangent_plane(f, -4, 4)
    view = HillView(plane, content_area(), (-4.0, f.point_at(-4).value), -1.0)
    xs = np.linspace(-4, 4, 9)
    points = np.column_stack([xs, f.sample_at(xs).values])
    from_above = view.project(plane.positions(points))
    view.elevation.set_value(0.0)
    assert np.allclose(view.project(plane.positions(points)), plane.positions(points))
    assert np.allclose(from_above[0], content_area().center)
    hill = HillCurve(view, *points.T, lambda: 0.0)
    hill.reach.set_value(1.0)
    hill.update()
    assert np.allclose(hill.get_start(), curve.get_start())
    assert np.allclose(hill.get_end(), curve.get_end())


def test_the_ground_is_lit_around_the_point_alone() -> None:
    f = Function.parse("0.5*(x-3)**2")
    plane, _ = tangent_plane(f, -1, 7)
    view = HillView(plane, content_area(), (-1.0, 8.0), -4.0)
    ground = Ground(view, lambda xs: f.sample_at(xs).values)
    ground.light.set_value(1.0)
    ground.update()
    brightest, darkest = ground.faces[-1], ground.faces[0]
    middle = content_area().center
    assert len(brightest.points) and len(darkest.points)
    assert np.linalg.norm(brightest.points - middle, axis=1).max() < 1.5
    assert np.linalg.norm(darkest.points - middle, axis=1).min() > 1.5


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
    assert "ground is level" in " ".join(
        beat["say"] for beat in manifest_of("TangentLine", function="5")["beats"]
    )


def test_a_point_that_does_not_move_raises_an_error() -> None:
    with pytest.raises(UsageError, match="same place"):
        manifest_of("TangentLine", start=2, stop=2)


def test_a_tiny_slope_is_not_called_zero() -> None:
    f, points = Function.parse("x**2*1e-9"), [0.0]
    assert caption_slope(f, 1.0, points)[0] == ("Here the slope is {slope}.", RISES)
    assert "bottom of the valley" in caption_slope(f, 0.0, points)[0][1]
    said, _ = caption_slope(Function.parse("cos(x)"), math.pi, [math.pi])
    assert "zero, but for rounding" in said[0]
