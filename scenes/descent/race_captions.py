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
    """The color role of an optimizer, what it does, and how many steps show that, in seconds."""

    role: str
    caption: str
    few: int
    seconds: float


RACERS = {
    "SGD": Racer("warning", "SGD is plain gradient descent.", 6, 2.8),
    "momentum": Racer("leaf", "Momentum keeps most of the last step.", 11, 3.4),
    "RMSprop": Racer("local", "RMSprop divides each slope by its usual size:", 4, 2.2),
    "Adam": Racer("accent", "Adam does both, with an average slope.", 7, 2.4),
}
ZIGZAG = "It bounces across the valley."
ALIKE = "steep or flat, the first step is the same."
TOO_LARGE = "Here its learning rate is too large."
GATHERS = "Along the valley it gathers speed."
PLACE = (
    "Four optimizers start from one place.",
    "A longer valley: the goal is inside the ring.",
)
FAIR = (
    "Each optimizer has a learning rate of its own.",
    "To be fair, each gets the fastest of {count} learning rates.",
)
MISSED = "It does not get to the goal."
TOGETHER = "Now all together."
OTHER = "On another surface, another one may win."


def caption_racer(descent: Descent, valley: bool) -> tuple[str, ...]:
    """What an optimizer does, and what that does in a long valley, which is seen after it."""
    caption = RACERS[descent.optimizer].caption
    if not is_finite(descent):
        return (f"{caption} {TOO_LARGE}",)
    if valley and descent.optimizer == "SGD" and zigzags(descent):
        return (caption, ZIGZAG)
    if valley and descent.optimizer == "momentum" and gathers_speed(descent):
        return (caption, GATHERS)
    if descent.optimizer == "RMSprop":
        return (caption, ALIKE) if has_equal_parts(descent) else (f"{caption[:-1]}.",)
    return (caption,)


def zigzags(descent: Descent) -> bool:
    """Whether each of the first steps turns back from the one before."""
    steps = np.diff(descent.positions[: FIRST_STEPS + 1], axis=0)
    return bool(((steps[1:] * steps[:-1]).sum(axis=1) < 0).all())


def has_equal_parts(descent: Descent) -> bool:
    """Whether the first step is as long in each variable."""
    lengths = np.abs(descent.positions[1] - descent.positions[0])
    return bool(np.ptp(lengths) < 1e-3 * lengths.max())


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
