"""The gradient of a broadcast: an animation in which cells that came from one number add up."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, VGroup, interpolate_color

from gradreel.draw.tensors.heat_map import HeatMap
from gradreel.tape import Recorded, Summary

MOVE_SHARE = 0.45  # of the run time in which the cells move together, before they merge


def target_cells(gradient: Recorded | None, contribution: Recorded | None) -> list[int] | None:
    """For each number of `gradient`, row-major, the index in `contribution` that it adds to.

    None if the contribution is not the gradient summed over broadcast dimensions.
    """
    if gradient is None or contribution is None:
        return None
    if isinstance(gradient, Summary) or isinstance(contribution, Summary):
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
    indices = np.arange(part.size).reshape(shape)
    return [int(k) for k in np.broadcast_to(indices, whole.shape).reshape(-1)]


class BroadcastSum(Animation):
    """A copy of the heat map `gradient` moves to the heat map `total`, where its cells merge.

    `targets[k]` is the cell of `total` into which cell k of `gradient` merges.
    """

    def __init__(
        self, gradient: HeatMap, total: HeatMap, targets: list[int], **kwargs: Any
    ) -> None:
        self.total = total
        self.ends = [total.cells[k] for k in targets]
        self.starts = [cell.copy() for cell in gradient.cells]
        self.shift = total.get_center() - gradient.get_center()
        self.moving = [cell.copy() for cell in gradient.cells]
        super().__init__(VGroup(*self.moving), introducer=True, remover=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Move all cells together, then each to the cell into which it merges."""
        share = self.rate_func(alpha)
        moved = min(share / MOVE_SHARE, 1.0)
        merged = max(share - MOVE_SHARE, 0.0) / (1 - MOVE_SHARE)
        for cell, start, end in zip(self.moving, self.starts, self.ends, strict=True):
            points = start.points + moved * self.shift
            cell.points = points + merged * (end.points - points)
            cell.set_fill(interpolate_color(start.get_fill_color(), end.get_fill_color(), merged))
