"""The printed output of a script, with the newest lines; numbers on it are the printed ones."""

from __future__ import annotations

import re
from textwrap import wrap

from manim import Rectangle, VGroup

from gradreel.draw.layout import Rect
from gradreel.draw.numbers import ShownNumber
from gradreel.draw.walkthrough.mono_text import MonoText, char_width
from gradreel.tape import Quantity
from gradreel.theme import StrokeWidth, colors

LINE_PITCH = 0.37
EMPTY = "(nothing printed yet)"
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*\w)")


class OutputPane(VGroup):
    """The newest printed lines in `area`.

    `add_printed` and `add_error` return the lines as they are afterwards, not yet on stage.
    """

    def __init__(self, area: Rect) -> None:
        super().__init__()
        self.area = area
        self.columns = int((area.width - 0.3) / char_width())
        self.capacity = max(int((area.height - 0.2) / LINE_PITCH + 0.01), 1)
        self.lines: list[tuple[str, str]] = []
        """Each line with where it was printed, or "" for a line of an exception."""
        self._line_is_open = False
        self.background = Rectangle(
            width=area.width, height=area.height, stroke_color=colors.faint,
            stroke_width=StrokeWidth.axis, fill_color=colors.background, fill_opacity=1,
        ).move_to(area.center)  # fmt: skip
        self.texts = VGroup(self._line(EMPTY, area.top - 0.1, colors.muted))
        self.add(self.background, self.texts)

    def _line(
        self, words: str, top: float, color: str, numbers: tuple[ShownNumber, ...] = ()
    ) -> MonoText:
        baseline = top - LINE_PITCH * 0.72
        return MonoText(words, self.area.left + 0.15, baseline, color=color, shown=numbers)

    def add_printed(self, text: str, where: str) -> VGroup:
        """Add printed text; `where` is the source of its numbers, such as "by line 3".

        Text continues the last line if that has no newline; a carriage return starts it anew.
        """
        for piece in text.expandtabs(8).splitlines(keepends=True):
            visible = piece.rsplit("\r", 1)[-1] if "\r" in piece.rstrip("\r\n") else piece
            content = visible.rstrip("\r\n")
            if self._line_is_open and self.lines:
                self.lines[-1] = (self.lines[-1][0] + content, where)
            else:
                self.lines.append((content, where))
            self._line_is_open = not piece.endswith("\n")
        return self._visible_lines()

    def wrapped(self, words: str) -> list[str]:
        """An exception's message on at most three lines."""
        return wrap(words, self.columns, max_lines=3, placeholder=" …")

    def add_error(self, words: str) -> VGroup:
        """Add an exception's message."""
        self.lines += [(line, "") for line in self.wrapped(words)]
        self._line_is_open = False
        return self._visible_lines()

    def _visible_lines(self) -> VGroup:
        hidden = len(self.lines) - self.capacity
        kept = self.lines[-self.capacity :] if hidden <= 0 else self.lines[-(self.capacity - 1) :]
        group, top = VGroup(), self.area.top - 0.1
        if hidden > 0:
            words = f"… {len(self.lines) - len(kept)} lines above"
            group.add(self._line(words, top, colors.muted))
            top -= LINE_PITCH
        for index, (line, where) in enumerate(kept):
            tone = colors.text if where else colors.warning
            words = line if len(line) <= self.columns else line[: self.columns - 1] + "…"
            numbers = _numbers(words, where) if where else ()
            if words.strip():
                y = top - LINE_PITCH * (index + 0.72)
                x = self.area.left + 0.15
                group.add(MonoText(words, x, y, color=tone, shown=numbers))
        return group


def _numbers(line: str, where: str) -> tuple[ShownNumber, ...]:
    """The numbers in a printed line, with the statement that printed it as their source."""
    return tuple(
        ShownNumber(match.group(), Quantity(float(match.group()), f"printed {where}"))
        for match in _NUMBER.finditer(line)
    )
