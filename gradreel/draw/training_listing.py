"""The four lines of training, and a mark on the one that is executed."""

from __future__ import annotations

from manim import Animation, ReplacementTransform, VGroup

from gradreel.draw.code_listing import CodeListing
from gradreel.draw.exchange import at_once, exchange
from gradreel.draw.layout import Rect
from gradreel.draw.text import text
from gradreel.theme import FontSize

TRAINING_PROGRAM = """
optimizer.zero_grad()
loss = criterion(model(input), target)
loss.backward()
optimizer.step()
"""
ARGUMENTS = "model(input), target"
WRAPPED = TRAINING_PROGRAM.replace(ARGUMENTS, f"\n  {ARGUMENTS}")


class TrainingListing(CodeListing):
    """The program in `area`; the line of the loss is broken where it is too long to be legible."""

    def __init__(self, area: Rect, *, font_size: float = FontSize.body) -> None:
        longest = max(TRAINING_PROGRAM.splitlines(), key=len)
        least = text(longest, font_size=FontSize.code, mono=True).width + 0.3
        self.is_wrapped = least > area.width
        super().__init__(
            WRAPPED if self.is_wrapped else TRAINING_PROGRAM, area=area, font_size=font_size
        )

    def rows_of(self, number: int) -> range:
        """The indices of the rows of line `number`, from 1."""
        first = number - 1 + (self.is_wrapped and number > 2)
        return range(first, first + 1 + (self.is_wrapped and number == 2))

    def mark_of(self, number: int) -> tuple[float, float]:
        """The middle and the height of the mark on line `number`, in frame units."""
        rows = self.rows_of(number)
        middle = self._first_y - (rows[0] + rows[-1]) / 2 * self.pitch
        return middle, (len(rows) - 0.06) * self.pitch

    def marks(self, number: int) -> Animation:
        """Move the mark to line `number`, at the beginning of the play."""
        middle, height = self.mark_of(number)
        move = self.mark.animate.stretch_to_fit_height(height).set_y(middle).build()
        move.rate_func = at_once
        return move

    def rows_as_in(self, other: TrainingListing) -> list[VGroup]:
        """The letters of an unbroken program, row by row as in `other`, which may be broken."""
        letters = iter([letter for row in self.rows for letter in row])
        return [VGroup(*(next(letters) for _ in row)) for row in other.rows]

    def comes_from(self, rows: VGroup) -> list[Animation]:
        """The letters of `rows`, which are those of `rows_as_in`, move here.

        The second half of a broken line would cross the others on its way; it fades.
        """
        broken = self.rows_of(2)[1:]
        return [
            exchange(row, self.rows[k]) if k in broken else ReplacementTransform(row, self.rows[k])
            for k, row in enumerate(rows)
        ]
