"""Columns for autograd's API: a heading with code, rows of parameters and of `.grad` values."""

from __future__ import annotations

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    Line,
    Mobject,
    VGroup,
    VMobject,
)

from gradreel.draw.baseline import align_baselines, baseline_of
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.draw.toggle import Toggle
from gradreel.draw.typeset import Typeset
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors


class ApiColumn(VGroup):
    """The heading of a column: a title, its code, and a line below them in the color `tone`."""

    def __init__(self, title: str, code: str, tone: str, area: Rect) -> None:
        super().__init__()
        # By their baselines, so that the words of several columns are equally high.
        self.title = _place_above(area, 0.7, text(title, font_size=FontSize.body, color=tone))
        self.code = heading_code(code, area)
        self.rule = Line(point(area.left, area.bottom), point(area.right, area.bottom))
        self.rule.set_stroke(tone, StrokeWidth.frame)
        self.add(self.title, self.code, self.rule)

    def appears(self) -> Animation:
        """Draw the line while the words rise from it."""
        return AnimationGroup(
            Create(self.rule), *(FadeIn(words, shift=0.2 * UP) for words in (self.title, self.code))
        )

    def explains_code(self) -> Animation:
        """Draw the line and the title around the code, which is on stage already."""
        return AnimationGroup(Create(self.rule), FadeIn(self.title, shift=0.2 * UP))


def heading_code(code: str, area: Rect) -> Typeset:
    """The code in the heading that has this area."""
    words = text(code, font_size=FontSize.code, color=colors.text, mono=True)
    return _place_above(area, 0.26, words)


def _place_above(area: Rect, height: float, words: Typeset) -> Typeset:
    """Put words with their baseline this high above the bottom of an area, at its left edge."""
    if words.width > area.width:
        words.scale_to_fit_width(area.width)
    words.shift((area.bottom + height - baseline_of(words)) * UP)
    return words.align_to(point(area.left, 0), LEFT)


class ParameterRow(VGroup):
    """A row `name = value` with a toggle for requires_grad at its right end."""

    def __init__(self, name: str, value: Quantity, area: Rect) -> None:
        super().__init__()
        self.label = _label(name if len(name) == 1 else f'upright("{name}")', area)
        self.number = _place_after(
            self.label, Readout(value, font_size=FontSize.body, color=colors.value)
        )
        self.switch = Toggle()
        self.switch.move_to(area.center).align_to(point(area.right, 0), RIGHT)
        self.add(self.label, self.number, self.switch)

    def becomes(self, value: Quantity) -> Animation:
        """Replace the number: the old one fades out, then the new one grows in its place."""
        old = self.number
        self.number = _place_after(
            self.label, Readout(value, font_size=FontSize.body, color=colors.value)
        )
        return AnimationGroup(FadeOut(old), FadeIn(self.number, scale=1.6), lag_ratio=1)


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
