"""LoopContext: the loops and calls around each event, and whether it is shown step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gradreel.trace.pace import Pace
from gradreel.trace.script_trace import LoopIteration, ScriptTrace

FAST_ITERATIONS = 5
MAX_FAST_LOOP = 12
"""A loop of up to this many iterations is shown iteration by iteration; a longer one is counted."""


@dataclass(frozen=True, slots=True)
class LoopContext:
    """One loop or call around an event; `number` is its iteration, or the count of that function.

    `key` identifies the loop or function: ("loop", call, line) or ("call", function).
    """

    key: tuple[str, ...]
    number: int
    name: str


ContextPath = tuple[LoopContext, ...]
"""The loops and calls around an event, from the outside in."""
IterationCounts = Mapping[tuple[object, ...], int]


@dataclass(frozen=True, slots=True)
class DisplayMode:
    """How an event is shown; consecutive events with the same `key` are one step."""

    kind: Literal["step", "fast", "counter"]
    key: tuple[object, ...]
    label: str


def display_mode(path: ContextPath, counts: IterationCounts, pace: Pace) -> DisplayMode:
    """The mode of an event, set by its outermost loop or call that is condensed."""
    for depth, context in enumerate(path):
        outer = path[:depth]
        if context.key[0] == "call":
            if context.number > pace.stepwise_calls:
                label = f"{context.name}, call {context.number}"
                return DisplayMode("fast", (*outer, context), label)
            continue
        total = counts.get((*outer, context.key), context.number)
        if context.number <= pace.stepwise_iterations or total <= pace.stepwise_iterations + 1:
            continue
        if total <= MAX_FAST_LOOP or context.number <= FAST_ITERATIONS:
            label = f"iteration {min(context.number, total)} of {total}"
            return DisplayMode("fast", (*outer, context), label)
        label = f"iterations {FAST_ITERATIONS + 1} to {total}"
        return DisplayMode("counter", (*outer, context.key), label)
    return DisplayMode("step", (), "")


def loop_contexts(script_trace: ScriptTrace) -> list[ContextPath]:
    """For every event the loops and calls around it, from the outside in."""
    iterations_at_call = _iterations_at_call(script_trace)
    path_of_call: dict[int, ContextPath] = {0: ()}
    counts: Counter[str] = Counter()
    paths = []
    for event in script_trace.events:
        if event.kind == "call":
            call = script_trace.calls[event.call]
            counts[call.function] += 1
            caller = call.caller or 0
            outer = path_of_call.get(caller, ())
            loops = _loops(caller, iterations_at_call.get(call.number, ()))
            key, name = ("call", call.function), f"{call.function}()"
            context = LoopContext(key, counts[call.function], name)
            path_of_call[event.call] = (*outer, *loops, context)
        # The end of a loop is not an iteration of it.
        iterations = event.iterations[:-1] if event.loop_ended else event.iterations
        paths.append((*path_of_call.get(event.call, ()), *_loops(event.call, iterations)))
    return paths


def iteration_counts(paths: list[ContextPath]) -> IterationCounts:
    """How many iterations each run of a loop had, by its path."""
    counts: dict[tuple[object, ...], int] = {}
    for path in dict.fromkeys(paths):
        for depth, context in enumerate(path):
            if context.key[0] == "loop":
                key = (*path[:depth], context.key)
                counts[key] = max(counts.get(key, 0), context.number)
    return counts


def _loops(call: int, iterations: tuple[LoopIteration, ...]) -> ContextPath:
    return tuple(
        LoopContext(("loop", str(call), str(one.line)), one.number, "") for one in iterations
    )


def _iterations_at_call(script_trace: ScriptTrace) -> dict[int, tuple[LoopIteration, ...]]:
    """The iterations of the caller's loops in which each call was made.

    The statement that makes a call comes after it in the events, so they are read from the end.
    """
    following: dict[int, tuple[LoopIteration, ...]] = {}
    at_call: dict[int, tuple[LoopIteration, ...]] = {}
    for event in reversed(script_trace.events):
        if event.kind == "line":
            following[event.call] = event.iterations
        elif event.kind == "call":
            at_call[event.call] = following.get(script_trace.calls[event.call].caller or 0, ())
    return at_call
