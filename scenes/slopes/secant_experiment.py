"""Secants of a function, and what rounding does to them in the number format of one's choice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch

from gradreel.errors import UsageError
from gradreel.functions.function import Array, Function, input_quantity
from gradreel.tape import Quantity, format_number

FORMATS = {"float64": torch.float64, "float32": torch.float32, "float16": torch.float16}


@dataclass(frozen=True)
class Secant:
    """The line through f at x and at x + h; `error` is its slope minus the derivative.

    `here` and `there` are f(x) and f(x + h), `rise` is their difference, `slope` is rise / h.
    """

    h: Quantity
    here: Quantity
    there: Quantity
    rise: Quantity
    slope: Quantity
    error: Quantity

    @property
    def miss(self) -> Quantity:
        """The size of the error."""
        return Quantity(abs(float(self.error)), f"size of: {self.error.source}", "error")


def secant(function: Function, x: float, h: float, dtype: str = "float64") -> Secant:
    """The secant of width `h` at `x`, every operation rounded to `dtype`; slope by autograd in
    float64 is what its error is measured against."""
    return _one(function, float(x), float(h), dtype, math.copysign(1.0, x))


# Half a dozen drawings ask at every frame for the same one. The sign tells 0.0 from -0.0.
@lru_cache(maxsize=8)
def _one(function: Function, x: float, h: float, dtype: str, sign: float) -> Secant:
    return secants(function, x, [h], dtype)[0]


def secants(
    function: Function, x: float, widths: Sequence[float] | Array, dtype: str = "float64"
) -> tuple[Secant, ...]:
    """One secant for each of `widths`, computed in `dtype`."""
    # Vectors, because a float64 constant of the formula would promote a 0-d tensor.
    place = torch.tensor([float(x)], dtype=FORMATS[dtype])
    h = torch.tensor([float(w) for w in widths], dtype=FORMATS[dtype])
    with torch.no_grad():
        here = torch.as_tensor(function.fn(place)).to(FORMATS[dtype]).expand(len(h))
        there = torch.as_tensor(function.fn(place + h)).to(FORMATS[dtype]).expand(len(h))
        rise = there - here
        slope = rise / h
    exact = float(function.point_at(x).slope)
    rows = zip(*(column.tolist() for column in (h, here, there, rise, slope)), strict=True)
    return tuple(_secant(x, row, exact, dtype) for row in rows)


def _secant(x: float, row: tuple[float, ...], exact: float, dtype: str) -> Secant:
    h, here, there, rise, slope = row
    where = f"at x = {format_number(x)}, h = {format_number(h)}, in {dtype}"
    return Secant(
        input_quantity(h, "h"),
        Quantity(here, f"f(x) {where}", "f(x)"),
        Quantity(there, f"f(x + h) {where}", "f(x+h)"),
        Quantity(rise, f"f(x + h) - f(x) {where}", "rise"),
        Quantity(slope, f"(f(x + h) - f(x)) / h {where}", "secant slope"),
        Quantity(slope - exact, f"secant slope minus f'(x) by autograd {where}", "error"),
    )


def must_bend(function: Function, rows: Sequence[Secant], low: Secant) -> None:
    """A UsageError unless the error falls from the widest secant on, and rises to the last."""
    if low.miss < rows[0].miss and not rows[-1].miss <= low.miss:
        return
    if low.miss < rows[0].miss:
        raise UsageError(
            f"the error of {function.text} still falls at h = {rows[-1].h.text}: it never turns.",
            hint="Choose a place where the value is not zero, or a larger `smallest`.",
        )
    raise UsageError(
        f"with h = {rows[0].h.text} the secant of {function.text} is as good as it gets.",
        hint="Choose a function that bends at this x: not a straight line.",
    )


def best(rows: Sequence[Secant], around: int = 4) -> Secant:
    """The secant that can be relied on to be nearest: the one whose neighbours (`around` on each
    side, ordered by width) all miss little. A single lucky rounding does not count."""

    def worst(index: int) -> float:
        near = rows[max(index - around, 0) : index + around + 1]
        return max((row.miss if math.isfinite(row.miss) else math.inf) for row in near)

    return rows[min(range(len(rows)), key=worst)]
