"""The printed output of a script, with the newest lines; numbers on it are the printed ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap

from manim import Animation, Rectangle, VGroup

from gradreel.draw.labels import label
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import ShownNumber
from gradreel.draw.walkthrough.mono_text import MonoText, char_width, with_wide_cells
from gradreel.draw.walkthrough.replace_rows import ReplaceRows, Row, RowsPane
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

LINE_PITCH = 0.29  # at the usual font size
EMPTY = "(nothing printed yet)"
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*\w)")


class OutputPane(VGroup):
    """The newest printed lines in `area`.

    `add_printed` adds to the lines; `shows(error)` animates the change on screen.
    """

    def __init__(self, area: Rect, *, font_size: float = FontSize.small) -> None:
        super().__init__()
        self.area, self.font_size = area, font_size
        self.pitch = LINE_PITCH * font_size / FontSize.small
        self.columns = int((area.width - 0.3) / char_width(font_size))
        self.capacity = max(int((area.height - 0.2) / self.pitch + 0.01), 1)
        self.lines: list[tuple[str, str]] = []
        """Each line with where it was printed, or "" for a line of an exception."""
        self._line_is_open = False
        self.background = Rectangle(
            width=area.width, height=area.height, stroke_color=colors.faint,
            stroke_width=StrokeWidth.axis, fill_color=colors.background, fill_opacity=1,
        ).move_to(area.center)  # fmt: skip
        self.texts = RowsPane()
        self.texts.set_rows(self._rows(()))
        self.add(self.background, self.texts)

    def add_printed(self, text: str, where: str) -> None:
        """Add printed text; `where` is the source of its numbers, such as "by line 3".

        Text continues the last line if that has no newline; a carriage return starts it anew.
        """
        for piece in text.expandtabs(8).splitlines(keepends=True):
            visible = piece.rsplit("\r", 1)[-1] if "\r" in piece.rstrip("\r\n") else piece
            content = with_wide_cells(visible.rstrip("\r\n"))
            if self._line_is_open and self.lines:
                self.lines[-1] = (self.lines[-1][0] + content, where)
            else:
                self.lines.append((content, where))
            self._line_is_open = not piece.endswith("\n")

    def add_error(self, words: str) -> None:
        """Add the message of an exception that ends the script."""
        self.lines += self.wrapped(words)
        self._line_is_open = False

    def wrapped(self, words: str) -> list[tuple[str, str]]:
        """An exception's message on at most three lines."""
        cells = with_wide_cells(words)
        lines = wrap(cells, self.columns, max_lines=3, placeholder=" …")
        return [(line, "") for line in lines]

    def shows(self, error: str = "", *, at: float = 0.3) -> Animation:
        """Show the newest lines, and below them an exception that nothing has printed."""
        return ReplaceRows(self.texts, self._rows(self.wrapped(error) if error else ()), at=at)

    def _rows(self, extra: Sequence[tuple[str, str]]) -> list[Row]:
        lines = [*self.lines, *extra]
        if not lines:
            return [self._row("empty", label(EMPTY), 0, colors.muted)]
        hidden = len(lines) - self.capacity
        kept = lines if hidden <= 0 else lines[hidden + 1 :]
        rows = []
        if hidden > 0:
            words = label("… {n} lines above").replace("{n}", str(len(lines) - len(kept)))
            rows.append(self._row("above", words, 0, colors.muted))
        for number, (line, where) in enumerate(kept, start=len(lines) - len(kept)):
            words = line if len(line) <= self.columns else line[: self.columns - 1] + "…"
            tone = colors.text if where else colors.warning
            shown = _numbers(words, where) if where else ()
            if words.strip():
                rows.append(self._row(str(number), words, len(rows), tone, shown))
            else:
                rows.append(Row(str(number), 0.0, {}))
        return rows

    def _row(
        self, name: str, words: str, position: int, tone: str, shown: Sequence[ShownNumber] = ()
    ) -> Row:
        top = self.area.top - 0.1 - self.pitch * position
        baseline, left = top - self.pitch * 0.72, self.area.left + 0.15
        text = MonoText(words, left, baseline, color=tone, font_size=self.font_size, shown=shown)
        return Row(name, top, {(words, tone): text})


def _numbers(line: str, where: str) -> tuple[ShownNumber, ...]:
    """The numbers in a printed line, with the statement that printed it as their source."""
    return tuple(
        ShownNumber(match.group(), Quantity(float(match.group()), f"printed {where}"))
        for match in _NUMBER.finditer(line)
    )
