"""The card of a fold: a stack of cards, of which the topmost says what they are together."""

from __future__ import annotations

from manim import RIGHT, UP, VGroup

from gradreel.draw.graph.card import Card
from gradreel.fold import Fold
from gradreel.tape import Op, Quantity
from gradreel.theme import ink, stroke

OFFSET = 0.09
SHEETS = 2


class FoldCard(Card):
    """A card with others behind it; it says how many operations they are."""

    def __init__(self, op: Op, value: Quantity | None, fold: Fold) -> None:
        super().__init__(op, value, note=f"{len(fold.ops)} ops")
        self.sheets = VGroup()
        for k in reversed(range(1, SHEETS + 1)):
            sheet = self.box.copy().shift(k * OFFSET * (UP + RIGHT))
            sheet.set_stroke(ink.muted, stroke.frame / 2)
            self.sheets.add(sheet)
        self.note.set_color(ink.muted)
        self.add_to_back(self.sheets)

    @property
    def shell(self) -> VGroup:
        """The card without its value: what is known before anything is computed."""
        return VGroup(self.sheets, *super().shell)
