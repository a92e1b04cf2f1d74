"""From a recording to what is shown: which moments one by one, which faster, and for how long.

A pure function of the recording. Loops: two rounds step by step, then round by round, then a
counter. Functions: two calls step by step, later ones in one go. A run that stays too long raises,
naming what to cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gradreel.errors import UsageError
from gradreel.trace.loop_context import Mode, loop_contexts, rounds
from gradreel.trace.script_trace import ScriptTrace, TraceEvent
from gradreel.trace.segments import STILLNESS, Kind, Segment, Show, length, segments

MOST_STEPS = 200
MOST_SECONDS = 115.0
LEAST_STEP = 0.3
_QUIET = {"Import", "ImportFrom", "FunctionDef", "ClassDef", "AsyncFunctionDef", "Pass"}


@dataclass(frozen=True, slots=True)
class Schedule:
    """The whole plan. `condensed` tells in words what is not shown step by step."""

    segments: tuple[Segment, ...]
    condensed: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return sum(passage.seconds for passage in self.segments)

    @property
    def shows(self) -> tuple[Show, ...]:
        """All steps in order."""
        return tuple(show for passage in self.segments for show in passage.shows)


def schedule(recording: ScriptTrace, linger: Iterable[int] = ()) -> Schedule:
    """The plan for a recording; lines in `linger` are held longer. UsageError if it is too long."""
    lingered = _known_lines(recording, linger)
    shows = list(_shows(recording, lingered))
    _check_count(recording, shows)
    planned = list(segments(recording, shows))
    timed = tuple(_filled(passage) for passage in _in_time(recording, planned))
    return Schedule(timed, _condensed(shows))


def _known_lines(recording: ScriptTrace, linger: Iterable[int]) -> set[int]:
    lines = set(linger)
    valid = sorted({moment.line for moment in recording.moments if moment.kind == "line"})
    for line in sorted(lines - set(valid)):
        raise UsageError(
            f"line {line} never runs, so there is nothing to linger on.",
            where=recording.script,
            hint="Lines are counted as they are shown, without the notes.",
            valid=map(str, valid),
        )
    return lines


def _shows(recording: ScriptTrace, lingered: set[int]) -> Iterator[Show]:
    """Moments grouped: a condensed round or call is one step."""
    places = loop_contexts(recording)
    limits = rounds(places)
    held: Show | None = None
    key: tuple[object, ...] = ()
    seen: Counter[int] = Counter()
    for index, (moment, path) in enumerate(zip(recording.moments, places, strict=True)):
        mode = Mode.of(path, limits)
        if held is not None and (mode.key == key != () or _is_idle(recording, index)):
            held = replace(held, last=index, label=_label(mode) or held.label)
            continue
        if held is not None:
            yield held
        seconds = _seconds(recording, moment, mode, seen[moment.line])
        if moment.line in lingered and mode.kind == "step":
            seconds += 2.0
        seen[moment.line] += 1
        kind: Kind = moment.kind if mode.kind == "step" else mode.kind
        held, key = Show(index, index, kind, moment.line, seconds, _label(mode)), mode.key
    if held is not None:
        yield held


def _is_idle(recording: ScriptTrace, index: int) -> bool:
    """A loop that finds nothing left to do, or a with block that ends: no step of its own."""
    moment = recording.moments[index]
    if moment.kind != "line" or moment.changed or moment.printed or moment.raised:
        return False
    if moment.last:
        return True
    statement = recording.statement(moment.line)
    earlier = (m for m in reversed(recording.moments[:index]) if m.call == moment.call)
    before = next(earlier, None)
    leaves = before is not None and statement.last < before.line <= statement.body
    return statement.kind in ("With", "AsyncWith") and leaves


def _label(mode: Mode) -> str:
    return mode.words if mode.kind != "step" else ""


def _seconds(recording: ScriptTrace, moment: TraceEvent, mode: Mode, times: int) -> float:
    if mode.kind != "step":
        return {"fast": 0.8, "counter": 2.5}[mode.kind]
    if moment.kind != "line":
        return 0.9
    if recording.statement(moment.line).kind in _QUIET:
        return 0.5
    seconds = (1.0, 0.8, 0.6)[min(times, 2)]
    for number in moment.backward:
        tape = recording.passes.get(number)
        nodes = len(tape.steps) if tape else 0
        seconds += min(0.8 + 0.55 * nodes, 6.0) if not times else min(0.25 * nodes, 1.5)
    return seconds + (0.3 if moment.printed else 0.0) + (1.5 if moment.raised else 0.0)


def _check_count(recording: ScriptTrace, shows: Sequence[Show]) -> None:
    if len(shows) > MOST_STEPS:
        raise _too_long(recording, shows, f"{len(shows)} steps; at most {MOST_STEPS}")


def _too_long(recording: ScriptTrace, shows: Sequence[Show], what: str) -> UsageError:
    busiest = Counter(show.line for show in shows).most_common(3)
    rows = "; ".join(
        f"line {line} ({recording.lines[line - 1].strip()[:40]}) {count} times"
        for line, count in busiest
    )
    return UsageError(
        f"the walk would have {what} stay watchable.",
        where=recording.script,
        hint=f"Cut what is shown most often: {rows}. Fewer loops in a row, or a helper module "
        "imported by the script, makes it shorter.",
    )


def _in_time(recording: ScriptTrace, planned: list[Segment]) -> Iterator[Segment]:
    """The passages, quicker if they would take over two minutes."""
    total = sum(passage.seconds for passage in planned)
    if total <= MOST_SECONDS:
        yield from planned
        return
    shows = [show for passage in planned for show in passage.shows]
    moving = sum(show.seconds for show in shows)
    factor = max((moving - (total - MOST_SECONDS)) / moving, 0.0)
    quicker = [_quicker(passage, factor) for passage in planned]
    if sum(passage.seconds for passage in quicker) > MOST_SECONDS + 3:
        raise _too_long(recording, shows, f"{total:.0f} seconds; at most {MOST_SECONDS:.0f}")
    yield from quicker


def _quicker(passage: Segment, factor: float) -> Segment:
    shows = tuple(
        replace(s, seconds=max(s.seconds * factor, min(LEAST_STEP, s.seconds)))
        for s in passage.shows
    )
    quick = replace(passage, shows=shows)
    return replace(quick, seconds=length(quick))


def _filled(passage: Segment) -> Segment:
    """Its steps made slower where the caption needs longer, so that nothing stands still."""
    moving = sum(show.seconds for show in passage.shows)
    factor = max((passage.seconds - STILLNESS) / moving, 1.0)
    shows = tuple(replace(show, seconds=show.seconds * factor) for show in passage.shows)
    return replace(passage, shows=shows)


def _condensed(shows: Sequence[Show]) -> tuple[str, ...]:
    return tuple(
        f"line {show.line}: {show.label}" for show in shows if show.kind in ("fast", "counter")
    )


__all__ = ["Segment", "Schedule", "Show", "schedule"]
