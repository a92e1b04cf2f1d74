"""Words and numbers in pictures, as the catalogue in use has them.

All text of a picture passes through here: the words of `text`, and of `math` and `Formula` the
quoted words and the numbers in their markup. Code, in the monospaced font, stays as it is.

    label("gradient at the input")           # "Gradient am Eingang"
    localize_math('"loss" = {eq} 0.5 x')     # '"Verlust" = {eq} 0class("normal", ",")5 x'
"""

from __future__ import annotations

import os
import re

from gradreel.lecture_environment import LANGUAGE_VARIABLE
from gradreel.translate.catalogue import Catalogue, current_catalogue

# A string of Typst; with `#` it is the name of a variable in code, which is not translated.
_STRING = re.compile(r'(#?"(?:[^"\\]|\\.)*")')
_DECIMAL = re.compile(r"(?<![\w.])(\d+)\.(\d+)(?![\d.])")
# A word has two letters in a row and is no name of code: "loss", not "x", "d.fill_", "no_grad".
_WORD = re.compile(r"[^\W\d_]{2}")
_CODE = re.compile(r"[a-z]\w*[._][a-z]|_|[A-Z]\w*Backward|\(\)|^\.")

_used: dict[str, None] = {}
_read: dict[str, Catalogue] = {}


def label(words: str) -> str:
    """The translation of words in a picture, or else the words; spaces around them stay."""
    core = words.strip()
    if not is_translatable(core):
        return words
    _used[core] = None
    return words.replace(core, _catalogue().sentence(core), 1)


def is_translatable(words: str) -> bool:
    """Whether there are words in it, and not names of code alone."""
    return any(_WORD.search(word) and not _CODE.search(word) for word in words.split())


def localize_math(markup: str) -> str:
    """Typst math with the catalogue's words in its strings, and with its decimal separator."""
    return "".join(
        piece if piece.startswith("#") else f'"{label(piece[1:-1])}"' if k % 2 else _marked(piece)
        for k, piece in enumerate(_STRING.split(markup))
    )


def _marked(markup: str) -> str:
    """Math outside of strings with the decimal separator, which is set without a space."""
    mark = decimal_separator()
    if mark == ".":
        return markup
    number = rf'\1class("normal", "{mark}")\2'
    return _DECIMAL.sub(number, re.sub(r"([\^_/] ?)(\d+\.\d+)", r"\1(\2)", markup))


def decimal_separator() -> str:
    """What stands between whole and fraction of a number in pictures."""
    return _catalogue().decimal_separator


def _catalogue() -> Catalogue:
    """The catalogue in use, read once: numbers ask for it in every frame."""
    path = os.environ.get(LANGUAGE_VARIABLE, "")
    if path not in _read:
        _read.clear()
        _read[path] = current_catalogue()
    return _read[path]


def forget_labels() -> None:
    """Begin a new list of labels, and read the catalogue again, as a new scene does."""
    _used.clear()
    _read.clear()


def used_labels() -> list[str]:
    """The words that pictures have asked for since, before translation, in order."""
    return list(_used)
