"""From steps to beats: which steps share a caption, what it says, how long it stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gradreel.trace.script import slots
from gradreel.trace.script_trace import ScriptTrace

READING = 15.0  # characters a second
LEAST_PASSAGE = 2.0
STILLNESS = 0.8  # every beat ends with a rest
_CHUNK = 4  # steps without a note that share a beat
_ROUNDS = 3  # condensed rounds that share a beat: as many lines of output stay on screen

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
class Segment:
    """The steps that share a caption; becomes a beat.

    `note` is "" where the script says nothing; its braces are filled with the values that were
    there when the moment `told` (from 0) had run.
    """

    name: str
    note: str
    shows: tuple[Show, ...]
    seconds: float
    told: int = -1


def segments(recording: ScriptTrace, shows: Sequence[Show]) -> Iterator[Segment]:
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


def _is_round(show: Show) -> bool:
    """Whether a step is a condensed round of a loop; condensed calls go among other steps."""
    return show.kind == "counter" or show.label.startswith("iteration")


def _parts(recording: ScriptTrace, group: list[Show], show: Show, noted: bool) -> bool:
    """Whether a step without a note of its own begins another beat."""
    last = group[-1]
    fast, was_fast = _is_round(show), _is_round(last)
    if fast != was_fast or show.kind == "counter":
        return True
    if fast:
        return len(group) >= _ROUNDS
    # A round begins a beat, but a loop right inside another need not wait for its own.
    if _is_head(recording, show) and not _is_head(recording, last):
        return True
    if recording.fault and show.last == len(recording.moments) - 1:
        return True
    return len(group) >= (2 * _CHUNK if noted else _CHUNK)


def _is_head(recording: ScriptTrace, show: Show) -> bool:
    return show.kind == "line" and recording.statement(show.line).is_loop


def _passage(
    recording: ScriptTrace,
    names: Counter[str],
    note: str,
    group: list[Show],
    told: int,
    name: str = "",
) -> Segment:
    caption = note or _spoken(recording, group)
    name = name or _name(recording, group)
    names[name] += 1
    if names[name] > 1:
        name = f"{name} ({names[name]})"
    passage = Segment(name, caption, tuple(group), 0.0, told)
    return replace(passage, seconds=length(passage))


def length(passage: Segment) -> float:
    """Long enough for its steps, and to read what is said there for the first time."""
    needed = max(len(passage.note) / READING, LEAST_PASSAGE)
    return max(sum(show.seconds for show in passage.shows) + STILLNESS, needed)


def _name(recording: ScriptTrace, group: list[Show]) -> str:
    if group[0].label:
        first, last = group[0].label, group[-1].label
        if first == last or not first.startswith("iteration "):
            return first
        start, end = first.split()[1], last.split()[1]
        return f"iterations {start} to {end} of {first.split()[-1]}"
    line = group[0].line
    words = " ".join(recording.lines[line - 1].split())
    return f"line {line}: {words[:40]}"


def _spoken(recording: ScriptTrace, group: list[Show]) -> str:
    """What is said where the script has no note: only what the viewer cannot see."""
    if recording.fault and group[-1].last == len(recording.moments) - 1:
        return f"{recording.fault.kind}: nobody catches it, and the script ends here."
    if group[0].kind == "counter":
        return f"{group[0].label.capitalize()}, without stopping."
    return ""
