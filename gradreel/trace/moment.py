"""Moment: one step of a run, as a picture beside the program sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradreel.tape import Quantity, Tape
from gradreel.trace.script_trace import (
    ScriptTrace,
    TraceEvent,
    Variable,
    find_variable,
    quantity_of,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """The state after the events `first` to `last` (from 0) of a trace.

    `line` is the line of the first statement, `variables` are those of the script itself.
    """

    trace: ScriptTrace
    first: int
    last: int
    line: int
    variables: Mapping[str, Variable]

    @property
    def events(self) -> tuple[TraceEvent, ...]:
        """The events of this step."""
        return self.trace.events[self.first : self.last + 1]

    @property
    def source(self) -> str:
        """The first lines of the statements of the script itself, one below the other."""
        lines = (event.line for event in self.events if not event.call)
        return "\n".join(self.trace.lines[line - 1].strip() for line in dict.fromkeys(lines))

    @property
    def changed(self) -> frozenset[str]:
        """The variables of the script that are new or different."""
        return frozenset(v.name for event in self.events if not event.call for v in event.changed)

    @property
    def passes(self) -> tuple[int, ...]:
        """The numbers of the backward passes that ran and have a tape."""
        ran = (number for event in self.events for number in event.backward)
        return tuple(number for number in ran if number in self.trace.passes)

    def tape(self, number: int) -> Tape:
        """The tape of a backward pass."""
        return self.trace.passes[number]

    def value(self, name: str) -> Quantity:
        """The number that a variable holds; UsageError if there is no such variable."""
        return quantity_of(self._variable(name), self.events[-1])

    def grad(self, name: str) -> Quantity:
        """The number in `.grad` of a variable; RecordingError if it is None."""
        return quantity_of(self._variable(name), self.events[-1], grad=True)

    def _variable(self, name: str) -> Variable:
        return find_variable(self.variables, name, "picture")
