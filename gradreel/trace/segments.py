"""Segment: consecutive steps that share a caption and become one beat of the scene."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gradreel.trace.scheduled_step import ScheduledStep
from gradreel.trace.script import note_slots
from gradreel.trace.script_trace import ScriptTrace
from gradreel.trace.what_lines_do import what_steps_do

READING_SPEED = 15.0  # characters per second
MIN_SEGMENT_SECONDS = 2.0
REST_SECONDS = 0.8  # without motion, at the end of every beat
CLOSING_SECONDS = 0.5
CLOSING_NAME = "in the end"  # of the segment for a note after the last statement
_MAX_STEPS = 4  # steps without a note that share a beat


@dataclass(frozen=True, slots=True)
class Segment:
    """The steps that share a caption.

    `note` is "" if the script has no note here. Its braces are filled with the values after the
    event `note_event` (from 0; -1 for a note without values). In a script without notes they are
    made from what the lines do: the values come with the step `note_step`.
    """

    name: str
    note: str
    steps: tuple[ScheduledStep, ...]
    seconds: float
    note_event: int = -1
    note_step: int = -1


def group_into_segments(
    script_trace: ScriptTrace, steps: Sequence[ScheduledStep], most_iterations: int
) -> Iterator[Segment]:
    """Group steps by the notes of the script, or by loops where there are no notes.

    At most `most_iterations` condensed iterations share a segment.
    """
    notes = {note.line: note.text for note in script_trace.notes}
    names: Counter[str] = Counter()
    group: list[ScheduledStep] = []
    note, note_event = "", -1
    noted_lines: set[int] = set()
    for step in steps:
        new_note = _note_of(script_trace, notes, step, noted_lines)
        full = _is_full(group, note, most_iterations)
        if group and (new_note or full or _begins_segment(script_trace, group, step)):
            yield _segment(script_trace, names, note, group, note_event)
            group, note, note_event = [], "", -1
        if new_note:
            note, note_event = new_note, step.last
        group.append(step)
    yield _segment(script_trace, names, note, group, note_event)
    if 0 in notes:
        last = replace(group[-1], seconds=CLOSING_SECONDS)
        yield _segment(script_trace, names, notes[0], [last], last.last, name=CLOSING_NAME)


def segment_seconds(segment: Segment) -> float:
    """The time for the segment's steps and a rest, or to read its note if that takes longer."""
    reading = max(len(segment.note) / READING_SPEED, MIN_SEGMENT_SECONDS)
    return max(sum(step.seconds for step in segment.steps) + REST_SECONDS, reading)


def _note_of(
    script_trace: ScriptTrace, notes: Mapping[int, str], step: ScheduledStep, noted: set[int]
) -> str:
    """The note of a step, with those of the calls that it includes.

    A note without values is not repeated in the next iteration of a loop.
    """
    texts = []
    for line in _lines_up_to(script_trace, step) if step.kind == "line" else ():
        note = notes.get(line, "")
        if note and (line not in noted or note_slots(note)):
            texts.append(note)
        noted.add(line)
    return " ".join(texts)


def _lines_up_to(script_trace: ScriptTrace, step: ScheduledStep) -> Iterator[int]:
    """The lines of the statements of a step, up to the one that it is named after."""
    for event in script_trace.events[step.first : step.last + 1]:
        if event.kind == "line":
            yield event.line
        if event.line == step.line:
            return


def _is_iteration(step: ScheduledStep) -> bool:
    """Whether a step is a condensed iteration; condensed calls are grouped like other steps."""
    return step.kind == "counter" or step.label.startswith("iteration")


def _is_full(group: Sequence[ScheduledStep], note: str, most_iterations: int) -> bool:
    """Whether a segment has as many steps as can share a caption."""
    if group and _is_iteration(group[-1]):
        return len(group) >= most_iterations
    return len(group) >= (2 * _MAX_STEPS if note else _MAX_STEPS)


def _begins_segment(
    script_trace: ScriptTrace, group: list[ScheduledStep], step: ScheduledStep
) -> bool:
    """Whether a step without a note of its own begins another segment."""
    last = group[-1]
    if _is_iteration(step) != _is_iteration(last) or step.kind == "counter":
        return True
    if _is_iteration(step):
        return False
    # An iteration begins a segment, but the head of a loop directly inside another does not.
    if _is_loop_head(script_trace, step) and not _is_loop_head(script_trace, last):
        return True
    return _is_final_error(script_trace, step)


def _is_loop_head(script_trace: ScriptTrace, step: ScheduledStep) -> bool:
    return step.kind == "line" and script_trace.statement_at(step.line).is_loop


def _is_final_error(script_trace: ScriptTrace, step: ScheduledStep) -> bool:
    return script_trace.error is not None and step.last == len(script_trace.events) - 1


def _segment(
    script_trace: ScriptTrace,
    names: Counter[str],
    note: str,
    group: list[ScheduledStep],
    note_event: int,
    name: str = "",
) -> Segment:
    """A segment with a unique name; `names` counts the names that were used."""
    caption, note_step = note, -1
    if not note:
        caption = _default_caption(script_trace, group)
    if not caption and not script_trace.notes:
        caption, note_step = what_steps_do(script_trace, group)
        note_event = group[note_step].last if caption else -1
    name = name or _segment_name(script_trace, group)
    names[name] += 1
    if names[name] > 1:
        name = f"{name} ({names[name]})"
    segment = Segment(name, caption, tuple(group), 0.0, note_event, note_step)
    return replace(segment, seconds=segment_seconds(segment))


def _segment_name(script_trace: ScriptTrace, group: list[ScheduledStep]) -> str:
    if group[0].label:
        first, last = group[0].label, group[-1].label
        if first == last or not first.startswith("iteration "):
            return first
        start, end = first.split()[1], last.split()[1]
        return f"iterations {start} to {end} of {first.split()[-1]}"
    line = group[0].line
    source = " ".join(script_trace.lines[line - 1].split())
    return f"line {line}: {source[:40]}"


def _default_caption(script_trace: ScriptTrace, group: list[ScheduledStep]) -> str:
    """The caption where the script has no note: only what the viewer cannot see."""
    if script_trace.error is not None and _is_final_error(script_trace, group[-1]):
        return f"{script_trace.error.kind}: nobody catches it, and the script ends here."
    if group[0].kind == "counter":
        return f"{group[0].label.capitalize()}, without stopping."
    if _is_iteration(group[0]):
        # Not which they are: loops count from 0, from 1 or over values.
        first, last = (step.label.split()[1] for step in (group[0], group[-1]))
        one = "The next iteration does the same."
        return one if first == last else "The next iterations do the same."
    return ""
