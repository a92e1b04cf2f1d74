"""A strip of memory cells, and the names of tensors that point into it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import (
    DOWN,
    LEFT,
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

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import text
from gradreel.scenes.control.detach_lane_figure import ResultCard
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

MIN_CELL_WIDTH = 1.5
CELL_HEIGHT = 0.85
CARD_SCALE = 1.3  # of the cards here, relative to the lanes from which they come


class StorageStrip(VGroup):
    """`cards` in a row above a strip of cells; each of `groups` lists the cards that share a cell.

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
        self.positions = [column.center for column in upper.columns(*[1.0] * len(cards))]
        widest = max(_number(n).width for n in (*later, *(c.number.quantity for c in cards)))
        count = max(int(area.width / max(MIN_CELL_WIDTH, widest + 0.4)), len(groups))
        columns = lower.columns(*[1.0] * count, gap=0.0)
        self.strip = VGroup(*(_cell(column, lower) for column in columns))
        self.label = text("memory", font_size=FontSize.label, color=colors.muted)
        self.label.next_to(self.strip, DOWN, buff=0.2).align_to(self.strip, LEFT)
        self.used = [self._nearest_cell([self.positions[k][0] for k in group]) for group in groups]
        self.numbers = [
            _number(cards[group[0]].number.quantity).move_to(cell)
            for group, cell in zip(groups, self.used, strict=True)
        ]
        self.links = {
            k: self._link(k, cell)
            for group, cell in zip(groups, self.used, strict=True)
            for k in group
        }

    def _nearest_cell(self, xs: Sequence[float]) -> VMobject:
        middle = float(np.mean(xs))
        return min(self.strip, key=lambda cell: abs(float(cell.get_x()) - middle))

    def _link(self, card: int, cell: VMobject) -> CompactArrow:
        """An arrow from the bottom of a card to the top of the cell, towards the card's side."""
        begin = self.positions[card] + CARD_SCALE * self.cards[card].height / 2 * DOWN + 0.06 * DOWN
        end = cell.get_top() + 0.06 * UP
        aside = np.clip(begin[0] - end[0], -1, 1) * cell.width / 4
        return CompactArrow([begin, end + point(aside, 0)])

    def gathers_cards(self) -> Animation:
        """The cards move from their lanes to their positions above the strip."""
        moves = [
            ApplyMethod(card.scale_to_point, position, CARD_SCALE)
            for card, position in zip(self.cards, self.positions, strict=True)
        ]
        return AnimationGroup(*moves)

    def appears(self) -> Animation:
        """The strip, then cell by cell the links and the number that it holds."""
        cells: list[Animation] = []
        for group, cell, number in zip(self.groups, self.used, self.numbers, strict=True):
            frame = ApplyMethod(cell.become, _used_cell(cell))
            links = [
                AnimationGroup(Create(self.links[k].line), FadeIn(self.links[k].tip)) for k in group
            ]
            origin = self.cards[group[0]].number.get_center()
            value = FadeIn(number, target_position=origin)
            cells.append(AnimationGroup(*links, frame, value))
        return LaggedStart(FadeIn(self.strip, self.label), *cells, lag_ratio=0.5)

    def writes(self, card: int, number: Quantity, origin: Mobject) -> Animation:
        """`number` moves from `origin` into the cell of a card; all cards of the cell show it."""
        index = next(k for k, group in enumerate(self.groups) if card in group)
        cell, old = self.used[index], self.numbers[index]
        new = self.numbers[index] = _number(number).move_to(cell)
        write = AnimationGroup(
            FadeOut(old, shift=0.3 * DOWN), FadeIn(new, target_position=origin.get_center())
        )
        updates = (self._updates_card(k, new) for k in self.groups[index])
        return Succession(write, AnimationGroup(*updates))

    def _updates_card(self, card: int, cell: Readout) -> Animation:
        """A card's number is replaced by its later value, which comes from the cell."""
        old = self.cards[card].number
        new = Readout(self.later[card], font_size=FontSize.label, color=colors.accent)
        new.scale(CARD_SCALE).move_to(old)
        self.cards[card].number = new
        return AnimationGroup(FadeOut(old), FadeIn(new, target_position=cell.get_center()))


def _number(quantity: Quantity) -> Readout:
    return Readout(quantity, font_size=FontSize.body, color=colors.value)


def _cell(column: Rect, row: Rect) -> Rectangle:
    cell = Rectangle(width=column.width, height=CELL_HEIGHT, stroke_width=StrokeWidth.axis)
    cell.set_stroke(colors.faint).set_fill(colors.panel, opacity=0)
    return cell.move_to(point(column.center[0], row.top - CELL_HEIGHT / 2))


def _used_cell(cell: VMobject) -> VMobject:
    target = cell.copy().set_stroke(colors.value, StrokeWidth.frame)
    return target.set_fill(colors.panel, opacity=1)
