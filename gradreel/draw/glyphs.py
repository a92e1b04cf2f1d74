"""Outlines of the characters of numbers, typeset once per process and then only moved.

Typesetting a number that changes in every frame would take too long. Here its outline is put
together from stored ones in well under a millisecond. All characters come from one Typst
compilation in the font of the formulas, so a number looks the same in a formula and beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from gradreel.draw.labels import decimal_separator
from gradreel.draw.typeset import Points, compile_outlines

CHARACTERS = "0123456789.−+×=≈∞Naif(),%/"
# Advance widths in em.
_ADVANCE = {".": 0.278, ",": 0.278, "−": 0.778, "+": 0.778, "×": 0.778, "=": 0.778, "≈": 0.778}
_ADVANCE |= {"∞": 1.0, "N": 0.75, "a": 0.5, "i": 0.278, "f": 0.306, "(": 0.389, ")": 0.389}
_ADVANCE |= {"%": 0.833, "/": 0.5, " ": 0.25}
_DIGIT_ADVANCE = 0.5
_SUPERSCRIPT_SCALE = 0.7
_SUPERSCRIPT_RISE = 0.36
_PITCH = 2.0  # em between the left edges of the boxes in which the characters are typeset


@cache
def glyph_outlines() -> dict[str, Points]:
    """Each character's Bézier points in em, shape (4 n, 3); the origin is left on the baseline."""
    boxes = "".join(f"#box(width: {_PITCH}em)[${_markup(c)}$]" for c in CHARACTERS)
    # The row starts with a zero, whose outline gives the left edge and the baseline: it begins
    # 0.039 em into the advance width and reaches 0.022 em below the baseline.
    zero, *pieces = compile_outlines(
        f"#box(width: {_PITCH}em)[$0$]{boxes}",
        '#set text(font: "New Computer Modern Math")',
    )
    left, baseline = float(zero.points[:, 0].min()) - 0.039, float(zero.points[:, 1].min()) + 0.022
    return {
        character: piece.points - np.array([left + _PITCH * (index + 1), baseline, 0.0])
        for index, (character, piece) in enumerate(zip(CHARACTERS, pieces, strict=True))
    }


def _markup(character: str) -> str:
    if character.isalpha():
        return f'upright("{character}")'
    return {"/": r"\/", "(": r"\(", ")": r"\)", ",": r"\,"}.get(character, character)


def number_outline(text: str) -> Points:
    """The outline of a number's text in em, shape (4 n, 3), its baseline starting at the origin.

    `text` is what `tape.format_number` returns: a hyphen becomes a minus sign, and `1.2e-7`
    becomes 1.2 × 10⁻⁷. The decimal point becomes the separator of the language in use.
    """
    table = glyph_outlines()
    placed, x = [], 0.0
    for character, scale, rise in _characters(text):
        if character != " ":
            placed.append(table[character] * scale + np.array([x, rise, 0.0]))
        x += _ADVANCE.get(character, _DIGIT_ADVANCE) * scale
    return np.concatenate(placed) if placed else np.zeros((0, 3))


def _characters(text: str) -> Iterator[tuple[str, float, float]]:
    """Each character with its scale and its height above the baseline in em."""
    mantissa, power, exponent = _with_symbols(text).partition("e")
    mantissa = mantissa.replace(".", decimal_separator())
    for character in mantissa:
        yield character, 1.0, 0.0
    if power:
        for character in "×10":
            yield character, 1.0, 0.0
        for character in exponent:
            yield character, _SUPERSCRIPT_SCALE, _SUPERSCRIPT_RISE


def _with_symbols(text: str) -> str:
    return text.replace("-", "−").replace("inf", "∞").replace("nan", "NaN")
