"""The numbers of a training run at a time that counts training steps.

Within a step, forward, backward and the optimizer's step each take a share of the time. A number
changes at the moment at which forward or backward reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from gradreel.tape import Quantity

# Times within a step at which zero_grad, forward, the turn at the result and backward end.
ZEROED, FORWARD, TURNED, BACKWARD = 0.03, 0.38, 0.46, 0.84


class TrainingState(Protocol):
    """The numbers of one training step; see TrainingStep."""

    @property
    def values(self) -> Sequence[Quantity]: ...
    @property
    def locals(self) -> Sequence[Quantity]: ...
    @property
    def slopes(self) -> Sequence[Quantity]: ...
    @property
    def updated(self) -> Quantity: ...


class TrainingClock:
    """What is known at `time()`, counted in steps, of values and slopes in columns 0 to `last`.

    Column 0 is the input, the last one the result. Numbers are None until they are computed.
    """

    def __init__(self, steps: Sequence[TrainingState], time: Callable[[], float]) -> None:
        self.steps, self.time = steps, time
        self.last = len(steps[0].values) - 1

    def step(self) -> tuple[int, float]:
        """The index of the current step, and the share of it that is over, from 0 to 1.

        At a whole number a step has just ended; at 0 the first one has not begun.
        """
        time = min(max(self.time(), 0.0), float(len(self.steps)))
        index = max(int(np.ceil(time - 1e-9)) - 1, 0)
        return index, min(time - index, 1.0)

    def input(self) -> float:
        """The input, interpolated while the optimizer's step is taken."""
        index, share = self.step()
        step = self.steps[index]
        taken = min(max((share - BACKWARD) / (1 - BACKWARD), 0.0), 1.0)
        return float(step.values[0] + (step.updated - step.values[0]) * taken)

    def value(self, column: int) -> Quantity | None:
        """The latest value of a column."""
        index, share = self.step()
        if column == 0:
            step = self.steps[index]
            return step.updated if share >= 1 else step.values[0]
        latest = self._latest(self.forward_time(column))
        return None if latest is None else self.steps[latest].values[column]

    def slope(self, column: int) -> Quantity | None:
        """The slope of a column in the current step, once backward has reached it."""
        index, share = self.step()
        known = share >= self.backward_time(column) - 1e-9
        return self.steps[index].slopes[column] if known else None

    def local(self, link: int) -> Quantity | None:
        """The latest local derivative of a link."""
        latest = self._latest(self.forward_time(link + 1))
        return None if latest is None else self.steps[latest].locals[link]

    def forward_time(self, column: int) -> float:
        """The time within a step at which forward reaches a column."""
        return FORWARD * (column / self.last)

    def backward_time(self, column: int) -> float:
        """The time within a step at which backward reaches a column."""
        return TURNED + (BACKWARD - TURNED) * (1 - column / self.last)

    def _latest(self, reached: float) -> int | None:
        """The last step in which the time `reached` has come; None before that."""
        index, share = self.step()
        if share >= reached - 1e-9:
            return index
        return index - 1 if index else None
