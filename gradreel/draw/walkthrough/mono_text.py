"""Text in a monospaced font, put together from cached outlines of characters.

A walkthrough shows hundreds of different texts: every value at every step. Typesetting each with
Typst would take longer than rendering the film, so each character is typeset once and then moved.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from manim import VMobject

from gradreel.draw.numbers import Numbered, ShownNumber
from gradreel.draw.text import MONO, MONO_ADVANCE, MONO_SCALE, Letters, em
from gradreel.draw.typeset import Points, compile_outlines
from gradreel.theme import FontSize, colors

DIGIT_RATIO = 0.729 / 0.644  # height of a digit in this font to one in the serif, at equal size
_PITCH = 2.0  # em between the characters while they are typeset
_COMMON = "".join(chr(code) for code in range(33, 127)) + "−…✓✗×·→²³"
_UNKNOWN = "□"

_outlines: dict[str, Points] = {}


def char_width(font_size: float = FontSize.small) -> float:
    """The width of one character in frame units."""
    return MONO_ADVANCE * MONO_SCALE * em(font_size)


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
    missing = [c for c in dict.fromkeys(words) if c not in _outlines and not c.isspace()]
    if missing:
        characters = dict.fromkeys([*(_COMMON if not _outlines else ""), *missing])
        for character in characters:
            _outlines.setdefault(character, np.zeros((0, 3)))
        _outlines.update(_typeset(list(characters)))
    for character in words:
        _outlines.setdefault(character, np.zeros((0, 3)))


def _typeset(characters: list[str]) -> dict[str, Points]:
    """The outline of each character; a box for one that the font does not have."""
    try:
        return _typeset_row(characters)
    except ValueError:
        # A character that is missing from the font, or drawn in several pieces, is typeset alone.
        table: dict[str, Points] = {}
        for character in characters:
            try:
                table |= _typeset_row([character])
            except ValueError:
                table[character] = _typeset_row([_UNKNOWN])[_UNKNOWN]
        return table


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
