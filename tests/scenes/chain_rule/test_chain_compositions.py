"""Slopes of compositions against SymPy."""

from __future__ import annotations

import math

import pytest
import sympy

from gradreel.functions.function import Function
from gradreel.scenes.chain_rule.chain_compositions import nearly_zero
from tests.scenes.run_scene import dry_run, duration

DEFAULTS = ("sin(x**2)", "exp(-(x-1)**2)", "tanh(sin(2*x)**2)")


@pytest.mark.parametrize(
    ("params", "texts", "starts"),
    [
        ({}, DEFAULTS, (0.8, 0.5, 0.23)),
        ({"first": "(2*x-1)**3", "second": "cos(exp(x))", "third": "sqrt(1+x**2)", "x": 0.3,
          "reach": 0.2}, ("(2*x-1)**3", "cos(exp(x))", "sqrt(1+x**2)"), (0.3, 0.3, 0.2433)),
    ],
)  # fmt: skip
def test_every_product_of_local_slopes_is_the_derivative(params, texts, starts):
    scene = dry_run("ChainCompositions", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    assert scene.starts == pytest.approx(starts, abs=1e-3)
    rows = {row["name"]: row["numbers"] for row in scene.manifest()["beats"]}
    X = sympy.Symbol("x")
    for k, text in enumerate(texts, start=1):
        shown = rows[f"slopes of chain {k}"]
        x = scene.starts[k - 1]
        expected = float(sympy.sympify(text).diff(X).subs(X, x))
        assert shown[-1]["value"] == pytest.approx(expected)
        factors = {n["source"]: n["value"] for n in shown[:-1] if n["source"].startswith("d")}
        whole = f"dy/dx at x = {x:g} by autograd"
        links = [value for source, value in factors.items() if source != whole]
        assert math.prod(links) == pytest.approx(expected)


def test_beside_the_lenses_the_tangent_has_the_slope_of_the_product():
    tilts = {}

    def measure(scene, beat):
        if "at other x" in beat.name:
            tangent, plane = scene.curve.tangent, scene.curve.plane
            rise = tangent.get_end() - tangent.get_start()
            unit = plane.point(1, 1) - plane.point(0, 0)
            tilts[beat.name] = (
                (rise[1] / unit[1]) / (rise[0] / unit[0]),
                scene.x_tracker.get_value(),
            )

    dry_run("ChainCompositions", measure)
    X = sympy.Symbol("x")
    for k, text in enumerate(DEFAULTS, start=1):
        slope, x = tilts[f"chain {k} at other x"]
        assert slope == pytest.approx(float(sympy.sympify(text).diff(X).subs(X, x)), abs=1e-6)


def test_the_place_is_found_where_a_factor_is_nearly_zero():
    place = nearly_zero(Function.parse("exp(-(x-1)**2)"), [0.5, 0.8, 0.99, 1.2])
    assert place is not None and (place.x, place.link) == (0.99, 1)
    assert nearly_zero(Function.parse("exp(2*x)"), [0.0, 1.0]) is None
    place = nearly_zero(Function.parse("exp(-(x-1)**2)"), [0.5, 0.99, 1.0, 1.2])
    assert place is not None and (place.x, place.exactly) == (1.0, True)


def test_arrows_of_the_way_back_lead_up_from_lens_to_lens_and_touch_no_slope():
    figure = dry_run("ChainCompositions").figure
    arrows = figure.way_back()
    assert len(arrows) == len(figure.lenses) - 1
    for arrow, upper, lower, slope in zip(
        arrows, figure.lenses, figure.lenses[1:], figure.slopes, strict=False
    ):
        assert lower.area.center[1] < arrow.get_bottom()[1]
        assert arrow.get_top()[1] < upper.area.center[1]
        assert arrow.get_right()[0] < slope.get_left()[0]
