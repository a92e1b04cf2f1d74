"""Recorded tensors as short text."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, sqrt

from gradreel.tape.quantity import format_number, shortest_number
from gradreel.tape.records import Recorded, Summary, Value

WRITTEN = 6  # numbers of a vector that are written out


def value_text(value: Recorded | None, dtype: str = "") -> str:
    """A number, a short vector, or the shape and norm of a larger tensor.

    Numbers have the digits of `dtype`.
    """
    if value is None:
        return "not known"
    if dtype.startswith("complex") and isinstance(value, tuple):
        return _complex_text(value)
    if isinstance(value, float):
        return format_number(shortest_number(value, dtype))
    if isinstance(value, Summary):
        return f"{value.kind}, shape {list(value.shape)}, norm {format_number(value.norm)}"
    numbers = [*flat_numbers(value)]
    if len(numbers) <= WRITTEN and not any(isinstance(item, tuple) for item in value):
        return f"[{', '.join(value_text(number, dtype) for number in numbers)}]"
    norm = format_number(sqrt(sum(number * number for number in numbers)))
    return f"shape {list(_shape(value))}, norm {norm}"


def _complex_text(value: tuple[Value, ...]) -> str:
    """Rows of two as complex numbers: 1 - 2i."""
    first = value[0] if value else 0.0
    if isinstance(first, float):
        real, imaginary = flat_numbers(value)
        sign = "-" if imaginary < 0 else "+"
        return f"{format_number(real)} {sign} {format_number(abs(imaginary))}i"
    shape = [*_shape(value)][:-1]
    if len(shape) == 1 and len(value) <= WRITTEN:
        return f"[{', '.join(value_text(row, 'complex') for row in value)}]"
    norm = format_number(sqrt(sum(number * number for number in flat_numbers(value))))
    return f"shape {shape}, norm {norm}"


def only_number(value: Recorded | None) -> float | None:
    """A number, or that of a tensor with only one; else None."""
    while isinstance(value, tuple) and len(value) == 1:
        (value,) = value
    return value if isinstance(value, float) else None


def is_finite(value: Recorded | None) -> bool:
    """Whether no number of a tensor is infinite or NaN."""
    if isinstance(value, Summary):
        return isfinite(value.norm)
    return value is None or all(map(isfinite, flat_numbers(value)))


def flat_numbers(value: Recorded) -> Iterator[float]:
    """All numbers of a tensor, row by row; none of a summary."""
    if isinstance(value, tuple):
        for item in value:
            yield from flat_numbers(item)
    elif isinstance(value, float):
        yield value


def _shape(value: Recorded) -> Iterator[int]:
    while isinstance(value, tuple):
        yield len(value)
        value = value[0] if value else 0.0
