"""Differences as a text that a person reads: beat by beat, then inputs and tape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradreel.golden.differences import Difference

MOST_TAPE_LINES = 6


def as_text(differences: Sequence[Difference], title: str, hint: str = "") -> str:
    """The differences of one scene as lines under `title`, and a last line `hint`.

    Of the tape, whose values follow from few numbers, the first MOST_TAPE_LINES are listed.
    """
    count = len(differences)
    lines = [f"{title}: {count} difference{'' if count == 1 else 's'}"]
    beat = None
    on_tape = [d for d in differences if not d.beat and d.where.startswith("tape")]
    for difference in (d for d in differences if d.beat or not d.where.startswith("tape")):
        if difference.beat != beat:
            beat = difference.beat
            lines.append(f"  beat {beat!r}" if beat else "  inputs")
        lines += [f"    {line}" for line in _lines(difference)]
    if on_tape:
        lines.append("  tape")
        lines += [f"    {line}" for d in on_tape[:MOST_TAPE_LINES] for line in _lines(d)]
        if len(on_tape) > MOST_TAPE_LINES:
            lines.append(f"    and {len(on_tape) - MOST_TAPE_LINES} more")
    return "\n".join([*lines, *([hint] if hint else [])])


def _lines(difference: Difference) -> list[str]:
    if difference.beat and difference.was is None and difference.now is None:
        return [f"the beat is {difference.kind}"]
    if not difference.beat:
        return [_entry_line(difference)]
    source = f"source: {difference.source}"
    if difference.where:
        source = f"{source}; {difference.where}"
    return [_number_line(difference), f"  {source}"]


def _number_line(difference: Difference) -> str:
    if difference.kind == "new":
        return f"new: {difference.text_now}  (value {difference.now!r})"
    if difference.kind == "gone":
        return f"gone: {difference.text_was}  (value {difference.was!r})"
    text_was, text_now = difference.text_was, difference.text_now
    text = f"{text_was} -> {text_now}" if text_was != text_now else f"{text_now}"
    what = f"value {difference.now!r}" if difference.was == difference.now else _change(difference)
    return f"{text}  ({what})"


def _entry_line(difference: Difference) -> str:
    path = difference.where.partition(", ")[2] or difference.where
    if difference.kind == "changed":
        return f"{path}: {_change(difference)}"
    return f"{path}: {difference.kind}"


def _change(difference: Difference) -> str:
    relative = difference.relative
    tail = f", relative difference {relative:.1e}" if relative is not None else ""
    return f"was {_short(difference.was)}, is {_short(difference.now)}{tail}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
