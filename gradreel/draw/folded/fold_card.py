"""The card of a fold: a stack of cards; the front one shows the name and the number of ops."""

from __future__ import annotations

from manim import UP, VGroup

from gradreel.draw.graph.op_card import OpCard
from gradreel.fold import Fold
from gradreel.tape import Op, Quantity
from gradreel.theme import StrokeWidth, colors

TITLE_SIZE = 40.0  # titles are set in the monospaced font, which is scaled down
OFFSET = 0.09  # frame units by which each sheet is above the one in front of it
NARROWER = 0.07  # by which each sheet is narrower, so that arrows end at the front card
SHEETS = 2


class FoldCard(OpCard):
    """A card with sheets behind it; it shows the number of its ops, or `aside` if that is set."""

    def __init__(
        self, op: Op, value: Quantity | VGroup | None, fold: Fold, *, aside: str = "",
        upright: bool = True, operations: int,
    ) -> None:  # fmt: skip
        count = f"{operations} ops" if operations else f"{len(fold.ops)} inputs"
        note = "" if aside else count
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
        """The card without its value and note, as it is before the ops are computed."""
        return VGroup(self.sheets, *super().shell)
