"""Source code with syntax highlighting and a mark on the running statement; it scrolls."""

from __future__ import annotations

import builtins
import io
import keyword
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from manim import Animation, Rectangle, VGroup, smooth

from gradreel.draw.layout import Rect
from gradreel.draw.walkthrough.mono_text import MonoText, char_width
from gradreel.theme import colors

LINE_PITCH = 0.385  # frame units from one line to the next
MARK_TRAVEL_TIME = 0.25  # seconds in which the mark moves from line to line
_NUMBER_COLUMNS = 3  # characters for line numbers
_WRAP_INDENT = 4  # additional characters before the continuation of a wrapped line
_BREAK_AFTER = " ,(["
_BASELINE = 0.72  # of the line pitch, from the top of a row to its baseline
_GRADIENT_NAMES = {"grad", "backward", "zero_grad", "retain_grad", "autograd"}


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A row on screen: `line` is the script's line, `first` whether this is its first row.

    `spans` are (start, stop, color role) in the characters of `text`.
    """

    text: str
    line: int
    first: bool
    spans: tuple[tuple[int, int, str], ...]


class CodePane(VGroup):
    """A script's lines in `area`; `marks(line, last)` moves the mark to a statement.

    `progress` is a separate mobject: while it moves, the code is not drawn again.
    """

    def __init__(self, lines: Sequence[str], area: Rect) -> None:
        super().__init__()
        self.area = area
        columns = int(area.width / char_width()) - _NUMBER_COLUMNS - 1
        self.rows = list(wrapped_lines(lines, columns))
        self.visible = int((area.height - 0.1) / LINE_PITCH)
        self.offset = 0.0
        self.mark = _filled_rectangle(area.width, LINE_PITCH, colors.panel)
        self.edge = _filled_rectangle(0.07, LINE_PITCH, colors.accent)
        self.progress = _filled_rectangle(area.width, 0.04, colors.accent)
        self.texts = [self._row_mobject(row) for row in self.rows]
        self._baselines = [0.0] * len(self.rows)
        self.marked = (0.0, 0.0)
        self.add(self.mark, self.edge, *self.texts)
        self.scroll(0.0)

    def _row_mobject(self, row: CodeLine) -> VGroup:
        left = self.area.left + 0.12
        group = VGroup()
        if row.first:
            group.add(MonoText(f"{row.line:>2}", left, 0, color=colors.muted))
        for start, stop, role in row.spans:
            x = left + char_width() * (_NUMBER_COLUMNS + start)
            group.add(MonoText(row.text[start:stop], x, 0, color=getattr(colors, role)))
        return group

    def baseline(self, row: float) -> float:
        """The y of a row's baseline at the current scroll offset."""
        return self.area.top - LINE_PITCH * (row - self.offset + _BASELINE)

    def scroll(self, offset: float) -> None:
        """Show the script from row `offset` on; rows outside the pane are invisible."""
        self.offset = offset
        for index, group in enumerate(self.texts):
            baseline = self.baseline(index)
            group.shift(np.array([0, baseline - self._baselines[index], 0]))
            self._baselines[index] = baseline
            inside = -0.5 <= index - offset <= self.visible - 0.5
            for part in group:
                part.set_fill(opacity=1.0 if inside else 0.0)

    def place_mark(self, first: float, last: float) -> None:
        """Place the mark behind rows `first` to `last`, which are fractional while it moves."""
        self.marked = (first, last)
        area = self.area
        top = min(max(self.baseline(first) + _BASELINE * LINE_PITCH, area.bottom + 0.02), area.top)
        bottom = max(min(self.baseline(last) - 0.28 * LINE_PITCH, top - 0.01), area.bottom)
        middle = np.array([self.area.center[0], (top + bottom) / 2, 0.0])
        self.mark.stretch_to_fit_height(top - bottom).move_to(middle).set_fill(opacity=1)
        left = np.array([self.area.left + 0.035, middle[1], 0.0])
        self.edge.stretch_to_fit_height(top - bottom).move_to(left).set_fill(opacity=1)

    def rows_of_lines(self, line: int, last: int) -> tuple[int, int]:
        """The first and the last row of lines `line` to `last`."""
        rows = [k for k, row in enumerate(self.rows) if line <= row.line <= last]
        return rows[0], rows[-1]

    def offset_for(self, first: int, last: int) -> float:
        """The nearest scroll offset at which the rows are visible with some rows around them."""
        most = max(len(self.rows) - self.visible, 0)
        if last - first > self.visible - 3:
            return float(min(first, most))
        if first - self.offset < 1 or last - self.offset > self.visible - 3:
            return float(min(max(first - self.visible // 3, 0), most))
        return self.offset

    def marks(self, line: int, last: int) -> Animation:
        """Move the mark to a statement; the pane scrolls where necessary."""
        return _MoveMark(self, self.rows_of_lines(line, last))

    def runs(self) -> Animation:
        """Let a progress line grow below the marked statement."""
        return _GrowProgress(self)


class _MoveMark(Animation):
    """Moves the mark to the rows of a statement, and scrolls."""

    def __init__(self, pane: CodePane, rows: tuple[int, int]) -> None:
        self.pane, self.rows = pane, rows
        self.start_offset, self.end_offset = pane.offset, pane.offset_for(*rows)
        self.origin = pane.marked if pane.mark.get_fill_opacity() else rows
        super().__init__(pane, rate_func=smooth)

    def create_starting_mobject(self) -> CodePane:
        # The pane is changed in place, so the copy that Manim would make is not needed.
        return self.pane

    def interpolate_mobject(self, alpha: float) -> None:
        """Scroll and place the mark."""
        pane, share = self.pane, self.rate_func(alpha)
        offset = self.start_offset + (self.end_offset - self.start_offset) * share
        if offset != pane.offset:
            pane.scroll(offset)
        first, last = (a + (b - a) * share for a, b in zip(self.origin, self.rows, strict=True))
        pane.place_mark(first, last)


class _GrowProgress(Animation):
    """Grows the progress line from left to right, then hides it."""

    def __init__(self, pane: CodePane) -> None:
        self.pane = pane
        super().__init__(pane.progress, rate_func=lambda t: t, introducer=True)

    def interpolate_mobject(self, alpha: float) -> None:
        """Set the length of the progress line."""
        pane = self.pane
        width = pane.area.width * min(max(alpha, 0.001), 1.0)
        low = max(pane.baseline(pane.marked[1]) - 0.28 * LINE_PITCH, pane.area.bottom)
        pane.progress.stretch_to_fit_width(width)
        pane.progress.move_to((pane.area.left + width / 2, low + 0.02, 0.0))
        pane.progress.set_fill(opacity=0.0 if alpha >= 1.0 else 1.0)


def wrapped_lines(lines: Sequence[str], columns: int) -> Iterator[CodeLine]:
    """Rows of at most `columns` characters: lines wrapped after a space, comma or bracket."""
    roles = _roles(lines)
    for number, line in enumerate(lines, start=1):
        wrap_indent = len(line) - len(line.lstrip()) + _WRAP_INDENT
        start, first = 0, True
        while True:
            indent = 0 if first else wrap_indent
            stop = _break_position(line, start, columns - indent)
            text = " " * indent + line[start:stop].rstrip()
            yield CodeLine(text, number, first, _spans(text, roles[number], indent - start))
            if stop >= len(line):
                break
            start, first = stop, False


def _break_position(line: str, start: int, width: int) -> int:
    """Where a row of at most `width` characters from `start` ends."""
    if len(line) - start <= width:
        return len(line)
    candidates = range(start + width, start + width // 2, -1)
    return next((k for k in candidates if line[k - 1] in _BREAK_AFTER), start + width)


def _spans(text: str, roles: dict[int, str], shift: int) -> tuple[tuple[int, int, str], ...]:
    """Runs of characters of one role; spaces within a run do not end it."""
    spans: list[tuple[int, int, str]] = []
    for column, character in enumerate(text):
        if character == " ":
            continue
        role = roles.get(column - shift, "text")
        if spans and spans[-1][2] == role and not text[spans[-1][1] : column].strip():
            spans[-1] = (spans[-1][0], column + 1, role)
        else:
            spans.append((column, column + 1, role))
    return tuple(spans)


def _roles(lines: Sequence[str]) -> dict[int, dict[int, str]]:
    """For each line the color roles of its characters, by Python's tokenizer."""
    roles: dict[int, dict[int, str]] = {n: {} for n in range(1, len(lines) + 1)}
    source = io.StringIO("\n".join(lines) + "\n")
    for token in tokenize.generate_tokens(source.readline):
        role = _role(token)
        for line in range(token.start[0], token.end[0] + 1) if role else ():
            begin = token.start[1] if line == token.start[0] else 0
            end = token.end[1] if line == token.end[0] else len(lines[line - 1])
            roles[line].update(dict.fromkeys(range(begin, end), role))
    return roles


def _role(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.COMMENT:
        return "muted"
    if token.type == tokenize.STRING or token.type in _F_STRINGS:
        return "leaf"
    if token.type == tokenize.NUMBER:
        return "value"
    if token.type != tokenize.NAME:
        return ""
    if keyword.iskeyword(token.string):
        return "local"
    if token.string in _GRADIENT_NAMES:
        return "gradient"
    return "falling" if hasattr(builtins, token.string) else ""


_F_STRINGS = tuple(
    getattr(tokenize, name)
    for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
    if hasattr(tokenize, name)
)


def _filled_rectangle(width: float, height: float, color: str) -> Rectangle:
    """A rectangle without outline, invisible at first."""
    return Rectangle(width=width, height=height, stroke_width=0, fill_color=color, fill_opacity=0)
