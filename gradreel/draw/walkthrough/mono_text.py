"""Text in a monospaced font, put together from cached outlines of characters.

A walkthrough shows hundreds of different texts: every value at every step. Typesetting each with
Typst would take longer than rendering the film, so each character is typeset once and then moved.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

import numpy as np
from manim import VMobject

from gradreel.draw.numbers import Numbered, ShownNumber
from gradreel.draw.text import MONO, MONO_ADVANCE, MONO_SCALE, Letters, em
from gradreel.draw.typeset import Points, compile_outlines
from gradreel.errors import UsageError
from gradreel.theme import FontSize, colors

DIGIT_RATIO = 0.729 / 0.644  # height of a digit in this font to one in the serif, at equal size
_PITCH = 2.0  # em between the characters while they are typeset
_COMMON = "".join(chr(code) for code in range(33, 127)) + "−…✓✗×·→²³"
_UNASSIGNED = "\U0010fffd"  # a character that no font has
_SECOND_CELL = "\u2060"  # after a character that is two columns wide; nothing is drawn for it

_outlines: dict[str, Points] = {}
_missing: set[str] = set()


def char_width(font_size: float = FontSize.small) -> float:
    """The width of one character in frame units."""
    return MONO_ADVANCE * MONO_SCALE * em(font_size)


def with_wide_cells(words: str) -> str:
    """`words` with as many characters as it takes columns: two for 你 and emoji."""
    if words.isascii():
        return words
    return "".join(c + _SECOND_CELL if is_wide(c) else c for c in words)


def is_wide(character: str) -> bool:
    """Whether a character takes two columns of a monospaced text."""
    return unicodedata.east_asian_width(character) in "WF"


def missing_characters(words: Iterable[str]) -> str:
    """The characters in texts drawn so far for which a box is drawn, since no font has them."""
    return "".join(sorted({c for text in words for c in text} & _missing))


class MonoText(Letters, Numbered):
    """One line of text whose baseline begins at (x, y); `shown` are the numbers in it."""

    def __init__(
        self,
        words: str,
        x: float = 0.0,
        y: float = 0.0,
        *,
        color: str = "",
        font_size: float = FontSize.small,
        shown: Iterable[ShownNumber] = (),
    ) -> None:
        outline = VMobject(stroke_width=0, fill_opacity=1, fill_color=color or colors.text)
        outline.points = mono_points(words) * MONO_SCALE * em(font_size) + np.array([x, y, 0.0])
        # Font sizes are compared by digit height, so this is the serif size with equal digits.
        super().__init__(outline, font_size=font_size * MONO_SCALE * DIGIT_RATIO)
        self.text = words
        self.shown_numbers = tuple(shown)

    def __repr__(self) -> str:
        return f"MonoText({self.text!r})"


def mono_points(words: str) -> Points:
    """The outlines of a line of text in em, shape (4 n, 3), its baseline starting at the origin."""
    _typeset_missing(words)
    rows = [
        _outlines[character] + np.array([MONO_ADVANCE * column, 0.0, 0.0])
        for column, character in enumerate(words)
        if character != " " and len(_outlines[character])
    ]
    return np.concatenate(rows) if rows else np.zeros((0, 3))


def _typeset_missing(words: str) -> None:
    """Add the characters of `words` to the cache; at the first call also the common ones."""
    if not _outlines:
        _outlines.update(_typeset_row(list(_COMMON)))
    for character in dict.fromkeys(words):
        if character not in _outlines:
            is_visible = not character.isspace() and character != _SECOND_CELL
            _outlines[character] = _typeset_alone(character) if is_visible else np.zeros((0, 3))


def _typeset_alone(character: str) -> Points:
    """The outline of a character, in the middle of its cells.

    A box, and a note that it is missing, if no font has it, or only one in colors.
    """
    try:
        points = _typeset_row([character])[character]
    except (ValueError, UsageError):
        points = _box()
    if len(points) == len(_box()) and np.allclose(np.ptp(points, axis=0), np.ptp(_box(), axis=0)):
        _missing.add(character)
    if not is_wide(character) or not len(points):
        return points
    middle = (points[:, 0].min() + points[:, 0].max()) / 2
    centered: Points = points + np.array([MONO_ADVANCE - middle, 0.0, 0.0])
    return centered


@cache
def _box() -> Points:
    """What is drawn for a character that no font has."""
    return _typeset_row([_UNASSIGNED])[_UNASSIGNED]


def _typeset_row(characters: list[str]) -> dict[str, Points]:
    """The outlines of characters from one compilation. Raises ValueError if they do not match.

    The row starts with an H, whose outline gives the left edge and the baseline.
    """
    boxes = "".join(f"#box(width: {_PITCH}em)[#raw({_quoted(c)})]" for c in ["H", *characters])
    first, *pieces = compile_outlines(
        f'#set raw(theme: none)\n#show raw: set text(size: 1em / 0.8, font: "{MONO}")\n{boxes}',
        f'#set text(font: "{MONO}")',
    )
    if len(pieces) != len(characters):
        raise ValueError("not one outline per character")
    bearing = (MONO_ADVANCE - float(np.ptp(first.points[:, 0]))) / 2
    left, baseline = float(first.points[:, 0].min()) - bearing, float(first.points[:, 1].min())
    return {
        character: piece.points - np.array([left + _PITCH * (index + 1), baseline, 0.0])
        for index, (character, piece) in enumerate(zip(characters, pieces, strict=True))
    }


def _quoted(character: str) -> str:
    return '"' + {"\\": "\\\\", '"': '\\"'}.get(character, character) + '"'
