"""A table of tensor attributes: one row per tensor, one column per attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manim import (
    DOWN,
    LEFT,
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    Indicate,
    LaggedStart,
    Line,
    Mobject,
    VGroup,
    VMobject,
)

from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import text
from gradreel.draw.text import variable_name as variable_name
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

_DESCENDERS = set("gjpqy_Q,()[]")
MAX_PITCH = 0.7
MAX_COLUMN_GAP = 0.7

CellContent = Quantity | str
"""A number, or words set as code."""


class AttributeTable(VGroup):
    """A row for each of `names`; a column for each of `heads`; `cells[k][c]` is row k, column c.

    At first only the names and the rule are in the group; `shows_column` brings a column. `tones`
    are the colours of the names. Column widths allow for `later`, the contents that the last column
    gets by `replaces_cell`.
    """

    def __init__(
        self,
        names: Sequence[str],
        heads: Sequence[str],
        cells: Sequence[Sequence[CellContent]],
        area: Rect,
        *,
        tones: Sequence[str],
        later: Sequence[CellContent] = (),
    ) -> None:
        super().__init__()
        self.pitch = min(area.height / (len(names) + 1.1), MAX_PITCH)
        self.heads = [code_text(head, colors.muted) for head in heads]
        self.names = [
            variable_name(name, font_size=FontSize.body, color=tone)
            for name, tone in zip(names, tones, strict=True)
        ]
        self.cells = [[_cell(content) for content in row] for row in cells]
        widths = self._column_widths(later)
        gap = min((area.width - sum(widths)) / len(heads), MAX_COLUMN_GAP)
        self._arrange(area, names, heads, cells, widths, gap)
        self.add(self.rule, *self.names)

    def _column_widths(self, later: Sequence[CellContent]) -> list[float]:
        """The width of the column of names, then of each column of cells."""
        widths = [max(name.width for name in self.names)]
        for c, head in enumerate(self.heads):
            widths.append(max(head.width, *(row[c].width for row in self.cells)))
        widths[-1] = max(widths[-1], *(_cell(content).width for content in later), 0.0)
        return widths

    def _arrange(
        self,
        area: Rect,
        names: Sequence[str],
        heads: Sequence[str],
        cells: Sequence[Sequence[CellContent]],
        widths: Sequence[float],
        gap: float,
    ) -> None:
        width = sum(widths) + gap * len(heads)
        left = area.center[0] - width / 2
        starts = [left + sum(widths[:k]) + gap * k for k in range(len(widths))]
        height = self.pitch * (len(names) + 1.1)
        line = area.center[1] + height / 2 - self.pitch * 0.7
        self._starts = starts[1:]
        self._baselines = [line - self.pitch * (k + 1.1) for k in range(len(names))]
        for head, words, start in zip(self.heads, heads, self._starts, strict=True):
            _align_to_baseline(head, words, start, line)
        for k, (name, words) in enumerate(zip(self.names, names, strict=True)):
            _align_to_baseline(name, words, starts[0], self._baselines[k])
            for cell, content, start in zip(self.cells[k], cells[k], self._starts, strict=True):
                _align_to_baseline(cell, content, start, self._baselines[k])
        self.rule = Line(point(left, line - 0.22), point(left + width, line - 0.22))
        self.rule.set_stroke(colors.muted, StrokeWidth.axis)

    def shows_column(self, column: int, origins: Mapping[int, Mobject]) -> Animation:
        """The column appears; the cell of row k comes from `origins[k]`, if there is one."""
        cells = [
            FadeIn(row[column], target_position=origins[k].get_center(), scale=0.7)
            if k in origins
            else FadeIn(row[column])
            for k, row in enumerate(self.cells)
        ]
        return AnimationGroup(FadeIn(self.heads[column]), LaggedStart(*cells, lag_ratio=0.25))

    def replaces_cell(
        self, row: int, column: int, content: CellContent, origin: Mobject
    ) -> Animation:
        """A cell gets new content, which comes from `origin`."""
        old, new = self.cells[row][column], _cell(content)
        _align_to_baseline(new, content, self._starts[column], self._baselines[row])
        self.cells[row][column] = new
        return AnimationGroup(
            FadeOut(old, shift=0.2 * DOWN), FadeIn(new, target_position=origin.get_center())
        )

    def points_at(self, column: int, rows: Sequence[int]) -> Animation:
        """These cells of a column are highlighted."""
        marked = [Indicate(self.cells[k][column], color=colors.accent) for k in rows]
        return LaggedStart(*marked, lag_ratio=0.2)


def code_text(words: str, color: str) -> VMobject:
    """Words in the monospaced font."""
    return text(words, font_size=FontSize.code, color=color, mono=True)


def _cell(content: CellContent) -> VMobject:
    if isinstance(content, Quantity):
        return Readout(content, font_size=FontSize.body, color=colors.gradient)
    return code_text(content, colors.muted if content in ("None", "False") else colors.text)


def _align_to_baseline(
    mobject: VMobject, content: CellContent, left: float, baseline: float
) -> None:
    """Put letters on a baseline; letters with descenders are left out of account."""
    mobject.align_to(point(left, 0), LEFT)
    bottom = mobject.get_bottom()[1]
    if isinstance(content, str) and len(mobject.submobjects) == len(content):
        letters = [
            piece
            for piece, letter in zip(mobject.submobjects, content, strict=True)
            if letter not in _DESCENDERS
        ]
        bottom = min((piece.get_bottom()[1] for piece in letters), default=bottom)
    mobject.shift(point(0, baseline - bottom))
