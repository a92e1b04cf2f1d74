"""The table of a race: a row for each optimizer, with its learning rate and its steps."""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, Line, VGroup, VMobject

from gradreel.draw.baseline import align_baselines
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

HEADS = ("optimizer", "lr", "steps")
WEIGHTS = (1.5, 1, 0.8)
NOT_THERE = "–"  # for an optimizer that does not reach the goal


class RaceTable:
    """Heads and rows; the cells of a row are brought on stage one by one."""

    def __init__(
        self,
        rows: Sequence[tuple[str, Quantity, Quantity | None]],
        tones: Sequence[str],
        area: Rect,
    ) -> None:
        pitch = min(area.height / (len(rows) + 1), 0.5)
        self.columns = area.columns(*WEIGHTS, gap=0.2)
        self.heads = VGroup(
            *self._row([text(head, font_size=FontSize.small, color=colors.muted) for head in HEADS],
                       area.top - pitch / 2)
        )  # fmt: skip
        rule = area.top - pitch
        self.heads.add(
            Line(
                point(area.left, rule), point(area.right, rule),
                stroke_width=StrokeWidth.axis, color=colors.muted,
            )
        )  # fmt: skip
        self.rows = [
            self._row(_cells(*row, tone), rule - pitch * (k + 0.55))
            for k, (row, tone) in enumerate(zip(rows, tones, strict=True))
        ]

    def _row(self, cells: list[VMobject], height: float) -> list[VMobject]:
        """Put cells at the left of their columns, on one baseline."""
        for cell, column in zip(cells, self.columns, strict=True):
            cell.move_to(point(column.left, height), aligned_edge=LEFT)
        align_baselines(*cells)
        return cells


def _cells(name: str, lr: Quantity, steps: Quantity | None, tone: str) -> list[VMobject]:
    size = FontSize.small
    last: VMobject = text(NOT_THERE, font_size=size, color=tone)
    if steps is not None:
        last = Readout(steps, font_size=size, color=tone)
    return [text(name, font_size=size, color=tone), Readout(lr, font_size=size, color=tone), last]
