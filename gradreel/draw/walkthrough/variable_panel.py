"""The variables of a script at one moment: value, kind, requires_grad, grad_fn, .grad."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from manim import Animation

from gradreel.draw.layout import Rect
from gradreel.draw.walkthrough.replace_rows import ReplaceRows, RowsPane
from gradreel.draw.walkthrough.variable_rows import CallSection, Grid, rows_of
from gradreel.trace.script_trace import TraceEvent, Variable
from gradreel.trace.value_format import distinguishing_texts

NEWEST_AGE = 10**9


class VariablePanel(RowsPane):
    """Rows of variables in an area; `becomes(...)` animates the change to another step.

    `states` are all variables after each event of the run: the columns are as wide as their longest
    names, so that they stay where they are.
    """

    def __init__(self, states: Iterable[Mapping[int, Mapping[str, Variable]]]) -> None:
        super().__init__()
        scopes = [scope for state in states for scope in state.values()]
        self._longest_name = max((len(n) for scope in scopes for n in scope), default=1)

    def becomes(
        self, sections: Sequence[CallSection], area: Rect, event: TraceEvent, *, at: float = 0.3
    ) -> Animation:
        """Show the variables after an event; what differs is exchanged `at` seconds later."""
        grid = Grid.of_area(area, self._longest_name)
        return ReplaceRows(self, list(rows_of(sections, grid, event)), at=at)


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
        kept = {k: v for k, v in names.items() if not watch or k in watch}
        if kept or call:
            title = titles[call] if call or len(state) > 1 else ""
            fresh, texts = changed.get(call, frozenset()), distinguishing_texts(kept)
            section = CallSection(title, tuple(kept.values()), fresh, ages.get(call, {}), texts)
            sections.append(section)
    return sections


def with_changed_newest(section: CallSection, event: TraceEvent) -> CallSection:
    """A section in which the variables that `event` changes are the last to be left out."""
    newest = {variable.name: NEWEST_AGE for variable in event.changed}
    return replace(section, ages={**section.ages, **newest})


def with_variable(section: CallSection, variable: Variable) -> CallSection:
    """A section with the new state of a variable, marked as changed."""
    if variable.name not in {v.name for v in section.variables}:
        return section
    variables = tuple(variable if v.name == variable.name else v for v in section.variables)
    return replace(section, variables=variables, changed=section.changed | {variable.name})
