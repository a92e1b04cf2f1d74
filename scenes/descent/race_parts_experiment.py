"""What the optimizers of a race make of each slope, read from the state of torch.optim."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gradreel.functions.function import Array, Function
from gradreel.measure.gradient_descent import Descent
from gradreel.measure.optimizers import MOMENTUM, make_leaf, make_optimizer


class PartColumn(NamedTuple):
    """One part of each step: its name, its values of shape (steps, variables), its color role.

    The role is empty for the step itself, which has the color of its optimizer.
    """

    title: str
    values: Array
    role: str = ""


class Moments(NamedTuple):
    """What an optimizer remembers after each step, both of shape (steps, variables).

    `average` is that of the slopes, `size` the root of that of their squares. Both are corrected
    for their start from zero where the optimizer corrects them.
    """

    average: Array
    size: Array


def step_columns(function: Function, descent: Descent, count: int) -> tuple[PartColumn, ...]:
    """What the first `count` steps of a descent are made of, in the order of its rule."""
    steps = np.diff(descent.positions[: count + 1], axis=0)
    slopes = np.array([[float(g) for g in state.gradient] for state in descent.steps[:count]])
    made = PartColumn("step", steps)
    against = PartColumn("–slope", -slopes, "gradient")
    if descent.optimizer == "momentum":
        kept = np.vstack([np.zeros_like(steps[:1]), steps[:-1]])
        return PartColumn("last step", MOMENTUM * kept, "text"), against, made
    if descent.optimizer not in _MOMENTS:
        return against, made
    moments = _moments(function, descent, count)
    size = PartColumn("usual size", moments.size, "text")
    if descent.optimizer == "Adam":
        against = PartColumn("–average", -moments.average, "gradient")
    return against, size, made


def _moments(function: Function, descent: Descent, count: int) -> Moments:
    """What the optimizer of a descent remembers after each of `count` steps, run once more."""
    leaves = [make_leaf(x) for x in descent.positions[0]]
    engine = make_optimizer(descent.optimizer, leaves, float(descent.lr))
    read, rows = _MOMENTS[descent.optimizer], []
    for _ in range(count):
        engine.zero_grad()
        torch.as_tensor(function.fn(*leaves)).backward()  # type: ignore[no-untyped-call]
        engine.step()
        rows.append([read(engine.state[leaf], engine.param_groups[0]) for leaf in leaves])
    average, size = np.moveaxis(np.array(rows), 2, 0)
    return Moments(average, size)


def _of_rmsprop(state: Mapping[str, Tensor], _: Mapping[str, Sequence[float]]) -> list[float]:
    return [np.nan, state["square_avg"].sqrt().item()]


def _of_adam(state: Mapping[str, Tensor], group: Mapping[str, Sequence[float]]) -> list[float]:
    first, second = (1 - beta ** float(state["step"]) for beta in group["betas"])
    return [(state["exp_avg"] / first).item(), (state["exp_avg_sq"] / second).sqrt().item()]


_MOMENTS: Mapping[
    str, Callable[[Mapping[str, Tensor], Mapping[str, Sequence[float]]], list[float]]
] = MappingProxyType({"RMSprop": _of_rmsprop, "Adam": _of_adam})
