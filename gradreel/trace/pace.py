"""Pace: how much of a run is shown statement by statement, and for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """The times are in seconds.

    `line` are those of a statement at its first, second and later runs. A backward pass takes
    `pass_base` and `pass_node` per node, at most `pass_most`. With no `stepwise_calls`, a call is a
    part of the statement that makes it. `iterations_in_beat` are the condensed iterations that
    share a beat. With `by_note`, all statements under a note are one step.
    """

    stepwise_iterations: int = 2
    stepwise_calls: int = 2
    iterations_in_beat: int = 3
    by_note: bool = False
    line: tuple[float, float, float] = (1.0, 0.8, 0.6)
    printed: float = 0.3
    fast: float = 0.8
    counter: float = 2.5
    pass_base: float = 0.8
    pass_node: float = 0.55
    pass_most: float = 6.0


DETAILED = Pace()
"""For a script that stands alone."""

CONCISE = Pace(
    stepwise_iterations=1, stepwise_calls=0, iterations_in_beat=12, by_note=True,
    line=(0.5, 0.45, 0.4), printed=0.0, fast=0.45, counter=2.0,
    pass_base=1.3, pass_node=0.0, pass_most=1.3,
)  # fmt: skip
"""For a program beside a picture, which shows calls, iterations and passes itself."""
