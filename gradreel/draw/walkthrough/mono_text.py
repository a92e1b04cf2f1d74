"""Text in a fixed-width face, put together from ready outlines.

A walk shows hundreds of different texts: every value at every step. Setting each with Typst would
take longer than rendering the film, so each character is set once and then only moved.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from manim import VMobject

from gradreel.draw.numbers import Numbered, ShownNumber
from gradreel.draw.text import MONO, Letters, em
from gradreel.draw.typeset import Points, compile_outlines
from gradreel.theme import FontSize, colors

ADVANCE = 0.602  # em, the width of every character of DejaVu Sans Mono
MONO_SHARE = 0.85  # fixed-width faces look larger than the serif at the same size
DIGIT_RATIO = 0.729 / 0.644  # a digit of this face to one of the serif, at the same size
_PITCH = 2.0  # em between characters while they are set
_COMMON = "".join(chr(code) for code in range(33, 127)) + "−…✓✗×·→²³"
_UNKNOWN = "□"

_ready: dict[str, Points] = {}


def char_width(font_size: float = FontSize.small) -> float:
    """The width of one character in frame units."""
    return ADVANCE * MONO_SHARE * em(font_size)


class MonoText(Letters, Numbered):
    """One line of text whose baseline begins at (x, y); its numbers are those of `shown`."""

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
        outline.points = mono_points(words) * MONO_SHARE * em(font_size) + np.array([x, y, 0.0])
        # Sizes are told in the serif's terms: that at which its digits are as tall as these.
        super().__init__(outline, font_size=font_size * MONO_SHARE * DIGIT_RATIO)
        self.text = words
        self.shown_numbers = tuple(shown)

    def __repr__(self) -> str:
        return f"MonoText({self.text!r})"


def mono_points(words: str) -> Points:
    """The outlines of a line of text in em, its baseline beginning at the origin."""
    _prepare(words)
    rows = [
        _ready[character] + np.array([ADVANCE * place, 0.0, 0.0])
        for place, character in enumerate(words)
        if character != " " and len(_ready[character])
    ]
    return np.concatenate(rows) if rows else np.zeros((0, 3))


def _prepare(words: str) -> None:
    missing = [c for c in dict.fromkeys(words) if c not in _ready and not c.isspace()]
    if missing:
        wanted = dict.fromkeys([*(_COMMON if not _ready else ""), *missing])
        for character in wanted:
            _ready.setdefault(character, np.zeros((0, 3)))
        _ready.update(_set(list(wanted)))
    for character in words:
        _ready.setdefault(character, np.zeros((0, 3)))


def _set(characters: list[str]) -> dict[str, Points]:
    """Set each character once, after an H that gives the left edge and the baseline."""
    try:
        return _set_row(characters)
    except ValueError:
        # A character that the face lacks, or that is drawn in several pieces, goes alone.
        table: dict[str, Points] = {}
        for character in characters:
            try:
                table |= _set_row([character])
            except ValueError:
                table[character] = _set_row([_UNKNOWN])[_UNKNOWN]
        return table


def _set_row(characters: list[str]) -> dict[str, Points]:
    boxes = "".join(f"#box(width: {_PITCH}em)[#raw({_quoted(c)})]" for c in ["H", *characters])
    opening, *pieces = compile_outlines(
        f'#set raw(theme: none)\n#show raw: set text(size: 1em / 0.8, font: "{MONO}")\n{boxes}',
        f'#set text(font: "{MONO}")',
    )
    if len(pieces) != len(characters):
        raise ValueError("not one outline a character")
    first = opening.points
    bearing = (ADVANCE - float(np.ptp(first[:, 0]))) / 2
    left, base = float(first[:, 0].min()) - bearing, float(first[:, 1].min())
    return {
        character: piece.points - np.array([left + _PITCH * (index + 1), base, 0.0])
        for index, (character, piece) in enumerate(zip(characters, pieces, strict=True))
    }


def _quoted(character: str) -> str:
    return '"' + {"\\": "\\\\", '"': '\\"'}.get(character, character) + '"'
