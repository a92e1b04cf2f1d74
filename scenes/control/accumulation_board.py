"""The bucket of AccumulationTrap to touch: call backward of two losses, and zero_grad, at will."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, VGroup

from gradreel.draw.formula import Formula
from gradreel.draw.layout import content_area, fit_into, point
from gradreel.draw.text import text
from gradreel.functions.function import Function
from gradreel.lecture.board import Board
from gradreel.scenes.control.bucket_lane_figure import BucketLane
from gradreel.scenes.control.grad_accumulation_experiment import AccumulationPass, run_calls
from gradreel.theme import FontSize, colors

CALLS = ("loss_1.backward()", "loss_2.backward()")


class AccumulationBoard(Board):
    """The slopes of both losses at the left, the bucket of x.grad at the right."""

    def __init__(self, losses: Sequence[Function], x: float, *, set_to_none: bool) -> None:
        super().__init__()
        self.losses = dict(zip(CALLS, losses, strict=True))
        self.x, self.set_to_none = x, set_to_none
        left, right = content_area().columns(1, 1.25, gap=0.6)
        both = run_calls(self.losses, x, CALLS, set_to_none=set_to_none).passes
        # As wide as its sums become after several passes.
        usual = run_calls(self.losses, x, CALLS * 3, set_to_none=set_to_none).passes
        self.lane = BucketLane('upright("x.grad")', float(both[-1].after), usual, right)
        self.slopes = VGroup(*(_slope(k, row) for k, row in enumerate(both, start=1)))
        self.slopes.arrange(DOWN, buff=0.7, aligned_edge=LEFT)
        fit_into(self.slopes, left)
        self.slopes.align_to(point(left.left, 0), LEFT).set_y(self.lane.bucket.get_y())

    def draw(self, pressed: tuple[str, ...]) -> None:
        """Make the calls on a new leaf, and show what its bucket holds."""
        leaf = run_calls(self.losses, self.x, pressed, set_to_none=self.set_to_none)
        self.lane.holds(leaf.passes, leaf.grad)
        words = text(
            KEPT[min(len(leaf.passes), 2)], font_size=FontSize.body,
            color=colors.warning if len(leaf.passes) > 1 else colors.muted,
        )  # fmt: skip
        words.move_to(point(self.lane.bucket.base.get_x(), self.lane.label.get_y() - 0.75))
        self.set_parts(self.slopes, *self.lane.parts(), words)


def _slope(number: int, row: AccumulationPass) -> Formula:
    """A loss with its slope at x."""
    return Formula(
        f'"loss"_{number} = {row.function.typst()} quad arrow.r.long quad "slope" = {{sent}}',
        sent=row.contribution, roles={"sent": "gradient"}, font_size=FontSize.body,
    )  # fmt: skip


KEPT = ("The bucket is empty.", "This is the gradient of one loss.", "The sum of several passes.")
