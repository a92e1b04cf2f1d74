"""Formats nested numbers as short text, and lists the indices of the numbers in that text."""

from __future__ import annotations

from collections.abc import Iterator

from gradreel.tape import Value, format_number

MAX_ITEMS = 4
"""How many numbers of each row are shown."""


def format_rounded(value: float, digits: int | None = None) -> str:
    """A number as text; with `digits`, rounded to that many significant digits."""
    return format_number(value if digits is None or not value else float(f"{value:.{digits}g}"))


def format_value(value: Value, max_items: int = MAX_ITEMS, digits: int | None = None) -> str:
    """`[1, 2, 0.5, … 9]`: at most `max_items` of each row, among them always the last one."""
    if not isinstance(value, tuple):
        return format_rounded(float(value), digits)
    shown = _shown_positions(value, max_items)
    items = [format_value(value[position], max_items, digits) for position in shown]
    if len(value) > max_items:
        items[-1] = f"… {items[-1]}"
    return "[" + ", ".join(items) + "]"


def shown_indices(value: Value, max_items: int = MAX_ITEMS) -> Iterator[tuple[int, ...]]:
    """The indices of the numbers that `format_value` shows, in order; () for a single number."""
    if not isinstance(value, tuple):
        yield ()
        return
    for position in _shown_positions(value, max_items):
        for inner in shown_indices(value[position], max_items):
            yield (position, *inner)


def _shown_positions(value: tuple[Value, ...], max_items: int) -> list[int]:
    size = len(value)
    return list(range(size)) if size <= max_items else [*range(max_items - 1), size - 1]
