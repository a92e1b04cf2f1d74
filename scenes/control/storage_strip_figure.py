"""A strip of memory, and the names that point into it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import (
    DOWN,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Mobject,
    Rectangle,
    Succession,
    VGroup,
    VMobject,
)

from gradreel.draw.compact_graph import CompactArrow
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.scenes.control.detach_lane_figure import ResultCard
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

LEAST_CELL = 1.5
HEIGHT = 0.85
GROWN = 1.3  # how much larger cards are here than in the lanes they come from


class StorageStrip(VGroup):
    """`cards` in a row above a strip of cells; `groups` lists the cards of each cell that is used.

    `later[k]` is the value of card k after the write that `writes` shows.
    """

    def __init__(
        self,
        cards: Sequence[ResultCard],
        groups: Sequence[Sequence[int]],
        later: Sequence[Quantity],
        area: Rect,
    ) -> None:
        super().__init__()
        self.cards, self.groups, self.later = list(cards), groups, later
        upper, lower = area.rows(1.3, 1, gap=0.5)
        self.spots = [column.center for column in upper.columns(*[1.0] * len(cards))]
        widest = max(_number(n).width for n in (*later, *(c.number.quantity for c in cards)))
        count = max(int(area.width / max(LEAST_CELL, widest + 0.4)), len(groups))
        columns = lower.columns(*[1.0] * count, gap=0.0)
        self.strip = VGroup(*(_cell(column, lower) for column in columns))
        self.used = [self._nearest([self.spots[k][0] for k in group]) for group in groups]
        self.numbers = [
            _number(cards[group[0]].number.quantity).move_to(cell)
            for group, cell in zip(groups, self.used, strict=True)
        ]
        self.links = {
            k: self._link(k, cell)
            for group, cell in zip(groups, self.used, strict=True)
            for k in group
        }

    def _nearest(self, xs: Sequence[float]) -> VMobject:
        middle = float(np.mean(xs))
        return min(self.strip, key=lambda one: abs(float(one.get_x()) - middle))

    def _link(self, card: int, cell: VMobject) -> CompactArrow:
        """From the foot of a card to the cell, a little to the card's side of its middle."""
        begin = self.spots[card] + GROWN * self.cards[card].height / 2 * DOWN + 0.06 * DOWN
        end = cell.get_top() + 0.06 * UP
        aside = np.clip(begin[0] - end[0], -1, 1) * cell.width / 4
        return CompactArrow([begin, end + point(aside, 0)])

    def gathers(self) -> Animation:
        """The cards come over from where they are."""
        moves = [
            ApplyMethod(card.placed, place, GROWN)
            for card, place in zip(self.cards, self.spots, strict=True)
        ]
        return AnimationGroup(*moves)

    def appears(self) -> Animation:
        """The strip, and in it what the cards hold."""
        drops: list[Animation] = []
        for group, cell, number in zip(self.groups, self.used, self.numbers, strict=True):
            frame = ApplyMethod(cell.become, _cell_in_use(cell))
            links = [
                AnimationGroup(Create(self.links[k].line), FadeIn(self.links[k].tip)) for k in group
            ]
            origin = self.cards[group[0]].number.get_center()
            first = FadeIn(number, target_position=origin)
            drops.append(AnimationGroup(*links, frame, first))
        return LaggedStart(FadeIn(self.strip), *drops, lag_ratio=0.5)

    def writes(self, card: int, number: Quantity, origin: Mobject) -> Animation:
        """`number` comes from `origin` into the cell of a card, and all who point there read it."""
        index = next(k for k, group in enumerate(self.groups) if card in group)
        cell, old = self.used[index], self.numbers[index]
        new = self.numbers[index] = _number(number).move_to(cell)
        falls = AnimationGroup(
            FadeOut(old, shift=0.3 * DOWN), FadeIn(new, target_position=origin.get_center())
        )
        return Succession(falls, AnimationGroup(*(self._reads(k, new) for k in self.groups[index])))

    def _reads(self, card: int, cell: Readout) -> Animation:
        """What a card shows becomes what its cell holds."""
        old = self.cards[card].number
        new = Readout(self.later[card], font_size=FontSize.label, color=colors.accent).scale(GROWN)
        new.move_to(old)
        self.cards[card].number = new
        return AnimationGroup(FadeOut(old), FadeIn(new, target_position=cell.get_center()))


def _number(quantity: Quantity) -> Readout:
    return Readout(quantity, font_size=FontSize.body, color=colors.value)


def _cell(column: Rect, row: Rect) -> Rectangle:
    cell = Rectangle(width=column.width, height=HEIGHT, stroke_width=StrokeWidth.axis)
    cell.set_stroke(colors.faint)
    return cell.move_to(point(column.center[0], row.top - HEIGHT / 2))


def _cell_in_use(cell: VMobject) -> VMobject:
    there = cell.copy().set_stroke(colors.value, StrokeWidth.frame)
    return there.set_fill(colors.panel, opacity=1)
