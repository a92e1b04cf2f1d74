"""Numbers on screen. All are drawn by `Readout` or `Formula`, and both require Quantities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from manim import Mobject, VMobject

from gradreel.draw.glyphs import number_outline
from gradreel.draw.text import em
from gradreel.draw.typeset import Points
from gradreel.errors import NumberError
from gradreel.tape import Quantity, format_number
from gradreel.theme import FontSize, colors

HUGE = 1e6  # numbers of at least this size are powers of ten, whatever `places` says
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """A number on screen: its digits and its Quantity."""

    text: str
    quantity: Quantity


def require_quantity(number: object, where: str) -> Quantity:
    """`number` if it is a Quantity; raises NumberError for anything else.

    `where` names the receiver in the message, such as "a Readout".
    """
    if isinstance(number, Quantity):
        return number
    raise NumberError(
        f"{where} was given {number!r}, a bare {type(number).__name__}.",
        hint="Take it from a recording (tape.value, tape.grad) or a function (function.point_at). "
        "A number that the lecturer typed is input_quantity(number, name), of "
        "gradreel.functions.function. Arithmetic gives a bare float: let the program compute it.",
    )


def numbers_in(mobjects: Iterable[Mobject]) -> Iterator[ShownNumber]:
    """Every visible number of these mobjects and their submobjects, in order."""
    for mobject in mobjects:
        for part in mobject.get_family():
            if isinstance(part, (Readout, Numbered)) and _visible(part):
                yield from part.numbers()


def _visible(mobject: Mobject) -> bool:
    family = mobject.family_members_with_points()
    return any(
        isinstance(part, VMobject) and max(part.get_fill_opacity(), part.get_stroke_opacity()) > 0
        for part in family
    )


class Numbered:
    """Mixin of mobjects that show fixed numbers among other shapes."""

    shown_numbers: tuple[ShownNumber, ...] = ()

    def numbers(self) -> tuple[ShownNumber, ...]:
        """The numbers this mobject shows."""
        return self.shown_numbers


class Readout(VMobject):
    """One number, fixed or changing; an update takes well under 1 ms.

    `source` is a Quantity, or a function that returns one and is called for every frame. `places`
    fixes the number of decimals, so that a changing number does not jitter. `color` is fixed or a
    function of the Quantity. `align` is the edge that stays when the number of characters changes;
    `sign` writes a plus before positive numbers.
    """

    def __init__(
        self,
        source: Quantity | Callable[[], Quantity],
        *,
        places: int | None = None,
        font_size: float = FontSize.label,
        color: str | Callable[[Quantity], str] = "",
        align: Align = "center",
        sign: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(stroke_width=0, fill_opacity=1, **kwargs)
        self._is_changing = callable(source)
        self._source = source if callable(source) else lambda: source
        self._places, self._sign, self._align = places, sign, align
        self._color = color
        self._outline: Points = np.zeros((0, 3))
        self._shown = ShownNumber("", self._quantity())
        self._show(self._shown.quantity, scale=em(font_size))
        if callable(source):
            # Of the mobject that it is given: animations update the copies that they start from
            # and lead to, so the digits stay true while a number is faded or moved.
            self.add_updater(_refresh)

    def numbers(self) -> tuple[ShownNumber, ...]:
        """The number that is shown, as a tuple of one."""
        return (self._shown,)

    @property
    def quantity(self) -> Quantity:
        """The Quantity that is shown."""
        return self._shown.quantity

    def stale_text(self) -> str:
        """The digits that a changing number should show now, if others are drawn; else ""."""
        text = self._text(self._quantity()) if self._is_changing else ""
        return "" if not text or self._is_drawn_as(number_outline(text)) else text

    def _is_drawn_as(self, outline: Points) -> bool:
        """Whether the points are this outline, at any place and scale."""
        if len(self.points) != len(outline):
            return False
        drawn, wanted = (p - p.mean(axis=0) for p in (self.points, outline))
        largest = float(np.abs(drawn).max(initial=0.0))
        scale = largest / max(float(np.abs(wanted).max(initial=0.0)), 1e-9)
        return bool(np.allclose(drawn, wanted * scale, atol=0.05 * largest))

    def _quantity(self) -> Quantity:
        return require_quantity(self._source(), "a Readout")

    def _text(self, quantity: Quantity) -> str:
        fixed = self._places is not None and abs(quantity) < HUGE
        text = format_number(quantity, self._places) if fixed else quantity.text
        return f"+{text}" if self._sign and quantity > 0 else text

    def refresh(self) -> None:
        """Show the number that the source gives now."""
        quantity = self._quantity()
        if self._text(quantity) == self._shown.text:
            self._shown = ShownNumber(self._shown.text, quantity)
            self._set_color(quantity)
            return
        self._show(quantity, scale=self.current_scale)

    @property
    def current_scale(self) -> float:
        """The current size of one em of this number, in frame units."""
        height = float(np.ptp(self._outline[:, 1]))
        return float(np.ptp(self.points[:, 1])) / height if height else em(FontSize.label)

    @property
    def baseline(self) -> float:
        """The y of the baseline on which the digits stand."""
        return float(self._anchor(self.points, self._outline, self.current_scale)[1])

    def _show(self, quantity: Quantity, scale: float) -> None:
        """Replace the digits, keeping scale, baseline and the aligned edge."""
        text = self._text(quantity)
        outline = number_outline(text)
        points = outline * scale
        if len(self.points):
            points += self._anchor(self.points, self._outline, scale) - self._anchor(
                points, outline, scale
            )
        self._outline = outline
        self.points = points
        self._shown = ShownNumber(text, quantity)
        self._set_color(quantity)

    def _set_color(self, quantity: Quantity) -> None:
        color = self._color(quantity) if callable(self._color) else self._color
        self.set_fill(color or colors.text, family=False)

    def _anchor(self, points: Points, outline: Points, scale: float) -> Points:
        """The point that stays: on the aligned edge, at the baseline."""
        low, high = points[:, 0].min(), points[:, 0].max()
        x = {"left": low, "right": high, "center": (low + high) / 2}[self._align]
        baseline = points[:, 1].min() - outline[:, 1].min() * scale
        return np.array([x, baseline, points[0, 2]])


def _refresh(number: Any) -> None:
    number.refresh()
