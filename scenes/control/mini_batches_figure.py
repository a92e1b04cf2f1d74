"""A data set of which each round of training takes one mini-batch."""

from __future__ import annotations

from manim import RIGHT, Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart, Square, VGroup

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors

BATCH_SIZE = 8  # squares in a row
GAP = 0.45  # of a square's side, between rows
MOST_SIDE = 0.5


class MiniBatches(VGroup):
    """`count` rows of squares in `area`; a square is one example, a row one mini-batch."""

    def __init__(self, count: int, area: Rect) -> None:
        side = min(area.width / (1.2 * BATCH_SIZE), area.height / (count * (1 + GAP)), MOST_SIDE)
        self.batches = [
            VGroup(*(_example(side) for _ in range(BATCH_SIZE))).arrange(RIGHT, buff=0.2 * side)
            for _ in range(count)
        ]
        super().__init__(*self.batches)
        self.arrange(buff=GAP * side, direction=(0, -1, 0)).move_to(area.center)

    def appears(self) -> Animation:
        """Row by row."""
        return LaggedStart(*(FadeIn(batch, shift=0.3 * RIGHT) for batch in self.batches))

    def feeds(self, number: int, goal: Floats) -> Animation:
        """A copy of row `number`, from 0, moves to `goal` and is gone; the row itself dims."""
        batch = self.batches[number]
        sent = batch.copy()
        used = batch.animate.set_fill(opacity=0.15).set_stroke(opacity=0.4).build()
        return AnimationGroup(used, FadeOut(sent, target_position=goal, scale=0.3))


def _example(side: float) -> Square:
    square = Square(side, stroke_color=colors.value, stroke_width=StrokeWidth.axis)
    return square.set_fill(colors.value, opacity=0.6)
