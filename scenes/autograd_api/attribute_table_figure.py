"""A table of what things answer when they are asked: words and numbers, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
from gradreel.draw.text import variable_name as set_name
from gradreel.draw.text import text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

_HANGING = set("gjpqy_Q,()[]")
MOST_PITCH = 0.7

Answer = Quantity | str
"""What a cell holds: a number, or words shown as code."""


class AttributeTable(VGroup):
    """`names` down the left side; under each of `heads` a column of answers, one for each name.

    `answers[k][c]` is what name k answers to head c. Nothing but the frame is on stage until
    `asks` brings a column; `tones` colours the names. The letters keep the least size that can be
    read, so heads and words set the width; `later` are answers that the last column is to hold.
    """

    def __init__(
        self,
        names: Sequence[str],
        heads: Sequence[str],
        answers: Sequence[Sequence[Answer]],
        area: Rect,
        *,
        tones: Sequence[str],
        later: Sequence[Answer] = (),
    ) -> None:
        super().__init__()
        self.pitch = min(area.height / (len(names) + 1.1), MOST_PITCH)
        self.heads = [text(head, font_size=FontSize.code, color=colors.muted, mono=True) for head in heads]
        self.names = [
            set_name(name, font_size=FontSize.body, color=tone)
            for name, tone in zip(names, tones, strict=True)
        ]
        self.cells = [[_cell(answer) for answer in row] for row in answers]
        self._later = max((_cell(answer).width for answer in later), default=0.0)
        self._place(area, names, heads, answers)
        self.add(self.rule, *self.names)

    def _place(
        self,
        area: Rect,
        names: Sequence[str],
        heads: Sequence[str],
        answers: Sequence[Sequence[Answer]],
    ) -> None:
        widths = [max(name.width for name in self.names)]
        for c, head in enumerate(self.heads):
            widths.append(max(head.width, *(row[c].width for row in self.cells)))
        widths[-1] = max(widths[-1], self._later)
        gap = min((area.width - sum(widths)) / len(self.heads), 0.7)
        whole = sum(widths) + gap * len(self.heads)
        left = area.center[0] - whole / 2
        starts = [left + sum(widths[:k]) + gap * k for k in range(len(widths))]
        tall = self.pitch * (len(names) + 1.1)
        line = area.center[1] + tall / 2 - self.pitch * 0.7
        self._starts = starts[1:]
        self._lines = [line - self.pitch * (k + 1.1) for k in range(len(names))]
        for head, words, start in zip(self.heads, heads, self._starts, strict=True):
            _stand(head, words, start, line)
        for k, (name, words) in enumerate(zip(self.names, names, strict=True)):
            _stand(name, words, starts[0], self._lines[k])
            for cell, answer, start in zip(self.cells[k], answers[k], self._starts, strict=True):
                _stand(cell, answer, start, self._lines[k])
        self.rule = Line(point(left, line - 0.22), point(left + whole, line - 0.22))
        self.rule.set_stroke(colors.muted, StrokeWidth.axis)

    def asks(self, column: int, origins: Mapping[int, Mobject]) -> Animation:
        """A column's answers come, each from `origins[k]`, the thing that gave it."""
        answers = [
            FadeIn(row[column], target_position=origins[k].get_center(), scale=0.7)
            if k in origins
            else FadeIn(row[column])
            for k, row in enumerate(self.cells)
        ]
        return AnimationGroup(FadeIn(self.heads[column]), LaggedStart(*answers, lag_ratio=0.25))

    def becomes(self, row: int, column: int, answer: Answer, origin: Mobject) -> Animation:
        """One answer is another now; the new one comes from `origin`."""
        old, new = self.cells[row][column], _cell(answer)
        _stand(new, answer, self._starts[column], self._lines[row])
        self.cells[row][column] = new
        return AnimationGroup(
            FadeOut(old, shift=0.2 * DOWN), FadeIn(new, target_position=origin.get_center())
        )

    def points_at(self, column: int, rows: Sequence[int]) -> Animation:
        """Look at these answers of a column."""
        marked = [Indicate(self.cells[k][column], color=colors.accent) for k in rows]
        return LaggedStart(*marked, lag_ratio=0.2)


def _cell(answer: Answer) -> VMobject:
    if isinstance(answer, Quantity):
        return Readout(answer, font_size=FontSize.body, color=colors.gradient)
    color = colors.muted if answer in ("None", "False") else colors.text
    return text(answer, font_size=FontSize.code, color=color, mono=True)


def _stand(thing: VMobject, words: Any, left: float, line: float) -> None:
    """Put letters on a line: what hangs below it, such as the tail of a g, has no say."""
    thing.align_to(point(left, 0), LEFT)
    foot = thing.get_bottom()[1]
    if isinstance(words, str) and len(thing.submobjects) == len(words):
        standing = [
            piece for piece, c in zip(thing.submobjects, words, strict=True) if c not in _HANGING
        ]
        foot = min((piece.get_bottom()[1] for piece in standing), default=foot)
    thing.shift(point(0, line - foot))
