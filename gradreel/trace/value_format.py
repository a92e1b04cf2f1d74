"""Nested numbers as short text, and which of them that text shows."""

from __future__ import annotations

from collections.abc import Iterator

from gradreel.tape import Value, format_number

ITEMS = 4


def number_words(value: float, digits: int | None = None) -> str:
    """A number as text; with `digits`, rounded to that many significant ones."""
    return format_number(value if digits is None or not value else float(f"{value:.{digits}g}"))


def value_words(value: Value, items: int = ITEMS, digits: int | None = None) -> str:
    """`[1, 2, 0.5, … 9]`: at most `items` of each row, the last one always among them."""
    if not isinstance(value, tuple):
        return number_words(float(value), digits)
    words = [value_words(value[place], items, digits) for place in _kept(value, items)]
    if len(value) > items:
        words[-1] = f"… {words[-1]}"
    return "[" + ", ".join(words) + "]"


def places(value: Value, items: int = ITEMS) -> Iterator[tuple[int, ...]]:
    """The indices of the numbers that `value_words` shows, in their order; () for a single one."""
    if not isinstance(value, tuple):
        yield ()
        return
    for place in _kept(value, items):
        for inner in places(value[place], items):
            yield (place, *inner)


def _kept(value: tuple[Value, ...], items: int) -> list[int]:
    size = len(value)
    return list(range(size)) if size <= items else [*range(items - 1), size - 1]
