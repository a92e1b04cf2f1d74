"""A short row of results with the way back through it: open, or cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    Create,
    FadeIn,
    LaggedStart,
    Line,
    RoundedRectangle,
    Transform,
    VGroup,
    VMobject,
    there_and_back,
)

from gradreel.draw.compact_graph import CompactArrow
from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import variable_name as set_name
from gradreel.draw.text import text
from gradreel.draw.text_background import text_background
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

LEAST_CARD = 0.95
MOST_GAP = 1.5


class Member(NamedTuple):
    """One of the row: its name, its value, the colour of its frame."""

    name: str
    value: Quantity
    tone: str


class ResultCard(VGroup):
    """A name over its value, framed."""

    def __init__(self, member: Member) -> None:
        super().__init__()
        self.label = set_name(member.name, font_size=FontSize.label)
        self.number = Readout(member.value, font_size=FontSize.label, color=colors.value)
        words = VGroup(self.label, self.number).arrange(DOWN, buff=0.11)
        self.box = RoundedRectangle(
            corner_radius=0.14,
            width=max(words.width + 0.26, LEAST_CARD),
            height=0.95,
            stroke_width=0,
            fill_color=colors.panel,
            fill_opacity=1,
        )
        # The frame is a thing of its own: lighting it up must not lay the box over the letters.
        self.frame = self.box.copy().set_fill(opacity=0).set_stroke(member.tone, StrokeWidth.frame)
        self.add(self.box, self.frame, words.move_to(self.box))

    def framed(self, color: str) -> ResultCard:
        """Give the frame a colour; the card itself."""
        self.frame.set_stroke(color)
        return self

    def placed(self, point: Floats, factor: float) -> ResultCard:
        """Put the middle at `point`, `factor` times as large; the card itself."""
        self.scale(factor).move_to(point)
        return self

    def lights(self, color: str) -> Animation:
        """The frame takes a colour."""
        return ApplyMethod(self.framed, color)


class DetachLane(VGroup):
    """Code as a title; below it `members` from left to right, joined by arrows.

    The arrow that leads to member number `cut` (None for none) leads nothing back. The last member
    is what the first and the one before it make: it comes with `closes`, and an arc joins it to
    the first. Members stand `gap` apart, the last one ends at `end`.
    """

    def __init__(
        self, code: str, members: Sequence[Member], cut: int | None, area: Rect, *, gap: float,
        end: float,
    ) -> None:  # fmt: skip
        super().__init__()
        self.title = text(code, font_size=FontSize.code, mono=True)
        self.title.move_to(point(area.left, area.top - 0.16), aligned_edge=LEFT)
        self.cards = [ResultCard(member) for member in members]
        row = VGroup(*self.cards).arrange(RIGHT, buff=gap)
        row.move_to(point(area.left, area.top - 0.4), aligned_edge=LEFT + UP)
        self.cards[-1].align_to(point(end, 0), RIGHT)
        self.arrows = [
            CompactArrow([one.get_right() + 0.06 * RIGHT, other.get_left() + 0.06 * LEFT])
            for one, other in zip(self.cards, self.cards[1:], strict=False)
        ]
        self.arc = Arc(self.cards[0].get_bottom(), self.cards[-1].get_bottom())
        self.slash = _slash(self.arrows[cut - 1]) if cut is not None else VGroup()

    @property
    def result(self) -> ResultCard:
        """What is multiplied with the first member."""
        return self.cards[-2]

    def appears(self) -> Animation:
        """The title, and all but the last member."""
        parts: list[Animation] = [FadeIn(self.title), FadeIn(self.cards[0])]
        for card, arrow in zip(self.cards[1:-1], self.arrows[:-1], strict=True):
            parts.append(AnimationGroup(Create(arrow.line), FadeIn(arrow.tip), FadeIn(card)))
        return LaggedStart(*parts, lag_ratio=0.4)

    def severs(self) -> Animation:
        """The cut is marked; a lane without one has nothing to mark."""
        return AnimationGroup(*(Create(line) for line in self.slash))

    def closes(self) -> Animation:
        """The last member comes, with the two arrows that lead to it."""
        arrow = self.arrows[-1]
        lines = [Create(arrow.line), FadeIn(arrow.tip), Create(self.arc.line), FadeIn(self.arc.tip)]
        return AnimationGroup(*lines, FadeIn(self.cards[-1]))

    def returns(
        self, direct: Quantity, sent: Quantity | None, through: Quantity | None
    ) -> list[list[Animation]]:
        """Gradients run back, in four plays: `direct` along the arc, `sent` to the result, and from
        there `through` to the first member. Where nothing is sent the result lets nothing by.
        """
        first, last = self.cards[0], self.cards[-1]
        way = Travel(_carried(sent), self.arrows[-1], back=True)
        met = _stops_at(self.result) if sent is None else self.result.lights(colors.gradient)
        plays: list[list[Animation]] = [
            [last.lights(colors.gradient)],
            [way, Travel(_carried(direct), self.arc, back=True)],
            [met, first.lights(colors.gradient)],
        ]
        if through is not None:
            plays.append([Travel(_carried(through), self.arrows[0], back=True)])
        return plays


class Arc(VGroup):
    """A line that leaves `begin` downwards, runs level and comes up to `end`, tip there."""

    DEPTH = 0.22

    def __init__(self, begin: Floats, end: Floats) -> None:
        super().__init__()
        deep = self.DEPTH * DOWN
        arrow = CompactArrow([begin, begin + deep, end + deep, end + 0.03 * DOWN])
        self.line, self.tip = arrow.line, arrow.tip
        self.add(self.line, self.tip)

    def point_at(self, share: float) -> Floats:
        """The point `share` of the way from its start."""
        point: Floats = self.line.point_from_proportion(share)
        return point


def spread(rows: Sequence[Sequence[Member]], area: Rect) -> tuple[float, float]:
    """How far apart members may stand so that each of the rows fits into `area`, and where the
    last of the longest row ends."""
    widths = [sum(ResultCard(member).width for member in row) for row in rows]
    gaps = [(area.width - w) / (len(row) - 1) for w, row in zip(widths, rows, strict=True)]
    gap = min(*gaps, MOST_GAP)
    long = max(w + gap * (len(row) - 1) for w, row in zip(widths, rows, strict=True))
    return gap, area.left + long


def _stops_at(card: ResultCard) -> Animation:
    """The frame flares up and calms down: nothing comes through here."""
    there = card.copy().framed(colors.warning)
    return Transform(card, there, rate_func=there_and_back)


def _carried(number: Quantity | None) -> VMobject:
    if number is None:
        return pulse(colors.gradient)
    readout = Readout(number, font_size=FontSize.label, color=colors.gradient)
    return VGroup(text_background(readout, margin=0.06), readout)


def _slash(arrow: CompactArrow) -> VGroup:
    """Two strokes across an arrow."""
    middle = np.asarray(arrow.point_at(0.45))
    stroke_across = point(0.09, 0.24)
    return VGroup(
        *(
            Line(middle - stroke_across + aside, middle + stroke_across + aside)
            .set_stroke(colors.warning, StrokeWidth.curve)
            for aside in (0.06 * LEFT, 0.06 * RIGHT)
        )
    )  # fmt: skip
