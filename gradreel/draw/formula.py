"""Formulas with slots for Quantities, and `=` or `≈` by the digits that are shown."""

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
from gradreel.draw.typeset import Typeset, marker_color
from gradreel.errors import NumberError
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class when:
    """`=` where `holds` is true of the digits on screen, else `≈`.

    The parameters of `holds` are names of slots; it gets their shown digits as Decimals:
    `when(lambda a, b, c: a * b == c)`. A function of any number of terms needs their names in
    `slots`.
    """

    holds: Callable[..., bool]
    slots: tuple[str, ...] = ()

    def sign(self, values: Mapping[str, object]) -> str:
        """The Typst markup of the sign for these values of the slots."""
        names = self.slots or tuple(inspect.signature(self.holds).parameters)
        digits = [Decimal(require_quantity(values[name], "a sign").text) for name in names]
        # NaN and infinity are not rounded: what is equal to them is so exactly.
        return "=" if not all(d.is_finite() for d in digits) or self.holds(*digits) else "approx"


class Formula(Typeset, Numbered):
    """Typst math in which `{name}` is replaced by a Quantity, a sign (`when`) or markup.

        Formula("(dif y) / (dif x) = {outer} times {inner} {eq} {total}",
                outer=..., inner=..., total=...,
                eq=when(lambda outer, inner, total: outer * inner == total),
                roles={"total": "gradient"})

    `part("total")` is the mobject of a slot, to color it or to move it. `roles` maps slots to
    color roles. Raises NumberError for a slot without a value and for a bare number.
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
        self._slot_names = tuple(dict.fromkeys(_SLOT.findall(template)))
        missing = [name for name in self._slot_names if name not in slots]
        if missing:
            raise NumberError(f"the formula {template!r} has no value for {', '.join(missing)}.")
        markup = _SLOT.sub(lambda m: self._slot_markup(m.group(1), slots, template), template)
        super().__init__(f"$ {markup} $", font_size=font_size, color=color)
        self._slot_parts = self._split(color or colors.text, roles or {})
        self.shown_numbers = tuple(
            ShownNumber(q.text, q)
            for q in (slots[n] for n in self._slot_names)
            if isinstance(q, Quantity)
        )

    def _slot_markup(self, slot: str, slots: Mapping[str, object], template: str) -> str:
        value = slots[slot]
        if isinstance(value, when):
            return value.sign(slots)
        content = (
            value
            if isinstance(value, str)
            else typst_number(require_quantity(value, repr(template)))
        )
        # The fill color marks the outlines of the slot; `_split` replaces it by the final color.
        return f'#text(fill: rgb("{marker_color(self._slot_names.index(slot))}"))[${content}$]'

    def _split(self, base: str, roles: Mapping[str, str]) -> dict[str, VGroup]:
        """The outlines of each slot, found by their marker color and then set to their color."""
        parts = {}
        for index, slot in enumerate(self._slot_names):
            marker = marker_color(index)
            pieces = [
                piece
                for piece in self.submobjects
                if marker in (_hex(piece.get_fill_color()), _hex(piece.get_stroke_color()))
            ]
            color = getattr(colors, roles[slot]) if slot in roles else base
            for piece in pieces:
                piece.set_color(color)
            parts[slot] = VGroup(*pieces)
        return parts

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the slots, in the order of the template."""
        return self._slot_names

    def part(self, slot: str) -> VGroup:
        """The outlines of one slot."""
        return self._slot_parts[slot]


def _hex(color: ManimColor | None) -> str:
    return color.to_hex() if color is not None else ""


def typst_number(quantity: Quantity) -> str:
    """A quantity as Typst math, with a real minus sign, powers of ten, ∞ and NaN."""
    text = quantity.text
    if text == "nan":
        return 'upright("NaN")'
    sign = "-" if text.startswith("-") else ""
    if text.endswith("inf"):
        return f"{sign}infinity"
    mantissa, power, exponent = text.partition("e")
    return f"{mantissa} times 10^({exponent})" if power else mantissa


def sum_holds(*terms: Decimal) -> bool:
    """Whether the last term is the sum of the others."""
    return sum(terms[:-1]) == terms[-1]


def product_holds(*terms: Decimal) -> bool:
    """Whether the last term is the product of the others."""
    return prod(terms[:-1]) == terms[-1]


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_as_text(quantity: Quantity) -> str:
    """A quantity as plain text for a sentence: −0.5, or 8.3×10⁻⁸."""
    mantissa, power, exponent = quantity.text.partition("e")
    mantissa = mantissa.replace("-", "−")
    return f"{mantissa}×10{exponent.translate(_SUPERSCRIPTS)}" if power else mantissa
