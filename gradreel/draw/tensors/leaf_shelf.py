"""Leaves side by side, each with its value and its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from manim import DOWN, RIGHT, Animation, FadeIn, LaggedStart, Mobject, VGroup

from gradreel.draw.folded.fold_card import TITLE_SIZE
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.layout import Rect
from gradreel.draw.tensors.heat_map import HeatMap
from gradreel.draw.tensors.tensor_graph import CELLS, TensorStyle
from gradreel.tape import Op, Tape
from gradreel.tape.records import Value
from gradreel.theme import colors

MOST = 6  # cards that can be read side by side
GAP = 0.3


class LeafShelf(VGroup):
    """The leaves that one pass gave a gradient; of many, as many as can be read."""

    def __init__(self, tape: Tape, look: TensorStyle, area: Rect) -> None:
        super().__init__()
        rows = [
            (tape[row.leaf], row.after)
            for row in tape.grads
            if row.backward == look.backward
            and isinstance(row.after, tuple)
            and isinstance(tape[row.leaf].value, tuple)
        ]
        self.cards: dict[str, OpCard] = {}
        for count, cell in product(range(min(len(rows), MOST), 0, -1), reversed(CELLS)):
            self.cards = {op.id: _card(op, slope, look, cell) for op, slope in rows[:count]}
            self.submobjects = list(self.cards.values())
            self.arrange(RIGHT, buff=GAP)
            if self.width <= area.width and self.height <= area.height:
                break
        self.move_to(area.center)

    def appears_from(self, homes: Mapping[str, Mobject]) -> Animation:
        """The cards come out of what stood for them before: the cards of their modules."""
        moves = [
            FadeIn(card, target_position=homes[leaf].get_center(), scale=0.2)
            if leaf in homes
            else FadeIn(card)
            for leaf, card in self.cards.items()
        ]
        return LaggedStart(*moves, lag_ratio=0.15)


def _card(op: Op, slope: Value | None, look: TensorStyle, cell: float) -> OpCard:
    maps = VGroup(
        *(
            HeatMap(numbers, scale, cell=cell, rim=rim)
            for numbers, scale, rim in (
                (op.value, look.values, colors.muted),
                (slope, look.gradients, colors.gradient),
            )
            if numbers is not None
        )
    )
    return OpCard(
        op, maps.arrange(DOWN, buff=0.2), detail=False, title_size=TITLE_SIZE,
        aside=str(list(op.shape)),
    )  # fmt: skip
