"""Joins the statements under a note into one step, for a program that runs beside a picture.

A note says what a few lines do together. They share its time and run one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gradreel.trace.scheduled_step import ScheduledStep
from gradreel.trace.script_trace import ScriptTrace


def joined_under_notes(
    script_trace: ScriptTrace, steps: Iterable[ScheduledStep]
) -> Iterator[ScheduledStep]:
    """The steps, with those under one note in one iteration of a loop joined.

    Statements before the first note remain steps of their own.
    """
    noted = {note.line for note in script_trace.notes}
    current: ScheduledStep | None = None
    is_noted = False
    for step in steps:
        begins_note = step.line in noted
        if current is not None and begins_note and _is_silent_head(script_trace, current, noted):
            # A loop whose body begins with a note runs into it.
            current, is_noted = replace(step, first=current.first), True
            continue
        if current is not None and is_noted and not begins_note:
            if _can_join(script_trace, current, step):
                current = _joined(current, step)
                continue
            is_noted = False
        if current is not None:
            yield current
        current, is_noted = step, is_noted or begins_note
    if current is not None:
        yield current


def _is_silent_head(script_trace: ScriptTrace, step: ScheduledStep, noted: set[int]) -> bool:
    is_single = step.kind == "line" and not step.parts
    return is_single and step.line not in noted and script_trace.statement_at(step.line).is_loop


def _can_join(script_trace: ScriptTrace, before: ScheduledStep, step: ScheduledStep) -> bool:
    """Whether both are statements of the script itself, in the same iterations."""
    one, other = script_trace.events[before.last], script_trace.events[step.last]
    are_lines = before.kind == step.kind == "line" and one.call == other.call == 0
    return are_lines and one.iterations == other.iterations


def _joined(before: ScheduledStep, step: ScheduledStep) -> ScheduledStep:
    seconds = before.seconds + step.seconds
    parts = (*(before.parts or (before,)), step)
    return replace(before, last=step.last, seconds=seconds, parts=parts)
