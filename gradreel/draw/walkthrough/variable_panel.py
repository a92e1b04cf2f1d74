"""The variables of a running script: value, leaf or grad_fn, requires_grad, and .grad."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from manim import Animation, Rectangle, VGroup, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.numbers import ShownNumber
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
_LONGEST_NAME = 16


@dataclass(frozen=True, slots=True)
class CallSection:
    """The variables of one open call, under its title.

    `changed` are those that this step changed; `ages` when each was last changed, the later the
    higher: where room is short the oldest give way.
    """

    title: str
    variables: tuple[Variable, ...]
    changed: frozenset[str] = frozenset()
    ages: Mapping[str, int] = field(default_factory=dict)


class VariablePanel(VGroup):
    """Rows of variables in an area; `becomes(...)` is the change from one step to the next."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[VariableRow] = []

    def becomes(
        self, sections: Sequence[CallSection], area: Rect, moment: TraceEvent, *, at: float = 0.5
    ) -> Animation:
        """The panel at a moment; what is different fades over at `at` of the run time."""
        return _Becomes(self, list(_rows(sections, area, moment)), at)

    def shows(self, sections: Sequence[CallSection], area: Rect, moment: TraceEvent) -> None:
        """The same at once."""
        self.put(list(_rows(sections, area, moment)))

    def put(self, rows: list[VariableRow]) -> None:
        """Replace the rows."""
        self.rows = rows
        self.submobjects = list(rows)


class _Becomes(Animation):
    """Old rows that are different go, new ones come; rows that stay are not touched."""

    def __init__(self, panel: VariablePanel, rows: list[VariableRow], at: float) -> None:
        self.panel, self.new, self.at = panel, rows, at
        kept = {row.key for row in panel.rows} & {row.key for row in rows}
        self.outgoing = [row for row in panel.rows if row.key not in kept]
        self.coming = [row for row in rows if row.key not in kept]
        super().__init__(panel, rate_func=lambda t: t)

    def create_starting_mobject(self) -> VariablePanel:
        # The rows are replaced in place: a copy of every letter would be thrown away at once.
        return self.panel

    def begin(self) -> None:
        """Both pictures are on stage while one fades into the other."""
        self.panel.submobjects = [*self.outgoing, *self.new]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Old rows are gone at `at`, new ones there soon after."""
        _fade(self.outgoing, 1 - (alpha - self.at + 0.12) / 0.12)
        _fade(self.coming, (alpha - self.at) / 0.12)

    def finish(self) -> None:
        """Only the new rows stay."""
        super().finish()
        _fade(self.new, 1.0)
        self.panel.put(self.new)


def _fade(rows: Iterable[VariableRow], opacity: float) -> None:
    for row in rows:
        for part in row:
            part.set_fill(opacity=min(max(opacity, 0.0), 1.0))


class VariableRow(VGroup):
    """One entry of the panel; two with the same `key` look the same and stand in the same place."""

    def __init__(self, key: tuple[Any, ...], parts: Iterable[VMobject]) -> None:
        super().__init__(*(part for part in parts if len(part.family_members_with_points())))
        self.key = key


@dataclass(frozen=True, slots=True)
class _Grid:
    """How many characters a row of the panel has, and how many of them the names take."""

    area: Rect
    columns: int
    names: int

    @classmethod
    def of(cls, sections: Sequence[CallSection], area: Rect) -> _Grid:
        longest = max((len(v.name) for s in sections for v in s.variables), default=1)
        return cls(area, int((area.width - 0.25) / char_width()), min(longest, _LONGEST_NAME) + 2)

    def room(self, variable: Variable) -> int:
        """Characters for the value beside what `.grad` takes, 0 where they want a line each."""
        free = self.columns - self.names
        if not _may_have_grad(variable):
            return free
        if variable.grad is None:
            beside = free - len(NO_GRAD) - 2
        else:
            grad = fit_value(variable.grad, free // 2 - len(GRAD))
            beside = 0 if grad is None else free - len(grad[0]) - len(GRAD) - 2
        fits = variable.value is None or fit_value(variable.value, beside)
        return max(beside, 0) if fits else 0

    def height(self, variable: Variable) -> float:
        """What a variable takes of the panel's height."""
        if not variable.is_tensor:
            return LINE_PITCH
        return 2 * LINE_PITCH if self.room(variable) else 3 * LINE_PITCH


def _rows(sections: Sequence[CallSection], area: Rect, moment: TraceEvent) -> Iterator[VariableRow]:
    """As many variables as there is room for; the changed ones first of all."""
    grid = _Grid.of(sections, area)
    chosen, left_out = _chosen(sections, grid)
    y = area.top
    for section in chosen:
        if section.title:
            yield VariableRow((section.title, y), [_text(section.title, area.left, y, "local")])
            y -= LINE_PITCH + GAP
        for variable in section.variables:
            changed = variable.name in section.changed
            parts = _variable(variable, changed, grid, y, moment)
            yield VariableRow((variable, changed, round(y, 3), grid.names), parts)
            y -= grid.height(variable) + GAP
    if left_out:
        words = f"and {left_out} more"
        yield VariableRow((words, y), [_text(words, area.left + 0.15, y, "muted")])


def _chosen(sections: Sequence[CallSection], grid: _Grid) -> tuple[list[CallSection], int]:
    """What fits: changed variables before others, inner calls before outer ones, new before old."""
    rows = {(d, v.name): grid.height(v) + GAP for d, s in enumerate(sections) for v in s.variables}
    titles = sum(LINE_PITCH + GAP for section in sections if section.title)
    room = grid.area.height - titles + GAP
    if sum(rows.values()) > room:
        room -= LINE_PITCH  # for the line that says how many are left out
    order = sorted(
        (v.name not in section.changed, depth, -section.ages.get(v.name, 0), v.name)
        for depth, section in enumerate(sections)
        for v in section.variables
    )
    kept: set[tuple[int, str]] = set()
    for _, depth, _, name in order:
        if rows[depth, name] <= room:
            kept.add((depth, name))
            room -= rows[depth, name]
    chosen = [
        replace(s, variables=tuple(v for v in s.variables if (d, v.name) in kept))
        for d, s in enumerate(sections)
    ]
    return chosen, len(order) - len(kept)


def _variable(
    variable: Variable, changed: bool, grid: _Grid, y: float, moment: TraceEvent
) -> Iterator[VMobject]:
    area, room = grid.area, grid.room(variable)
    if changed:
        yield from _patch(area, y, grid.height(variable))
    left = area.left + 0.15
    yield _text(truncate(variable.name, _LONGEST_NAME), left, y, "text")
    words, shown = value_text(variable, moment, room or grid.columns - grid.names)
    value_role = "value" if variable.value is not None else "text"
    yield _text(words, left + grid.names * char_width(), y, value_role, shown)
    if variable.is_tensor:
        tag = tag_text(variable, grid.columns - 2)
        role = "leaf" if variable.is_leaf and variable.requires_grad else "muted"
        yield _text(tag, left + 2 * char_width(), y - LINE_PITCH, role)
    yield from _grad_text(variable, grid, y, moment)


def _grad_text(variable: Variable, grid: _Grid, y: float, moment: TraceEvent) -> Iterator[VMobject]:
    """`.grad` at the right end of the first line, or on a third line of its own."""
    if not _may_have_grad(variable):
        return
    beside = grid.room(variable) > 0
    free = grid.columns - grid.names
    words, shown = grad_text(variable, moment, free // 2 if beside else grid.columns - 2)
    x = grid.area.left + 0.15 + 2 * char_width()
    if beside:
        x = grid.area.right - 0.1 - len(words) * char_width()
    role = "gradient" if variable.grad is not None else "muted"
    yield _text(words, x, y if beside else y - 2 * LINE_PITCH, role, shown)


def _may_have_grad(variable: Variable) -> bool:
    return variable.grad is not None or (variable.is_leaf and variable.requires_grad)


def _patch(area: Rect, top: float, height: float) -> Iterator[VMobject]:
    """What is new lies on a lighter ground with a bar beside it."""
    ground = Rectangle(
        width=area.width, height=height + GAP * 0.7, stroke_width=0, fill_color=colors.panel
    )
    bar = Rectangle(width=0.06, height=height + GAP * 0.7, stroke_width=0, fill_color=colors.accent)
    middle = top - height / 2 + 0.02
    yield ground.set_fill(opacity=1).move_to((area.center[0], middle, 0.0))
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
    """Open calls from the innermost out; with `watch`, only those names, where they exist."""
    found = []
    for call in sorted(state, reverse=True):
        names = state[call]
        kept = [v for k, v in names.items() if not watch or k in watch]
        if kept or call:
            title = titles[call] if call or len(state) > 1 else ""
            fresh = changed.get(call, frozenset())
            found.append(CallSection(title, tuple(kept), fresh, ages.get(call, {})))
    return found
