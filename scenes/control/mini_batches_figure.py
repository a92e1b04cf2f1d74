"""A data set of which each round of training takes one mini-batch."""

from __future__ import annotations

from manim import (
    DOWN,
    RIGHT,
    Animation,
    FadeIn,
    FadeOut,
    LaggedStart,
    Square,
    VGroup,
)

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors

BATCH_SIZE = 4  # squares in a column
GAP = 0.9  # of a square's side, between columns
MOST_SIDE = 0.5


class MiniBatches(VGroup):
    """`count` columns of squares in `area`; a square is one example, a column one mini-batch.

    Columns are used from the left, so that none crosses another on its way to the left.
    """

    def __init__(self, count: int, area: Rect) -> None:
        side = min(area.height / (1.2 * BATCH_SIZE), area.width / (count * (1 + GAP)), MOST_SIDE)
        self.batches = [
            VGroup(*(_example(side) for _ in range(BATCH_SIZE))).arrange(DOWN, buff=0.2 * side)
            for _ in range(count)
        ]
        super().__init__(*self.batches)
        self.arrange(RIGHT, buff=GAP * side).move_to(area.center)

    def appears(self) -> Animation:
        """Column by column."""
        return LaggedStart(*(FadeIn(batch, shift=0.3 * RIGHT) for batch in self.batches))

    def feeds(self, number: int, goal: Floats) -> Animation:
        """Column `number`, from 0, moves to `goal` and is gone."""
        return FadeOut(self.batches[number], target_position=goal, scale=0.3)


def _example(side: float) -> Square:
    square = Square(side, stroke_color=colors.value, stroke_width=StrokeWidth.axis)
    return square.set_fill(colors.value, opacity=0.6)
