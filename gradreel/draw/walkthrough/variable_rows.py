"""The rows of the variable panel: which variables fit, and the parts of each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from manim import Rectangle, VMobject

from gradreel.draw.labels import label
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import ShownNumber
from gradreel.draw.walkthrough.mono_text import MonoText, char_width
from gradreel.draw.walkthrough.replace_rows import PartKey, Row
from gradreel.draw.walkthrough.variable_text import (
    GRAD,
    NO_GRAD,
    fit_value,
    grad_text,
    tag_text,
    truncate,
    value_text,
)
from gradreel.theme import colors
from gradreel.trace.script_trace import TraceEvent, Variable

LINE_PITCH = 0.385
GAP = 0.13  # between one variable and the next
_MOST_NAME_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class CallSection:
    """The variables of one open call, under its title.

    `changed` are those that this step changed. `ages` says when each was last changed, the later
    the larger; where space is short, variables with the smallest are left out first. `texts` are
    the values that need more digits than usual.
    """

    title: str
    variables: tuple[Variable, ...]
    changed: frozenset[str] = frozenset()
    ages: Mapping[str, int] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grid:
    """The panel in characters: columns per row, and how many of them the names take."""

    area: Rect
    columns: int
    name_columns: int

    @classmethod
    def of_area(cls, area: Rect, longest_name: int) -> Grid:
        """The columns of an area, with room for names of this many characters."""
        columns = int((area.width - 0.25) / char_width())
        return cls(area, columns, min(longest_name, _MOST_NAME_CHARACTERS) + 2)

    def value_columns(self, variable: Variable) -> int:
        """Characters for the value beside `.grad`; 0 where each needs a line of its own."""
        free = self.columns - self.name_columns
        if not _may_have_grad(variable):
            return free
        if variable.grad_summary is not None or variable.summary is not None:
            return 0
        if variable.grad is None:
            beside = free - len(NO_GRAD) - 2
        else:
            grad = fit_value(variable.grad, free // 2 - len(GRAD))
            beside = 0 if grad is None else free - len(grad[0]) - len(GRAD) - 2
        fits = variable.value is None or fit_value(variable.value, beside)
        return max(beside, 0) if fits else 0

    def height(self, variable: Variable) -> float:
        """The height of a variable's entry."""
        if not variable.is_tensor:
            return LINE_PITCH
        return LINE_PITCH * (2 if self.value_columns(variable) else 3)


def rows_of(sections: Sequence[CallSection], grid: Grid, event: TraceEvent) -> Iterator[Row]:
    """As many variables as fit, from the top, then how many are left out."""
    visible, left_out = _fitting_sections(sections, grid)
    y = grid.area.top
    for depth, section in enumerate(visible):
        level = len(visible) - depth  # counted from the script, so that it stays as calls open
        if section.title:
            part = _Line(grid, y).text(section.title, 0.0, "local")
            yield Row(f"{level}:", y, dict([part]))
            y -= LINE_PITCH + GAP
        for variable in section.variables:
            parts = dict(_variable_parts(variable, section, grid, y, event))
            yield Row(f"{level}:{variable.name}", y, parts)
            y -= grid.height(variable) + GAP
    if left_out:
        words = label("and {n} more").replace("{n}", str(left_out))
        part = _Line(grid, y).text(words, 0.15, "muted")
        yield Row("", y, dict([part]))


def _fitting_sections(sections: Sequence[CallSection], grid: Grid) -> tuple[list[CallSection], int]:
    """The variables that fit, and how many are left out.

    Preferred are changed variables, then those of inner calls, then those changed last.
    """
    heights = {
        (d, v.name): grid.height(v) + GAP for d, s in enumerate(sections) for v in s.variables
    }
    titles = sum(LINE_PITCH + GAP for section in sections if section.title)
    free = grid.area.height - titles + GAP
    if sum(heights.values()) > free + 1e-6:
        free -= LINE_PITCH  # for the line that says how many are left out
    order = sorted(
        (v.name not in section.changed, depth, -section.ages.get(v.name, 0), v.name)
        for depth, section in enumerate(sections)
        for v in section.variables
    )
    kept: set[tuple[int, str]] = set()
    for _, depth, _, name in order:
        if heights[depth, name] <= free + 1e-6:
            kept.add((depth, name))
            free -= heights[depth, name]
    fitting = [
        replace(s, variables=tuple(v for v in s.variables if (d, v.name) in kept))
        for d, s in enumerate(sections)
    ]
    return fitting, len(order) - len(kept)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a row whose top is at `y`; `index` counts the lines of the row."""

    grid: Grid
    y: float
    index: int = 0

    def text(
        self, words: str, x: float, role: str, shown: Iterable[ShownNumber] = ()
    ) -> tuple[PartKey, VMobject]:
        """A text that begins `x` to the right of the area's left edge."""
        numbers = tuple(shown)
        top = self.y - self.index * LINE_PITCH
        baseline = top - LINE_PITCH / 2 - 0.085
        left = self.grid.area.left + x
        mobject = MonoText(words, left, baseline, color=getattr(colors, role), shown=numbers)
        values = tuple(float(number.quantity) for number in numbers)
        return (self.index, words, round(x, 3), role, values), mobject


def _variable_parts(
    variable: Variable, section: CallSection, grid: Grid, y: float, event: TraceEvent
) -> Iterator[tuple[PartKey, VMobject]]:
    columns = grid.value_columns(variable)
    if variable.name in section.changed:
        yield from _change_mark(grid, y, grid.height(variable))
    line, at = _Line(grid, y), 0.15 + grid.name_columns * char_width()
    yield line.text(truncate(variable.name, _MOST_NAME_CHARACTERS), 0.15, "text")
    width = columns or grid.columns - grid.name_columns
    words, shown = value_text(variable, event, width, section.texts.get(variable.name, ""))
    has_numbers = variable.value is not None or variable.summary is not None
    parts = [line.text(words, at, "value" if has_numbers else "text", shown)]
    words, shown = _grad_words(variable, grid, event)
    if variable.is_tensor:
        parts.append(_tag(variable, grid, y))
    if words:
        below = 0 if columns else 2
        x = 0.15 + 2 * char_width() if below else grid.area.width - 0.1 - len(words) * char_width()
        role = "gradient" if variable.has_grad else "muted"
        parts.append(_Line(grid, y, below).text(words, x, role, shown))
    yield from (part for part in parts if part[1].family_members_with_points())


def _tag(variable: Variable, grid: Grid, y: float) -> tuple[PartKey, VMobject]:
    """Kind, requires_grad and shape, on the second line."""
    role = "leaf" if variable.is_leaf and variable.requires_grad else "muted"
    words = tag_text(variable, grid.columns - 2)
    return _Line(grid, y, 1).text(words, 0.15 + 2 * char_width(), role)


def _grad_words(
    variable: Variable, grid: Grid, event: TraceEvent
) -> tuple[str, tuple[ShownNumber, ...]]:
    """`.grad` and its numbers; "" where there can be none."""
    if not _may_have_grad(variable):
        return "", ()
    free = grid.columns - grid.name_columns
    beside = grid.value_columns(variable) > 0
    return grad_text(variable, event, free // 2 if beside else grid.columns - 2)


def _may_have_grad(variable: Variable) -> bool:
    return variable.has_grad or (variable.is_leaf and variable.requires_grad)


def _change_mark(grid: Grid, top: float, height: float) -> Iterator[tuple[PartKey, VMobject]]:
    """The mark of a changed variable: a panel behind it and a bar on its left."""
    area, tall = grid.area, height + GAP * 0.7
    panel = Rectangle(width=area.width, height=tall, stroke_width=0, fill_color=colors.panel)
    bar = Rectangle(width=0.06, height=tall, stroke_width=0, fill_color=colors.accent)
    middle = top - height / 2
    panel.set_fill(opacity=1).move_to((area.center[0], middle, 0.0))
    bar.set_fill(opacity=1).move_to((area.left + 0.03, middle, 0.0))
    yield ("panel", round(tall, 3)), panel
    yield ("bar", round(tall, 3)), bar
