"""The card of a fold: a stack of cards, of which the topmost says what they are together."""

from __future__ import annotations

from manim import UP, VGroup

from gradreel.draw.graph.op_card import OpCard
from gradreel.fold import Fold
from gradreel.tape import Op, Quantity
from gradreel.theme import StrokeWidth, colors

TITLE_SIZE = 40.0  # names are set as code, which is smaller in the body
OFFSET = 0.09
NARROWER = 0.07  # so that the sides, where arrows come and go, are the front card's
SHEETS = 2


class FoldCard(OpCard):
    """A card with others behind it; it says how many operations they are, or what is given as
    `aside`."""

    def __init__(
        self, op: Op, value: Quantity | VGroup | None, fold: Fold, *, aside: str = "",
        upright: bool = True,
    ) -> None:  # fmt: skip
        note = "" if aside else f"{len(fold.ops)} ops"
        super().__init__(
            op, value, detail=False, note=note, title_size=TITLE_SIZE, aside=aside, upright=upright
        )
        self.sheets = VGroup()
        for k in reversed(range(1, SHEETS + 1)):
            sheet = self.box.copy().stretch(1 - k * NARROWER, 0).shift(k * OFFSET * UP)
            sheet.set_stroke(colors.muted, StrokeWidth.frame / 2)
            self.sheets.add(sheet)
        self.add_to_back(self.sheets)

    @property
    def shell(self) -> VGroup:
        """The card without its value: what is known before anything is computed."""
        return VGroup(self.sheets, *super().shell)
