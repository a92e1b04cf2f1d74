"""Rows `w.grad = number`, or None."""

from __future__ import annotations

from manim import (
    DOWN,
    RIGHT,
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    Mobject,
    VGroup,
    VMobject,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors


class GradientRow(VGroup):
    """A row `label = number`, or `label = None` before there is a number.

    `label` is Typst math; `tone` is the color of the number, that of gradients by default.
    """

    def __init__(
        self, label: str, area: Rect, *, number: Quantity | None = None, tone: str = "",
        font_size: float = FontSize.body,
    ) -> None:  # fmt: skip
        super().__init__()
        self.font_size, self.tone = font_size, tone or colors.gradient
        self.label = _label(label, area, font_size)
        self.number = self._value_mobject(number)
        self.add(self.label, self.number)

    def becomes(self, number: Quantity | None, origin: Mobject | None = None) -> Animation:
        """Replace the number; the new one, or None, flies in from `origin` if that is set.

        Without an origin it grows in the place of the old one, which has faded out by then.
        """
        old, self.number = self.number, self._value_mobject(number)
        if origin is None:
            return AnimationGroup(FadeOut(old), FadeIn(self.number, scale=1.6), lag_ratio=1)
        target = {"target_position": origin.get_center()}
        return AnimationGroup(FadeOut(old, shift=0.2 * DOWN), FadeIn(self.number, **target))

    def set_number(self, number: Quantity | None) -> None:
        """Prepare another number in the place of the old one, for the scene to fade in."""
        self.number = self._value_mobject(number)

    def _value_mobject(self, number: Quantity | None) -> VMobject:
        if number is None:
            none = text("None", font_size=FontSize.code, color=colors.muted, mono=True)
            return _place_after(self.label, none)
        return _place_after(self.label, Readout(number, font_size=self.font_size, color=self.tone))


def _label(name: str, area: Rect, font_size: float = FontSize.body) -> VMobject:
    label = math(f"{name} =", font_size=font_size, color=colors.muted)
    # The equals sign, the last of the letters, is at half the height of the row.
    label.shift(point(area.left - label.get_left()[0], area.center[1] - label[-1].get_y()))
    return label


def _place_after(label: VMobject, value: VMobject) -> VMobject:
    value.next_to(label, RIGHT, buff=0.2)
    align_baselines(label, value)
    return value
