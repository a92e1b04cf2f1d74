"""How a number grows by what is added to it: a bar for each addition, stepping along a scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    FadeIn,
    FadeOut,
    GrowFromEdge,
    Indicate,
    Line,
    Mobject,
    Rectangle,
    Triangle,
    ValueTracker,
    VGroup,
    VMobject,
)

from gradreel.draw.formula import Formula, sum_holds, when
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.draw.text_background import text_background
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

LEAST_BARS = 0.3  # of the room beside the words, whatever the length of the sums


class Addition(Protocol):
    """One addition: the number before (None if there was none), what is added, what results."""

    @property
    def before(self) -> Quantity | None: ...
    @property
    def sent(self) -> Quantity: ...
    @property
    def after(self) -> Quantity: ...


class AccumulationBars(VGroup):
    """A title and `label = number` on the left; on the right a row for each addition.

    `span` is the least and greatest number that lanes of this scale reach; `room` is kept free
    beside the bars (see `room_for`). A bar runs from the number before to the number after; a
    pointer below shows where it stands.
    """

    def __init__(
        self,
        title: str,
        label: str,
        additions: Sequence[Addition],
        span: tuple[float, float],
        area: Rect,
        tone: str,
        room: float,
    ) -> None:
        super().__init__()
        self.words, plot = area.columns(1.15, 2.6, gap=0.3)
        self.additions, self.tone = additions, tone
        self.span = (min(span[0], 0.0), max(span[1], 0.0))
        self.sums = [_sum(addition) for addition in additions]
        self.left = plot.left
        self.right = plot.right - min(room, plot.width * (1 - LEAST_BARS))
        bars = Rect(plot.left, plot.right, plot.bottom + 0.4, plot.top)
        self.rows = bars.rows(*[1.0] * len(additions), gap=0.0)
        self._set_words(title, label)
        self.level = ValueTracker(0.0)
        self._set_scale(bars)

    def _set_words(self, title: str, label: str) -> None:
        self.title = text(title, font_size=FontSize.body, color=self.tone, mono=True)
        self.label = math(f"{label} =", font_size=FontSize.body * 1.1, color=colors.muted)
        for thing, height in ((self.title, 0.42), (self.label, -0.42)):
            thing.move_to(self.words.center + height * UP)
            thing.align_to(point(self.words.left, 0), LEFT)
        self.number: VMobject = self._number(None)
        self.add(self.title, self.label)

    def _set_scale(self, bars: Rect) -> None:
        foot, zero = bars.bottom - 0.08, self._x(0.0)
        self.axis = Line(point(self.left, foot), point(self.right, foot))
        self.zero = Line(point(zero, foot - 0.12), point(zero, bars.top))
        for line in (self.axis, self.zero):
            line.set_stroke(colors.muted, StrokeWidth.axis)
        self.pointer = Triangle(fill_color=self.tone, fill_opacity=1, stroke_width=0).scale(0.16)
        self.pointer.add_updater(self._follow, call_updater=True)
        self.add(self.axis, self.zero, self.pointer)

    def _x(self, number: float) -> float:
        low, high = self.span
        return self.left + (self.right - self.left) * (number - low) / ((high - low) or 1.0)

    def _follow(self, pointer: Mobject) -> None:
        foot = self.axis.get_start()[1]
        pointer.move_to(point(self._x(self.level.get_value()), foot - 0.04), aligned_edge=UP)

    def _number(self, number: Quantity | None) -> VMobject:
        if number is None:
            shown: VMobject = text("None", font_size=FontSize.body, color=colors.muted, mono=True)
        else:
            shown = Readout(number, font_size=FontSize.body * 1.1, color=colors.gradient)
        shown.next_to(self.label, RIGHT, buff=0.2)
        return shown.set_y(self.label[-1].get_y())

    def appears(self) -> Animation:
        """Title, scale and the number, which is None."""
        return AnimationGroup(FadeIn(self), FadeIn(self.number))

    def adds(self, row: int, origin: Mobject) -> Animation:
        """A bar grows from the number before to the number after; what is added flies in."""
        addition, total = self.additions[row], self.sums[row]
        before, after = addition.before, addition.after
        start, end = self._x(before or 0.0), self._x(after)
        bar = self._bar(row, start, end)
        beside = point(max(start, end) + 0.2, self.rows[row].center[1])
        total.move_to(beside, aligned_edge=LEFT)
        ground = text_background(total, margin=0.03)
        old, self.number = self.number, self._number(after)
        origins = {"sent": origin} | ({"before": old} if before is not None else {})
        return AnimationGroup(
            GrowFromEdge(bar, LEFT if end >= start else RIGHT),
            FadeIn(ground),
            FormulaAssembly(total, origins),
            self._moves(float(after)),
            self._becomes(old),
        )

    def empties(self, to: Quantity | None) -> Animation:
        """The pointer goes home, and the number is None or zero again."""
        old, self.number = self.number, self._number(to)
        return AnimationGroup(self._moves(0.0), self._becomes(old))

    def points_at_last(self) -> Animation:
        """Look here: the latest sum and the number on the left."""
        here = (self.sums[-1], self.number)
        return AnimationGroup(*(Indicate(thing, color=colors.accent) for thing in here))

    def _moves(self, to: float) -> Animation:
        return ApplyMethod(self.level.set_value, to)

    def _becomes(self, old: VMobject) -> Animation:
        return AnimationGroup(FadeOut(old, shift=0.3 * DOWN), FadeIn(self.number, shift=0.3 * DOWN))

    def _bar(self, row: int, start: float, end: float) -> Rectangle:
        area = self.rows[row]
        bar = Rectangle(
            width=max(abs(end - start), 0.04), height=area.height * 0.72, stroke_width=0,
            fill_color=self.tone, fill_opacity=1,
        )  # fmt: skip
        middle: Floats = point((start + end) / 2, area.center[1])
        return bar.move_to(middle)


def room_for(*lanes: Sequence[Addition]) -> float:
    """How much room the sums of these lanes need beside the longest bar."""
    return max(_sum(addition).width for lane in lanes for addition in lane) + 0.25


def _sum(addition: Addition) -> Formula:
    """before + sent = after; where there was nothing before, what was sent is all."""
    roles: Mapping[str, str] = {"before": "muted", "sent": "gradient", "after": "gradient"}
    sent, before = addition.sent, addition.before
    if before is None:
        return Formula("{sent}", sent=sent, font_size=FontSize.label, roles=roles)
    addend = "{sent}" if sent >= 0 else "lr(({sent}))"
    return Formula(
        f"{{before}} + {addend} {{eq}} {{after}}",
        before=before, sent=sent, after=addition.after, font_size=FontSize.label, roles=roles,
        eq=when(sum_holds, ("before", "sent", "after")),
    )  # fmt: skip
