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
ZEROED, FORWARD, TURNED, BACKWARD = 0.16, 0.46, 0.52, 0.84
RAMP = 0.1  # the share of a step in which a number fades in before its time
# Of the .grad of the input: None fades in from the first to the second time, and out from the third
# to the fourth; then the new number fades in until the end of backward.
NONE_TIMES = 0.13, 0.36, 0.5, 0.66


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
        """The latest slope of a column; of the input None from zero_grad to the end of backward."""
        index, share = self.step()
        if column == 0 and index and share < ZEROED:
            return self.steps[index - 1].slopes[0]
        if column == 0:
            return self.steps[index].slopes[0] if share > NONE_TIMES[3] else None
        latest = self._latest(self.backward_time(column))
        return None if latest is None else self.steps[latest].slopes[column]

    def grad_presence(self) -> float:
        """The opacity of the input's .grad: it fades out at zero_grad, and in with backward."""
        index, share = self.step()
        if share < ZEROED:
            return 1 - _ramp(share, 0.0, ZEROED) if index else 0.0
        return _ramp(share, NONE_TIMES[3], BACKWARD)

    def slope_presence(self, column: int) -> float:
        """The opacity of a slope."""
        if column == 0:
            return self.grad_presence()
        return self.presence(self.backward_time(column))

    def none_presence(self) -> float:
        """The opacity of the None in place of the input's .grad."""
        index, share = self.step()
        comes, is_there, goes, is_gone = NONE_TIMES
        return (_ramp(share, comes, is_there) if index else 1.0) - _ramp(share, goes, is_gone)

    def presence(self, reached: float) -> float:
        """The opacity of a number that every step computes anew at the time `reached`.

        The number of the step before goes shortly before the new one comes in its place.
        """
        index, share = self.step()
        old = 1 - _ramp(share, reached - 2 * RAMP, reached - RAMP) if index else 0.0
        return old + _ramp(share, reached - RAMP, reached)

    def local(self, link: int) -> Quantity | None:
        """The latest local derivative of a link."""
        latest = self._latest(self.forward_time(link + 1))
        return None if latest is None else self.steps[latest].locals[link]

    def forward_time(self, column: int) -> float:
        """The time within a step at which forward reaches a column."""
        return ZEROED + (FORWARD - ZEROED) * (column / self.last)

    def backward_time(self, column: int) -> float:
        """The time within a step at which backward reaches a column."""
        return TURNED + (BACKWARD - TURNED) * (1 - column / self.last)

    def _latest(self, reached: float) -> int | None:
        """The last step in which a number fades in before the time `reached`; None before that."""
        index, share = self.step()
        if share >= reached - RAMP:
            return index
        return index - 1 if index else None


def _ramp(share: float, start: float, end: float) -> float:
    """0 until `start`, 1 from `end` on, and in between linear."""
    return min(max((share - start) / (end - start), 0.0), 1.0)
