"""From a small network's memory to a large model's, on a logarithmic axis; and what is saved."""

from __future__ import annotations

import math as numbers

from manim import (
    DOWN,
    LEFT,
    PI,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    ArcBetweenPoints,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromEdge,
    LaggedStart,
    Line,
    Rectangle,
    ReplacementTransform,
    VGroup,
    VMobject,
)

from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

UNITS = {3: "kB", 6: "MB", 9: "GB", 12: "TB"}  # by powers of ten
LAST_POWER = 12
GIGABYTE = 1e9
LABEL_GAP = 0.95  # between the axis and the words above it
SOURCE = "figures quoted from the course text"


class MemoryScale(VGroup):
    """An axis of bytes with a measured point and a quoted range; below it what is saved of it.

    `measured` is shown with `unit`; `held` is that in bytes. `quoted` are the ends of a range in
    gigabytes, and `saved` those of a range in percent.
    """

    def __init__(
        self, measured: Quantity, unit: str, held: float,
        quoted: tuple[Quantity, Quantity], saved: tuple[Quantity, Quantity], area: Rect,
    ) -> None:  # fmt: skip
        super().__init__()
        upper, lower = area.rows(1.35, 1, gap=0.2)
        self.span = (min(6.0, numbers.floor(numbers.log10(max(held, 1.0)))), LAST_POWER)
        self.left, self.right = upper.left + 0.5, upper.right - 0.5
        self.level = upper.bottom + 0.95
        self._build_axis()
        # It begins where the outline of a rectangle does, so that a bar shrinks to it unturned.
        self.dot = Dot(self.at(held), radius=0.18, color=colors.value).rotate(PI / 4)
        self.here = Formula(
            f'"this network:" {{n}} thin "{unit}"', n=measured, roles={"n": "value"},
            font_size=FontSize.body,
        )  # fmt: skip
        self.here.next_to(self.dot, UP, buff=LABEL_GAP).align_to(self.dot, RIGHT)
        self.here.shift(max(area.left - self.here.get_left()[0], 0.0) * RIGHT)
        low, high = (self.at(float(end) * GIGABYTE) for end in quoted)
        self.range = Rectangle(
            width=high[0] - low[0], height=0.5, stroke_width=0, fill_color=colors.value,
            fill_opacity=1,
        ).move_to((low + high) / 2)  # fmt: skip
        self.there = Formula(
            '"a GPT:" {low} "to" {high} thin "GB"', low=quoted[0], high=quoted[1],
            roles=dict.fromkeys(("low", "high"), "value"), font_size=FontSize.body,
        )  # fmt: skip
        self.there.next_to(self.range, UP, buff=LABEL_GAP)
        self.there.shift(min(area.right - self.there.get_right()[0], 0.0) * RIGHT)
        self.source = text(SOURCE, font_size=FontSize.small, color=colors.muted)
        self.source.next_to(self.there, UP, buff=0.2).align_to(self.there, RIGHT)
        self.hops = self._hops(held, float(quoted[0]) * GIGABYTE)
        self._build_savings(saved, lower)
        self.rise = (self.level - area.center[1]) * UP
        self.upper = VGroup(
            self.axis, self.names, self.dot, self.here, self.range, self.there, self.source,
            self.hops,
        ).shift(-self.rise)  # fmt: skip

    def _build_axis(self) -> None:
        """A line with a tick for each power of ten, and the names of the units."""
        start, end = (self._at_power(power) for power in self.span)
        self.axis = VGroup(Line(start, end))
        self.names = VGroup()
        for power in range(int(self.span[0]), LAST_POWER + 1):
            place, size = self._at_power(power), 0.16 if power in UNITS else 0.09
            self.axis.add(Line(place + size * UP, place + size * DOWN))
            if power in UNITS:
                name = text(UNITS[power], font_size=FontSize.label, color=colors.muted)
                self.names.add(name.next_to(place, DOWN, buff=0.32))
        self.axis.set_stroke(colors.muted, StrokeWidth.axis)

    def _build_savings(self, saved: tuple[Quantity, Quantity], area: Rect) -> None:
        """For each share of `saved` a bar: weights, and what is kept for backward."""
        title, *rows = area.rows(0.8, 1, 1, gap=0.2)
        self.title = text("memory of a model", font_size=FontSize.body, color=colors.muted)
        self.title.move_to(point(self.left, title.center[1]), aligned_edge=LEFT)
        self.bars, self.kept, self.savings = VGroup(), VGroup(), VGroup()
        for share, row in zip(saved, rows, strict=True):
            number = Formula(
                '{share} % "saved"', share=share, roles={"share": "value"}, font_size=FontSize.body
            )
            number.move_to(point(self.right, row.center[1]), aligned_edge=RIGHT)
            right = float(number.get_left()[0]) - 0.35
            border = right - (right - self.left) * float(share) / 100
            self.savings.add(number)
            self.bars.add(_part("weights", Rect(self.left, border, row.bottom, row.top), "leaf"))
            self.kept.add(
                _part("kept for backward", Rect(border, right, row.bottom, row.top), "value")
            )

    def _at_power(self, power: float) -> Floats:
        low, high = self.span
        share = (power - low) / (high - low)
        return point(self.left + (self.right - self.left) * share, self.level)

    def at(self, held: float) -> Floats:
        """The place of a number of bytes on the axis."""
        return self._at_power(numbers.log10(max(held, 1.0)))

    def _hops(self, start: float, goal: float) -> VGroup:
        """Arcs from `start` on, marked as ten times as far each, until `goal` is reached."""
        hops = VGroup()
        while start < goal:
            one, other = self.at(start), self.at(start * 10)
            arc = ArcBetweenPoints(one + 0.12 * UP, other + 0.12 * UP, angle=-1.6)
            arc.set_stroke(colors.accent, StrokeWidth.arrow)
            step = math("times 10", font_size=FontSize.label, color=colors.accent)
            hops.add(VGroup(arc, step.next_to(arc, UP, buff=0.12)))
            start *= 10
        return hops

    # Animations

    def appears(self, bar: VMobject) -> Animation:
        """The axis; `bar`, what is measured, shrinks to a point on it."""
        axis = AnimationGroup(Create(self.axis), FadeIn(self.names))
        shrinks = AnimationGroup(ReplacementTransform(bar, self.dot), axis)
        return LaggedStart(shrinks, FadeIn(self.here), lag_ratio=0.5)

    def hops_on(self) -> Animation:
        """From the measured point on by powers of ten."""
        hops = [AnimationGroup(Create(arc), FadeIn(step)) for arc, step in self.hops]
        return LaggedStart(*hops, lag_ratio=0.7)

    def arrives(self) -> Animation:
        """The quoted range, with its numbers."""
        return AnimationGroup(GrowFromEdge(self.range, LEFT), FadeIn(self.there, self.source))

    def makes_room(self) -> Animation:
        """The axis and all that belongs to it move up."""
        return ApplyMethod(self.upper.shift, self.rise)

    def shows_memory(self) -> Animation:
        """The bars, and what is said to be saved of them."""
        return FadeIn(self.title, self.bars, self.kept, self.savings)

    def saves(self) -> Animation:
        """What is kept for backward goes; the weights stay."""
        outlines = [ApplyMethod(part[0].set_fill, None, 0.0) for part in self.kept]
        names = [FadeOut(name) for part in self.kept for name in part[1:]]
        return AnimationGroup(*outlines, *names)


def _part(name: str, area: Rect, role: str) -> VGroup:
    """A part of a bar with its name, which is left out where there is no room for it."""
    color = getattr(colors, role)
    shape = Rectangle(width=area.width, height=area.height).move_to(area.center)
    shape.set_stroke(color, StrokeWidth.axis).set_fill(color, opacity=1)
    words = text(name, font_size=FontSize.label, color=colors.background).move_to(shape)
    fits = words.width < area.width - 0.2
    return VGroup(shape, words) if fits else VGroup(shape)
