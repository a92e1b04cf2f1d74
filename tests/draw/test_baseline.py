"""Baselines: texts with and without descenders, numbers and formulas stand on one line."""

from __future__ import annotations

import pytest
from manim import RIGHT, Square, VGroup

from gradreel.draw.baseline import align_baselines, baseline_of, baseline_row
from gradreel.draw.formula import Formula
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.numbers import Readout
from gradreel.draw.text import markup_text, math, text
from gradreel.errors import NumberError
from gradreel.tape import Quantity

SEVEN = Quantity(7.0, source="y")


def foot(letter: VGroup) -> float:
    return float(letter.get_bottom()[1])


def test_words_with_and_without_descenders_stand_on_one_line() -> None:
    plain, deep = text("Hx"), text("pHq")
    baseline_row(plain, deep, gap=0.2)
    assert foot(plain[0]) == pytest.approx(foot(deep[1]), abs=1e-6)
    assert foot(deep[0]) < foot(deep[1]) - 0.05
    assert baseline_of(plain) == pytest.approx(foot(plain[0]), abs=1e-6)


def test_the_baseline_follows_moves_and_scaling() -> None:
    word = text("pHq").scale(1.7).shift(RIGHT * 2)
    assert word.baseline == pytest.approx(foot(word[1]), abs=1e-6)
    assert text("pHq", merged=True).scale(1.7).baseline == pytest.approx(word.baseline, abs=1e-6)


def test_a_fraction_stands_on_the_line_of_what_follows_it() -> None:
    fraction, letter = math("1/(H) = H"), markup_text("$H$")
    align_baselines(fraction, letter)
    assert foot(fraction[-1]) == pytest.approx(foot(letter[0]), abs=2e-3)


def test_numbers_stand_on_the_line_of_their_label() -> None:
    for label in ("x", "f(x)", "(dif y)/(dif x)", '"passes"'):
        row = LabelledNumber(label, SEVEN)
        assert row.readout.baseline == pytest.approx(row.label.baseline, abs=1e-6)
        digit = Formula("{seven}", seven=SEVEN)
        align_baselines(row, digit)
        # The digits' outlines are those of another font size, within a hundredth of an em.
        assert foot(digit[0]) == pytest.approx(foot(row.readout), abs=0.01)


def test_what_has_no_text_has_no_baseline() -> None:
    with pytest.raises(NumberError, match="no text"):
        baseline_of(VGroup(Square()))
    number = Readout(SEVEN)
    assert baseline_of(VGroup(Square(), number)) == number.baseline
