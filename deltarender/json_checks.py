"""Checks that data from JSON has the expected types and limits.

    POINT = record({"name": text(), "at": list_of(number(0, 10), most=2)})
    POINT({"name": "a", "at": [1, "2"]}, "point")    raises InvalidData: point.at[1] is not a number

Standard library only: manifests are checked before anything else is imported, and pydantic takes
as long to import as the whole decision which of a hundred scenes are fresh.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

Check = Callable[[Any, str], None]
"""Takes a value and what it is called; raises InvalidData."""

MOST = 1_000_000  # items of a list, characters of a text, unless a check says something else


class InvalidData(ValueError):
    """Data of the wrong type or size; the message says which part of it."""


def anything(value: Any, where: str) -> None:
    """Accept every value."""


def flag(value: Any, where: str) -> None:
    """Accept true and false."""
    _require(isinstance(value, bool), where, "is not true or false")


def text(most: int = MOST) -> Check:
    """Accept texts of at most `most` characters that can be written as UTF-8."""

    def check(value: Any, where: str) -> None:
        _require(isinstance(value, str), where, "is not a text")
        _require(len(value) <= most, where, f"has more than {most} characters")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidData(f"{where} is not valid Unicode") from None

    return check


def one_of(valid: Collection[str]) -> Check:
    """Accept some texts."""

    def check(value: Any, where: str) -> None:
        is_valid = isinstance(value, str) and value in valid
        _require(is_valid, where, f"is not one of {', '.join(sorted(valid))}")

    return check


def file_name(value: Any, where: str) -> None:
    """Accept names of files without a folder."""
    text(255)(value, where)
    plain = value not in ("", ".", "..") and not set("/\\\0") & set(value)
    _require(plain, where, "is not the name of a file")


def real(value: Any, where: str) -> None:
    """Accept any number, infinities and NaN too."""
    _require(
        isinstance(value, (int, float)) and not isinstance(value, bool), where, "is not a number"
    )


def number(least: float = -math.inf, most: float = math.inf) -> Check:
    """Accept finite numbers from `least` to `most`."""

    def check(value: Any, where: str) -> None:
        real(value, where)
        _require(least <= value <= most and abs(value) != math.inf, where, _outside(least, most))

    return check


def integer(least: int = 0, most: int = 10**9) -> Check:
    """Accept whole numbers from `least` to `most`."""

    def check(value: Any, where: str) -> None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        _require(whole, where, "is not a whole number")
        _require(least <= value <= most, where, _outside(least, most))

    return check


def list_of(item: Check, least: int = 0, most: int = MOST) -> Check:
    """Accept lists of `least` to `most` items that pass `item`."""

    def check(value: Any, where: str) -> None:
        _require(isinstance(value, list), where, "is not a list")
        _require(least <= len(value) <= most, where, f"has {len(value)} items")
        for index, each in enumerate(value):
            item(each, f"{where}[{index}]")

    return check


def mapping(item: Check, key: Check | None = None, least: int = 0, most: int = MOST) -> Check:
    """Accept objects with any names that pass `key`, whose values pass `item`."""
    check_key = key or text()

    def check(value: Any, where: str) -> None:
        _require(isinstance(value, dict), where, "is not an object")
        _require(least <= len(value) <= most, where, f"has {len(value)} entries")
        for name, each in value.items():
            check_key(name, f"a name in {where}")
            item(each, f"{where}[{name!r}]")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Accept objects with the `required` entries; other entries are not checked."""

    def check(value: Any, where: str) -> None:
        _require(isinstance(value, dict), where, "is not an object")
        for name, item in required.items():
            _require(name in value, where, f"has no {name!r}")
            item(value[name], f"{where}.{name}")
        for name, item in (optional or {}).items():
            if name in value:
                item(value[name], f"{where}.{name}")

    return check


def nullable(item: Check) -> Check:
    """Accept null, and what passes `item`."""

    def check(value: Any, where: str) -> None:
        if value is not None:
            item(value, where)

    return check


def _require(condition: bool, where: str, problem: str) -> None:
    if not condition:
        raise InvalidData(f"{where} {problem}")


def _outside(least: float, most: float) -> str:
    return f"is not between {least:g} and {most:g}"
