"""What stands beside the lenses: the values on their left, the local slopes on their right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manim import VGroup

from gradreel.draw.layout import point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math as set_math
from gradreel.scenes.chain_rule.live_product_figure import Sign, SlopeReadout, stand_on_line
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

GAP = 0.18  # beside an equals sign


class FineReadout(Readout):
    """A number with `decimals()` decimals, or in its shortest form where that is negative."""

    def __init__(self, source: Any, decimals: Callable[[], int], **kwargs: Any) -> None:
        self._decimals = decimals
        super().__init__(source, align="left", **kwargs)

    def _text(self, quantity: Quantity) -> str:
        decimals = self._decimals()
        self._places = None if decimals < 0 else decimals
        return super()._text(quantity)


class Reading(VGroup):
    """A label such as u = 3x + 1 = and the number that follows."""

    def __init__(
        self, label: Any, source: Callable[[], Quantity], decimals: Callable[[], int], color: str
    ) -> None:
        super().__init__()
        self.label = label
        self.number = FineReadout(source, decimals, color=color, font_size=FontSize.body)
        stand_on_line(self.number, label[-1], FontSize.body)
        self.number.shift(point(label.get_right()[0] + GAP - self.number.get_left()[0], 0))
        self.add(label, self.number)


class SlopeLabel(VGroup):
    """du/dx = 3, in which the number follows x."""

    def __init__(self, symbol: str, source: Callable[[], Quantity]) -> None:
        super().__init__()
        self.symbol = set_math(symbol, font_size=FontSize.body)
        self.equals = Sign(lambda: "=", FontSize.body)
        self.number = SlopeReadout(source, font_size=FontSize.body, color=colors.local)
        right = self.symbol.get_right()[0]
        for piece in (self.equals, self.number):
            stand_on_line(piece, self.symbol, FontSize.body)
            piece.shift(point(right + GAP - piece.get_left()[0], 0))
            right = piece.get_right()[0]
        self.add(self.symbol, self.equals, self.number)
