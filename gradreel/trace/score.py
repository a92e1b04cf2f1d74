"""From a recording to what is shown: which moments one by one, which faster, and for how long.

A pure function of the recording. Loops: two rounds step by step, then round by round, then a
counter. Functions: two calls step by step, later ones in one go. A run that stays too long raises,
naming what to cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gradreel.errors import UsageError
from gradreel.trace.model import Moment, Recording
from gradreel.trace.paths import Mode, paths, rounds
from gradreel.trace.script import slots

MOST_STEPS = 200
MOST_SECONDS = 115.0
LEAST_STEP = 0.3
READING = 15.0  # characters a second
LEAST_PASSAGE = 2.0
STILLNESS = 0.8  # every beat ends with a rest
_CHUNK = 4  # steps without a note that share a beat
_ROUNDS = 3  # condensed rounds that share a beat: as many lines of output stay on screen
_QUIET = {"Import", "ImportFrom", "FunctionDef", "ClassDef", "AsyncFunctionDef", "Pass"}

Kind = Literal["line", "call", "return", "fast", "counter"]


@dataclass(frozen=True, slots=True)
class Show:
    """What is seen at one step: the moments `first` to `last` (from 0), the state after the last.

    `label` says what was condensed ("iteration 3 of 10"); `place` is the loop or call it is in.
    """

    first: int
    last: int
    kind: Kind
    line: int
    seconds: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """The steps that share a caption; becomes a beat.

    `note` is "" where the script says nothing; its braces are filled with the values that were
    there when the moment `told` (from 0) had run.
    """

    name: str
    note: str
    shows: tuple[Show, ...]
    seconds: float
    told: int = -1


@dataclass(frozen=True, slots=True)
class Score:
    """The whole plan. `condensed` tells in words what is not shown step by step."""

    passages: tuple[Passage, ...]
    condensed: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return sum(passage.seconds for passage in self.passages)

    @property
    def shows(self) -> tuple[Show, ...]:
        """All steps in order."""
        return tuple(show for passage in self.passages for show in passage.shows)


def score(recording: Recording, linger: Iterable[int] = ()) -> Score:
    """The plan for a recording; lines in `linger` are held longer. UsageError if it is too long."""
    lingered = _known_lines(recording, linger)
    shows = list(_shows(recording, lingered))
    _check_count(recording, shows)
    passages = list(_passages(recording, shows))
    timed = tuple(_filled(passage) for passage in _in_time(recording, passages))
    return Score(timed, _condensed(shows))


def _known_lines(recording: Recording, linger: Iterable[int]) -> set[int]:
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


def _shows(recording: Recording, lingered: set[int]) -> Iterator[Show]:
    """Moments grouped: a condensed round or call is one step."""
    places = paths(recording)
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


def _is_idle(recording: Recording, index: int) -> bool:
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


def _seconds(recording: Recording, moment: Moment, mode: Mode, times: int) -> float:
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


def _check_count(recording: Recording, shows: Sequence[Show]) -> None:
    if len(shows) > MOST_STEPS:
        raise _too_long(recording, shows, f"{len(shows)} steps; at most {MOST_STEPS}")


def _too_long(recording: Recording, shows: Sequence[Show], what: str) -> UsageError:
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


def _passages(recording: Recording, shows: Sequence[Show]) -> Iterator[Passage]:
    notes = {note.line: note.text for note in recording.notes}
    names: Counter[str] = Counter()
    group: list[Show] = []
    note, told = "", -1
    fillings: set[int] = set()
    for show in shows:
        said = _said(notes, show, fillings)
        if group and (said or _parts(recording, group, show, bool(note))):
            yield _passage(recording, names, note, group, told)
            group, note, told = [], "", -1
        if said:
            note, told = said, show.last
        group.append(show)
    yield _passage(recording, names, note, group, told)
    if 0 in notes:
        last = replace(group[-1], seconds=0.5)
        yield _passage(recording, names, notes[0], [last], last.last, name="in the end")


def _said(notes: Mapping[int, str], show: Show, told: set[int]) -> str:
    """The note of a step; one without values is not said again in the next round of a loop."""
    note = notes.get(show.line, "") if show.kind == "line" else ""
    if show.line in told and not slots(note):
        return ""
    told.add(show.line)
    return note


def _parts(recording: Recording, group: list[Show], show: Show, noted: bool) -> bool:
    """Whether a step without a note of its own begins another beat."""
    last = group[-1]
    fast, was_fast = show.kind in ("fast", "counter"), last.kind in ("fast", "counter")
    if fast != was_fast or show.kind == "counter":
        return True
    if fast:
        return len(group) >= _ROUNDS
    if show.kind == "line" and recording.statement(show.line).is_loop:
        return True
    if recording.fault and show.last == len(recording.moments) - 1:
        return True
    return len(group) >= (2 * _CHUNK if noted else _CHUNK)


def _passage(
    recording: Recording,
    names: Counter[str],
    note: str,
    group: list[Show],
    told: int,
    name: str = "",
) -> Passage:
    caption = note or _spoken(recording, group)
    name = name or _name(recording, group)
    names[name] += 1
    if names[name] > 1:
        name = f"{name} ({names[name]})"
    passage = Passage(name, caption, tuple(group), 0.0, told)
    return replace(passage, seconds=_length(passage))


def _length(passage: Passage) -> float:
    """Long enough for its steps, and to read what is said there for the first time."""
    needed = max(len(passage.note) / READING, LEAST_PASSAGE)
    return max(sum(show.seconds for show in passage.shows) + STILLNESS, needed)


def _name(recording: Recording, group: list[Show]) -> str:
    if group[0].label:
        first, last = group[0].label, group[-1].label
        if first == last or not first.startswith("iteration "):
            return first
        start, end = first.split()[1], last.split()[1]
        return f"iterations {start} to {end} of {first.split()[-1]}"
    line = group[0].line
    words = " ".join(recording.lines[line - 1].split())
    return f"line {line}: {words[:40]}"


def _spoken(recording: Recording, group: list[Show]) -> str:
    """What is said where the script has no note: only what the viewer cannot see."""
    if recording.fault and group[-1].last == len(recording.moments) - 1:
        return f"{recording.fault.kind}: nobody catches it, and the script ends here."
    if group[0].kind == "counter":
        return f"{group[0].label.capitalize()}, without stopping."
    return ""


def _in_time(recording: Recording, passages: list[Passage]) -> Iterator[Passage]:
    """The passages, quicker if they would take over two minutes."""
    total = sum(passage.seconds for passage in passages)
    if total <= MOST_SECONDS:
        yield from passages
        return
    shows = [show for passage in passages for show in passage.shows]
    moving = sum(show.seconds for show in shows)
    factor = max((moving - (total - MOST_SECONDS)) / moving, 0.0)
    quicker = [_quicker(passage, factor) for passage in passages]
    if sum(passage.seconds for passage in quicker) > MOST_SECONDS + 3:
        raise _too_long(recording, shows, f"{total:.0f} seconds; at most {MOST_SECONDS:.0f}")
    yield from quicker


def _quicker(passage: Passage, factor: float) -> Passage:
    shows = tuple(
        replace(s, seconds=max(s.seconds * factor, min(LEAST_STEP, s.seconds)))
        for s in passage.shows
    )
    quick = replace(passage, shows=shows)
    return replace(quick, seconds=_length(quick))


def _filled(passage: Passage) -> Passage:
    """Its steps made slower where the caption needs longer, so that nothing stands still."""
    moving = sum(show.seconds for show in passage.shows)
    factor = max((passage.seconds - STILLNESS) / moving, 1.0)
    shows = tuple(replace(show, seconds=show.seconds * factor) for show in passage.shows)
    return replace(passage, shows=shows)


def _condensed(shows: Sequence[Show]) -> tuple[str, ...]:
    return tuple(
        f"line {show.line}: {show.label}" for show in shows if show.kind in ("fast", "counter")
    )


__all__ = ["Passage", "Score", "Show", "score"]
