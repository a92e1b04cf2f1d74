"""A number that grows by additions: one bar for each addition, on a common scale."""

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

from gradreel.draw.formula import Formula, is_sum
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.draw.text_background import text_background
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

MIN_BARS_SHARE = 0.3  # of the width beside the labels, however long the sums are


class Addition(Protocol):
    """One addition: `before` plus `contribution` is `after`; `before` may be None."""

    @property
    def before(self) -> Quantity | None: ...
    @property
    def contribution(self) -> Quantity: ...
    @property
    def after(self) -> Quantity: ...


class AccumulationBars(VGroup):
    """On the left a title and `label = number`, on the right one row for each addition.

    A bar runs from the number before to the number after; a pointer below marks the current number.
    `span` is the least and the greatest number on the scale. `sum_width` is kept free to the right
    of the bars (see `max_sum_width`).
    """

    def __init__(
        self,
        title: str,
        label: str,
        additions: Sequence[Addition],
        span: tuple[float, float],
        area: Rect,
        tone: str,
        sum_width: float,
    ) -> None:
        super().__init__()
        labels, plot = area.columns(1.15, 2.6, gap=0.3)
        self.additions, self.tone = additions, tone
        self.span = (min(span[0], 0.0), max(span[1], 0.0))
        self.sums = [_sum_formula(addition) for addition in additions]
        self.left = plot.left
        self.right = plot.right - min(sum_width, plot.width * (1 - MIN_BARS_SHARE))
        bars = Rect(plot.left, plot.right, plot.bottom + 0.4, plot.top)
        self.rows = bars.rows(*[1.0] * len(additions), gap=0.0)
        self._add_labels(title, label, labels)
        self.level = ValueTracker(0.0)
        self._add_scale(bars)

    def _add_labels(self, title: str, label: str, area: Rect) -> None:
        self.title = text(title, font_size=FontSize.body, color=self.tone, mono=True)
        self.label = math(f"{label} =", font_size=FontSize.body * 1.1, color=colors.muted)
        for mobject, height in ((self.title, 0.42), (self.label, -0.42)):
            mobject.move_to(area.center + height * UP)
            mobject.align_to(point(area.left, 0), LEFT)
        self.number: VMobject = self._number(None)
        self.add(self.title, self.label)

    def _add_scale(self, bars: Rect) -> None:
        foot, zero = bars.bottom - 0.08, self._x(0.0)
        self.axis = Line(point(self.left, foot), point(self.right, foot))
        self.zero = Line(point(zero, foot - 0.12), point(zero, bars.top))
        for line in (self.axis, self.zero):
            line.set_stroke(colors.muted, StrokeWidth.axis)
        self.pointer = Triangle(fill_color=self.tone, fill_opacity=1, stroke_width=0).scale(0.16)
        self.pointer.add_updater(self._follow_level, call_updater=True)
        self.add(self.axis, self.zero, self.pointer)

    def _x(self, number: float) -> float:
        """The x coordinate of a number on the scale."""
        low, high = self.span
        return self.left + (self.right - self.left) * (number - low) / ((high - low) or 1.0)

    def _follow_level(self, pointer: Mobject) -> None:
        foot = self.axis.get_start()[1]
        pointer.move_to(point(self._x(self.level.get_value()), foot - 0.04), aligned_edge=UP)

    def _number(self, number: Quantity | None) -> VMobject:
        if number is None:
            mobject: VMobject = text("None", font_size=FontSize.body, color=colors.muted, mono=True)
        else:
            mobject = Readout(number, font_size=FontSize.body * 1.1, color=colors.gradient)
        mobject.next_to(self.label, RIGHT, buff=0.2)
        return mobject.set_y(self.label[-1].get_y())

    def appears(self) -> Animation:
        """Labels, scale and the number, which is None."""
        return AnimationGroup(FadeIn(self), FadeIn(self.number))

    def adds(self, row: int, origin: Mobject) -> Animation:
        """The bar of an addition grows; its contribution comes from `origin`."""
        addition, total = self.additions[row], self.sums[row]
        start, end = self._x(addition.before or 0.0), self._x(addition.after)
        bar = self._bar(row, start, end)
        total.move_to(point(max(start, end) + 0.2, self.rows[row].center[1]), aligned_edge=LEFT)
        background = text_background(total, margin=0.03)
        old, self.number = self.number, self._number(addition.after)
        origins = {"sent": origin} | ({"before": old} if addition.before is not None else {})
        return AnimationGroup(
            GrowFromEdge(bar, LEFT if end >= start else RIGHT),
            FadeIn(background),
            FormulaAssembly(total, origins),
            self._moves_pointer(float(addition.after)),
            self._replaces_number(old),
        )

    def resets(self, number: Quantity | None) -> Animation:
        """The pointer returns to zero, and the number becomes `number`: None or zero."""
        old, self.number = self.number, self._number(number)
        return AnimationGroup(self._moves_pointer(0.0), self._replaces_number(old))

    def points_at_last(self) -> Animation:
        """The last sum and the number on the left are highlighted."""
        targets = (self.sums[-1], self.number)
        return AnimationGroup(*(Indicate(target, color=colors.accent) for target in targets))

    def _moves_pointer(self, number: float) -> Animation:
        return ApplyMethod(self.level.set_value, number)

    def _replaces_number(self, old: VMobject) -> Animation:
        return AnimationGroup(FadeOut(old, shift=0.3 * DOWN), FadeIn(self.number, shift=0.3 * DOWN))

    def _bar(self, row: int, start: float, end: float) -> Rectangle:
        area = self.rows[row]
        bar = Rectangle(
            width=max(abs(end - start), 0.04), height=area.height * 0.72, stroke_width=0,
            fill_color=self.tone, fill_opacity=1,
        )  # fmt: skip
        return bar.move_to(point((start + end) / 2, area.center[1]))


def max_sum_width(*lanes: Sequence[Addition]) -> float:
    """The width of the longest sum in these lanes, with its margin."""
    return max(_sum_formula(addition).width for lane in lanes for addition in lane) + 0.25


def _sum_formula(addition: Addition) -> Formula:
    """before + contribution = after; only the contribution where there was nothing before."""
    roles: Mapping[str, str] = {"before": "muted", "sent": "gradient", "after": "gradient"}
    sent, before = addition.contribution, addition.before
    if before is None:
        return Formula("{sent}", sent=sent, font_size=FontSize.label, roles=roles)
    addend = "{sent}" if sent >= 0 else "lr(({sent}))"
    return Formula(
        f"{{before}} + {addend} {{eq}} {{after}}",
        before=before, sent=sent, after=addition.after, font_size=FontSize.label, roles=roles,
        eq=is_sum(("before", "sent"), "after"),
    )  # fmt: skip
