"""Formulas that are written out of a drawing: where their parts begin, fly and end."""

from __future__ import annotations

import numpy as np
import pytest
from manim import Dot

from gradreel.draw.formula import Formula
from gradreel.draw.formula_assembly import FormulaAssembly, PartsInTurn
from gradreel.tape import input_quantity


def product() -> Formula:
    return Formula("{a} times {b}", a=input_quantity(2, "a"), b=input_quantity(3, "b"))


def test_a_number_starts_at_its_origin_and_ends_in_the_formula() -> None:
    formula, origin = product(), Dot([3, 2, 0], radius=0.4)
    final = [piece.points.copy() for piece in formula]
    animation = FormulaAssembly(formula, {"a": origin})
    animation.begin()
    part = formula.part("a")
    assert part.get_center() == pytest.approx(origin.get_center())
    assert part.height == pytest.approx(origin.height)
    assert formula.part("b").submobjects[0].get_fill_opacity() < 0.01
    animation.finish()
    for piece, points in zip(formula, final, strict=True):
        np.testing.assert_allclose(piece.points, points, atol=1e-9)
        assert piece.get_fill_opacity() == pytest.approx(1)


def test_parts_come_in_turn_after_the_rest() -> None:
    formula = product()
    first, second = (formula.part(slot).submobjects[0] for slot in "ab")
    sign = next(p for p in formula if p not in (*formula.part("a"), *formula.part("b")))
    animation = PartsInTurn(formula, [formula.part("a"), formula.part("b")])
    animation.begin()
    shown = []
    for alpha in (0.3, 0.5, 1.0):
        animation.interpolate(alpha)
        shown.append([round(p.get_fill_opacity()) for p in (sign, first, second)])
    assert shown == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_the_rest_waits_until_the_parts_have_arrived() -> None:
    formula = product()
    goal, other = formula.part("a").get_center(), formula.part("b").submobjects[0]
    animation = FormulaAssembly(formula, {"a": Dot([3, 2, 0])}, arrives_at=0.5)
    animation.begin()
    animation.interpolate(0.5)
    assert formula.part("a").get_center() == pytest.approx(goal)
    assert other.get_fill_opacity() < 0.01
    animation.interpolate(1.0)
    assert other.get_fill_opacity() == pytest.approx(1)
