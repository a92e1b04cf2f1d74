"""Where in loops and calls each moment lies, and whether it is shown step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gradreel.trace.script_trace import LoopIteration, ScriptTrace

STEPWISE_ROUNDS = 2
FAST_ROUNDS = 5
ALL_FAST = 12
"""A loop of up to this many rounds is shown round by round to its end; a longer one is counted."""
STEPWISE_CALLS = 2


@dataclass(frozen=True, slots=True)
class LoopContext:
    """One loop or call around a moment: for a loop which round, for a call which of that function.

    `what` tells loops and calls apart and names them: ("loop", call, line) or ("call", function).
    """

    what: tuple[str, ...]
    number: int
    name: str


Path = tuple[LoopContext, ...]
Limits = Mapping[tuple[object, ...], int]


@dataclass(frozen=True, slots=True)
class Mode:
    """How a moment is shown; moments in a row with the same `key` are one step."""

    kind: Literal["step", "fast", "counter"]
    key: tuple[object, ...]
    words: str

    @staticmethod
    def of(path: Path, limits: Limits) -> Mode:
        """The outermost place that is condensed decides."""
        for depth, place in enumerate(path):
            outer = path[:depth]
            if place.what[0] == "call":
                if place.number > STEPWISE_CALLS:
                    return Mode("fast", (*outer, place), f"{place.name}, call {place.number}")
                continue
            total = limits.get((*outer, place.what), place.number)
            if place.number <= STEPWISE_ROUNDS or total <= STEPWISE_ROUNDS + 1:
                continue
            if total <= ALL_FAST or place.number <= FAST_ROUNDS:
                words = f"iteration {min(place.number, total)} of {total}"
                return Mode("fast", (*outer, place), words)
            return Mode("counter", (*outer, place.what), f"iterations {FAST_ROUNDS + 1} to {total}")
        return Mode("step", (), "")


def loop_contexts(recording: ScriptTrace) -> list[Path]:
    """For every moment the loops and calls around it, from the outside in."""
    turns_at_call = _turns_at_call(recording)
    around: dict[int, Path] = {0: ()}
    order: Counter[str] = Counter()
    found = []
    for moment in recording.moments:
        if moment.kind == "call":
            call = recording.calls[moment.call]
            order[call.function] += 1
            outer = around.get(call.caller or 0, ())
            inner = _loops(call.caller or 0, turns_at_call.get(call.number, ()))
            this = LoopContext(("call", call.function), order[call.function], f"{call.function}()")
            around[moment.call] = (*outer, *inner, this)
        # A head that finds nothing left to do is no round of its loop.
        turns = moment.turns[:-1] if moment.last else moment.turns
        found.append((*around.get(moment.call, ()), *_loops(moment.call, turns)))
    return found


def rounds(found: list[Path]) -> Limits:
    """How many times each run of a loop went round, by its path."""
    limits: dict[tuple[object, ...], int] = {}
    for path in dict.fromkeys(found):
        for depth, place in enumerate(path):
            if place.what[0] == "loop":
                key = (*path[:depth], place.what)
                limits[key] = max(limits.get(key, 0), place.number)
    return limits


def _loops(call: int, turns: tuple[LoopIteration, ...]) -> Path:
    return tuple(LoopContext(("loop", str(call), str(t.line)), t.iteration, "") for t in turns)


def _turns_at_call(recording: ScriptTrace) -> dict[int, tuple[LoopIteration, ...]]:
    """In which rounds of its caller's loops each call was made.

    The statement that makes a call is written down after it, so it is looked for from the end.
    """
    following: dict[int, tuple[LoopIteration, ...]] = {}
    found: dict[int, tuple[LoopIteration, ...]] = {}
    for moment in reversed(recording.moments):
        if moment.kind == "line":
            following[moment.call] = moment.turns
        elif moment.kind == "call":
            found[moment.call] = following.get(recording.calls[moment.call].caller or 0, ())
    return found
