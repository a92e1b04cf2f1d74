"""Formats nested numbers as short text, and lists the indices of the numbers in that text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING

from gradreel.tape import Value, format_number

if TYPE_CHECKING:
    from gradreel.trace.script_trace import Variable

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


_PRECISION = {"float32": 7, "bfloat16": 2, "float16": 3}
"""Significant digits of a dtype; other numbers are Python's or float64, with `_DOUBLE` digits."""
_DOUBLE = 12


def distinguishing_texts(variables: Mapping[str, Variable]) -> dict[str, str]:
    """Texts of single numbers that differ, but not in the usual digits: 12 and 12.0000007.

    They have as many digits as are needed to tell them apart, by variable name. Differences below
    the precision of the variables' dtype count as rounding.
    """
    groups: dict[str, list[Variable]] = {}
    for variable in variables.values():
        if isinstance(variable.value, float) and abs(variable.value) < 1e300:
            groups.setdefault(format_number(variable.value), []).append(variable)
    texts: dict[str, str] = {}
    for group in groups.values():
        precision = min(_PRECISION.get(variable.dtype, _DOUBLE) for variable in group)
        values = {variable.name: _number(variable) for variable in group}
        exact = {name: float(format_digits(value, precision)) for name, value in values.items()}
        if len(set(exact.values())) > 1:
            texts |= _distinct_texts(exact, precision)
    return texts


def _distinct_texts(values: Mapping[str, float], precision: int) -> dict[str, str]:
    """Texts with as few digits as show the differences between these numbers nearly right."""
    texts: dict[str, str] = {}
    for digits in range(5, precision + 1):
        texts = {name: format_digits(value, digits) for name, value in values.items()}
        shown = {name: float(text) for name, text in texts.items()}
        pairs = combinations(values, 2)
        if all(_is_close(shown[a] - shown[b], values[a] - values[b]) for a, b in pairs):
            break
    return texts


def _is_close(shown: float, exact: float) -> bool:
    return abs(shown - exact) <= 0.1 * abs(exact)


def _number(variable: Variable) -> float:
    assert isinstance(variable.value, float)
    return variable.value


def format_digits(value: float, digits: int) -> str:
    """A number with so many significant digits, without trailing zeros."""
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa
