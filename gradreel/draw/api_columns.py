"""Columns under headings: inputs with a switch each, and what their `.grad` holds."""

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

from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.draw.toggle import Toggle
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

CODE = FontSize.small * 1.05  # mono letters are set smaller: these are 22 px high at 1080p


class ApiColumn(VGroup):
    """The head of a column: a title, the code it stands for, and a rule in its tone."""

    def __init__(self, title: str, code: str, tone: str, area: Rect) -> None:
        super().__init__()
        self.title = text(title, font_size=FontSize.body, color=tone)
        self.code = text(code, font_size=CODE, color=colors.text, mono=True)
        for words in (self.title, self.code):
            if words.width > area.width:
                words.scale_to_fit_width(area.width)
        self.rule = Line(point(area.left, area.bottom), point(area.right, area.bottom))
        self.rule.set_stroke(tone, StrokeWidth.frame)
        self.code.move_to(self.rule, aligned_edge=DOWN).shift(0.16 * UP)
        self.title.next_to(self.code, UP, buff=0.16)
        for words in (self.title, self.code):
            words.align_to(point(area.left, 0), LEFT)
        self.add(self.title, self.code, self.rule)

    def appears(self) -> Animation:
        """The rule is drawn, the words come up from it."""
        return AnimationGroup(
            Create(self.rule), *(FadeIn(words, shift=0.2 * UP) for words in (self.title, self.code))
        )


class ParameterRow(VGroup):
    """A row `name = value` with a switch at its right end."""

    def __init__(self, name: str, value: Quantity, area: Rect) -> None:
        super().__init__()
        self.label = _label(name if len(name) == 1 else f'upright("{name}")', area)
        self.number = _after(
            self.label, Readout(value, font_size=FontSize.body, color=colors.value)
        )
        self.switch = Toggle()
        self.switch.move_to(area.center).align_to(point(area.right, 0), RIGHT)
        self.add(self.label, self.number, self.switch)


class GradientRow(VGroup):
    """A row `label = number`, or None until it becomes one. `label` is Typst math."""

    def __init__(
        self, label: str, area: Rect, *, number: Quantity | None = None, tone: str = ""
    ) -> None:
        super().__init__()
        self.label, self.tone = _label(label, area), tone or colors.gradient
        self.number = self._shown(number)
        self.add(self.label, self.number)

    def becomes(self, number: Quantity | None, origin: Mobject | None = None) -> Animation:
        """The old number leaves; the new one, or None, comes from where it arose."""
        old, self.number = self.number, self._shown(number)
        there = {} if origin is None else {"target_position": origin.get_center()}
        return AnimationGroup(FadeOut(old, shift=0.2 * DOWN), FadeIn(self.number, **there))

    def _shown(self, number: Quantity | None) -> VMobject:
        if number is None:
            return _after(self.label, text("None", font_size=CODE, color=colors.muted, mono=True))
        return _after(self.label, Readout(number, font_size=FontSize.body, color=self.tone))


def _label(name: str, area: Rect) -> VMobject:
    label = math(f"{name} =", font_size=FontSize.body, color=colors.muted)
    # The equals sign, the last of the letters, is on the middle of the row.
    label.shift(point(area.left - label.get_left()[0], area.center[1] - label[-1].get_y()))
    return label


def _after(label: VMobject, thing: VMobject) -> VMobject:
    thing.next_to(label, RIGHT, buff=0.2)
    thing.set_y(label[-1].get_y())
    return thing
