"""What stands beside the lanes: the attributes of each result, and x.grad as a sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import LEFT, RIGHT, Animation, FadeIn, LaggedStart, VGroup, VMobject

from gradreel.draw.exchange import goes
from gradreel.draw.formula import Formula, is_sum
from gradreel.draw.layout import Rect, point
from gradreel.draw.text import text
from gradreel.theme import FontSize, colors

if TYPE_CHECKING:
    from gradreel.scenes.control.detach_comparison_experiment import DetachResult

HEADS = ("requires_grad", "grad_fn")
GAP = 0.4


class AttributeColumns(VGroup):
    """requires_grad and grad_fn of each result, in columns with a head; `place` positions them."""

    def __init__(self, results: Sequence[DetachResult]) -> None:
        super().__init__()
        words = [(str(r.requires_grad), r.grad_fn or "None") for r in results]
        self.heads = VGroup(*(code_text(word, colors.muted) for word in HEADS))
        self.rows = [VGroup(*(_attribute(word) for word in row)) for row in words]
        columns = zip(self.heads, *self.rows, strict=True)
        self.widths = [max(cell.width for cell in column) for column in columns]
        self.space = sum(self.widths) + GAP
        self.add(self.heads, *self.rows)

    def place(self, head: Rect, areas: Sequence[Rect]) -> None:
        """The heads into one area, each row into one of the others."""
        starts = (areas[0].left, areas[0].right - self.widths[1])
        for row, area in zip((self.heads, *self.rows), (head, *areas), strict=True):
            for cell, left in zip(row, starts, strict=True):
                cell.move_to(point(left, area.center[1]), aligned_edge=LEFT)

    def shows_row(self, row: int) -> Animation:
        """The attributes of a result appear, with the first one the heads above them."""
        shown = [self.heads] if row == 0 else []
        cells = [FadeIn(cell, shift=0.3 * RIGHT) for cell in self.rows[row]]
        return LaggedStart(*map(FadeIn, shown), *cells, lag_ratio=0.3)

    def goes(self) -> list[Animation]:
        """All of it fades out."""
        return [goes(row) for row in (self.heads, *self.rows)]


def grad_formula(result: DetachResult, width: float) -> Formula:
    """x.grad as a sum on one or two lines; only x.grad where there is one part or no room."""
    roles = dict.fromkeys(("direct", "through", "grad"), "gradient")
    if result.through is not None:
        addend = "{through}" if result.through >= 0 else "lr(({through}))"
        for equals in ("{eq}", "\\ &{eq}"):
            formula = Formula(
                f'upright("x.grad") &= {{direct}} + {addend} {equals} {{grad}}',
                direct=result.direct, through=result.through, grad=result.grad, roles=roles,
                eq=is_sum(("direct", "through"), "grad"), font_size=FontSize.body,
            )  # fmt: skip
            if formula.width <= width:
                return formula
    return Formula(
        'upright("x.grad") = {grad}', grad=result.grad, roles=roles, font_size=FontSize.body
    )


def code_text(words: str, color: str) -> VMobject:
    """Words in the monospaced font."""
    return text(words, font_size=FontSize.code, color=color, mono=True)


def _attribute(words: str) -> VMobject:
    """The value of an attribute, muted where it is None or False."""
    return code_text(words, colors.muted if words in ("None", "False") else colors.text)
