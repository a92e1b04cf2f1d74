"""The graph of the linear model, whose boxes say what z and the loss compute."""

from __future__ import annotations

from manim import LEFT, RIGHT, VMobject

from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.formula import Formula
from gradreel.draw.graph.edge_arrow import edge_key
from gradreel.draw.graph.gradient_formulas import product_formula
from gradreel.draw.layout import Rect, content_area
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math
from gradreel.draw.typeset import Typeset
from gradreel.tape import Op, Quantity, Step, Tape
from gradreel.theme import FontSize, colors

COMPUTED = {"z": 'z":" +', "loss": '"loss:" (dot)^2'}
"""What stands in the boxes of results, as Typst math."""
BESIDE_BOX, BESIDE_ARROW = 0.12, 0.24  # frame units
ROWS, ROW_GAP = (1, *[0.62] * 4, 0.75, 0.75), 0.08
SPREAD = 0.85  # of the distance of neighbours that the area allows


def model_columns() -> tuple[Rect, Rect, Rect]:
    """The columns of ThreePillars: the inputs, the graph, the gradients."""
    left, middle, right = content_area().columns(0.9, 1.5, 1.08, gap=0.3)
    return left, middle, right


class ModelGraph(CompactGraph):
    """A graph with boxes so low that arrows show between five of them.

    The boxes of z and the loss say what they compute. `miss` says what z - target is, left of its
    box.
    """

    least_box = 0.46
    miss: VMobject

    def __init__(self, tape: Tape, area: Rect, *, down: bool | None = None) -> None:
        super().__init__(tape, area, font_size=FontSize.label, down=down)

    def _set_pitch(self) -> None:
        """Set the distances so that formulas have room left of the nodes."""
        super()._set_pitch()
        least = (self.nodes["z"].width + self.nodes["target"].width) / 2 + BESIDE_BOX
        self.node_pitch = min(self.node_pitch, max(least, SPREAD * self.node_pitch))

    def _center(self) -> None:
        """Move the nodes to the right end of the area."""
        super()._center()
        free = self.area.right - max(node.get_right()[0] for node in self.nodes.values())
        self.offset = self.offset + free * RIGHT
        for node in self.nodes.values():
            node.shift(free * RIGHT)

    def label_of(self, op: Op, font_size: float) -> Typeset:
        """What stands in the box of an op."""
        if op.name in COMPUTED:
            return math(COMPUTED[op.name], font_size=font_size)
        return super().label_of(op, font_size)

    def write_miss(self, miss: Quantity) -> None:
        """Prepare `z - target = miss` beside the difference, for the scene to fade in.

        Where that has no room, it is the number alone.
        """
        box = self.nodes["sub"]
        self.miss = Formula(
            'z - "target" = {miss}',
            miss=miss,
            roles={"miss": "value"},
            font_size=FontSize.small,
            color=colors.muted,
        )
        if self.miss.width + BESIDE_BOX > box.get_left()[0] - self.area.left:
            self.miss = Readout(miss, font_size=self.number_size, color=colors.value)
        self.miss.next_to(box, LEFT, buff=BESIDE_BOX)

    def product_at(self, step: Step) -> Formula | None:
        """`gradient × local derivative = contribution`, left of the first arrow that `step` takes.

        `× local derivative` where the digits do not work out, or the product has no room; None
        where that has none either.
        """
        edge = self.tape.outgoing(step.op)[0]
        sent, local = self.tape.contribution(edge), self.tape.local(edge)
        factor = "times {local}" if local >= 0 else "times lr(({local}))"
        middle = self.arrows[edge_key(edge)].point_at(0.5) + BESIDE_ARROW * LEFT
        for formula in (
            product_formula(self.tape.gradient(step.op), local, sent, FontSize.small),
            Formula(factor, local=local, roles={"local": "local"}, font_size=FontSize.small),
        ):
            if formula is not None and formula.width < middle[0] - self.area.left:
                formula.move_to(middle + formula.width / 2 * LEFT)
                return formula
        return None
