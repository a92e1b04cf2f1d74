"""A placed graph with animations of the forward pass, op by op.

graph = ForwardGraph(tape)
self.play(graph.appears("x", "y"))     # the leaves
self.play(graph.computes("a"))         # an op with its arrows and its value
self.play(graph.traces_back())         # pulses along every grad_fn
"""

from __future__ import annotations

from manim import (
    Animation,
    AnimationGroup,
    ApplyMethod,
    Create,
    FadeIn,
    GrowFromCenter,
    Indicate,
    LaggedStart,
    ShowPassingFlash,
    Succession,
    VGroup,
)

from gradreel.draw.graph.edge_arrow import EdgeArrow, Travel, pulse, trace_back, trace_forward
from gradreel.draw.graph.graph_layout import visible_ops
from gradreel.draw.graph.placed_graph import PlacedGraph
from gradreel.draw.numbers import Readout
from gradreel.draw.text_background import text_background
from gradreel.theme import FontSize, StrokeWidth, colors


class ForwardGraph(PlacedGraph):
    """A placed graph that is off stage until a verb brings its parts on stage."""

    arrows_dimmed = False

    def appears(self, *op_ids: str) -> Animation:
        """Show the cards of ops that are not computed: the leaves."""
        cards = [FadeIn(self.cards[op_id], scale=0.8) for op_id in op_ids]
        return LaggedStart(*cards, lag_ratio=0.3)

    def computes(self, op_id: str) -> Animation:
        """Draw an op's arrows, move its inputs' values along them, then show its value."""
        return Succession(self.connects(op_id), self.yields(op_id))

    def connects(self, op_id: str) -> Animation:
        """Draw an op's card and arrows, and move its inputs' values along them."""
        card = self.cards[op_id]
        arrows = [(key, arrow) for key, arrow in self.arrows.items() if key[0] == op_id]
        lines = (part for _, arrow in arrows for part in (arrow.line, arrow.tip))
        grow = AnimationGroup(*map(Create, lines), FadeIn(card.shell))
        values = [self._value_travels(key[1], arrow) for key, arrow in arrows]
        return Succession(grow, AnimationGroup(*values)) if values else grow

    def yields(self, op_id: str) -> Animation:
        """Show the value of an op, and the name of the node that autograd made for it."""
        card = self.cards[op_id]
        notes = [FadeIn(card.note)] if len(card.note.family_members_with_points()) else []
        return AnimationGroup(GrowFromCenter(card.value), *notes)

    def _value_travels(self, op_id: str, arrow: EdgeArrow) -> Animation:
        return Travel(self._copy_of_value(op_id), arrow)

    def _copy_of_value(self, op_id: str) -> VGroup:
        value = self._value(self.tape[op_id])
        if value is None:
            return pulse(colors.value)
        readout = Readout(value, font_size=FontSize.body, color=colors.value)
        return VGroup(text_background(readout), readout)

    def unfolds(self) -> Animation:
        """Show the whole forward pass, op by op."""
        ops = visible_ops(self.tape)
        leaves = [op.id for op in ops if not self._inputs(op.id)]
        results = [op.id for op in ops if self._inputs(op.id)]
        return Succession(self.appears(*leaves), *(self.computes(op_id) for op_id in results))

    def _inputs(self, op_id: str) -> list[str]:
        return [i for i in self.tape[op_id].inputs if i in self.cards]

    def traces_forward(self) -> Animation:
        """Send pulses along all arrows from the leaves to the result, layer by layer."""
        return trace_forward(self.arrows, self.layout)

    def traces_back(self) -> Animation:
        """Send pulses along every grad_fn from the result to the leaves, layer by layer."""
        return trace_back(self.arrows, self.layout)

    def points_out_nodes(self, *op_ids: str) -> Animation:
        """Draw attention to what the cards say of their nodes: a grad_fn, or that it is a leaf."""
        notes = [self.cards[op_id].note for op_id in op_ids]
        return AnimationGroup(*(Indicate(n, scale_factor=1.12, color=colors.accent) for n in notes))

    def points_out_value(self, op_id: str) -> Animation:
        """Draw attention to the value on a card, within its frame."""
        card = self.cards[op_id]
        most = 0.95 * card.box.width / max(card.value.width, 1e-9)
        return Indicate(card.value, scale_factor=max(min(1.3, most), 1.0), color=colors.accent)

    def flashes(self, op_id: str) -> Animation:
        """A flash runs around the frame of a card."""
        flash = self.cards[op_id].frame.copy().set_stroke(colors.accent, 2 * StrokeWidth.frame)
        return ShowPassingFlash(flash, time_width=0.8)

    def dims_arrows(self) -> Animation:
        """The arrows of the forward pass recede, so that what runs back stands out."""
        self.arrows_dimmed = True
        return AnimationGroup(
            *(ApplyMethod(arrow.set_color, colors.faint) for arrow in self.arrows.values())
        )

    def restores_arrows(self) -> Animation:
        """The arrows of the forward pass stand out again."""
        self.arrows_dimmed = False
        return AnimationGroup(*(ApplyMethod(arrow.stand_out) for arrow in self.arrows.values()))

    def highlights(self, op_id: str) -> Animation:
        """Color the frame of a card as a gradient."""
        return ApplyMethod(self.cards[op_id].frame.set_stroke, colors.gradient)
