"""Playback: captions with their values, titles, highlighted lines and changes of a script trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradreel.tape import Quantity
from gradreel.trace.moment import Moment
from gradreel.trace.schedule import ScheduledStep, Segment
from gradreel.trace.script import note_slots
from gradreel.trace.script_trace import (
    ScriptTrace,
    TraceEvent,
    Variable,
    find_variable,
    quantity_of,
)

COUNTER_STOPS = 12


class Playback:
    """What is displayed at each step; `states[n]` are all variables after event n (from 0)."""

    def __init__(self, script_trace: ScriptTrace) -> None:
        self.script_trace = script_trace
        self.states = list(script_trace.states())

    def check_names(self, watched: tuple[str, ...]) -> None:
        """Raise UsageError for a name to watch that no variable ever has."""
        known = {v.name: v for event in self.script_trace.events for v in event.changed}
        for name in watched:
            find_variable(known, name, "watch")

    def caption(self, segment: Segment) -> tuple[str, dict[str, Any]]:
        """The note of a segment with numbered slots, and the numbers that fill the slots."""
        if segment.note_event < 0:
            return segment.note, {}
        text = segment.note
        numbers: dict[str, Quantity] = {}
        for slot, (written, name, grad, index) in enumerate(note_slots(segment.note)):
            variable, event = self._variable_for_note(segment, name)
            if isinstance(variable.value, float) or index or grad:
                numbers[f"v{slot}"] = quantity_of(variable, event, grad=grad, index=index)
                text = text.replace(f"{{{written}}}", f"{{v{slot}}}")
            else:
                text = text.replace(f"{{{written}}}", variable.text)
        return text, numbers

    def arrivals(self, segment: Segment) -> dict[str, int]:
        """The step of a segment, from 0, with which the number of each slot comes.

        What a backward pass leaves comes after it, with the step that follows.
        """
        if segment.note_step >= 0:
            is_left = bool(self.moment(segment.steps[segment.note_step]).passes)
            slots = range(len(list(note_slots(segment.note))))
            return {f"v{slot}": segment.note_step + is_left for slot in slots}
        arrivals = {}
        for slot, (_, name, _, _) in enumerate(note_slots(segment.note)):
            there = segment.note_event >= 0 and name in self._names_at(segment.note_event)
            steps = segment.steps[:1] if there else segment.steps
            giving = [k for k, step in enumerate(steps) if name in self.changed_in(step)]
            last = max(giving, default=0)
            is_left = bool(giving) and bool(self.moment(steps[last]).passes)
            arrivals[f"v{slot}"] = last + is_left
        return arrivals

    def changed_in(self, step: ScheduledStep) -> frozenset[str]:
        """The names that a step changed in any call."""
        return frozenset().union(*self.changed_names(step).values())

    def moment(self, step: ScheduledStep) -> Moment:
        """A step as a picture beside the program sees it."""
        variables = self.states[step.last].get(0, {})
        return Moment(self.script_trace, step.first, step.last, step.line, variables)

    def _names_at(self, index: int) -> dict[str, Variable]:
        """The variables that a note can name after an event."""
        event, state = self.script_trace.events[index], self.states[index]
        return {**state.get(0, {}), **state.get(event.call, {})}

    def _variable_for_note(self, segment: Segment, name: str) -> tuple[Variable, TraceEvent]:
        """A variable after the statement below the note, or else at the end of the segment."""
        names: dict[str, Variable] = {}
        for index in (segment.note_event, segment.steps[-1].last):
            event, names = self.script_trace.events[index], self._names_at(index)
            if name in names:
                break
        where = f"note at line {self.script_trace.events[segment.note_event].line}"
        return find_variable(names, name, where), event

    def highlighted_lines(self, step: ScheduledStep) -> tuple[int, int]:
        """First and last line to highlight: a statement, or the whole body if condensed."""
        event = self.script_trace.events[step.first]
        line = step.line
        if step.kind == "fast" and event.kind == "call":
            line = self.script_trace.calls[event.call].line
        statement = self.script_trace.statement_at(line)
        is_condensed = step.kind in ("fast", "counter")
        last = statement.body_end if is_condensed else statement.last_line
        return line, last

    def changed_names(self, step: ScheduledStep) -> Mapping[int, frozenset[str]]:
        """The names that a step changed, by call."""
        names: dict[int, frozenset[str]] = {}
        for event in self.script_trace.events[step.first : step.last + 1]:
            changed = frozenset(variable.name for variable in event.changed)
            names[event.call] = names.get(event.call, frozenset()) | changed
        return names

    def last_changes(self, index: int) -> Mapping[int, Mapping[str, int]]:
        """The event up to `index` at which each variable was last changed, by call and name."""
        last: dict[int, dict[str, int]] = {}
        for number, event in enumerate(self.script_trace.events[: index + 1]):
            last.setdefault(event.call, {}).update({v.name: number for v in event.changed})
        return last

    def counter_stops(self, step: ScheduledStep) -> list[int]:
        """The events at which a counter is drawn: evenly spaced iterations, and the last event."""
        events = self.script_trace.events
        heads = [k for k in range(step.first, step.last + 1) if events[k].line == step.line]
        stops = [heads[len(heads) * k // COUNTER_STOPS] for k in range(1, COUNTER_STOPS)]
        return [*dict.fromkeys(stops), step.last]

    def scope_title(self, call: int) -> str:
        """The heading above the variables of a call."""
        if not call:
            return "in the script"
        function = self.script_trace.calls[call].function
        same = [c.number for c in self.script_trace.calls if c.function == function]
        return f"in {function}()" + (f", call {same.index(call) + 1}" if len(same) > 1 else "")

    def status(self, step: ScheduledStep, index: int) -> str:
        """The line between code and output: which iteration it is, or what a call returned."""
        event, script_trace = self.script_trace.events[index], self.script_trace
        if step.kind == "counter" and event.iterations:
            total = int(step.label.rpartition(" ")[2])
            return f"iteration {min(event.iterations[0].number, total)} of {total}"
        if step.label:
            return step.label + _returned_text(event)
        if event.kind == "call":
            return f"{script_trace.calls[event.call].function}() is called"
        if event.kind == "return":
            name = script_trace.calls[event.call].function
            return f"{name}()" + (_returned_text(event) or " ends")
        if script_trace.skipped_seconds and "sleep(" in script_trace.lines[event.line - 1]:
            return "the pause is left out"
        if event.iterations and not event.loop_ended:
            return "iteration " + ", ".join(str(one.number) for one in event.iterations)
        return ""


def _returned_text(event: TraceEvent) -> str:
    result = event.returned
    return f" returns {result.text}" if result and result.kind != "NoneType" else ""
