"""The four lines of training, with a mark on the one that runs at a time that counts steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradreel.draw.layout import Rect
from gradreel.draw.training_listing import TrainingListing
from gradreel.scenes.whole_machine.training_clock_figure import BACKWARD, TURNED, ZEROED

TRAVEL = 0.02  # the share of a step in which the mark moves to the next line


class FourLines(TrainingListing):
    """The four lines in `area`; the mark follows `step()`: a step's index and its share."""

    def __init__(self, step: Callable[[], tuple[int, float]], area: Rect) -> None:
        super().__init__(area)
        starts = (0.0, ZEROED, TURNED, BACKWARD)
        times = [time for start in starts for time in (start, start + TRAVEL)]
        # The first line comes after the last one.
        middles, heights = zip(*(self.mark_of(n) for n in (4, 1, 1, 2, 2, 3, 3, 4)), strict=True)

        def follow(mark: Any) -> None:
            index, share = step()
            now = share if index else max(share, TRAVEL)
            mark.stretch_to_fit_height(float(np.interp(now, times, heights)))
            mark.set_y(float(np.interp(now, times, middles)))

        self.mark.set_z_index(-1)  # behind the lines, whenever it comes on stage
        self.mark.add_updater(follow, call_updater=True)
