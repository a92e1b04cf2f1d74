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
    """A run in which each sample of the memory is a unit of time after the one before it.

    Each layer takes a unit forward and, where the run goes back, one back. `turn` is the time at
    the last layer, and `length` that of the whole run.
    """

    def __init__(self, memory: SavedTensorMemory) -> None:
        samples = memory.samples
        self.depth = len(samples[0].layers)
        self.totals = [sample.total for sample in samples]
        self.held = np.array([sample.layers for sample in samples], float)
        self.layers = [sample.layer for sample in samples]
        self.turn = sum(not sample.in_backward for sample in samples) - 1
        self.length = float(len(samples) - 1)

    def total(self, time: float) -> Quantity:
        """What is kept at `time`; what comes or goes counts as long as more than half is there."""
        return self.totals[self._nearest(time)]

    def peak(self, time: float) -> Quantity:
        """The most that was kept until `time`."""
        return max(self.totals[: self._nearest(time) + 1], key=float)

    def peak_share(self, time: float) -> float:
        """The peak, in the unit of the totals; between two samples it grows as the tiles come."""
        k, way = self._way(time)
        totals = [float(total) for total in self.totals[: k + 2]]
        return max(*totals[: k + 1], totals[k] + (totals[-1] - totals[k]) * way)

    def reached(self, time: float) -> float:
        """The number of layers up to where the run is, forward or on its way back."""
        return float(np.interp(time, range(len(self.layers)), self.layers))

    def share(self, time: float, layer: int) -> float:
        """The share of what `layer`, from 0, keeps at most.

        It grows while the run leaves the layer, and falls while it comes back to it.
        """
        k, way = self._way(time)
        before, after = self._around(k, layer)
        return before + (after - before) * way

    def _nearest(self, time: float) -> int:
        """The number of the sample of which more than half is there."""
        k, way = self._way(time)
        return k + (way > 0.5)

    def _way(self, time: float) -> tuple[int, float]:
        """The last sample at `time`, and the share of the change to the next one, from 0 to 1.

        Number, bar and tiles follow this one clock.
        """
        k = min(int(time + 1e-6), len(self.totals) - 1)
        falls = k < self.length and self.totals[k + 1] < self.totals[k]
        passed = time - k if falls else time - k - (1 - ON_ITS_WAY)
        return k, float(smooth(float(np.clip(passed / ON_ITS_WAY, 0.0, 1.0))))

    def _around(self, k: int, layer: int) -> tuple[float, float]:
        """The shares at sample k and at the next one."""
        held = self.held[:, layer]
        most = float(held.max()) or 1.0
        return float(held[k]) / most, float(held[min(k + 1, len(held) - 1)]) / most
