"""What OptimizerRace says, chosen by what its descents do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gradreel.measure.descent_facts import best_of, is_finite
from gradreel.measure.gradient_descent import Descent
from gradreel.scenes.descent.race_rates_experiment import Sweeps

FIRST_STEPS = 6  # that are looked at for a zigzag


class Racer(NamedTuple):
    """The colour role of an optimizer, and what it does."""

    role: str
    caption: str


RACERS = {
    "SGD": Racer("warning", "SGD is plain gradient descent."),
    "momentum": Racer("leaf", "Momentum adds up past slopes."),
    "RMSprop": Racer("local", "RMSprop divides each slope by its usual size."),
    "Adam": Racer("accent", "Adam combines both ideas."),
}
ZIGZAG = "It zigzags across the valley."
TOO_LARGE = "Here its learning rate is too large."
GATHERS = "Along the valley it gathers speed."
PLACE = (
    "Four optimizers start from one place.",
    "A longer valley, and four optimizers on its side.",
)
FAIR = ("Each has a learning rate of its own.", "To be fair, each gets its best learning rate.")
TRIED = "Of {count} rates, we keep the fastest."
NEEDED = "Below the goal from step {steps} on."
MISSED = "It does not get to the goal."
TOGETHER = "Now all together."
OTHER = "On another surface, another one may win."


def caption_racer(descent: Descent, valley: bool) -> tuple[str, ...]:
    """What an optimizer does, and what that does in a long valley, which is seen after it."""
    caption = RACERS[descent.optimizer].caption
    if not is_finite(descent):
        return (f"{caption} {TOO_LARGE}",)
    if valley and descent.optimizer == "SGD" and zigzags(descent):
        return (f"{caption} {ZIGZAG}",)
    if valley and descent.optimizer == "momentum" and gathers_speed(descent):
        return (caption, GATHERS)
    return (caption,)


def zigzags(descent: Descent) -> bool:
    """Whether each of the first steps turns back from the one before."""
    steps = np.diff(descent.positions[: FIRST_STEPS + 1], axis=0)
    return bool(((steps[1:] * steps[:-1]).sum(axis=1) < 0).all())


def gathers_speed(descent: Descent) -> bool:
    """Whether the progress towards the end of the descent grows over the first steps."""
    way = descent.positions[-1] - descent.positions[0]
    progress = np.diff(descent.positions[: 2 * FIRST_STEPS + 1] @ way)
    return bool(progress[FIRST_STEPS:].mean() > progress[:FIRST_STEPS].mean() > 0)


def winners_of(descents: Sequence[Descent], sweeps: Sweeps) -> list[Descent]:
    """Who reached the goal first, or else has the lowest loss in the end."""
    arrivals = [(sweeps.arrival(descent), descent) for descent in descents]
    there = [(float(arrival), d) for arrival, d in arrivals if arrival is not None]
    if not there:
        return best_of(descents)
    fewest = min(steps for steps, _ in there)
    return [descent for steps, descent in there if steps == fewest]


def caption_winners(winners: Sequence[Descent]) -> str:
    """Who has won."""
    if not winners:
        return "No loss is finite in the end: all these rates are too large here."
    names = " and ".join(winner.optimizer for winner in winners)
    verb = "is" if len(winners) == 1 else "are"
    return f"{names} {verb} first here. {OTHER}"
