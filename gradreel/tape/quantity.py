"""Numbers that remember where they came from, and how a number is written."""

from __future__ import annotations

import math
from typing import Self


class Quantity(float):
    """A number that remembers where it came from, such as "x.grad after backward 1".

    It counts as a float; arithmetic on it gives a bare float, which nothing will draw. Get one
    from a Tape or from a function evaluated by autograd, never by building it in a scene.
    """

    __slots__ = ("name", "source")
    name: str
    source: str

    def __new__(cls, value: float, source: str, name: str = "") -> Self:
        self = super().__new__(cls, value)
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "name", name)
        return self

    def __setattr__(self, attribute: str, value: object) -> None:
        raise AttributeError(f"a Quantity is frozen; {attribute!r} cannot be set")

    def __reduce__(self) -> tuple[object, ...]:
        return (Quantity, (float(self), self.source, self.name))

    def __repr__(self) -> str:
        return f"Quantity({float(self)!r}, source={self.source!r})"

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else self.text

    @property
    def text(self) -> str:
        """The number as it is shown when nothing else is asked for."""
        return format_number(float(self))


def format_number(value: float, places: int | None = None) -> str:
    """`value` as text: `places` decimals exactly, or by default at most four without idle zeros.

    Very small and very large numbers fall back to powers of ten (`1.2e-7`).
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
        return f"{_trimmed(mantissa)}e{int(exponent)}"
    decimals = 4 if size >= 0.1 else 3 - math.floor(math.log10(size))
    return _without_minus_zero(_trimmed(f"{value:.{decimals}f}"))


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _without_minus_zero(text: str) -> str:
    return text.lstrip("-") if float(text) == 0 else text
