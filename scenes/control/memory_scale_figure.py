"""From a small network's memory to a large model's, on a logarithmic axis; and what is saved."""

from __future__ import annotations

import math as numbers

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    ArcBetweenPoints,
    Create,
    Dot,
    FadeIn,
    GrowFromEdge,
    LaggedStart,
    Line,
    Rectangle,
    ReplacementTransform,
    VGroup,
    VMobject,
)

from gradreel.draw.exchange import second_part
from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

UNITS = {3: "kB", 6: "MB", 9: "GB", 12: "TB"}  # by powers of ten
LAST_POWER = 12
GIGABYTE = 1e9
BAR_HEIGHT = 0.55
LABEL_GAP = 0.75  # between the axis and the words above it
SOURCE = "figures quoted from the course text"


class MemoryScale(VGroup):
    """An axis of bytes with a measured point and a quoted range; below it a bar of what is saved.

    `measured` is shown with `unit`; `held` is that in bytes. `quoted` are the ends of a range in
    gigabytes, and `saved` those of a range in percent.
    """

    def __init__(
        self, measured: Quantity, unit: str, held: float,
        quoted: tuple[Quantity, Quantity], saved: tuple[Quantity, Quantity], area: Rect,
    ) -> None:  # fmt: skip
        super().__init__()
        upper, lower = area.rows(1.5, 1, gap=0.2)
        self.span = (min(3.0, numbers.floor(numbers.log10(max(held, 1.0)))), LAST_POWER)
        self.left, self.right = upper.left + 0.5, upper.right - 0.5
        self.level = upper.bottom + 0.95
        self._build_axis()
        self.dot = Dot(self.at(held), radius=0.13, color=colors.value)
        self.here = Formula(
            f'"this network:" {{n}} thin "{unit}"', n=measured, roles={"n": "value"},
            font_size=FontSize.body,
        )  # fmt: skip
        self.here.next_to(self.dot, UP, buff=LABEL_GAP).align_to(self.dot, RIGHT)
        self.here.shift(max(area.left - self.here.get_left()[0], 0.0) * RIGHT)
        low, high = (self.at(float(end) * GIGABYTE) for end in quoted)
        self.range = Rectangle(
            width=high[0] - low[0], height=0.34, stroke_width=0, fill_color=colors.gradient,
            fill_opacity=1,
        ).move_to((low + high) / 2)  # fmt: skip
        self.there = Formula(
            '"a GPT:" {low} "to" {high} thin "GB"', low=quoted[0], high=quoted[1],
            roles=dict.fromkeys(("low", "high"), "gradient"), font_size=FontSize.body,
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
        """A bar of which at most the second share, and at least the first one, is saved."""
        width = self.right - self.left
        least, most = (float(share) / 100 for share in saved)
        frame = Rectangle(width=width, height=BAR_HEIGHT, stroke_color=colors.muted)
        frame.set_stroke(width=StrokeWidth.axis).move_to(
            point(self.left, area.center[1] - 0.25), aligned_edge=LEFT
        )
        self.frame = frame
        self.kept = VGroup(*(
            Rectangle(
                width=width * share, height=BAR_HEIGHT, stroke_width=0,
                fill_color=colors.value, fill_opacity=opacity,
            ).move_to(frame.get_left(), aligned_edge=LEFT)
            for share, opacity in ((1 - least, 0.45), (1 - most, 1.0))
        ))  # fmt: skip
        self.full = self.kept[1].copy().stretch_to_fit_width(width)
        self.full.move_to(frame)
        self.savings = Formula(
            '"all memory, under no_grad:" {least} "to" {most} "percent less"', least=saved[0],
            most=saved[1], roles=dict.fromkeys(("least", "most"), "value"), font_size=FontSize.body,
        )  # fmt: skip
        self.savings.next_to(frame, UP, buff=0.2).align_to(frame, LEFT)
        self.marks = VGroup(*map(self._mark, saved, self.kept))

    def _mark(self, share: Quantity, kept: VMobject) -> VGroup:
        """A tick below the end of what is left of the bar when `share` percent is saved."""
        end = kept.get_corner(DOWN + RIGHT)
        tick = Line(end, end + 0.18 * DOWN).set_stroke(colors.muted, StrokeWidth.axis)
        words = Formula(
            '{share} % "saved"', share=share, roles={"share": "value"}, font_size=FontSize.label
        )
        return VGroup(tick, words.next_to(tick, DOWN, buff=0.1))

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
            step = math("times 10", font_size=FontSize.small, color=colors.accent)
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
        """A full bar, and what is said to be saved of it."""
        return FadeIn(self.frame, self.full, self.savings)

    def saves(self) -> Animation:
        """The bar loses the share that is saved; the part between the two shares is pale."""
        pale, rest = self.kept
        shrinks = ApplyMethod(self.full.become, rest)
        return AnimationGroup(shrinks, FadeIn(pale, self.marks, rate_func=second_part))
