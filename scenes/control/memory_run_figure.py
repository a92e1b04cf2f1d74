"""What a network keeps for backward, as a function of the time of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import smooth

from gradreel.tape import Quantity

if TYPE_CHECKING:
    from gradreel.scenes.control.saved_tensor_memory_experiment import SavedTensorMemory

ON_ITS_WAY = 0.7  # of a layer's time, in which what it keeps comes or goes


class TimedRun:
    """A run in which each layer takes a unit of time forward and, where it goes back, one back.

    Without `goes_back` it ends at the last layer. `length` is the time that it takes.
    """

    def __init__(self, memory: SavedTensorMemory, *, goes_back: bool) -> None:
        samples = [s for s in memory.samples if goes_back or not s.in_backward]
        self.depth = len(samples[0].layers)
        self.totals = [sample.total for sample in samples]
        self.held = np.array([sample.layers for sample in samples], float)
        self.times = np.array(
            [2 * self.depth - s.layer if s.in_backward else s.layer for s in samples], float
        )
        self.length = float(self.times[-1])

    def index(self, time: float) -> int:
        """The last sample at `time`."""
        return max(int(np.searchsorted(self.times, time + 1e-6, side="right")) - 1, 0)

    def total(self, time: float) -> Quantity:
        """What is kept at `time`."""
        return self.totals[self.index(time)]

    def peak(self, time: float) -> Quantity:
        """The most that was kept until `time`."""
        return max(self.totals[: self.index(time) + 1], key=float)

    def peak_share(self, time: float) -> float:
        """The peak between two samples, in the unit of the totals."""
        peaks = np.maximum.accumulate([float(total) for total in self.totals])
        return float(np.interp(time, self.times, peaks))

    def reached(self, time: float) -> float:
        """The number of layers up to where the run is, forward or on its way back."""
        return time if time <= self.depth else 2 * self.depth - time

    def share(self, time: float, layer: int) -> float:
        """The share of what `layer`, from 0, keeps at most.

        It grows while the run leaves the layer, and falls while it comes back to it, or when the
        run has come to a cut.
        """
        k = self.index(time)
        before, after = self._around(k, layer)
        if before == after:
            return before
        passed = (time - self.times[k]) / max(float(self.times[k + 1] - self.times[k]), 1e-9)
        is_back = after < before and not self.is_dropped(time, layer)
        way = (passed if is_back else passed - (1 - ON_ITS_WAY)) / ON_ITS_WAY
        return before + (after - before) * float(smooth(float(np.clip(way, 0.0, 1.0))))

    def is_dropped(self, time: float, layer: int) -> bool:
        """Whether what `layer` kept goes although backward has not come to it."""
        before, after = self._around(self.index(time), layer)
        return after < before and time < self.depth

    def _around(self, k: int, layer: int) -> tuple[float, float]:
        """The shares at sample k and at the next one."""
        held = self.held[:, layer]
        most = float(held.max()) or 1.0
        return float(held[k]) / most, float(held[min(k + 1, len(held) - 1)]) / most
