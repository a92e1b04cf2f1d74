"""The variables of a running script: value, leaf or grad_fn, requires_grad, and .grad."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from manim import Animation, Rectangle, VGroup, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.numbers import ShownNumber
from gradreel.draw.walkthrough.cross_fade import fade_in, fade_out, set_fill_opacity
from gradreel.draw.walkthrough.mono_text import MonoText, char_width
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
    the larger; where space is short, variables with the smallest are left out first.
    """

    title: str
    variables: tuple[Variable, ...]
    changed: frozenset[str] = frozenset()
    ages: Mapping[str, int] = field(default_factory=dict)


class VariablePanel(VGroup):
    """Rows of variables in an area; `becomes(...)` animates the change to another step."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[VariableRow] = []

    def becomes(
        self, sections: Sequence[CallSection], area: Rect, event: TraceEvent, *, at: float = 0.5
    ) -> Animation:
        """Show the variables after an event; rows that differ fade at the share `at` of the run."""
        return _ReplaceRows(self, list(_rows(sections, area, event)), at)

    def set_rows(self, rows: list[VariableRow]) -> None:
        """Replace the rows at once."""
        self.rows = rows
        self.submobjects = list(rows)


class _ReplaceRows(Animation):
    """Fades outgoing rows out and incoming rows in; rows that stay are not touched."""

    def __init__(self, panel: VariablePanel, rows: list[VariableRow], at: float) -> None:
        self.panel, self.new, self.at = panel, rows, at
        kept = {row.key for row in panel.rows} & {row.key for row in rows}
        self.outgoing = [row for row in panel.rows if row.key not in kept]
        self.incoming = [row for row in rows if row.key not in kept]
        super().__init__(panel, rate_func=lambda t: t)

    def create_starting_mobject(self) -> VariablePanel:
        # The rows are replaced in place, so the copy that Manim would make is not needed.
        return self.panel

    def begin(self) -> None:
        """Put old and new rows on stage."""
        self.panel.submobjects = [*self.outgoing, *self.new]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Set the opacities."""
        _set_opacity(self.outgoing, fade_out(alpha, self.at))
        _set_opacity(self.incoming, fade_in(alpha, self.at))

    def finish(self) -> None:
        """Keep only the new rows."""
        super().finish()
        _set_opacity(self.new, 1.0)
        self.panel.set_rows(self.new)


def _set_opacity(rows: Iterable[VariableRow], opacity: float) -> None:
    for row in rows:
        set_fill_opacity(row, opacity)


class VariableRow(VGroup):
    """One entry of the panel; entries with equal `key` have the same contents and position."""

    def __init__(self, key: tuple[Any, ...], parts: Iterable[VMobject]) -> None:
        super().__init__(*(part for part in parts if len(part.family_members_with_points())))
        self.key = key


@dataclass(frozen=True, slots=True)
class _Grid:
    """The panel in characters: columns per row, and how many of them the names take."""

    area: Rect
    columns: int
    name_columns: int

    @classmethod
    def of_sections(cls, sections: Sequence[CallSection], area: Rect) -> _Grid:
        longest = max((len(v.name) for s in sections for v in s.variables), default=1)
        columns = int((area.width - 0.25) / char_width())
        return cls(area, columns, min(longest, _MOST_NAME_CHARACTERS) + 2)

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
        return 2 * LINE_PITCH if self.value_columns(variable) else 3 * LINE_PITCH


def _rows(sections: Sequence[CallSection], area: Rect, event: TraceEvent) -> Iterator[VariableRow]:
    """As many variables as fit, from the top, then how many are left out."""
    grid = _Grid.of_sections(sections, area)
    visible, left_out = _fitting_sections(sections, grid)
    y = area.top
    for section in visible:
        if section.title:
            yield VariableRow((section.title, y), [_text(section.title, area.left, y, "local")])
            y -= LINE_PITCH + GAP
        for variable in section.variables:
            changed = variable.name in section.changed
            parts = _variable_parts(variable, changed, grid, y, event)
            yield VariableRow((variable, changed, round(y, 3), grid.name_columns), parts)
            y -= grid.height(variable) + GAP
    if left_out:
        words = f"and {left_out} more"
        yield VariableRow((words, y), [_text(words, area.left + 0.15, y, "muted")])


def _fitting_sections(
    sections: Sequence[CallSection], grid: _Grid
) -> tuple[list[CallSection], int]:
    """The variables that fit, and how many are left out.

    Preferred are changed variables, then those of inner calls, then those changed last.
    """
    heights = {
        (d, v.name): grid.height(v) + GAP for d, s in enumerate(sections) for v in s.variables
    }
    titles = sum(LINE_PITCH + GAP for section in sections if section.title)
    free = grid.area.height - titles + GAP
    if sum(heights.values()) > free:
        free -= LINE_PITCH  # for the line that says how many are left out
    order = sorted(
        (v.name not in section.changed, depth, -section.ages.get(v.name, 0), v.name)
        for depth, section in enumerate(sections)
        for v in section.variables
    )
    kept: set[tuple[int, str]] = set()
    for _, depth, _, name in order:
        if heights[depth, name] <= free:
            kept.add((depth, name))
            free -= heights[depth, name]
    fitting = [
        replace(s, variables=tuple(v for v in s.variables if (d, v.name) in kept))
        for d, s in enumerate(sections)
    ]
    return fitting, len(order) - len(kept)


def _variable_parts(
    variable: Variable, changed: bool, grid: _Grid, y: float, event: TraceEvent
) -> Iterator[VMobject]:
    area, columns = grid.area, grid.value_columns(variable)
    if changed:
        yield from _change_mark(area, y, grid.height(variable))
    left = area.left + 0.15
    yield _text(truncate(variable.name, _MOST_NAME_CHARACTERS), left, y, "text")
    words, shown = value_text(variable, event, columns or grid.columns - grid.name_columns)
    has_numbers = variable.value is not None or variable.summary is not None
    value_role = "value" if has_numbers else "text"
    yield _text(words, left + grid.name_columns * char_width(), y, value_role, shown)
    if variable.is_tensor:
        tag = tag_text(variable, grid.columns - 2)
        role = "leaf" if variable.is_leaf and variable.requires_grad else "muted"
        yield _text(tag, left + 2 * char_width(), y - LINE_PITCH, role)
    yield from _grad_parts(variable, grid, y, event)


def _grad_parts(variable: Variable, grid: _Grid, y: float, event: TraceEvent) -> Iterator[VMobject]:
    """`.grad` at the right end of the first line, or on a third line."""
    if not _may_have_grad(variable):
        return
    beside = grid.value_columns(variable) > 0
    free = grid.columns - grid.name_columns
    words, shown = grad_text(variable, event, free // 2 if beside else grid.columns - 2)
    x = grid.area.left + 0.15 + 2 * char_width()
    if beside:
        x = grid.area.right - 0.1 - len(words) * char_width()
    role = "gradient" if variable.has_grad else "muted"
    yield _text(words, x, y if beside else y - 2 * LINE_PITCH, role, shown)


def _may_have_grad(variable: Variable) -> bool:
    return variable.has_grad or (variable.is_leaf and variable.requires_grad)


def _change_mark(area: Rect, top: float, height: float) -> Iterator[VMobject]:
    """The mark of a changed variable: a panel behind it and a bar on its left."""
    height_with_gap = height + GAP * 0.7
    panel = Rectangle(
        width=area.width, height=height_with_gap, stroke_width=0, fill_color=colors.panel
    )
    bar = Rectangle(width=0.06, height=height_with_gap, stroke_width=0, fill_color=colors.accent)
    middle = top - height / 2 + 0.02
    yield panel.set_fill(opacity=1).move_to((area.center[0], middle, 0.0))
    yield bar.set_fill(opacity=1).move_to((area.left + 0.03, middle, 0.0))


def _text(
    words: str, x: float, top: float, role: str, shown: Iterable[ShownNumber] = ()
) -> MonoText:
    return MonoText(words, x, top - 0.72 * LINE_PITCH, color=getattr(colors, role), shown=shown)


def call_sections(
    state: Mapping[int, Mapping[str, Variable]],
    titles: Mapping[int, str],
    changed: Mapping[int, frozenset[str]],
    ages: Mapping[int, Mapping[str, int]],
    watch: Sequence[str],
) -> list[CallSection]:
    """The sections of the open calls, innermost first.

    All mappings are by call number, 0 for the script itself. With `watch`, only variables of these
    names are shown.
    """
    sections = []
    for call in sorted(state, reverse=True):
        names = state[call]
        kept = [v for k, v in names.items() if not watch or k in watch]
        if kept or call:
            title = titles[call] if call or len(state) > 1 else ""
            fresh = changed.get(call, frozenset())
            sections.append(CallSection(title, tuple(kept), fresh, ages.get(call, {})))
    return sections
