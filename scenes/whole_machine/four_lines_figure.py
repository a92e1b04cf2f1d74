"""The four lines of training, with a mark on the one that runs at a time that counts steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradreel.draw.code_listing import TRAINING_PROGRAM, CodeListing
from gradreel.draw.layout import Rect
from gradreel.scenes.whole_machine.training_clock_figure import BACKWARD, TURNED, ZEROED
from gradreel.theme import FontSize

TRAVEL = 0.05  # the share of a step in which the mark moves to the next line


class FourLines(CodeListing):
    """The four lines in `area`; the mark follows `step()`: a step's index and its share."""

    def __init__(self, step: Callable[[], tuple[int, float]], area: Rect) -> None:
        super().__init__(TRAINING_PROGRAM, area=area, font_size=FontSize.body)
        starts = (0.0, ZEROED, TURNED, BACKWARD)
        times = [time for start in starts for time in (start, start + TRAVEL)]
        lines = [3, 0, 0, 1, 1, 2, 2, 3]  # the first line comes after the last one
        first, pitch = self.mark.get_y(), self.pitch

        def follow(mark: Any) -> None:
            index, share = step()
            begun = index or share >= TRAVEL
            line = np.interp(share, times, lines) if begun else 0.0
            mark.set_y(first - float(line) * pitch)

        self.mark.set_z_index(-1)  # behind the lines, whenever it comes on stage
        self.mark.add_updater(follow, call_updater=True)
