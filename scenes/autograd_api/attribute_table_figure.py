"""A table of tensor attributes: one row per tensor, one column per attribute."""

from __future__ import annotations

from collections.abc import Sequence

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    AnimationGroup,
    ApplyMethod,
    Create,
    FadeIn,
    FadeOut,
    Indicate,
    LaggedStart,
    Line,
    Mobject,
    VGroup,
    VMobject,
)

from gradreel.draw.exchange import goes
from gradreel.draw.formula import number_as_text
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import ShownNumber
from gradreel.draw.text import text, variable_name
from gradreel.draw.walkthrough.mono_text import MonoText
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

_DESCENDERS = set("gjpqy_Q,()[]")
MAX_PITCH = 0.8
MIN_COLUMN_GAP, MAX_COLUMN_GAP = 0.4, 0.7
HEAD_TIME = 0.5  # seconds, of a head that comes before its cells
LARGEST = 1.25  # of the usual size of the letters, where there is room

CellContent = Quantity | str
"""A number, or words set as code."""


class AttributeTable(VGroup):
    """A row for each of `names`; a column for each of `heads`; `cells[k][c]` is row k, column c.

    Only the names and the rule are in the group; the other verbs bring heads and cells. `tones` are
    the colours of the names. Column widths allow for `later`, the contents that the last column
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
        room = (area.width - MIN_COLUMN_GAP * len(heads)) / sum(widths)
        self._scale = min(max(room, 1.0), LARGEST)
        for mobject in (*self.heads, *self.names, *(cell for row in self.cells for cell in row)):
            mobject.scale(self._scale)
        widths = [self._scale * width for width in widths]
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
        depth = 0.22 * self._scale
        self.rule = Line(point(left, line - depth), point(left + width, line - depth))
        self.rule.set_stroke(colors.muted, StrokeWidth.axis)

    def parts(self) -> list[VMobject]:
        """The names, the rule, the heads and the cells."""
        cells = (cell for row in self.cells for cell in row)
        return [*self.names, self.rule, *self.heads, *cells]

    def draws_rule(self) -> Animation:
        """Draw the line below the heads."""
        return Create(self.rule)

    def shows_name(self, row: int) -> Animation:
        """The name of a row appears."""
        return FadeIn(self.names[row], shift=0.25 * RIGHT)

    def shows_head(self, column: int) -> Animation:
        """The head of a column appears."""
        return FadeIn(self.heads[column], shift=0.15 * DOWN, run_time=HEAD_TIME)

    def shows_cell(self, row: int, column: int) -> Animation:
        """One cell appears."""
        return FadeIn(self.cells[row][column], shift=0.25 * RIGHT)

    def steps_back(self, column: int) -> Animation:
        """A column that is complete turns gray."""
        cells = [row[column] for row in self.cells]
        return AnimationGroup(*(ApplyMethod(cell.set_fill, colors.muted) for cell in cells))

    def replaces_cell(
        self, row: int, column: int, content: CellContent, origin: Mobject | None = None
    ) -> Animation:
        """A cell fades out; one with new content flies in from `origin`, or grows in its place."""
        old, new = self.cells[row][column], _cell(content).scale(self._scale)
        _align_to_baseline(new, content, self._starts[column], self._baselines[row])
        self.cells[row][column] = new
        if origin is None:
            return AnimationGroup(FadeOut(old), FadeIn(new, scale=1.6), lag_ratio=1)
        return AnimationGroup(goes(old), FadeIn(new, target_position=origin.get_center()))

    def points_at(self, column: int, rows: Sequence[int]) -> Animation:
        """These cells of a column are highlighted."""
        marked = [Indicate(self.cells[k][column], color=colors.accent) for k in rows]
        return LaggedStart(*marked, lag_ratio=0.2)


def code_text(words: str, color: str) -> VMobject:
    """Words in the monospaced font."""
    return text(words, font_size=FontSize.code, color=color, mono=True)


def _cell(content: CellContent) -> VMobject:
    if isinstance(content, Quantity):
        words = number_as_text(content)
        number = ShownNumber(words, content)
        return MonoText(words, color=colors.gradient, font_size=FontSize.code, shown=[number])
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
