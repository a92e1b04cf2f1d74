"""The linear model as a large graph: cards with values, and tags at the inputs."""

from __future__ import annotations

from manim import DOWN, UP, RoundedRectangle, VGroup

from gradreel.draw.compact_node import frame_style
from gradreel.draw.formula import Formula
from gradreel.draw.graph.gradient_formulas import product_formula
from gradreel.draw.graph.graph_layout import Layout, visible_ops
from gradreel.draw.layout import Rect, content_area
from gradreel.draw.numbers import Readout
from gradreel.draw.tagged_graph import TaggedGraph
from gradreel.draw.text import math
from gradreel.draw.typeset import Typeset
from gradreel.scenes.autograd_api.linear_model_figure import COMPUTED
from gradreel.tape import Op, Quantity, Step, Tape
from gradreel.theme import FontSize, colors

PILLARS = ("requires_grad", "loss.backward()", ".grad")
NAMED, UNNAMED, HEIGHT = 1.6, 1.1, 1.2  # widths of cards, and their height
INSET = 0.08  # frame units between a value and the sides of its card
ROW = 0.27  # of the name above the middle of a card, and of the value below it
SECOND_ROW = ("x", "b", "target")  # below the chain from w to the loss
CHAIN = ("w", "mul", "z", "sub", "loss")


def pillar_areas() -> tuple[Rect, Rect]:
    """Where the three pillars are named, and where the graph is drawn below them."""
    heads, graph = content_area().rows(0.6, 4.7, gap=0.25)
    return heads, graph


class PillarGraph(TaggedGraph):
    """The chain from w to the loss in one row; x, b and the target in a row below it."""

    arrow_number_size = FontSize.label

    def __init__(self, tape: Tape, area: Rect) -> None:
        super().__init__(tape, area, tag_letters=len("None"))

    def _place_nodes(self, font_size: float) -> None:
        """Create the cards, each in its place."""
        chain = {name: (float(k), 0.0) for k, name in enumerate(CHAIN)}
        inputs = {name: (float(k), -1.0) for k, name in enumerate(SECOND_ROW)}
        self.layout = Layout({**chain, **inputs}, {})
        self.font_size = self.number_size = FontSize.body
        self.nodes = {op.id: self._card(op) for op in visible_ops(self.tape)}
        self._set_pitch()
        for op_id, node in self.nodes.items():
            node.move_to(self._position(*self.layout.positions[op_id]))

    def _card(self, op: Op) -> VGroup:
        """A card with what an op is called or computes, and room for its value."""
        label = self.label_of(op, FontSize.body)
        box = RoundedRectangle(
            corner_radius=0.16, width=NAMED if op.name else UNNAMED, height=HEIGHT,
            stroke_width=0, fill_color=colors.panel, fill_opacity=1,
        )  # fmt: skip
        frame = box.copy().set_fill(opacity=0).set_stroke(*frame_style(op))
        return VGroup(box, frame, label.move_to(box).shift(ROW * UP))

    def label_of(self, op: Op, font_size: float) -> Typeset:
        """What an op is called, and what it computes."""
        if op.name in COMPUTED:
            return math(COMPUTED[op.name], font_size=font_size)
        return super().label_of(op, font_size)

    def value(self, op_id: str, number: Quantity) -> Readout:
        """A value in the lower half of a card."""
        node = self.nodes[op_id]
        readout = Readout(number, font_size=FontSize.body, color=colors.value)
        if readout.width > node.width - 2 * INSET:
            readout.scale_to_fit_width(node.width - 2 * INSET)
        return readout.move_to(node[0]).shift(ROW * DOWN)

    def product_tag(self, step: Step) -> Formula | None:
        """`gradient × local derivative = contribution` at the tag of a product."""
        edge = self.tape.outgoing(step.op)[0]
        formula = product_formula(
            self.tape.gradient(step.op), self.tape.local(edge), self.tape.contribution(edge),
            FontSize.label,
        )  # fmt: skip
        if formula is not None and formula.width < 1.6 * self.layer_pitch - UNNAMED / 2:
            self.place_tag(step.op, formula)
            return formula
        return None

    def free_corner(self) -> Rect:
        """The area to the right of the target, below the chain."""
        left = self.nodes["target"].get_right()[0] + 0.3
        top = self.nodes["loss"].get_bottom()[1] - 0.3
        return Rect(left, self.area.right, self.area.bottom, top)
