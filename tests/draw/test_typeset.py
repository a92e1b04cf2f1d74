"""Typeset outlines agree with Manim's own import of the same markup."""

from __future__ import annotations

import numpy as np
import pytest
from manim import MathTypst, Mobject, Typst

from gradreel.draw.typeset import Typeset
from gradreel.errors import UsageError

SERIF = '#set text(font: "Libertinus Serif")'
WORDS = ["fi ffl Äß Ωμ 12.5", "*bold* and _slanted_", "$x^2/3$ in words", "a \\ second line"]
MATH = ["frac(a + b, c)", "sqrt(x) overline(y)", '#text(fill: rgb("#ff0000"))[$12$] + cal(L)_1']


def assert_same_outlines(ours: Typeset, theirs: Mobject) -> None:
    letters = [(o, t) for o, t in zip(ours, theirs, strict=True) if t.get_fill_opacity() > 0]
    assert letters
    for own, other in letters:
        # Typeset draws lines as filled bars, which shifts the center of the whole text.
        shift = theirs[0].points[0] - ours[0].points[0]
        np.testing.assert_allclose(own.points + shift, other.points, atol=1e-6)
        assert own.get_fill_color() == other.get_fill_color()


@pytest.mark.parametrize("words", WORDS)
def test_outlines_of_words_are_those_of_manim(words: str) -> None:
    ours = Typeset(words, preamble=SERIF, font_size=30, color="#ffffff")
    assert_same_outlines(ours, Typst(words, typst_preamble=SERIF, font_size=30, color="#ffffff"))


@pytest.mark.parametrize("markup", MATH)
def test_outlines_of_formulas_are_those_of_manim(markup: str) -> None:
    ours = Typeset(f"$ {markup} $", font_size=48, color="#ffffff")
    assert_same_outlines(ours, MathTypst(markup, font_size=48, color="#ffffff"))


def test_a_fraction_bar_scales_with_the_letters() -> None:
    small, large = (Typeset("$ frac(a, b) $", font_size=size) for size in (20, 60))
    assert large[2].height == pytest.approx(3 * small[2].height)
    assert small.scale(3)[2].height == pytest.approx(large[2].height)


def test_a_merged_text_has_the_same_outline_as_one_submobject() -> None:
    separate = Typeset("one $x^2$", preamble=SERIF, font_size=30)
    merged = Typeset("one $x^2$", preamble=SERIF, font_size=30, merged=True)
    assert len(merged) == 1
    points = np.concatenate([letter.points for letter in separate])
    np.testing.assert_array_equal(merged[0].points, points)


def test_the_font_size_follows_scaling() -> None:
    words = Typeset("size", font_size=30)
    assert words.font_size == pytest.approx(30)
    assert words.scale(2).font_size == pytest.approx(60)


def test_characters_missing_from_the_bundled_fonts_do_not_fail() -> None:
    assert len(Typeset("日本", font_size=30)) <= 2  # depends on the fonts of the system


@pytest.mark.parametrize("markup", ["$ frac(a $", "#nothing()", "*open"])
def test_markup_that_does_not_compile_raises(markup: str) -> None:
    with pytest.raises(UsageError, match="cannot be typeset"):
        Typeset(markup, font_size=30)


def test_a_gradient_fill_raises() -> None:
    with pytest.raises(UsageError, match="gradient"):
        Typeset("#text(fill: gradient.linear(red, blue))[x]", font_size=30)
