"""The graph of the linear model, whose boxes say what z and the loss compute."""

from __future__ import annotations

from manim import LEFT

from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math
from gradreel.draw.typeset import Typeset
from gradreel.tape import Op, Quantity, Tape
from gradreel.theme import FontSize, colors

COMPUTED = {"z": 'z":" +', "loss": '"loss:" (dot)^2'}
"""What stands in the boxes of results, as Typst math."""


class ModelGraph(CompactGraph):
    """A graph with boxes so low that arrows show between five of them.

    The boxes of z and the loss say what they compute. `miss` is z - target, left of its box.
    """

    least_box = 0.56
    miss: Readout

    def __init__(self, tape: Tape, area: Rect, *, down: bool | None = None) -> None:
        super().__init__(tape, area, font_size=FontSize.body * 1.15, down=down)

    def label_of(self, op: Op, font_size: float) -> Typeset:
        """What stands in the box of an op."""
        if op.name in COMPUTED:
            return math(COMPUTED[op.name], font_size=font_size)
        return super().label_of(op, font_size)

    def write_miss(self, miss: Quantity) -> None:
        """Prepare the number beside the difference, for the scene to fade in."""
        self.miss = Readout(miss, font_size=self.number_size, color=colors.value)
        self.miss.next_to(self.nodes["sub"], LEFT, buff=0.12)
