"""The chapters of a film, and the list of them as YouTube reads it."""

from __future__ import annotations

from collections.abc import Sequence

from gradreel.publish.mux_film import ChapterMark

AT_LEAST, SHORTEST = 3, 10.0


def youtube(marks: Sequence[ChapterMark]) -> str:
    """One line a chapter: time and title. From 0:00; those under 10 s go to the one before."""
    kept: list[ChapterMark] = []
    for mark in marks:
        short = mark.end - mark.start < SHORTEST
        if kept and (short or kept[-1].end - kept[-1].start < SHORTEST):
            before = kept.pop()
            title = before.title if short else mark.title
            kept.append(ChapterMark(before.start, mark.end, title))
        else:
            kept.append(mark)
    hours = bool(kept) and kept[-1].end >= 3600
    return "".join(f"{clock(mark.start, hours)} {_plain(mark.title)}\n" for mark in kept)


def faults(text: str, seconds: float) -> list[str]:
    """What YouTube would not accept in a list of chapters; `seconds` is the film's length."""
    starts = [_seconds(line.partition(" ")[0]) for line in text.splitlines()]
    found = []
    if not starts or starts[0] != 0:
        found.append("the list does not begin at 0:00")
    if len(starts) < AT_LEAST:
        found.append(f"YouTube wants at least three chapters, not {len(starts)}")
    ends = [*starts[1:], seconds]
    if any(end - start < SHORTEST for start, end in zip(starts, ends, strict=False)):
        found.append("a chapter is shorter than ten seconds")
    return found


def clock(seconds: float, hours: bool = False) -> str:
    """`1:05`, or `0:01:05` in a film of hours; whole seconds, never before the moment."""
    whole = int(seconds + 0.999)
    minutes, rest = divmod(whole, 60)
    if not hours:
        return f"{minutes}:{rest:02}"
    hour, minutes = divmod(minutes, 60)
    return f"{hour}:{minutes:02}:{rest:02}"


def _seconds(text: str) -> int:
    total = 0
    for part in text.split(":"):
        total = 60 * total + int(part)
    return total


def _plain(title: str) -> str:
    return " ".join(title.split())
