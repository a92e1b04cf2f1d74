"""A broadcast on its way back: the cells that came from one number run together and add up."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, VGroup, interpolate_color

from gradreel.draw.tensors.heat_map import HeatMap
from gradreel.tape.records import Value

MEET = 0.45  # the share of the way after which the cells begin to run together


def target_cells(gradient: Value | None, contribution: Value | None) -> list[int] | None:
    """For each number of `gradient`, row-major, the number of `contribution` it was added to.

    None where the contribution is not the gradient summed over the dimensions of a broadcast.
    """
    if gradient is None or contribution is None:
        return None
    whole, part = np.asarray(gradient), np.asarray(contribution)
    if whole.size == part.size or part.ndim > whole.ndim:
        return None
    shape = (1,) * (whole.ndim - part.ndim) + part.shape
    if any(n not in (1, m) for n, m in zip(shape, whole.shape, strict=True)):
        return None
    axes = tuple(k for k, n in enumerate(shape) if n == 1 and whole.shape[k] != 1)
    if not np.allclose(whole.sum(axis=axes).reshape(part.shape), part, rtol=1e-4, atol=1e-12):
        return None
    numbers = np.arange(part.size).reshape(shape)
    return [int(k) for k in np.broadcast_to(numbers, whole.shape).reshape(-1)]


class BroadcastSum(Animation):
    """A copy of the map `slope` moves to the map `total` and its cells run together there.

    `goes_to` says for each cell of the one which cell of the other it becomes part of.
    """

    def __init__(self, slope: HeatMap, total: HeatMap, goes_to: list[int], **kwargs: Any) -> None:
        self.total = total
        self.ends = [total.cells[k] for k in goes_to]
        self.starts = [cell.copy() for cell in slope.cells]
        self.shift = total.get_center() - slope.get_center()
        self.flying = [cell.copy() for cell in slope.cells]
        super().__init__(VGroup(*self.flying), introducer=True, remover=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """First all cells move as one, then each to the sum it belongs to."""
        share = self.rate_func(alpha)
        moved = min(share / MEET, 1.0)
        met = max(share - MEET, 0.0) / (1 - MEET)
        for cell, start, end in zip(self.flying, self.starts, self.ends, strict=True):
            there = start.points + moved * self.shift
            cell.points = there + met * (end.points - there)
            cell.set_fill(interpolate_color(start.get_fill_color(), end.get_fill_color(), met))
