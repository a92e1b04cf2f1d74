"""Outlines of the characters that numbers are made of, set once and then only moved.

A number that changes every frame cannot afford a typesetter: here its picture is put together
from ready outlines in well under a millisecond. The characters come from one Typst compilation
in the font of the formulas, so a number looks the same in a formula and beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
from manim import Typst

Points = npt.NDArray[np.float64]

CHARACTERS = "0123456789.−+×=≈∞Naif(),%/"
_ADVANCE = {".": 0.278, ",": 0.278, "−": 0.778, "+": 0.778, "×": 0.778, "=": 0.778, "≈": 0.778}
_ADVANCE |= {"∞": 1.0, "N": 0.75, "a": 0.5, "i": 0.278, "f": 0.306, "(": 0.389, ")": 0.389}
_ADVANCE |= {"%": 0.833, "/": 0.5, " ": 0.25}
_DIGIT_ADVANCE = 0.5
_SUPERSCRIPT_SCALE = 0.7
_SUPERSCRIPT_RISE = 0.36
_PITCH = 2.0  # em between the left edges of the boxes the characters are set in


@cache
def outlines() -> dict[str, Points]:
    """Each character's Bézier points in em, origin at its left on the baseline.

    Values are arrays of shape (4 n, 3).
    """
    boxes = "".join(f"#box(width: {_PITCH}em)[${_markup(c)}$]" for c in CHARACTERS)
    # A zero opens and closes the row: their distance gives the scale, the first the baseline.
    row = Typst(
        f"#box(width: {_PITCH}em)[$0$]{boxes}#box(width: {_PITCH}em)[$0$]",
        typst_preamble='#set text(font: "New Computer Modern Math")',
    )
    pieces = [part.points for part in row.submobjects]
    first, last = pieces[0], pieces[-1]
    left = float(first[:, 0].min())
    scale = _PITCH * (len(CHARACTERS) + 1) / (float(last[:, 0].min()) - left)
    # A digit's outline overshoots the baseline by 0.022 em and starts 0.039 em into its advance.
    base = float(first[:, 1].min()) + 0.022 / scale
    table = {}
    for index, (character, points) in enumerate(zip(CHARACTERS, pieces[1:-1], strict=True)):
        origin = np.array([left - 0.039 / scale + _PITCH * (index + 1) / scale, base, 0.0])
        table[character] = (points - origin) * scale
    return table


def _markup(character: str) -> str:
    if character.isalpha():
        return f'upright("{character}")'
    return {"/": r"\/", "(": r"\(", ")": r"\)", ",": r"\,"}.get(character, character)


def layout(text: str) -> Points:
    """The outline of a number's text in em, its baseline starting at the origin.

    `text` is what `tape.shown` gives: a minus becomes a real minus, `1.2e-7` becomes 1.2 × 10⁻⁷.
    """
    table = outlines()
    placed, x = [], 0.0
    for character, scale, rise in _characters(text):
        if character != " ":
            placed.append(table[character] * scale + np.array([x, rise, 0.0]))
        x += _ADVANCE.get(character, _DIGIT_ADVANCE) * scale
    return np.concatenate(placed) if placed else np.zeros((0, 3))


def _characters(text: str) -> Iterator[tuple[str, float, float]]:
    mantissa, power, exponent = _spoken(text).partition("e")
    for character in mantissa:
        yield character, 1.0, 0.0
    if power:
        for character in "×10":
            yield character, 1.0, 0.0
        for character in exponent:
            yield character, _SUPERSCRIPT_SCALE, _SUPERSCRIPT_RISE


def _spoken(text: str) -> str:
    return text.replace("-", "−").replace("inf", "∞").replace("nan", "NaN")
