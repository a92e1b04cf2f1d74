"""Secant slopes of a function, computed with the rounding of a chosen number format."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch

from gradreel.errors import UsageError
from gradreel.functions.function import Array, Function
from gradreel.tape import Quantity, format_number, input_quantity

DTYPES = {"float64": torch.float64, "float32": torch.float32, "float16": torch.float16}


@dataclass(frozen=True)
class Secant:
    """The line through f at x and at x + h.

    `here` and `there` are f(x) and f(x + h), `rise` is their difference, `slope` is rise / h;
    `error` is the slope minus the derivative by autograd in float64.
    """

    h: Quantity
    here: Quantity
    there: Quantity
    rise: Quantity
    slope: Quantity
    error: Quantity

    @property
    def abs_error(self) -> Quantity:
        """The absolute value of the error."""
        return Quantity(abs(float(self.error)), f"size of: {self.error.source}", "error")


def secant(function: Function, x: float, h: float, dtype: str = "float64") -> Secant:
    """The secant of width `h` at `x`, with every operation rounded to `dtype`."""
    return _cached_secant(function, float(x), float(h), dtype, math.copysign(1.0, x))


# Several mobjects ask for the same secant in every frame. The sign distinguishes 0.0 from -0.0.
@lru_cache(maxsize=8)
def _cached_secant(function: Function, x: float, h: float, dtype: str, sign: float) -> Secant:
    return secants(function, x, [h], dtype)[0]


def secants(
    function: Function, x: float, widths: Sequence[float] | Array, dtype: str = "float64"
) -> tuple[Secant, ...]:
    """One secant for each of `widths`, computed in `dtype`."""
    # 1-d tensors: a float64 constant of the formula would promote a 0-d tensor.
    start = torch.tensor([float(x)], dtype=DTYPES[dtype])
    h = torch.tensor([float(w) for w in widths], dtype=DTYPES[dtype])
    with torch.no_grad():
        here = torch.as_tensor(function.fn(start)).to(DTYPES[dtype]).expand(len(h))
        there = torch.as_tensor(function.fn(start + h)).to(DTYPES[dtype]).expand(len(h))
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


def require_finite_secant(function: Function, x: float, row: Secant) -> None:
    """Raise UsageError unless the secant's second point and its slope are finite."""
    if not (math.isfinite(row.there) and math.isfinite(row.slope)):
        raise UsageError(
            f"{function.text} is {row.there.text} at x = {format_number(x + row.h)}, where the"
            f" secant with h = {row.h.text} ends.",
            hint="Choose another place or a smaller h.",
        )


def require_error_minimum(function: Function, rows: Sequence[Secant], best: Secant) -> None:
    """Raise UsageError unless the error falls from the first of `rows` to `best`, then rises.

    `rows` are ordered from the widest to the narrowest secant.
    """
    narrower = rows[rows.index(best) + 1 :]
    turns = any(not row.abs_error <= best.abs_error for row in narrower)
    if best.abs_error < rows[0].abs_error and turns:
        return
    if best.abs_error < rows[0].abs_error:
        raise UsageError(
            f"the error of {function.text} still falls at h = {rows[-1].h.text}: it never turns.",
            hint="Choose a place where the value is not zero, or a larger `smallest`.",
        )
    raise UsageError(
        f"with h = {rows[0].h.text} the secant of {function.text} is as good as it gets.",
        hint="Choose a function that bends at this x: not a straight line.",
    )


def most_accurate_secant(rows: Sequence[Secant]) -> Secant:
    """The secant with the smallest error."""
    return min(rows, key=lambda row: row.abs_error if math.isfinite(row.abs_error) else math.inf)
