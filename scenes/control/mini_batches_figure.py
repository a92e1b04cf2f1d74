"""A data set of which each round of training takes one mini-batch."""

from __future__ import annotations

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    FadeIn,
    FadeOut,
    LaggedStart,
    Square,
    VGroup,
)

from gradreel.draw.layout import Rect, fit_into
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.theme import FontSize, StrokeWidth, colors

BATCH_SIZE = 4  # squares in a row
SIDE = 0.34  # of a square, frame units


class MiniBatches(VGroup):
    """`count` rows of squares in `area`; a square is one example, a row one mini-batch.

    Each row has its name at the left. A row that leaves to the right crosses no other.
    """

    def __init__(self, count: int, area: Rect) -> None:
        self.batches = [_batch(number) for number in range(1, count + 1)]
        super().__init__(*self.batches)
        self.arrange(DOWN, buff=0.75 * SIDE, aligned_edge=LEFT)
        fit_into(self, area)

    def appears(self) -> Animation:
        """Row by row."""
        return LaggedStart(*(FadeIn(batch, shift=0.3 * RIGHT) for batch in self.batches))

    def feeds(self, number: int, goal: Floats) -> Animation:
        """Row `number`, from 0, moves to `goal` and is gone."""
        return FadeOut(self.batches[number], target_position=goal, scale=0.3)


def _batch(number: int) -> VGroup:
    """The name of a mini-batch, and its examples."""
    name = text(f"batch {number}", font_size=FontSize.label, color=colors.text)
    examples = VGroup(*(_example() for _ in range(BATCH_SIZE))).arrange(RIGHT, buff=0.2 * SIDE)
    return VGroup(name, examples).arrange(RIGHT, buff=0.25)


def _example() -> Square:
    square = Square(SIDE, stroke_color=colors.value, stroke_width=StrokeWidth.axis)
    return square.set_fill(colors.value, opacity=0.6)
