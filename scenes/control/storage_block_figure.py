"""Blocks of memory, and the names of the tensors that are stored in them."""

from __future__ import annotations

from collections.abc import Sequence

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
    Indicate,
    LaggedStart,
    Mobject,
    Succession,
    VGroup,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.rounded_box import RoundedBox
from gradreel.draw.text import text
from gradreel.scenes.control.detach_lane_figure import ResultCard
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

BLOCK_HEIGHT = 1.15
BLOCK_SHARE = 0.8  # of the width that the names of a block take
CARD_SCALE = 1.15  # of the cards here, relative to the lanes from which they come


class StorageBlocks(VGroup):
    """`cards` in a row over blocks of memory; each of `groups` lists the cards that share one.

    The values of the cards go into the blocks, and their names stay above.
    """

    def __init__(
        self, cards: Sequence[ResultCard], groups: Sequence[Sequence[int]], area: Rect
    ) -> None:
        super().__init__()
        self.cards, self.groups = list(cards), groups
        upper, lower = area.rows(1.3, BLOCK_HEIGHT, gap=0.55)
        columns = upper.columns(*[1.0] * len(cards))
        self.positions = [column.center for column in columns]
        self.blocks, self.numbers = VGroup(), []
        for group in groups:
            spans = [columns[k] for k in group]
            left, right = spans[0].left, spans[-1].right
            block = RoundedBox(
                width=(right - left) * BLOCK_SHARE, height=BLOCK_HEIGHT, corner_radius=0.1,
                fill_color=colors.panel, fill_opacity=1,
            ).set_stroke(colors.value, StrokeWidth.frame)  # fmt: skip
            self.blocks.add(block.move_to(point((left + right) / 2, lower.center[1])))
            self.numbers.append(_number(cards[group[0]].number.quantity).move_to(block))
        self.label = text("memory", font_size=FontSize.label, color=colors.muted)
        self.label.next_to(self.blocks, DOWN, buff=0.2).align_to(self.blocks, LEFT)
        self.links = [self._link(k) for k in range(len(cards))]

    def _block_of(self, card: int) -> int:
        return next(k for k, group in enumerate(self.groups) if card in group)

    def _link(self, card: int) -> CompactArrow:
        """An arrow from the bottom of a card to the block below it."""
        place, top = self.positions[card], self.blocks[self._block_of(card)].get_top()[1]
        begin = place + (CARD_SCALE * self.cards[card].height / 2 + 0.06) * DOWN
        return CompactArrow([begin, point(place[0], top + 0.06)])

    def gathers_cards(self) -> Animation:
        """The cards move from their lanes above the blocks."""
        return AnimationGroup(
            *(
                ApplyMethod(card.scale_to_point, position, CARD_SCALE)
                for card, position in zip(self.cards, self.positions, strict=True)
            )
        )

    def appears(self) -> Animation:
        """Block by block: the values of its cards go into it as one, and the names stay."""
        blocks: list[Animation] = [FadeIn(self.label)]
        for block, number, group in zip(self.blocks, self.numbers, self.groups, strict=True):
            moves: list[Animation] = [FadeIn(block, shift=0.2 * UP)]
            for k in group:
                card, link = self.cards[k], self.links[k]
                moves += [Create(link.line), FadeIn(link.tip)]
                moves.append(FadeOut(card.number, target_position=number.get_center()))
                moves.append(ApplyMethod(card.label.move_to, card.box.get_center()))
            blocks.append(Succession(AnimationGroup(*moves), FadeIn(number, run_time=0.4)))
        return LaggedStart(*blocks, lag_ratio=0.4)

    def writes(self, card: int, number: Quantity, origin: Mobject) -> Animation:
        """`number` moves from `origin` into the block of a card; all its names are pointed out."""
        index = self._block_of(card)
        old, block = self.numbers[index], self.blocks[index]
        new = self.numbers[index] = _number(number).set_color(colors.accent).move_to(block)
        write = AnimationGroup(
            FadeOut(old, shift=0.3 * DOWN), FadeIn(new, target_position=origin.get_center())
        )
        names = (Indicate(self.cards[k].label, 1.5, colors.accent) for k in self.groups[index])
        return Succession(write, AnimationGroup(*names))


def _number(quantity: Quantity) -> Readout:
    return Readout(quantity, font_size=FontSize.formula, color=colors.value)
