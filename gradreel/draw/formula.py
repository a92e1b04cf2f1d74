"""Formulas with slots for Quantities, and signs that are honest about rounding."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import prod
from typing import Any

from manim import ManimColor, VGroup

from gradreel.draw.numbers import Numbered, ShownNumber, require_quantity
from gradreel.draw.typeset import Typeset
from gradreel.errors import NumberError
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

_SLOT = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"-?[\d.]+(?:e-?\d+)?|-?inf|nan")


@dataclass(frozen=True, slots=True)
class when:
    """`=` where `holds` is true of the digits on screen, else `≈`.

    `holds` names its arguments after slots and gets their shown digits as Decimals:
    `when(lambda a, b, c: a * b == c)`. A rule for any number of slots lists them in `slots`.
    """

    holds: Callable[..., bool]
    slots: tuple[str, ...] = ()

    def sign(self, values: Mapping[str, object]) -> str:
        """The Typst sign for these values of the slots."""
        wanted = self.slots or tuple(inspect.signature(self.holds).parameters)
        digits = [Decimal(require_quantity(values[name], "a sign").text) for name in wanted]
        return "=" if all(d.is_finite() for d in digits) and self.holds(*digits) else "approx"


class Formula(Typeset, Numbered):
    """Typst math in which `{name}` stands for a Quantity, a sign (`when`) or a piece of markup.

        Formula("(dif y) / (dif x) = {outer} times {inner} {eq} {total}",
                outer=..., inner=..., total=...,
                eq=when(lambda outer, inner, total: outer * inner == total),
                roles={"total": "gradient"})

    `part("total")` is the slot's mobject, to colour it or to let it fly in from elsewhere. Digits
    of a result belong in slots: a bare float is refused.
    """

    def __init__(
        self,
        template: str,
        *,
        font_size: float = FontSize.formula,
        color: str = "",
        roles: Mapping[str, str] | None = None,
        **slots: Any,
    ) -> None:
        self._names = tuple(dict.fromkeys(_SLOT.findall(template)))
        missing = [name for name in self._names if name not in slots]
        if missing:
            raise NumberError(f"the formula {template!r} has no value for {', '.join(missing)}.")
        markup = _SLOT.sub(lambda m: self._filled(m.group(1), slots, template), template)
        super().__init__(f"$ {markup} $", font_size=font_size, color=color)
        self._parts = self._split(color or colors.text, roles or {})
        self.shown_numbers = tuple(
            ShownNumber(q.text, q)
            for q in (slots[n] for n in self._names)
            if isinstance(q, Quantity)
        )

    def _filled(self, slot: str, slots: Mapping[str, object], template: str) -> str:
        value = slots[slot]
        if isinstance(value, when):
            return value.sign(slots)
        content = (
            value
            if isinstance(value, str)
            else typst_number(require_quantity(value, repr(template)))
        )
        # A fill no eye can tell from black marks the slot's outlines; real colours follow.
        return f'#text(fill: rgb("{_mark(self._names.index(slot))}"))[${content}$]'

    def _split(self, base: str, roles: Mapping[str, str]) -> dict[str, VGroup]:
        parts = {}
        for index, slot in enumerate(self._names):
            mark = _mark(index)
            pieces = [
                piece
                for piece in self.submobjects
                if mark in (_hex(piece.get_fill_color()), _hex(piece.get_stroke_color()))
            ]
            color = getattr(colors, roles[slot]) if slot in roles else base
            for piece in pieces:
                piece.set_color(color)
            parts[slot] = VGroup(*pieces)
        return parts

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the slots, in the order of the template."""
        return self._names

    def part(self, slot: str) -> VGroup:
        """The outlines of one slot."""
        return self._parts[slot]


def _hex(color: ManimColor | None) -> str:
    return color.to_hex() if color is not None else ""


def _mark(index: int) -> str:
    return f"#0000{index + 1:02X}"


def typst_number(quantity: Quantity) -> str:
    """A quantity as Typst math: real minus, powers of ten, ∞ and NaN."""
    text = quantity.text
    if text == "nan":
        return 'upright("NaN")'
    sign = "-" if text.startswith("-") else ""
    if text.endswith("inf"):
        return f"{sign}infinity"
    mantissa, power, exponent = text.partition("e")
    return f"{mantissa} times 10^({exponent})" if power else mantissa


def sum_holds(*terms: Decimal) -> bool:
    """Whether all but the last add up to the last."""
    return sum(terms[:-1]) == terms[-1]


def product_holds(*terms: Decimal) -> bool:
    """Whether all but the last multiply to the last."""
    return prod(terms[:-1]) == terms[-1]


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_in_words(quantity: Quantity) -> str:
    """A quantity inside a sentence: −0.5, or 8.3×10⁻⁸."""
    mantissa, power, exponent = quantity.text.partition("e")
    mantissa = mantissa.replace("-", "−")
    return f"{mantissa}×10{exponent.translate(_RAISED)}" if power else mantissa
