"""Quantity: a number with its source; and `format_number`, the text of a number."""

from __future__ import annotations

import math
from typing import Self


class Quantity(float):
    """A number with its source, such as "x.grad after backward 1", and its `dtype`, if it is known.

    It is a float; arithmetic on it gives a plain float, which drawings refuse. A scene gets one
    from a Tape or from a function evaluated by autograd, and never constructs one itself. It is
    shown in `digits` significant digits, or in the default format if they are 0.
    """

    __slots__ = ("digits", "dtype", "name", "source")
    name: str
    source: str
    dtype: str
    digits: int

    def __new__(
        cls, value: float, source: str, name: str = "", dtype: str = "", digits: int = 0
    ) -> Self:
        self = super().__new__(cls, value)
        object.__setattr__(self, "digits", digits)
        object.__setattr__(self, "dtype", dtype)
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "name", name)
        return self

    def __setattr__(self, attribute: str, value: object) -> None:
        raise AttributeError(f"a Quantity is frozen; {attribute!r} cannot be set")

    def __reduce__(self) -> tuple[object, ...]:
        return (Quantity, (float(self), self.source, self.name, self.dtype, self.digits))

    def __repr__(self) -> str:
        return f"Quantity({float(self)!r}, source={self.source!r})"

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else self.text

    @property
    def text(self) -> str:
        """The number in its `digits`, or in the default format with the digits of its dtype."""
        return format_number(self.shown)

    @property
    def shown(self) -> float:
        """The number that `text` says, before the default format rounds it."""
        if self.digits:
            return float(f"{float(self):.{self.digits}g}")
        return shortest_number(float(self), self.dtype)

    def rounded(self, digits: int) -> Quantity:
        """The same number, shown in so many significant digits."""
        return Quantity(float(self), self.source, self.name, self.dtype, digits)


def input_quantity(value: float, name: str = "") -> Quantity:
    """A number that the lecturer typed, as a Quantity of source "input"."""
    return Quantity(value, "input", name)


SIGNIFICANT_BITS = {"float16": 11, "bfloat16": 8}


def shortest_number(value: float, dtype: str) -> float:
    """The number with the fewest digits that is `value` in a dtype of 16 bits; else `value`.

    A bfloat16 has two or three digits: 0.333984375 is 0.334 there.
    """
    bits = SIGNIFICANT_BITS.get(dtype)
    if bits is None or not math.isfinite(value) or value == 0:
        return value
    for digits in range(1, 7):
        short = float(f"{value:.{digits - 1}e}")
        mantissa, exponent = math.frexp(short)
        if math.ldexp(round(math.ldexp(mantissa, bits)), exponent - bits) == value:
            return short
    return value


def format_number(value: float, places: int | None = None) -> str:
    """`value` as text with exactly `places` decimals.

    By default there are at most four decimals, without trailing zeros; numbers below 1e-4 or from
    1e6 on are written with an exponent (`1.2e-7`).
    """
    if not math.isfinite(value):
        return str(value)
    if places is not None:
        return _without_minus_zero(f"{value:.{places}f}")
    if value == 0:
        return "0"
    size = abs(value)
    if not 1e-4 <= size < 1e6:
        mantissa, exponent = f"{value:.3e}".split("e")
        return f"{_without_trailing_zeros(mantissa)}e{int(exponent)}"
    decimals = 4 if size >= 0.1 else 3 - math.floor(math.log10(size))
    return _without_minus_zero(_without_trailing_zeros(f"{value:.{decimals}f}"))


def _without_trailing_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _without_minus_zero(text: str) -> str:
    return text.lstrip("-") if float(text) == 0 else text
