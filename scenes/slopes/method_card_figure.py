"""A card on which a method of differentiation is shown at work, with what is good and bad."""

from __future__ import annotations

from manim import LEFT, RIGHT, UP, Animation, ApplyMethod, FadeIn, LaggedStart, VGroup, VMobject

from gradreel.draw.baseline import align_baselines
from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.rounded_box import RoundedBox
from gradreel.draw.text import text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

PAD = 0.22  # between the edge of a card and what is on it


class MethodCard(VGroup):
    """A frame with a title. `picture` is the area for the method at work.

    `set_result` and `set_verdict` make `result`, `good` and `bad`, which are shown later.
    """

    places_itself = True  # within `area`; layout.fit_into refuses it

    def __init__(self, title: str, area: Rect, color: str) -> None:
        self.color_of_method = color
        inner = Rect(area.left + PAD, area.right - PAD, area.bottom + PAD, area.top - 0.12)
        head, self.picture, self._foot, *self._lines = inner.rows(
            0.5, 2.6, 0.55, 0.48, 0.48, gap=0.1
        )
        self._inner = inner
        self.frame = RoundedBox(width=area.width, height=area.height, corner_radius=0.18)
        self.frame.set_fill(colors.panel, 0.45).set_stroke(colors.faint, StrokeWidth.frame)
        self.frame.move_to(area.center)
        self.title = text(title, font_size=FontSize.body, color=color).move_to(head.center)
        self.title.align_to(point(inner.left, 0), LEFT)
        self.title.shift((head.center[1] - 0.13 - self.title.baseline) * UP)
        super().__init__(self.frame, self.title)

    def set_result(self, label: str, readout: Readout) -> None:
        """Put a result beside its label, in Typst math."""
        name = Formula(label, font_size=FontSize.label, color=colors.muted)
        readout.next_to(name, RIGHT, buff=0.16)
        align_baselines(name, readout)
        self.result = VGroup(name, readout)
        self._place(self.result, self._foot)

    def set_verdict(self, good: str, bad: str, error: Quantity) -> None:
        """What is good and what is bad, in Typst math; `{error}` is a number."""
        self.good, self.bad = (
            Formula(words, font_size=FontSize.label, color=tone, error=error)
            for words, tone in ((f"+ quad {good}", colors.leaf), (f"- quad {bad}", colors.warning))
        )
        for line, row in zip((self.good, self.bad), self._lines, strict=True):
            self._place(line, row)

    def _place(self, mobject: VMobject, row: Rect) -> None:
        if mobject.width > row.width:
            mobject.scale_to_fit_width(row.width)
        mobject.move_to(row.center).align_to(point(self._inner.left, 0), LEFT)

    def lights_up(self) -> Animation:
        """The frame takes the color of the method."""
        return ApplyMethod(self.frame.set_stroke, self.color_of_method, StrokeWidth.frame)

    def weighs(self) -> Animation:
        """What is good comes first, then what is bad."""
        points = (self.good, self.bad)
        return LaggedStart(*(FadeIn(line, shift=0.2 * RIGHT) for line in points), lag_ratio=0.7)
