"""Text as outlines; Manim's own import of the same markup is the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from manim import MathTypst, Mobject, Typst

from gradreel.draw.typeset import Typeset
from gradreel.errors import UsageError

SERIF = '#set text(font: "Libertinus Serif")'
WORDS = ["fi ffl Äß Ωμ 12.5", "*bold* and _slanted_", "$x^2/3$ in words", "a \\ second line"]
MATHS = ["frac(a + b, c)", "sqrt(x) overline(y)", '#text(fill: rgb("#ff0000"))[$12$] + cal(L)_1']


def same(ours: Typeset, theirs: Mobject) -> None:
    letters = [(o, t) for o, t in zip(ours, theirs, strict=True) if t.get_fill_opacity() > 0]
    assert letters
    for own, other in letters:
        # Lines are filled bars here: they shift the middle of the whole by half their weight.
        shift = theirs[0].points[0] - ours[0].points[0]
        np.testing.assert_allclose(own.points + shift, other.points, atol=1e-6)
        assert own.get_fill_color() == other.get_fill_color()


@pytest.mark.parametrize("words", WORDS)
def test_letters_lie_where_manims_import_puts_them(words: str) -> None:
    ours = Typeset(words, preamble=SERIF, font_size=30, color="#ffffff")
    same(ours, Typst(words, typst_preamble=SERIF, font_size=30, color="#ffffff"))


@pytest.mark.parametrize("markup", MATHS)
def test_formulas_lie_where_manims_import_puts_them(markup: str) -> None:
    ours = Typeset(f"$ {markup} $", font_size=48, color="#ffffff")
    same(ours, MathTypst(markup, font_size=48, color="#ffffff"))


def test_a_fraction_bar_keeps_its_weight_beside_the_letters() -> None:
    small, large = (Typeset("$ frac(a, b) $", font_size=size) for size in (20, 60))
    assert large[2].height == pytest.approx(3 * small[2].height)
    assert small.scale(3)[2].height == pytest.approx(large[2].height)


def test_a_whole_text_has_the_same_outline_in_one_piece() -> None:
    apart = Typeset("one $x^2$", preamble=SERIF, font_size=30)
    whole = Typeset("one $x^2$", preamble=SERIF, font_size=30, merged=True)
    assert len(whole) == 1
    points = np.concatenate([letter.points for letter in apart])
    np.testing.assert_array_equal(whole[0].points, points)


def test_the_size_follows_what_is_done_to_the_text() -> None:
    words = Typeset("size", font_size=30)
    assert words.font_size == pytest.approx(30)
    assert words.scale(2).font_size == pytest.approx(60)


def test_letters_that_the_carried_fonts_lack_are_looked_for_on_the_machine() -> None:
    assert len(Typeset("日本", font_size=30)) <= 2  # whatever fonts there are: no failure


@pytest.mark.parametrize("markup", ["$ frac(a $", "#nothing()", "*open"])
def test_markup_that_cannot_be_set_is_told(markup: str) -> None:
    with pytest.raises(UsageError, match="cannot be typeset"):
        Typeset(markup, font_size=30)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(UsageError, match="gradient"):
        Typeset("#text(fill: gradient.linear(red, blue))[x]", font_size=30)
