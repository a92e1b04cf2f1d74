"""ScheduledStep: one step of a walkthrough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

StepKind = Literal["line", "call", "return", "fast", "counter"]


@dataclass(frozen=True, slots=True)
class ScheduledStep:
    """One step on screen: the events `first` to `last` (from 0), and the state after the last.

    `line` is where the step begins, `label` names what was condensed ("iteration 3 of 10").
    `parts` are the steps of its statements if it consists of several.
    """

    first: int
    last: int
    kind: StepKind
    line: int
    seconds: float
    label: str = ""
    parts: tuple[ScheduledStep, ...] = ()
