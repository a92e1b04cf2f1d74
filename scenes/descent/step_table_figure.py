"""The table of a descent: a row for each of the first steps, and one for those after them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from manim import DOWN, LEFT, Animation, ApplyMethod, FadeOut, Mobject, VGroup

from gradreel.draw.layout import Rect
from gradreel.draw.number_table import NumberTable
from gradreel.draw.numbers import Readout
from gradreel.scenes.descent.step_clock import arrived, landed, whole
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

GAP = 0.35  # of a row, before the row of the later steps
COMING = 0.5  # of the time of a step, in which its row comes
LATE_SHARE = 0.08  # of the later steps, in which theirs comes
SHORT = 8  # characters of a number that the larger digits have room for
HEADS = ('"step"', "x", '"loss"', '"slope"')
ROLES = ("muted", "leaf", "value", "gradient")
WEIGHTS = (0.7, 1, 1, 1)


class StepTable(NumberTable):
    """Step, x, loss and slope of each state at `clock()`, up to step `listed`.

    Below them is one more row, for the later steps: its numbers change. `mark` is behind the row of
    the state that the ball is at.
    """

    def __init__(
        self, descent: Sequence[Any], listed: int, area: Rect, clock: Callable[[], float]
    ) -> None:
        rows = [numbers_of(state) for state in descent[: listed + 2]]
        longest = max(len(number.text) for state in descent for number in numbers_of(state))
        self.font_size = FontSize.label if longest <= SHORT else FontSize.small
        super().__init__(HEADS, rows, area, roles=ROLES, weights=WEIGHTS, font_size=self.font_size)
        self.clock, self.listed, self.states = clock, listed, VGroup(*self.rows)
        # All later steps take as long, however many there are.
        self._coming_late = max(COMING, LATE_SHARE * (len(descent) - listed))
        if len(rows) > listed + 1:
            self._make_live(descent)
        self._first = self.mark.get_center()

    def _make_live(self, descent: Sequence[Any]) -> None:
        """Replace the numbers of the last row by those of the state after the last step."""

        def number(column: int) -> Quantity:
            step = int(np.clip(whole(landed(self.clock())), self.listed + 1, len(descent) - 1))
            return numbers_of(descent[step])[column]

        row = self.rows[-1]
        for column, fixed in enumerate(row.submobjects):
            live = Readout(
                partial(number, column), font_size=self.font_size, align="left",
                color=getattr(colors, ROLES[column]),
            )  # fmt: skip
            live.shift(fixed.get_corner(DOWN + LEFT) - live.get_corner(DOWN + LEFT))
            row.submobjects[column] = live.shift(GAP * self.pitch * DOWN)

    def follow_clock(self) -> VGroup:
        """The rows, which come and go with the clock from now on, as the mark does."""
        if not self.mark.updaters:
            self.mark.add_updater(self._follow_mark)
        return self.states.add_updater(self._follow, call_updater=True)

    def is_emptied(self) -> Animation:
        """All rows but the first one go; until `follow_clock` they do so without the clock."""
        self.states.clear_updaters(recursive=False)
        return FadeOut(*self.rows[1:])

    def loses_mark(self) -> list[Animation]:
        """As `is_emptied`, and the mark fades where it is: behind its row."""
        return [self.is_emptied(), ApplyMethod(self.mark.set_opacity, 0)]

    def _follow_mark(self, mark: Mobject) -> None:
        now = self.clock()
        last = min(int(now) + 1, len(self.rows) - 1)
        row = last - 1 + arrived(now, last)
        row += GAP * max(row - self.listed, 0)
        mark.move_to(self._first + row * self.pitch * DOWN)

    def _follow(self, rows: Mobject) -> None:
        for k, row in enumerate(rows):
            # It begins to come while the ball still flies, so as not to come at once.
            coming = self._coming_late if k > self.listed else COMING
            row.set_opacity(float(np.clip((self.clock() - k + COMING) / coming, 0, 1)))


def numbers_of(state: Any) -> tuple[Quantity, ...]:
    """Step, x, loss and slope of a state."""
    return state.step, state.inputs[0], state.loss, state.gradient[0]
