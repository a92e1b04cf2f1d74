"""Source code with syntax highlighting and a mark on the running statement; it scrolls."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from manim import Animation, Rectangle, VGroup, smooth

from gradreel.draw.layout import Rect
from gradreel.draw.walkthrough.code_roles import lines_with_roles
from gradreel.draw.walkthrough.mono_text import MonoText, char_width
from gradreel.theme import FontSize, colors

MOST_PITCH = 0.42  # frame units from one line to the next, at the usual font size
LEAST_PITCH = 0.27
BLANK_SHARE = 0.5  # of the pitch, for an empty line
MARK_SECONDS = 0.25  # in which the mark moves from line to line
GLOW = 0.16  # opacity of the glow over a statement that runs
_NUMBER_COLUMNS = 3  # characters for line numbers
_LEFT_MARGIN = 0.12  # from the edge of the pane to the line numbers
_WRAP_INDENT = 4  # additional characters before the continuation of a wrapped line
_BREAK_AFTER = " ,(["
_BELOW_MIDDLE = 0.085  # from the middle of a row to its baseline, in frame units


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

    The lines are as close as is needed to show all of them, within limits; a script that is longer
    scrolls. Positions are in rows from the top, where an empty row counts as half a row.
    """

    def __init__(
        self,
        lines: Sequence[str],
        area: Rect,
        *,
        font_size: float = FontSize.small,
        most_pitch: float = MOST_PITCH,
    ) -> None:
        super().__init__()
        self.area, self.font_size = area, font_size
        self.rows = list(wrapped_lines(lines, _columns(area.width, font_size)))
        heights = [1.0 if row.text else BLANK_SHARE for row in self.rows]
        self.tops = [0.0, *accumulate(heights)]
        scale = font_size / FontSize.small
        self._below_middle = _BELOW_MIDDLE * scale
        least, most = LEAST_PITCH * scale, most_pitch * scale
        self.pitch = min(most, max(area.height / self.tops[-1], least))
        # In half rows, as all positions are: at rest no row is cut off in the middle.
        self.visible = math.floor(2 * area.height / self.pitch + 0.01) / 2
        self.offset = 0.0
        self.mark = _filled_rectangle(area.width, self.pitch, colors.panel)
        self.edge = _filled_rectangle(0.07, self.pitch, colors.accent)
        self.texts = [self._row_mobject(row) for row in self.rows]
        self._baselines = [0.0] * len(self.rows)
        self.marked = (0.0, 0.0)
        self.progress = _filled_rectangle(area.width, self.pitch, colors.accent)
        self.marker = VGroup(self.mark, self.progress, self.edge)
        self.add(self.marker, *self.texts)
        self.scroll(0.0)

    @classmethod
    def height_at(cls, pitch: float, lines: Sequence[str], width: float, font_size: float) -> float:
        """The height of all lines at a pitch that holds for the usual font size."""
        rows = wrapped_lines(lines, _columns(width, font_size))
        count = sum(1.0 if row.text else BLANK_SHARE for row in rows)
        return count * pitch * font_size / FontSize.small

    def end_of_line(self, line: int) -> tuple[float, float]:
        """Where the text of a line ends: x, and the y of its baseline."""
        index = max(k for k, row in enumerate(self.rows) if row.line == line)
        columns = _NUMBER_COLUMNS + len(self.rows[index].text)
        x = self.area.left + _LEFT_MARGIN + char_width(self.font_size) * columns
        return x, self._baselines[index]

    def _row_mobject(self, row: CodeLine) -> VGroup:
        left, size = self.area.left + _LEFT_MARGIN, self.font_size
        group = VGroup()
        if row.first and row.text:
            number = MonoText(f"{row.line:>2}", left, 0, color=colors.muted, font_size=size)
            group.add(number)
        for start, stop, role in row.spans:
            x = left + char_width(size) * (_NUMBER_COLUMNS + start)
            words, color = row.text[start:stop], getattr(colors, role)
            group.add(MonoText(words, x, 0, color=color, font_size=size))
        return group

    def scroll(self, offset: float) -> None:
        """Show the script from position `offset` on; rows fade as they leave the pane."""
        self.offset = offset
        for index, group in enumerate(self.texts):
            top = self.tops[index] - offset
            baseline = self.area.top - self.pitch * (top + 0.5) - self._below_middle
            group.shift(np.array([0, baseline - self._baselines[index], 0]))
            self._baselines[index] = baseline
            over = max(-top, top + 1.0 - self.visible, 0.0)
            opacity = max(1.0 - 2 * over, 0.0)
            for part in group:
                part.set_fill(opacity=opacity)

    def place_mark(self, top: float, bottom: float, opacity: float = 1.0) -> None:
        """Place the mark behind the positions from `top` to `bottom`."""
        self.marked = (top, bottom)
        area = self.area
        high = min(area.top - self.pitch * (top - self.offset), area.top)
        low = max(area.top - self.pitch * (bottom - self.offset), area.bottom)
        height = max(high - low, 0.01)
        middle = np.array([area.center[0], high - height / 2, 0.0])
        self.mark.stretch_to_fit_height(height).move_to(middle).set_fill(opacity=opacity)
        left = np.array([area.left + 0.035, middle[1], 0.0])
        self.edge.stretch_to_fit_height(height).move_to(left).set_fill(opacity=opacity)

    def span_of_lines(self, line: int, last: int) -> tuple[float, float]:
        """The positions of the top of line `line` and the bottom of line `last`."""
        rows = [k for k, row in enumerate(self.rows) if line <= row.line <= last]
        return self.tops[rows[0]], self.tops[rows[-1] + 1]

    def offset_for(self, top: float, bottom: float) -> float:
        """The nearest scroll offset at which the span is visible with some rows around it."""
        most = max(self.tops[-1] - self.visible, 0.0)
        if bottom - top > self.visible - 3:
            return min(top, most)
        if top - self.offset < 1 or bottom - self.offset > self.visible - 2:
            return min(max(math.floor(top - self.visible / 3), 0.0), most)
        return self.offset

    def marks(self, line: int, last: int) -> Animation:
        """Move the mark to a statement; the pane scrolls where necessary."""
        return _MoveMark(self, self.span_of_lines(line, last))

    def runs(self) -> Animation:
        """Let a glow run along the marked statement."""
        return _RunGlow(self)


class _MoveMark(Animation):
    """Moves the mark to a span of the code, and scrolls; the first time the mark fades in.

    It takes `MARK_SECONDS`, or all of a shorter play.
    """

    def __init__(self, pane: CodePane, span: tuple[float, float]) -> None:
        self.pane, self.span = pane, span
        self.start_offset, self.end_offset = pane.offset, pane.offset_for(*span)
        self.is_first = not pane.mark.get_fill_opacity()
        self.origin = span if self.is_first else pane.marked
        scrolls = self.start_offset != self.end_offset
        # Where only the mark moves, the code is not drawn again.
        self.moved: VGroup = pane if scrolls else pane.marker
        super().__init__(self.moved, rate_func=lambda t: t)

    def create_starting_mobject(self) -> VGroup:
        # The pane is changed in place, so the copy that Manim would make is not needed.
        return self.moved

    def interpolate_mobject(self, alpha: float) -> None:
        """Scroll and place the mark."""
        pane = self.pane
        share = smooth(min(alpha * max(self.run_time / MARK_SECONDS, 1.0), 1.0))
        offset = self.start_offset + (self.end_offset - self.start_offset) * share
        if offset != pane.offset:
            pane.scroll(offset)
        top, bottom = (a + (b - a) * share for a, b in zip(self.origin, self.span, strict=True))
        pane.place_mark(top, bottom, share if self.is_first else 1.0)


class _RunGlow(Animation):
    """Fills the mark with a glow from left to right; it fades on the last part of the way."""

    def __init__(self, pane: CodePane) -> None:
        self.pane = pane
        super().__init__(pane.progress, rate_func=lambda t: t)

    def create_starting_mobject(self) -> Rectangle:
        # The glow is changed in place, so the copy that Manim would make is not needed.
        return self.pane.progress

    def interpolate_mobject(self, alpha: float) -> None:
        """Set the place, the length and the opacity of the glow."""
        pane = self.pane
        # It starts once the mark has arrived.
        wait = MARK_SECONDS / max(self.run_time, 2 * MARK_SECONDS)
        share = min(max((alpha - wait) / (1 - wait), 0.001), 1.0)
        width = pane.area.width * share
        pane.progress.stretch_to_fit_width(width).stretch_to_fit_height(pane.mark.height)
        pane.progress.move_to((pane.area.left + width / 2, pane.mark.get_y(), 0.0))
        pane.progress.set_fill(opacity=GLOW * min((1 - alpha) / 0.4, 1.0))


def width_of(columns: int, font_size: float = FontSize.small) -> float:
    """The width of a pane in which a line of this many characters is not wrapped."""
    return (columns + _NUMBER_COLUMNS + 2) * char_width(font_size)


def _columns(width: float, font_size: float) -> int:
    """How many characters of code a pane shows beside the line numbers."""
    return int(width / char_width(font_size)) - _NUMBER_COLUMNS - 1


def wrapped_lines(lines: Sequence[str], columns: int) -> Iterator[CodeLine]:
    """Rows of at most `columns` characters: lines wrapped after a space, comma or bracket."""
    for number, (line, roles) in enumerate(lines_with_roles(lines), start=1):
        wrap_indent = len(line) - len(line.lstrip()) + _WRAP_INDENT
        start, first = 0, True
        while True:
            indent = 0 if first else wrap_indent
            stop = _break_position(line, start, columns - indent)
            text = " " * indent + line[start:stop].rstrip()
            yield CodeLine(text, number, first, _spans(text, roles, indent - start))
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


def _filled_rectangle(width: float, height: float, color: str) -> Rectangle:
    """A rectangle without outline, invisible at first."""
    return Rectangle(width=width, height=height, stroke_width=0, fill_color=color, fill_opacity=0)
