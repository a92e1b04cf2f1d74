"""Text and mathematics, typeset by Typst with the fonts that it carries.

All text is made here and never by Manim's LaTeX classes, so it looks the same on every machine.
"""

from __future__ import annotations

import re

from manim import VGroup, VMobject

from gradreel.draw.labels import label, localize_math
from gradreel.draw.typeset import EM_PER_POINT, Typeset
from gradreel.theme import FontSize

SERIF = "Libertinus Serif"
MONO = "DejaVu Sans Mono"
MONO_SCALE = 0.85  # the monospaced font has larger letters; this makes both look the same size
MONO_ADVANCE = 0.602  # em, the width of every character of the monospaced font

_SPECIAL = re.compile(r"([\\#$*_`@<>\[\]~/\"'=+\-])")
_IDENTIFIER = re.compile(r"([A-Za-z])_?(\d*)")


class Letters(VGroup):
    """Outlines that form one piece of text, such as a line of a larger compilation."""

    def __init__(self, *outlines: VMobject, font_size: float) -> None:
        super().__init__(*outlines)
        self._initial_size, self._initial_height = font_size, self.height

    @property
    def font_size(self) -> float:
        """The current font size, after any scaling."""
        scale = self.height / self._initial_height if self._initial_height else 1.0
        return self._initial_size * scale


def escape_markup(words: str) -> str:
    """`words` as Typst markup that shows exactly these characters."""
    return _SPECIAL.sub(r"\\\1", words)


def text(
    words: str, *, font_size: float = FontSize.body, color: str = "", mono: bool = False,
    merged: bool = False,
) -> Typeset:  # fmt: skip
    """Plain words on one line, without markup; translated, unless they are code (`mono`).

    `merged` as in Typeset.
    """
    return markup_text(
        escape_markup(words if mono else label(words)),
        font_size=font_size,
        color=color,
        mono=mono,
        merged=merged,
    )


def markup_text(
    markup: str, *, font_size: float = FontSize.body, color: str = "", mono: bool = False,
    merged: bool = False,
) -> Typeset:  # fmt: skip
    """Typst markup, for words mixed with `$math$`."""
    font = MONO if mono else SERIF
    return Typeset(
        markup,
        preamble=f'#set text(font: "{font}")',
        font_size=font_size * (MONO_SCALE if mono else 1.0),
        color=color,
        merged=merged,
    )


def paragraph(
    words: str, *, font_size: float, color: str, width: float, key: str = "", key_color: str = ""
) -> Typeset:
    """Words wrapped into centered lines of at most `width` frame units, one submobject per color.

    The part `key` of the words has the color `key_color`.
    """
    ems = width / em(font_size)
    before, found, after = words.partition(key) if key else (words, "", "")
    lit = f'#text(fill: rgb("{key_color}"))[{escape_markup(found)}]' if found else ""
    markup = escape_markup(before) + lit + escape_markup(after)
    return Typeset(
        f"#block(width: {ems:.2f}em)[#align(center)[{markup}]]",
        preamble=f'#set text(font: "{SERIF}", hyphenate: false)\n#set par(leading: 0.5em)',
        font_size=font_size,
        color=color,
        merged=True,
    )


def math(markup: str, *, font_size: float = FontSize.formula, color: str = "") -> Typeset:
    """Typst math without numbers; numbers need a `Formula`."""
    return Typeset(f"$ {localize_math(markup)} $", font_size=font_size, color=color)


def variable_name(label: str, *, font_size: float = FontSize.label, color: str = "") -> Typeset:
    """A variable name: italic as in mathematics if it is one letter with an index, else code."""
    match = _IDENTIFIER.fullmatch(label)
    if match:
        letter, index = match.groups()
        markup = f"${letter}{f'_{index}' if index else ''}$"
        return markup_text(markup, font_size=font_size, color=color)
    return text(label, font_size=font_size * 0.9, color=color, mono=True)


def em(font_size: float) -> float:
    """One em in frame units at `font_size`."""
    return font_size * EM_PER_POINT
