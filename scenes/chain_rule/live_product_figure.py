"""The chain rule as a formula whose numbers follow x: symbols, factors and their product."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from manim import RIGHT, Animation, FadeIn, Indicate, Mobject, Succession, VGroup, VMobject, Wait

from gradreel.draw.formula import Formula
from gradreel.draw.formula_assembly import PartsInTurn
from gradreel.draw.glyphs import number_outline
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.numbers import Readout, ShownNumber
from gradreel.draw.text import em, text
from gradreel.tape import Quantity, format_number
from gradreel.theme import FontSize, colors

SPACE = 0.34  # em around a sign
GAP = 0.2  # frame units, between the equals sign and a question mark
LONGEST = 3  # links whose derivatives are written as symbols
LESS = (0.995, 0.095)  # a number below each of these has one decimal more


def slope_text(slope: float) -> str:
    """A slope while x moves: a whole number, or one decimal, and up to three where it is small."""
    size = abs(slope)
    if not math.isfinite(slope) or size >= 1e4 or 0 < size < 0.0005:
        return format_number(slope)
    if abs(slope - round(slope)) < 1e-9:
        return format_number(round(slope))
    return format_number(slope, 1 + sum(size < bound for bound in LESS))


class SlopeReadout(Readout):
    """A local derivative that follows x, in few digits; `factor` puts brackets around a minus."""

    def __init__(self, *args: Any, factor: bool = False, **kwargs: Any) -> None:
        self._is_factor = factor
        super().__init__(*args, align="left", **kwargs)

    def numbers(self) -> tuple[ShownNumber, ...]:
        """The number that is shown, without brackets."""
        return (ShownNumber(self._shown.text.strip("()"), self._shown.quantity),)

    def _text(self, quantity: Quantity) -> str:
        text = slope_text(quantity)
        return f"({text})" if self._is_factor and text.startswith("-") else text


class Sign(VMobject):
    """A sign between numbers, in their font; `current()` returns "=", "≈" or "×"."""

    def __init__(self, current: Callable[[], str], font_size: float) -> None:
        super().__init__(stroke_width=0, fill_opacity=1, fill_color=colors.muted)
        self._current, self._drawn = current, current()
        self.points = number_outline(self._drawn) * em(font_size)

    @property
    def em(self) -> float:
        """One em of the sign as it is drawn now, in frame units."""
        return self.width / max(float(np.ptp(number_outline(self._drawn)[:, 0])), 1e-9)

    def refresh(self) -> None:
        """Draw the current sign in the place of the old one."""
        sign = self._current()
        if sign != self._drawn:
            outline = number_outline(sign) * self.em
            middle = (outline.max(axis=0) + outline.min(axis=0)) / 2
            self.points, self._drawn = outline + self.get_center() - middle, sign


def stand_on_line(number: VMobject, equals: VMobject, font_size: float) -> None:
    """Move a new number up or down to the baseline of the equals sign `equals`.

    The sign is centered on the height of the digits; a new number has its baseline at zero.
    """
    middle = number_outline("=")[:, 1] * em(font_size)
    number.shift(point(0, equals.get_y() - (middle.max() + middle.min()) / 2))


class NumberRow(VGroup):
    """Signs and numbers in turn, which follow x; they stay one behind the other."""

    def __init__(self, *pieces: VMobject) -> None:
        super().__init__(*pieces)
        self.flow()
        self.add_updater(lambda row: row.flow())

    def flow(self) -> None:
        """Put the pieces one behind the other; the first sign stays where it is."""
        first: Any = self[0]
        space = SPACE * first.em
        right = float(first.points[:, 0].min()) - space
        for piece in self:
            piece.refresh()
            left = float(piece.points[:, 0].min())
            piece.shift(point(right + space - left, 0))
            right = float(piece.points[:, 0].max())


class LiveProduct(VGroup):
    """dy/dx = dy/du · du/dx = 14 × 3 = 42, in which the numbers follow x.

    `names` are the variables from the input to the result; `slopes()` returns the local slopes in
    their order, `total()` the slope of the whole. `symbols` is the part before the numbers.
    """

    def __init__(
        self,
        names: Sequence[str],
        slopes: Callable[[], Sequence[Quantity]],
        total: Callable[[], Quantity],
        area: Rect,
    ) -> None:
        super().__init__()
        self._slopes, self._total = slopes, total
        count = len(names) - 1
        size = FontSize.formula if count < 5 else FontSize.body
        self.symbols = product_of_derivatives(names, size, short=count > LONGEST)
        self.factors = [
            SlopeReadout(
                partial(lambda k: slopes()[k], k),
                factor=k < count - 1, font_size=size, color=colors.local,
            )
            for k in range(count)
        ]  # fmt: skip
        self.total = SlopeReadout(total, font_size=size, color=colors.gradient)
        times = [Sign(lambda: "×", size) for _ in range(count - 1)]
        signs, numbers = [Sign(lambda: "=", size), *times], self.factors[::-1]
        if count > 1:
            signs, numbers = [*signs, Sign(self._relation, size)], [*numbers, self.total]
        pairs = zip(signs, numbers, strict=True)
        self.numbers = NumberRow(*(part for pair in pairs for part in pair))
        start = float(self.symbols.get_right()[0] - self.numbers.get_left()[0])
        self.numbers.shift(point(start + SPACE * em(size), 0))
        stand_on_line(self.numbers, self._middle(), size)
        self.add(self.symbols, self.numbers)
        fit_into(self, area)

    def _middle(self) -> VMobject:
        """A part of the symbols that is at the height of the equals sign."""
        return self.symbols.part("eq") if "eq" in self.symbols.slots else self.symbols

    def _relation(self) -> str:
        """`=` where no digit is cut off on screen and they work out, else `≈`."""
        # Not those of the readouts, some of which follow x after the sign.
        numbers = [*self._slopes(), self._total()]
        *shown, total = [Decimal(slope_text(number)) for number in numbers]
        pairs = zip(numbers, (*shown, total), strict=True)
        whole = all(math.isclose(number, text, rel_tol=1e-9) for number, text in pairs)
        return "=" if whole and math.prod(shown) == total else "≈"

    def question(self) -> VGroup:
        """dy/dx = ?, where the product is going to be written; nothing for one that is short."""
        if "eq" not in self.symbols.slots:
            return VGroup()
        whole, equals = (self.symbols.part(slot).copy() for slot in ("whole", "eq"))
        mark = text("?", font_size=FontSize.formula, color=colors.accent)
        return VGroup(whole, equals, mark.next_to(equals, RIGHT, buff=GAP))

    # Verbs

    def symbols_assemble(self, origins: Sequence[Mobject]) -> list[Animation]:
        """The derivative of each link lights up in `origins`, then is written; the last one first.

        The `origins` are in the order of the links.
        """
        slots = [f"d{k}" for k in range(len(origins)) if f"d{k}" in self.symbols.slots]
        parts = [self.symbols.part(slot) for slot in slots]
        return _in_turn(self.symbols, parts[::-1], origins[::-1])

    def numbers_assemble(self, origins: Sequence[Mobject]) -> list[Animation]:
        """Each factor lights up in `origins`, then is written, and their product after them.

        A sign comes together with the number behind it.
        """
        pieces = list(self.numbers)
        terms = [VGroup(*pieces[k : k + 2]) for k in range(0, len(pieces), 2)]
        return _in_turn(self.numbers, terms, origins[::-1])


def _in_turn(
    group: VGroup, parts: Sequence[Mobject], origins: Sequence[Mobject]
) -> list[Animation]:
    """Parts of `group` come one after the other, each after its origin has lit up."""
    if not parts:
        return [FadeIn(group)]
    lights = [Indicate(origin, scale_factor=1.2, color=colors.accent) for origin in origins]
    rest = [Wait() for _ in parts[len(origins) :]]
    return [PartsInTurn(group, parts), Succession(*lights, *rest)]


def product_of_derivatives(names: Sequence[str], font_size: float, *, short: bool) -> Formula:
    """The chain rule in symbols, with the slots whole, eq, and d0, d1, ... from the input on.

    One that is `short` is the derivative of the whole alone, as is that of a single link.
    """
    links = list(pairwise(names))
    slots: dict[str, Any] = {
        f"d{k}": f"(dif {after}) / (dif {before})" for k, (before, after) in enumerate(links)
    }
    terms = " dot ".join(f"{{{slot}}}" for slot in reversed(slots))
    whole = f"(dif {names[-1]}) / (dif {names[0]})"
    if short:
        whole = f"dif {names[-1]} \\/ dif {names[0]}"
    if short or len(links) == 1:
        return Formula("{whole}", whole=whole, font_size=font_size)
    return Formula(f"{{whole}} {{eq}} {terms}", whole=whole, eq="=", font_size=font_size, **slots)
