"""A row of results joined by arrows, and gradients on their way back: passed on, or stopped."""

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
    FadeOut,
    LaggedStart,
    Line,
    RoundedRectangle,
    Transform,
    VGroup,
    VMobject,
    there_and_back,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.exchange import comes
from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import text, variable_name
from gradreel.draw.text_background import text_background
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

MIN_CARD_WIDTH = 0.95
MAX_GAP = 1.5


class LaneItem(NamedTuple):
    """One result of a lane: its name, its value, the colour of its frame."""

    name: str
    value: Quantity
    tone: str


class ResultCard(VGroup):
    """A name over its value, framed."""

    def __init__(self, item: LaneItem) -> None:
        super().__init__()
        self.label = variable_name(item.name, font_size=FontSize.label)
        self.number = Readout(item.value, font_size=FontSize.label, color=colors.value)
        words = VGroup(self.label, self.number).arrange(DOWN, buff=0.11)
        self.box = RoundedRectangle(
            corner_radius=0.14,
            width=max(words.width + 0.26, MIN_CARD_WIDTH),
            height=0.95,
            stroke_width=0,
            fill_color=colors.panel,
            fill_opacity=1,
        )
        # A separate frame: to animate its colour must not draw the box over the letters.
        self.frame = self.box.copy().set_fill(opacity=0).set_stroke(item.tone, StrokeWidth.frame)
        self.add(self.box, self.frame, words.move_to(self.box))

    def set_frame_color(self, color: str) -> ResultCard:
        """Recolour the frame; returns the card itself."""
        self.frame.set_stroke(color)
        return self

    def scale_to_point(self, point: Floats, factor: float) -> ResultCard:
        """Scale by `factor` and move the centre to `point`; returns the card itself."""
        self.scale(factor).move_to(point)
        return self

    def lights_up(self, color: str) -> Animation:
        """The frame changes its colour."""
        return ApplyMethod(self.set_frame_color, color)


class DetachLane(VGroup):
    """Code as a title; below it `items` from left to right, joined by arrows.

    No gradient passes the arrow that leads to item number `cut`; None for no cut. The last item is
    the product of the first and the one before it: it appears with `shows_product`, and an arrow
    below the row joins it to the first. Cards are `gap` apart; the last one ends at x = `end`.
    """

    def __init__(
        self, code: str, items: Sequence[LaneItem], cut: int | None, area: Rect, *, gap: float,
        end: float,
    ) -> None:  # fmt: skip
        super().__init__()
        self.title = text(code, font_size=FontSize.code, mono=True)
        self.title.move_to(point(area.left, area.top - 0.16), aligned_edge=LEFT)
        self.cards = [ResultCard(item) for item in items]
        row = VGroup(*self.cards).arrange(RIGHT, buff=gap)
        row.move_to(point(area.left, area.top - 0.4), aligned_edge=LEFT + UP)
        self.cards[-1].align_to(point(end, 0), RIGHT)
        self.arrows = [
            CompactArrow([one.get_right() + 0.06 * RIGHT, other.get_left() + 0.06 * LEFT])
            for one, other in zip(self.cards, self.cards[1:], strict=False)
        ]
        self.detour = DetourArrow(self.cards[0].get_bottom(), self.cards[-1].get_bottom())
        self.slash = cut_marks(self.arrows[cut - 1]) if cut is not None else VGroup()
        self.notes: dict[str, Readout] = {}  # what came back to the first card, by its path

    @property
    def result(self) -> ResultCard:
        """The result that is multiplied by the first item."""
        return self.cards[-2]

    def appears(self) -> Animation:
        """The title, and all cards but the last one."""
        parts: list[Animation] = [FadeIn(self.title), FadeIn(self.cards[0])]
        for card, arrow in zip(self.cards[1:-1], self.arrows[:-1], strict=True):
            parts.append(AnimationGroup(Create(arrow.line), FadeIn(arrow.tip), FadeIn(card)))
        return LaggedStart(*parts, lag_ratio=0.4)

    def moves(self, way: Floats) -> Animation:
        """All of it moves, what is not on stage yet as well."""
        for part in (self.cards[-1], self.arrows[-1], self.detour):
            part.shift(way)
        shown = (self.title, *self.cards[:-1], *self.arrows[:-1], self.slash)
        moved = [part for arrow in self.arrows[:-1] for part in arrow]
        parts = [part for part in shown if part not in self.arrows and len(part)]
        return AnimationGroup(*(ApplyMethod(part.shift, way) for part in (*parts, *moved)))

    def asks(self) -> Animation:
        """The result lights up for a moment."""
        card = self.result
        lit = card.copy().set_frame_color(colors.accent).scale(1.12)
        return Transform(card, lit, rate_func=there_and_back)

    def goes(self, *kept: ResultCard) -> Animation:
        """All of it fades out, but for the cards `kept`."""
        cards = [card for card in self.cards if card not in kept]
        arrows = [part for arrow in self.arrows for part in arrow]
        marks = (*self.slash, *self.detour, *self.notes.values())
        return FadeOut(VGroup(self.title, *cards, *arrows, *marks))

    def marks_cut(self) -> Animation:
        """Two strokes across the arrow that is cut, if there is one."""
        return AnimationGroup(*(Create(line) for line in self.slash))

    def shows_product(self) -> Animation:
        """The last card with the two arrows that lead to it."""
        arrow, detour = self.arrows[-1], self.detour
        lines = [Create(arrow.line), FadeIn(arrow.tip), Create(detour.line), FadeIn(detour.tip)]
        return AnimationGroup(*lines, FadeIn(self.cards[-1]))

    def backward_plays(
        self, direct: Quantity, sent: Quantity | None, through: Quantity | None
    ) -> list[list[Animation]]:
        """The animations of three or four successive plays in which gradients run back.

        `direct` takes the detour to the first card, `sent` goes to the result, and `through` from
        there to the first card. Where `sent` is None, the result stops the gradient.
        """
        first, last = self.cards[0], self.cards[-1]
        to_result = Travel(_travelling_gradient(sent), self.arrows[-1], back=True)
        at_result = (
            _flares(self.result, colors.warning)
            if sent is None
            else self.result.lights_up(colors.gradient)
        )
        beside = (self.result.get_right() + last.get_left()) / 2
        note = self._notes("direct", direct, point(beside[0], self.cards[0].get_bottom()[1] + 0.06))
        plays: list[list[Animation]] = [
            [last.lights_up(colors.gradient)],
            [to_result, Travel(_travelling_gradient(direct), self.detour, back=True), note],
            [at_result, first.lights_up(colors.gradient)],
        ]
        if through is not None:
            above = self.arrows[0].point_at(0.45) + point(0, 0.28)
            note = self._notes("through", through, above)
            plays.append([Travel(_travelling_gradient(through), self.arrows[0], back=True), note])
        return plays

    def _notes(self, path: str, number: Quantity, place: Floats) -> Animation:
        """A number stays beside the path on which it came back."""
        note = Readout(number, font_size=FontSize.label, color=colors.gradient).move_to(place)
        self.notes[path] = note
        return comes(note)


class DetourArrow(VGroup):
    """An arrow that leaves `begin` downwards, runs level and comes up to `end`."""

    DEPTH = 0.22

    def __init__(self, begin: Floats, end: Floats) -> None:
        super().__init__()
        down = self.DEPTH * DOWN
        arrow = CompactArrow([begin, begin + down, end + down, end + 0.03 * DOWN])
        self.line, self.tip = arrow.line, arrow.tip
        self.add(self.line, self.tip)

    def point_at(self, share: float) -> Floats:
        """The point at `share` of the arrow's length, from 0 to 1."""
        position: Floats = self.line.point_from_proportion(share)
        return position


def fit_lanes(rows: Sequence[Sequence[LaneItem]], area: Rect) -> tuple[float, float]:
    """The gap between cards with which every row fits into `area`, and where the longest row ends.

    Both are in frame units; the end is an x coordinate.
    """
    widths = [sum(ResultCard(item).width for item in row) for row in rows]
    gaps = [(area.width - w) / (len(row) - 1) for w, row in zip(widths, rows, strict=True)]
    gap = min(*gaps, MAX_GAP)
    longest = max(w + gap * (len(row) - 1) for w, row in zip(widths, rows, strict=True))
    return gap, area.left + longest


def _flares(card: ResultCard, color: str) -> Animation:
    """The frame turns to a colour and back."""
    return Transform(card, card.copy().set_frame_color(color), rate_func=there_and_back)


def _travelling_gradient(number: Quantity | None) -> VMobject:
    if number is None:
        return pulse(colors.gradient)
    readout = Readout(number, font_size=FontSize.label, color=colors.gradient)
    return VGroup(text_background(readout, margin=0.06), readout)


def cut_marks(arrow: CompactArrow) -> VGroup:
    """Two strokes across an arrow."""
    middle = np.asarray(arrow.point_at(0.45))
    half_stroke = point(0.09, 0.24)
    return VGroup(
        *(
            Line(middle - half_stroke + aside, middle + half_stroke + aside)
            .set_stroke(colors.warning, StrokeWidth.curve)
            for aside in (0.06 * LEFT, 0.06 * RIGHT)
        )
    )  # fmt: skip
