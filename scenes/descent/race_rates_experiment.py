"""The best learning rate of an optimizer on a surface, by trying many of them.

A rate is good if the loss comes down fast to a goal near the lowest loss that any rate reached, and
never rises above that of the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from gradreel.functions.function import Array, Function
from gradreel.measure.gradient_descent import Descent
from gradreel.measure.optimizers import make_leaf, make_optimizer
from gradreel.tape import Quantity

LONGER = 2  # how much longer than the race the rates are tried that do not arrive in it
GOAL_PERCENT = 1.0  # of the way from the lowest loss to that of the start
RATES = tuple(
    round(m * 10.0**k, 6) for k in (-3, -2, -1, 0) for m in (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)
)


@dataclass(frozen=True)
class RateSweep:
    """What `optimizer` did with each of `rates`.

    `arrivals` are the steps after which the loss stayed below the goal, to the end of the race or,
    where that was too short, of one `LONGER`; NaN where it did not get there or rose above its
    start. `best` is the rate with the fewest, or else with the lowest loss.
    """

    optimizer: str
    rates: tuple[float, ...]
    arrivals: Array
    best: float


@dataclass(frozen=True)
class Sweeps:
    """A sweep for each optimizer, with the common goal and the lowest loss of all.

    `steps` is how many were taken with each rate.
    """

    goal: Quantity
    sweeps: tuple[RateSweep, ...]
    lowest: float
    steps: int

    def goal_is_share_of(self, loss: float) -> bool:
        """Whether the goal is GOAL_PERCENT of this loss, as far as its digits are shown."""
        return abs(self.lowest) < 1e-3 * abs(loss)

    @property
    def count(self) -> Quantity:
        """How many rates were tried for each optimizer."""
        return Quantity(len(RATES), "learning rates tried for each optimizer", "rates")

    @property
    def percent(self) -> Quantity:
        """What the goal leaves of the loss at the start, in percent."""
        return Quantity(GOAL_PERCENT, "input", "goal in percent")

    def arrival(self, descent: Descent) -> Quantity | None:
        """The steps that a descent takes to the goal; None if it does not get there."""
        steps = arrival_of(descent.losses, float(self.goal))
        if not np.isfinite(steps):
            return None
        return Quantity(int(steps), f"steps of {descent.optimizer} to the goal", "steps")


def sweep_rates(
    function: Function, start: Sequence[float], steps: int, optimizers: Sequence[str]
) -> Sweeps:
    """Try all RATES for each of these optimizers from `start`, in a race of `steps` steps."""
    return _sweep(function, tuple(start), steps, tuple(optimizers))


@lru_cache(maxsize=16)
def _sweep(
    function: Function, start: tuple[float, ...], steps: int, optimizers: tuple[str, ...]
) -> Sweeps:
    losses = {name: _losses(function, start, LONGER * steps, name) for name in optimizers}
    first = float(next(iter(losses.values()))[0, 0])
    tried = np.concatenate(list(losses.values()))[:, : steps + 1]
    finite = tried[np.isfinite(tried)]
    lowest = float(finite.min()) if finite.size else first
    goal = lowest + (first - lowest) * GOAL_PERCENT / 100
    sweeps = tuple(_choose(name, rows, goal, steps) for name, rows in losses.items())
    return Sweeps(Quantity(goal, "goal of the race", "loss"), sweeps, lowest, LONGER * steps)


def _losses(function: Function, start: Sequence[float], steps: int, optimizer: str) -> Array:
    """The loss after each step with each rate, shape (rates, steps + 1).

    All rates run at once: each has leaves and a parameter group of its own, and the gradient of the
    sum of their losses is the gradient of each.
    """
    leaves = [[make_leaf(x) for x in start] for _ in RATES]
    groups = [{"params": group, "lr": lr} for group, lr in zip(leaves, RATES, strict=True)]
    engine = make_optimizer(optimizer, groups, 1.0)  # type: ignore[arg-type]
    columns = []
    for step in range(steps + 1):
        if step:
            engine.step()
        engine.zero_grad()
        variables = [torch.stack(column) for column in zip(*leaves, strict=True)]
        values = torch.as_tensor(function.fn(*variables), dtype=torch.float64)
        values = values.expand(len(RATES))
        if values.requires_grad:
            values.sum().backward()  # type: ignore[no-untyped-call]
        columns.append(values.detach().numpy().copy())
    return np.stack(columns, axis=1)


def _choose(optimizer: str, losses: Array, goal: float, steps: int) -> RateSweep:
    race = losses[:, : steps + 1]
    arrivals = np.array([arrival_of(row, goal) for row in race])
    later = np.array([arrival_of(row, goal) for row in losses])
    arrivals = np.where(np.isfinite(arrivals), arrivals, later)
    last = np.where(np.isfinite(race[:, -1]), race[:, -1], np.inf)
    # Fewest steps first, then the lowest loss, then the smallest rate.
    order = np.lexsort((last, np.nan_to_num(arrivals, nan=np.inf)))
    return RateSweep(optimizer, RATES, arrivals, RATES[int(order[0])])


def arrival_of(losses: Array, goal: float) -> float:
    """The step from which on the losses stay below `goal`; NaN without one.

    NaN too where the loss rises above its start on the way.
    """
    if not (losses <= losses[0] + 1e-9 * abs(losses[0])).all():
        return float("nan")
    above = np.flatnonzero(losses > goal)
    first = int(above[-1]) + 1 if above.size else 0
    return float(first) if first < len(losses) else float("nan")
