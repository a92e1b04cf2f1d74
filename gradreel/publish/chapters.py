"""The chapter list of a film in the format of YouTube, and YouTube's rules for it."""

from __future__ import annotations

from collections.abc import Sequence

from gradreel.publish.mux_film import ChapterMark

MIN_CHAPTERS = 3
MIN_SECONDS = 10.0
_FULL_WIDTH = str.maketrans("<>", "\N{FULLWIDTH LESS-THAN SIGN}\N{FULLWIDTH GREATER-THAN SIGN}")


def youtube_chapters(marks: Sequence[ChapterMark]) -> str:
    """One line per chapter: start time and title, from 0:00.

    A chapter shorter than MIN_SECONDS is merged into the one before it, or, at the start, into the
    one after it.
    """
    merged: list[ChapterMark] = []
    for mark in marks:
        short = mark.end - mark.start < MIN_SECONDS
        if merged and (short or merged[-1].end - merged[-1].start < MIN_SECONDS):
            previous = merged.pop()
            title = previous.title if short else mark.title
            merged.append(ChapterMark(previous.start, mark.end, title))
        else:
            merged.append(mark)
    hours = bool(merged) and merged[-1].end >= 3600
    return "".join(f"{format_time(mark.start, hours)} {_one_line(mark.title)}\n" for mark in merged)


def youtube_problems(text: str, seconds: float) -> list[str]:
    """What YouTube would refuse in the chapter list `text` of a film of `seconds`."""
    starts = [_parse_time(line.partition(" ")[0]) for line in text.splitlines()]
    problems = []
    if not starts or starts[0] != 0:
        problems.append("the list does not begin at 0:00")
    if len(starts) < MIN_CHAPTERS:
        problems.append(f"YouTube wants at least three chapters, not {len(starts)}")
    ends = [*starts[1:], seconds]
    if any(end - start < MIN_SECONDS for start, end in zip(starts, ends, strict=False)):
        problems.append("a chapter is shorter than ten seconds")
    return problems


def format_time(seconds: float, hours: bool = False) -> str:
    """`1:05`, or `0:01:05` with `hours`; rounded up to whole seconds."""
    rounded = int(seconds + 0.999)
    minutes, rest = divmod(rounded, 60)
    if not hours:
        return f"{minutes}:{rest:02}"
    hour, minutes = divmod(minutes, 60)
    return f"{hour}:{minutes:02}:{rest:02}"


def _parse_time(text: str) -> int:
    total = 0
    for part in text.split(":"):
        total = 60 * total + int(part)
    return total


def _one_line(title: str) -> str:
    """A title on one line, without the angle brackets that YouTube refuses in descriptions."""
    return " ".join(title.split()).translate(_FULL_WIDTH)
