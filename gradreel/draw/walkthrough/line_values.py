"""The values that the lines of a program gave, each behind its own line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from gradreel.draw.numbers import ShownNumber
from gradreel.draw.walkthrough.code_pane import CodePane
from gradreel.draw.walkthrough.mono_text import MonoText, char_width, with_wide_cells
from gradreel.draw.walkthrough.replace_rows import ReplaceRows, Row, RowsPane
from gradreel.draw.walkthrough.variable_text import grad_text, value_text
from gradreel.theme import colors
from gradreel.trace.script_trace import ScriptTrace, TraceEvent, Variable
from gradreel.trace.value_format import distinguishing_texts, format_digits

GAP_COLUMNS = 2  # from the code to the value, in characters
NO_DIGITS: Mapping[str, int] = MappingProxyType({})
_WIDEST = 30  # characters of a value
_NO_WAY_BACK = "no grad_fn"
_NUMBER = re.compile(r"\w+ = (?:[-\d.e]+$|[\w.]+\([-\d.e]+[,)])")
"""A line that itself shows the number it assigns."""


@dataclass(frozen=True, slots=True)
class LineValue:
    """What a line gave to the variable `key` ("x", or "x.grad"), with the numbers in `words`.

    `tag` says how a tensor came about. `is_current` is false once another line has changed it.
    """

    line: int
    key: str
    words: str
    role: str
    shown: tuple[ShownNumber, ...] = ()
    tag: str = ""
    is_current: bool = True

    @property
    def columns(self) -> int:
        """The characters that it takes behind the code, with the gap before it."""
        if not self.words:
            return 0
        return GAP_COLUMNS + len(self.words) + (len(self.tag) + 1 if self.tag else 0)


class LineValues(RowsPane):
    """Behind each line of `code` the value that it gave when it last ran.

    A value that another line has replaced becomes pale. In a listing that scrolls there are none.
    `watched` are the only variables that are shown, or all if it is empty. `with_tags` shows the
    `grad_fn` of results. `digits` are the significant digits of variables whose usual ones hide
    what a program is about, by name.
    """

    def __init__(
        self,
        code: CodePane,
        trace: ScriptTrace,
        watched: Sequence[str] = (),
        *,
        with_tags: bool = True,
        digits: Mapping[str, int] = NO_DIGITS,
    ) -> None:
        super().__init__()
        self.with_tags, self.digits = with_tags, digits
        self.code, self.trace, self.watched = code, trace, tuple(watched)
        self.states = list(trace.states())
        self.values: list[LineValue] = []

    def becomes(self, first: int, last: int, *, at: float, until: int) -> ReplaceRows:
        """Show what the events `first` to `last` have given, `at` seconds after the start.

        Numbers have the digits that tell them from the others after event `until`.
        """
        for index in range(first, last + 1):
            new = [
                value
                for value in values_of_event(self.trace, self.states, index, until, self.digits)
                if not self.watched or value.key.partition(".")[0] in self.watched
            ]
            if new:
                line, keys = self.trace.events[index].line, {value.key for value in new}
                kept = (value for value in self.values if value.line != line)
                self.values = [replace(v, is_current=False) if v.key in keys else v for v in kept]
                self.values += new
        return ReplaceRows(self, list(self._rows()), at=at)

    def _rows(self) -> Iterator[Row]:
        if self.code.tops[-1] > self.code.visible:
            return  # the code scrolls away from them
        lines = dict.fromkeys(value.line for value in self.values)
        for line in lines:
            x, y = self.code.end_of_line(line)
            row = Row(str(line), y, {})
            for value in (v for v in self.values if v.line == line):
                x = self._add_parts(row, value, x, y)
            yield row

    def _add_parts(self, row: Row, value: LineValue, x: float, y: float) -> float:
        """Add the texts of a value that begins behind `x`; returns where it ends."""
        wide = char_width(self.code.font_size)
        x += GAP_COLUMNS * wide
        role = value.role if value.is_current else "muted"
        tag = value.tag if self.with_tags else ""
        for words, tone, shown in ((value.words, role, value.shown), (tag, "muted", ())):
            end = x + len(words) * wide
            if not words or end > self.code.area.right:
                continue
            values = tuple(float(number.quantity) for number in shown)
            key = (value.key, words, round(x, 3), tone, values)
            row.parts[key] = MonoText(
                words, x, y, color=getattr(colors, tone), font_size=self.code.font_size, shown=shown
            )
            x = end + wide
        return x - wide


def most_columns(trace: ScriptTrace) -> int:
    """The characters of the longest line together with what will stand behind it."""
    states = list(trace.states())
    lines = [with_wide_cells(line) for line in trace.lines]
    widths = {number: len(line) for number, line in enumerate(lines, start=1)}
    for index, event in enumerate(trace.events):
        behind = sum(value.columns for value in values_of_event(trace, states, index, -1))
        end = trace.statement_at(event.line).last_line if behind else event.line
        widths[event.line] = max(widths[event.line], len(lines[end - 1]) + behind)
    return max(widths.values(), default=0)


def values_of_event(
    trace: ScriptTrace,
    states: Sequence[Mapping[int, Mapping[str, Variable]]],
    index: int,
    last: int,
    digits: Mapping[str, int] = NO_DIGITS,
) -> Iterator[LineValue]:
    """What a statement of the script itself gave to its variables.

    Numbers have the digits that tell them from the others after event `last`, or as many as
    `digits` says.
    """
    event = trace.events[index]
    if event.call or event.kind != "line":
        return
    before = states[index - 1].get(0, {}) if index else {}
    now = states[last].get(0, {})
    texts = distinguishing_texts(now)
    for name, count in digits.items():
        if name in now and isinstance(number := now[name].value, float):
            texts[name] = format_digits(number, count)
    is_tracked = any(variable.requires_grad for variable in now.values())
    source = trace.lines[event.line - 1].strip()
    for variable in event.changed:
        old = before.get(variable.name)
        is_new = old is None or _what_it_holds(old) != _what_it_holds(variable)
        is_in_code = _NUMBER.match(source) and not isinstance(variable.value, tuple)
        if is_new and not is_in_code:
            is_kept = variable.name in now and now[variable.name].value == variable.value
            exact = texts.get(variable.name, "") if is_kept else ""
            value = _value(variable, event, source, exact)
            yield replace(value, tag=value.tag if is_tracked else "")
        if old is not None and _grad_of(old) != _grad_of(variable):
            words, shown = grad_text(variable, event, _WIDEST)
            words = f"{variable.name}.grad = {words.removeprefix('grad ')}"
            role = "gradient" if variable.has_grad else "muted"
            words = "" if words == source else words  # the code says it
            yield LineValue(event.line, f"{variable.name}.grad", words, role, shown)


def _value(variable: Variable, event: TraceEvent, source: str, exact: str) -> LineValue:
    words, shown = value_text(variable, event, _WIDEST, exact)
    is_assigned = re.match(rf"{re.escape(variable.name)} [-+*/]*=", source) is not None
    words = f"= {words}" if is_assigned else f"{variable.name} = {words}"
    tag = variable.grad_fn or ""
    if variable.is_tensor and variable.is_leaf and not variable.requires_grad:
        tag = _NO_WAY_BACK
    return LineValue(event.line, variable.name, words, "value", shown, tag)


def _what_it_holds(variable: Variable) -> tuple[object, ...]:
    return variable.text, variable.value, variable.summary, variable.grad_fn, variable.requires_grad


def _grad_of(variable: Variable) -> tuple[object, ...]:
    return variable.grad, variable.grad_summary
