"""Schedule: which events of a script trace are shown one by one, which faster, and for how long.

The schedule is a pure function of the trace. Loops: two iterations step by step, then iteration by
iteration, then a counter. Functions: two calls step by step, later ones in one step. A run that
takes too long raises a UsageError that names the lines to cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gradreel.errors import UsageError
from gradreel.trace.loop_context import (
    DisplayMode,
    display_mode,
    iteration_counts,
    loop_contexts,
)
from gradreel.trace.note_steps import joined_under_notes
from gradreel.trace.pace import DETAILED, Pace
from gradreel.trace.scheduled_step import ScheduledStep, StepKind
from gradreel.trace.script_trace import ScriptTrace, TraceEvent
from gradreel.trace.segments import (
    Segment,
    group_into_segments,
    segment_seconds,
)

MAX_STEPS = 200
MAX_SECONDS = 115.0
MIN_STEP_SECONDS = 0.3
LINGER_SECONDS = 2.0
_BRIEF_SECONDS = 0.5
_BRIEF_STATEMENTS = {
    "Import", "ImportFrom", "FunctionDef", "ClassDef", "AsyncFunctionDef", "Pass",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schedule:
    """The segments of a walkthrough in order; `condensed` describes what is not shown stepwise."""

    segments: tuple[Segment, ...]
    condensed: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """The duration of all segments in seconds."""
        return sum(segment.seconds for segment in self.segments)

    @property
    def steps(self) -> tuple[ScheduledStep, ...]:
        """All steps in order."""
        return tuple(step for segment in self.segments for step in segment.steps)


def schedule(
    script_trace: ScriptTrace, linger: Iterable[int] = (), pace: Pace = DETAILED
) -> Schedule:
    """The schedule of a trace; steps at the lines in `linger` last `LINGER_SECONDS` longer.

    Raises UsageError if it would be too long, or if a line in `linger` never runs.
    """
    linger_lines = _check_lines(script_trace, linger)
    steps = list(_steps(script_trace, linger_lines, pace))
    if pace.by_note:
        steps = list(joined_under_notes(script_trace, steps))
    if len(steps) > MAX_STEPS:
        raise _too_long(script_trace, steps, f"{len(steps)} steps; at most {MAX_STEPS}")
    planned = list(group_into_segments(script_trace, steps, pace.iterations_in_beat))
    timed = tuple(_limit_seconds(script_trace, planned))
    condensed = tuple(
        f"line {step.line}: {step.label}" for step in steps if step.kind in ("fast", "counter")
    )
    return Schedule(timed, condensed)


def _check_lines(script_trace: ScriptTrace, linger: Iterable[int]) -> set[int]:
    lines = set(linger)
    valid = sorted({event.line for event in script_trace.events if event.kind == "line"})
    for line in sorted(lines - set(valid)):
        raise UsageError(
            f"line {line} never runs, so there is nothing to linger on.",
            where=script_trace.script,
            hint="Lines are counted as they are shown, without the notes.",
            valid=map(str, valid),
        )
    return lines


def _steps(
    script_trace: ScriptTrace, linger_lines: set[int], pace: Pace
) -> Iterator[ScheduledStep]:
    """Group events into steps: a condensed iteration or call is one step.

    Imports and definitions without a note, and calls that are not shown, belong to the statement
    that follows.
    """
    paths = loop_contexts(script_trace)
    counts = iteration_counts(paths)
    step: ScheduledStep | None = None
    key: tuple[object, ...] = ()
    pending: int | None = None
    runs: Counter[int] = Counter()
    for index, (event, path) in enumerate(zip(script_trace.events, paths, strict=True)):
        mode = display_mode(path, counts, pace)
        joins = mode.key == key != () or _has_no_effect(script_trace, index)
        if step is not None and pending is None and joins:
            step = replace(step, last=index, label=mode.label or step.label)
            continue
        if _waits(script_trace, event, mode, pace, linger_lines):
            pending = index if pending is None else pending
            continue
        if step is not None:
            yield step
        seconds = _step_seconds(script_trace, event, mode, runs[event.line], pace)
        if event.line in linger_lines and mode.kind == "step":
            seconds += LINGER_SECONDS
        runs[event.line] += 1
        kind: StepKind = event.kind if mode.kind == "step" else mode.kind
        first = index if pending is None else pending
        step = ScheduledStep(first, index, kind, event.line, seconds, mode.label)
        key, pending = mode.key, None
    yield from _last_steps(script_trace, step, pending)


def _last_steps(
    script_trace: ScriptTrace, step: ScheduledStep | None, pending: int | None
) -> Iterator[ScheduledStep]:
    """The last step, and one for events that had no statement after them."""
    if step is not None:
        yield step
    if pending is not None:
        last = len(script_trace.events) - 1
        line = script_trace.events[last].line
        yield ScheduledStep(pending, last, "line", line, _BRIEF_SECONDS)


def _waits(
    script_trace: ScriptTrace, event: TraceEvent, mode: DisplayMode, pace: Pace, linger: set[int]
) -> bool:
    """Whether an event is shown together with the statement after it."""
    if mode.kind == "fast" and not pace.stepwise_calls:
        return mode.label.partition(",")[0].endswith("()")
    if event.kind != "line" or mode.kind != "step" or event.line in linger:
        return False
    noted = any(note.line == event.line for note in script_trace.notes)
    if noted or event.changed or event.printed or event.raised or event.backward:
        return False
    return script_trace.statement_at(event.line).kind in _BRIEF_STATEMENTS


def _has_no_effect(script_trace: ScriptTrace, index: int) -> bool:
    """Whether an event is the end of a loop or of a with block, which is not a step of its own."""
    event = script_trace.events[index]
    if event.kind != "line" or event.changed or event.printed or event.raised:
        return False
    if event.loop_ended:
        return True
    statement = script_trace.statement_at(event.line)
    earlier = (e for e in reversed(script_trace.events[:index]) if e.call == event.call)
    before = next(earlier, None)
    ends_block = before is not None and statement.last_line < before.line <= statement.body_end
    return statement.kind in ("With", "AsyncWith") and ends_block


def _step_seconds(
    script_trace: ScriptTrace, event: TraceEvent, mode: DisplayMode, earlier_runs: int, pace: Pace
) -> float:
    """The duration of a step; a line that ran before is shown for a shorter time."""
    if mode.kind != "step":
        return pace.fast if mode.kind == "fast" else pace.counter
    if event.kind != "line":
        return 0.9
    if script_trace.statement_at(event.line).kind in _BRIEF_STATEMENTS:
        return _BRIEF_SECONDS
    seconds = pace.line[min(earlier_runs, 2)]
    for number in event.backward:
        tape = script_trace.passes.get(number)
        nodes = len(tape.steps) if tape else 0
        longest = min(pace.pass_base + pace.pass_node * nodes, pace.pass_most)
        seconds += min(0.25 * nodes, 1.5) if earlier_runs and pace.pass_node else longest
    return seconds + (pace.printed if event.printed else 0.0) + (1.5 if event.raised else 0.0)


def _too_long(script_trace: ScriptTrace, steps: Sequence[ScheduledStep], length: str) -> UsageError:
    most_shown = Counter(step.line for step in steps).most_common(3)
    lines = "; ".join(
        f"line {line} ({script_trace.lines[line - 1].strip()[:40]}) {count} times"
        for line, count in most_shown
    )
    return UsageError(
        f"the walk would have {length} stay watchable.",
        where=script_trace.script,
        hint=f"Cut what is shown most often: {lines}. Fewer loops in a row, or a helper module "
        "imported by the script, makes it shorter.",
    )


def _limit_seconds(script_trace: ScriptTrace, planned: list[Segment]) -> Iterator[Segment]:
    """The segments, with shorter steps if they would take more than `MAX_SECONDS`."""
    total = sum(segment.seconds for segment in planned)
    if total <= MAX_SECONDS:
        yield from planned
        return
    steps = [step for segment in planned for step in segment.steps]
    moving = sum(step.seconds for step in steps)
    factor = max((moving - (total - MAX_SECONDS)) / moving, 0.0)
    shortened = [_shorten(segment, factor) for segment in planned]
    if sum(segment.seconds for segment in shortened) > MAX_SECONDS + 3:
        raise _too_long(script_trace, steps, f"{total:.0f} seconds; at most {MAX_SECONDS:.0f}")
    yield from shortened


def _shorten(segment: Segment, factor: float) -> Segment:
    steps = tuple(
        replace(s, seconds=max(s.seconds * factor, min(MIN_STEP_SECONDS, s.seconds)))
        for s in segment.steps
    )
    shortened = replace(segment, steps=steps)
    return replace(shortened, seconds=segment_seconds(shortened))


__all__ = ["Schedule", "ScheduledStep", "Segment", "schedule"]
