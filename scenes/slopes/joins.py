"""The pictures that the scenes of this chapter hand on to each other.

TangentLine -(CURVE)- SecantToTangent -(GUEST)- WalkNumerical -(GUEST)- HowSmallIsSmall
-(FORMULA)- ThreeWays -(FORMULA)- WalkAutograd
"""

from __future__ import annotations

from manim import Mobject

from gradreel.draw.layout import content_area
from gradreel.draw.text import math
from gradreel.functions.function import Function
from gradreel.lecture.join import Join
from gradreel.scenes.slopes.curve_planes_figure import curve_point, secant_plane, tangent_plane
from gradreel.theme import FontSize

GUEST_FUNCTION, GUEST_X = "x**2+3*x+2", 2.0


def _curve() -> dict[str, Mobject]:
    f = Function.parse("0.5*(x-3)**2")
    plane, curve = tangent_plane(f, -1.0, 7.0)
    return {"curve": curve, "point": curve_point(plane, f, 7.0)}


def _guest() -> dict[str, Mobject]:
    f = Function.parse(GUEST_FUNCTION)
    plane, curve = secant_plane(f, GUEST_X, 1.0)
    return {"curve": curve, "point": curve_point(plane, f, GUEST_X)}


def _formula() -> dict[str, Mobject]:
    formula = math(f"f(x) = {Function.parse(GUEST_FUNCTION).typst()}", font_size=FontSize.formula)
    return {"formula": formula.move_to(content_area().center)}


CURVE = Join("curve and point of 0.5(x-3)^2", _curve)
"""Parts: "curve" and "point", where TangentLine draws them at the end."""

GUEST = Join("curve and point of x^2+3x+2", _guest)
"""Parts: "curve" and "point" (at x = 2), where SecantToTangent draws them."""

FORMULA = Join("formula x^2+3x+2", _formula)
"""Part: "formula", f(x) = x² + 3x + 2 in the middle of the content area."""
