"""Cards of leaf tensors side by side, each with its value and its gradient."""

from __future__ import annotations

from collections.abc import Mapping

from manim import DOWN, RIGHT, Animation, FadeIn, LaggedStart, Mobject, VGroup

from gradreel.draw.baseline import baseline_row
from gradreel.draw.folded.fold_card import TITLE_SIZE
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import Readout
from gradreel.draw.tensors.cell_sizes import CELL_SIZES
from gradreel.draw.tensors.heat_map import HeatMap, drawn_numbers, sample_note
from gradreel.draw.tensors.tensor_stage import TensorStyle
from gradreel.draw.text import text
from gradreel.tape import Op, Recorded, Summary, Tape
from gradreel.tape.tape import summary_numbers
from gradreel.theme import FontSize, colors

MOST_CARDS = 6  # that are legible side by side
GAP = 0.3


class LeafShelf(VGroup):
    """The tensor leaves to which one backward pass gave a gradient, with the largest cells.

    `is_complete` is whether all of them fit into `area`; `cards` is empty if they do not.
    """

    def __init__(self, tape: Tape, style: TensorStyle, area: Rect) -> None:
        super().__init__()
        rows = [
            (tape[row.leaf], row.after)
            for row in tape.grads
            if row.backward == style.backward
            and isinstance(row.after, (tuple, Summary))
            and isinstance(tape[row.leaf].value, (tuple, Summary))
        ]
        self.cards: dict[str, OpCard] = {}
        everything = [
            row for row in tape.grads if row.backward == style.backward and row.after is not None
        ]
        self.is_complete = 0 < len(rows) == len(everything) <= MOST_CARDS
        sizes = reversed(CELL_SIZES) if self.is_complete else ()
        for cell in sizes:
            self.cards = {op.id: _card(op, grad, style, cell) for op, grad in rows}
            self.submobjects = list(self.cards.values())
            self.arrange(RIGHT, buff=GAP)
            if self.width <= area.width and self.height <= area.height:
                break
        else:
            self.cards, self.submobjects, self.is_complete = {}, [], False
        self.move_to(area.center)

    def appears_from(self, origins: Mapping[str, Mobject]) -> Animation:
        """Show the cards; each moves in from the mobject for its leaf in `origins`."""
        moves = [
            FadeIn(card, target_position=origins[leaf].get_center(), scale=0.2)
            if leaf in origins
            else FadeIn(card)
            for leaf, card in self.cards.items()
        ]
        return LaggedStart(*moves, lag_ratio=0.15)


def _card(op: Op, grad: Recorded | None, style: TensorStyle, cell: float) -> OpCard:
    maps = VGroup(
        *(
            HeatMap(drawn_numbers(numbers)[0], scale, cell=cell, rim=rim)
            for numbers, scale, rim in (
                (op.value, style.values, colors.muted),
                (grad, style.gradients, colors.gradient),
            )
            if numbers is not None
        )
    )
    if isinstance(grad, Summary):
        maps.add(_norm(grad, f"{op.name or op.id}.grad"))
    return OpCard(
        op, maps.arrange(DOWN, buff=0.2), detail=False, title_size=TITLE_SIZE,
        aside=str(list(op.shape)) + sample_note(op.value, grad),
    )  # fmt: skip


def _norm(summary: Summary, label: str) -> VGroup:
    """The norm of a gradient of which only a sample is drawn."""
    number = summary_numbers(summary, label)["norm"]
    words = text("norm", font_size=FontSize.small, color=colors.gradient)
    readout = Readout(number, font_size=FontSize.small, color=colors.gradient)
    return baseline_row(words, readout, gap=0.15)
