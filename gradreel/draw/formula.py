"""Formulas with slots for Quantities, and `=` or `≈` by the digits that are shown."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from manim import ManimColor, VGroup

from gradreel.draw.labels import decimal_separator, localize_math
from gradreel.draw.numbers import Numbered, ShownNumber, require_quantity
from gradreel.draw.typeset import Typeset, marker_color
from gradreel.errors import NumberError
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class when:
    """The sign between a calculation and the slot `result`: `=`, or `≈` where digits are rounded.

    The parameters of `calculate` are names of slots: `when(lambda a, b: a * b, "c")`. A function of
    any number of terms needs their names in `slots`. It is `=` where the digits on screen work out,
    and `≈` where they do not because they are rounded.
    """

    calculate: Callable[..., Any]
    result: str
    slots: tuple[str, ...] = ()

    def relation(self, values: Mapping[str, object]) -> Literal["=", "approx"] | None:
        """The Typst markup of the sign for these values of the slots; None where neither is true.

        The sides may differ by half of the last decimal that is shown, and by the rounding of
        float32.
        """
        names = self.slots or tuple(inspect.signature(self.calculate).parameters)
        terms = [require_quantity(values[name], "a sign") for name in names]
        result = require_quantity(values[self.result], "a sign")
        exact = float(self.calculate(*map(float, terms)))
        if not math.isfinite(exact) or not math.isfinite(result):
            return "=" if exact == result or (math.isnan(exact) and math.isnan(result)) else None
        if self.calculate(*(Decimal(term.text) for term in terms)) == Decimal(result.text):
            return "="
        size = max(map(abs, (*terms, result)))
        rounding = max(ROUNDING.get(number.dtype, LEAST_ROUNDING) for number in (*terms, result))
        tolerance = max(half_of_last_decimal(result), rounding * size)
        return "approx" if abs(exact - result) <= tolerance else None

    def sign(self, values: Mapping[str, object]) -> str:
        """The Typst markup of the sign; raises NumberError where the sides are different."""
        relation = self.relation(values)
        if relation is None:
            shown = {k: v.text for k, v in values.items() if isinstance(v, Quantity)}
            raise NumberError(
                f"neither = nor ≈ may be written before {self.result}: {shown} do not work out.",
                hint="Something else changed the number, such as a hook: draw that as well.",
            )
        return relation


LEAST_ROUNDING = 1e-6  # relative; of float32, in which a program may add
ROUNDING = {"float16": 1e-3, "bfloat16": 8e-3}


def half_of_last_decimal(number: Quantity) -> float:
    """Half a unit of the last decimal in which a number is written; 0 for 0."""
    size = abs(float(number))
    if not size:
        return 0.0
    power = math.floor(math.log10(size))
    default = 0.5e-4 if 0.1 <= size < 1e6 else 0.5e-3 * 10.0**power
    return max(default, 0.5 * 10.0 ** (power - number.digits + 1)) if number.digits else default


class Formula(Typeset, Numbered):
    """Typst math in which `{name}` is replaced by a Quantity, a sign (`when`) or markup.

        Formula("(dif y) / (dif x) = {outer} times {inner} {eq} {total}",
                outer=..., inner=..., total=...,
                eq=when(lambda outer, inner: outer * inner, "total"),
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
        markup = localize_math(markup)
        super().__init__(f"$ {markup} $", font_size=font_size, color=color)
        self._slot_parts = self._split(color or colors.text, roles or {})
        self._number_slots = [n for n in self._slot_names if isinstance(slots[n], Quantity)]
        self.shown_numbers = tuple(
            ShownNumber(q.text, q) for q in (slots[n] for n in self._number_slots)
        )

    def number_parts(self) -> Iterator[tuple[ShownNumber, VGroup]]:
        """Each number of the formula, with the mobject that shows it."""
        for number, slot in zip(self.shown_numbers, self._number_slots, strict=True):
            yield number, self._slot_parts[slot]

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


def is_sum(terms: Iterable[str], result: str) -> when:
    """The sign between the sum of the slots `terms` and the slot `result`."""
    return when(lambda *numbers: sum(numbers), result, tuple(terms))


def is_product(factors: Iterable[str], result: str) -> when:
    """The sign between the product of the slots `factors` and the slot `result`."""
    return when(lambda *numbers: math.prod(numbers), result, tuple(factors))


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_as_text(quantity: Quantity) -> str:
    """A quantity as plain text for a sentence, in the language in use: −0.5, or 8.3×10⁻⁸."""
    mantissa, power, exponent = quantity.text.partition("e")
    mantissa = mantissa.replace("-", "−").replace(".", decimal_separator())
    return f"{mantissa}×10{exponent.translate(_SUPERSCRIPTS)}" if power else mantissa
