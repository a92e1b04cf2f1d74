"""SecantToTangent against SymPy's exact arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from gradreel.draw.layout import safe_area
from gradreel.errors import UsageError
from gradreel.scenes.slopes.joins import GUEST
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers


def exact(text: str, x: float, h: float) -> tuple[float, float]:
    """Secant slope and derivative, in rational arithmetic."""
    X = sympy.Symbol("x")
    f = sympy.sympify(text)
    a, d = sympy.Rational(str(x)), sympy.Rational(str(h))
    return float((f.subs(X, a + d) - f.subs(X, a)) / d), float(f.diff(X).subs(X, a))


CASES = [
    ({}, "x**2+3*x+2", 2.0, [1, 0.1, 0.01, 0.001]),
    ({"function": "x**3", "x": -1.5, "h": 2, "rows": 3}, "x**3", -1.5, [2, 0.2, 0.02]),
    ({"function": "sin(x)*x", "x": 0.5, "h": 0.4, "rows": 5}, "sin(x)*x", 0.5,
     [0.4, 0.04, 0.004, 0.0004, 0.00004]),
]  # fmt: skip


@pytest.mark.parametrize(("params", "text", "x", "widths"), CASES)
def test_the_table_is_exact_but_for_rounding(params, text, x, widths):
    scene = dry_run("SecantToTangent", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    slopes = [exact(text, x, h) for h in widths]
    last = scene.manifest()["beats"][-1]["name"]
    shown = numbers(scene, "(f(x + h) - f(x)) / h", last)
    assert shown == pytest.approx([slope for slope, _ in slopes], rel=1e-8)
    errors = numbers(scene, "size of: secant slope minus", last)
    assert errors == pytest.approx([abs(s - d) for s, d in slopes], rel=1e-6, abs=1e-9)
    assert numbers(scene, "df/dx", last)[-1] == pytest.approx(slopes[0][1])


def test_the_figures_of_the_lecture():
    scene = dry_run("SecantToTangent")
    words = captions_of(scene)
    for claim in ("Here that is 8.", "the slope is 7.1.", "slope of the tangent, 7."):
        assert claim in words


def test_the_limit_is_parked_and_the_curve_handed_on():
    scene = dry_run("SecantToTangent")
    curve, point = GUEST.build().values()
    on_stage = [m for m in scene.mobjects if m.has_points()]
    assert any(np.allclose(m.get_center(), point.get_center()) for m in on_stage)
    assert any(np.allclose(m.get_end(), curve.get_end()) for m in on_stage)
    assert len(on_stage) == 2
    assert scene.parked.get_right()[0] == pytest.approx(safe_area().right)


def test_the_secants_of_a_straight_line_have_no_error():
    assert "nothing is off" in captions_of(dry_run("SecantToTangent", function="2*x+1"))


def test_a_secant_that_ends_outside_of_the_numbers_is_refused():
    with pytest.raises(UsageError, match=r"x\*\*x is inf at x = 3, where the secant with h = 1"):
        dry_run("SecantToTangent", function="x**x**x**x")
