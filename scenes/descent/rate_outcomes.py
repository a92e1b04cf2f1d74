"""What a descent with some learning rate comes to, and what LearningRates says of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gradreel.measure.descent_facts import Pattern, is_finite, pattern
from gradreel.measure.gradient_descent import Descent
from gradreel.tape import Quantity


def outcome_of(descent: Descent) -> str:
    """What a descent does, by its losses and the signs and lengths of its steps."""
    if not is_finite(descent):
        return "leaves"
    losses, steps = descent.losses, np.diff(descent.positions[:, 0])
    if losses[-1] > losses[0]:
        return "diverges" if (np.diff(losses) > 0).all() else "ends higher"
    first, last = abs(steps[0]), abs(steps[-1])
    if (steps[1:] * steps[:-1] < 0).all() and last > 1e-6 * first:
        return "oscillates"
    if last < 1e-2 * first:
        return "arrives"
    if pattern(descent, 0, len(steps)) is Pattern.EQUAL:
        return "keeps its pace"
    return "crawls" if (np.diff(losses) < 0).all() else "wanders"


class Outcome(NamedTuple):
    """The colour role of what a descent does, and what is said while and after it runs."""

    role: str
    captions: tuple[str, str]


LEAVING = ("diverges", "ends higher", "leaves")
STILL = "After {steps} steps the loss is still {loss}."
ENDS = "After {steps} steps the loss is {loss}."
AT_ONCE = (
    "With {lr} a single step lands in the minimum.",
    "The loss is {loss} now: no further step moves it.",
)
OUTCOMES = {
    "crawls": Outcome("leaf", ("With {lr} the ball crawls.", STILL)),
    "arrives": Outcome("accent", ("With {lr} it arrives.", ENDS)),
    "oscillates": Outcome(
        "gradient",
        ("With {lr} every step overshoots.", "It swings across, and comes down slowly."),
    ),
    "diverges": Outcome(
        "warning", ("With {lr} each step lands higher than the last.", "The descent diverges.")
    ),
    "ends higher": Outcome("warning", ("With {lr} it jumps about.", ENDS)),
    "leaves": Outcome("warning", ("With {lr} it leaves all bounds.", ENDS)),
    "keeps its pace": Outcome("leaf", ("With {lr} each step is as long as the first.", ENDS)),
    "wanders": Outcome("gradient", ("With {lr} it goes up and down.", ENDS)),
}
FOUR = "All depends on the learning rate: here are four."
WHICH = "Which would you take?"
TOGETHER = "Now all four together."
TOO_SMALL = "Too small wastes time."
TOO_LARGE = "Too large never arrives."


def captions_of(descent: Descent, outcome: str) -> tuple[str, str]:
    """What is said of a descent, while it runs and when it has ended."""
    is_at_once = outcome == "arrives" and not any(descent[1].gradient)
    return AT_ONCE if is_at_once else OUTCOMES[outcome].captions


def loss_as_shown(descent: Descent) -> Quantity:
    """The loss at the end; from 1 on with two decimals, as its row shows it."""
    loss = descent.last.loss
    size = abs(float(loss))
    return loss.rounded(2 + len(str(int(size)))) if 1 <= size < 1e5 else loss
