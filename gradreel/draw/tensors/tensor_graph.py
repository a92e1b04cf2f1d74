"""A graph with heat maps on its cards, one of the value and, after backward, one of the gradient.

graph, bars = tensor_graph(tape)
self.play(graph.unfolds())                        # module by module
interior = graph.fold_interior(fold)              # the graph inside one module
self.play(interior.zooms_in(mobjects))
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from manim import DOWN, RIGHT, UP, Animation, AnimationGroup, FadeIn, FadeOut, Rectangle, VGroup

from gradreel.draw.folded.fold_card import TITLE_SIZE, FoldCard
from gradreel.draw.folded.folded_graph import FoldedGraph, least_folded, shape_text
from gradreel.draw.formula import Formula
from gradreel.draw.graph import complex_number as card_number
from gradreel.draw.graph.edge_arrow import EdgeArrow
from gradreel.draw.graph.graph_layout import visible_ops
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import Readout
from gradreel.draw.tensors.boundary_steps import boundary_steps
from gradreel.draw.tensors.broadcast_sum import BroadcastSum, target_cells
from gradreel.draw.tensors.cell_sizes import CardStyle, largest_cells
from gradreel.draw.tensors.heat_map import (
    RIM,
    HeatMap,
    Scale,
    cell_centers,
    drawn_numbers,
    is_measured,
    sample_note,
)
from gradreel.draw.tensors.map_travel import MapTravel
from gradreel.draw.tensors.tensor_stage import TensorStyle
from gradreel.fold import Fold, FoldedTape, id_of, open_fold, ops_of
from gradreel.tape import Edge, HookCall, Op, Recorded, Step
from gradreel.theme import FontSize, StrokeWidth, colors

MOST_MAP_WIDTH = 2.4
CARD_GAP = 0.25  # between cards of one column
LEAST_GAP = 1.1  # between columns
ARRIVED = 0.6  # of the time of what is sent, after which it begins to fill a slot


class TensorGraph(FoldedGraph):
    """The graph of a view with a heat map on every card of a tensor."""

    least_zoom = 0.98  # shapes are set in the smallest legible letters
    sum_height = 0.1

    def __init__(
        self, view: FoldedTape, style: TensorStyle, card_style: CardStyle, *, area: Rect
    ) -> None:
        self.style, (self.cell, self.upright) = style, card_style
        self.gradient_slots: dict[str, Rectangle] = {}
        self.gradient_maps: dict[str, HeatMap] = {}
        self._in_slot: dict[str, VGroup] = {}
        self._steps = {
            step.op: step
            for step in view.backward(style.backward)
            if step.gradient is not None and step.op not in view.boundary
        }
        self._beside = boundary_steps(view, style.backward)
        self._steps |= self._beside
        super().__init__(view, area=area)

    # Layout

    def _largest_scale(self, cards: dict[str, OpCard]) -> float:
        columns = self._cards_by_column(cards)
        wide = sum(max(card.width for card in column) for column in columns)
        across = (self.area.width - (len(columns) - 1) * LEAST_GAP) / wide
        down = min(
            (self.area.height - (len(column) - 1) * CARD_GAP) / sum(card.height for card in column)
            for column in columns
        )
        return float(min(across, down))

    def _cards_by_column(self, cards: dict[str, OpCard]) -> list[list[OpCard]]:
        """The cards of each column, from the top down."""
        positions = self.layout.positions
        columns: list[list[OpCard]] = [[] for _ in range(self.layout.layers)]
        for op_id in sorted(cards, key=lambda op: -positions[op][1]):
            columns[round(positions[op_id][0])].append(cards[op_id])
        return columns

    def _place_cards(self) -> None:
        """Place cards as in any graph, then move those of a column apart."""
        super()._place_cards()
        for column in self._cards_by_column(self.cards):
            for above, card in pairwise(column):
                card.set_y(min(card.get_y(), above.get_bottom()[1] - CARD_GAP - card.height / 2))
            group = VGroup(*column)
            over = group.get_top()[1] - self.area.top
            under = self.area.bottom - group.get_bottom()[1]
            group.shift((max(under, 0.0) - max(over, 0.0)) * UP)

    # Cards

    def _card(self, op: Op, detail: bool) -> OpCard:
        part = self.view.fold_at(op.id)
        step = self._steps.get(op.id)
        note = sample_note(op.value, step.gradient if step else None) if op.shape else ""
        picture, shape = self._picture(op), shape_text(op) + note
        if part is None:
            card = OpCard(
                op, picture, detail=False, title_size=TITLE_SIZE, aside=shape, upright=self.upright
            )
            if op.id in self.view.boundary:
                card.frame.set_stroke(colors.muted, StrokeWidth.frame / 2)
            return card
        aside = shape if op.value is not None else ""
        count = int(self.view.operations(part))
        return FoldCard(op, picture, part, aside=aside, upright=self.upright, operations=count)

    def _picture(self, op: Op) -> VGroup:
        """A number or a heat map, with room for the gradient, its slot, if the op gets one."""
        if op.value is None:
            return VGroup()
        value = self._value(op)
        if value is not None:
            value = value.rounded(self.style.digits) if self.style.digits else value
            shown: VGroup = VGroup(Readout(value, font_size=FontSize.body, color=colors.value))
        else:
            shown = self._complex_or_map(op, op.value)
        picture = VGroup(shown)
        step = self._steps.get(op.id)
        if step is not None:
            is_map = isinstance(shown, HeatMap)
            model = shown if is_map else self._number(step)
            narrower = RIM if is_map else -3 * RIM
            # Not drawn: before the gradient comes, an empty box would only raise questions.
            slot = Rectangle(
                width=model.width - narrower, height=shown.height - narrower, stroke_width=0
            )
            self.gradient_slots[op.id] = slot
            picture.add(slot)
        is_flat = shown.width > 2.5 * shown.height
        return picture.arrange(DOWN if is_flat else RIGHT, buff=0.14)

    def _number(self, step: Step) -> Readout | Formula:
        return card_number.gradient_number(self.view, step)

    def _complex_or_map(self, op: Op, value: Recorded) -> VGroup:
        of_complex = card_number.complex_value(self.view, op)
        return of_complex or self._map(value, self.style.values, colors.muted)

    def _map(self, value: Recorded, scale: Scale, rim: str) -> HeatMap:
        numbers, _ = drawn_numbers(value)
        centers = cell_centers(np.shape(np.asarray(numbers)))
        across = float(np.ptp(centers, axis=0).max()) + 1
        return HeatMap(numbers, scale, cell=min(self.cell, MOST_MAP_WIDTH / across), rim=rim)

    @property
    def is_sampled(self) -> bool:
        """Whether the heat map of any card shows only a sample of its tensor."""
        drawn = [op for op in visible_ops(self.view) if op.shape and is_measured(op)]
        return any(op.value is not None and drawn_numbers(op.value)[1] for op in drawn)

    @property
    def source_ops(self) -> list[str]:
        """The ops without inputs, in forward order."""
        return [op_id for op_id in self.cards if not self._inputs(op_id)]

    @property
    def later_ops(self) -> list[str]:
        """The ops with inputs, in forward order."""
        return [op_id for op_id in self.cards if self._inputs(op_id)]

    @property
    def fold_cards(self) -> VGroup:
        """The cards of folds, in forward order."""
        return VGroup(*(card for card in self.cards.values() if isinstance(card, FoldCard)))

    def cards_by_op(self) -> dict[str, OpCard]:
        """For every op of the tape its card, or the card of the fold that contains it."""
        parts = self.view.parts
        return {
            op: self.cards[id_of(p)] for p in parts for op in ops_of(p) if id_of(p) in self.cards
        }

    # Verbs

    def flows(self, step: Step) -> Animation:
        """As in any graph; what an op outside of a module gets from it then fills its slot."""
        targets = [e.target for e in self.tape.outgoing(step.op, step.backward)]
        fills = [self.receives(self._beside[op]) for op in targets if op in self._beside]
        flow = super().flows(step)
        if not fills:
            return flow
        return AnimationGroup(flow, *fills, lag_ratio=ARRIVED, run_time=flow.run_time)

    def sum_formulas(self, step: Step) -> list[Formula]:
        """As in any graph; a gradient with a slot on its card is shown there instead."""
        return [] if self._is_in_slot(step) else super().sum_formulas(step)

    def short_formulas(self, step: Step) -> list[Formula]:
        """As `sum_formulas`."""
        return [] if self._is_in_slot(step) else super().short_formulas(step)

    def _is_in_slot(self, step: Step) -> bool:
        """Whether a slot shows all of what a step receives; not where there was a `.grad`."""
        is_sum = step.node == "AccumulateGrad" and isinstance(step.gradient, float)
        is_sum = is_sum and self.tape.has_grad_before(step.op, step.backward)
        is_sum = is_sum and not self.tape.hooks_at(step.op, step.backward)
        return step.op in self.gradient_slots and not is_sum

    def receives(self, step: Step) -> Animation:
        """Show the gradient that the engine passed to an op in the slot on its card."""
        if step.op not in self.gradient_slots or step.gradient is None:
            return super().receives(step)
        hooks = self.tape.hooks_at(step.op, step.backward)
        arrived = hooks[0].before if hooks else step.gradient
        number = card_number.hook_number(self.tape, hooks[0], after=False) if hooks else None
        formula = self.labels(step.backward).sums.get(step.op)
        writes = self._write(step.op, formula) if formula is not None else []
        return AnimationGroup(self._fill_slot(step, arrived, number), *writes)

    def applies_hook(self, step: Step, hook: HookCall) -> Animation:
        """Replace the gradient in the slot on a card by what a hook of the program made of it."""
        if step.op not in self.gradient_slots or hook.kind != "tensor":
            return super().applies_hook(step, hook)
        number = card_number.hook_number(self.tape, hook, after=True)
        return self._fill_slot(step, hook.after, number)

    def _fill_slot(
        self, step: Step, gradient: Recorded | None, number: Formula | Readout | None
    ) -> Animation:
        """Show a heat map, or the number of a scalar, in place of what is in the slot."""
        slot, old = self.gradient_slots[step.op], self._in_slot.get(step.op)
        op = self.tape[step.op]
        if op.shape and gradient is not None and not card_number.is_complex_number(op):
            heat_map = self._map_in_slot(slot, gradient)
            shown: VGroup = heat_map
            self.gradient_maps[step.op] = heat_map
        else:
            readout = self._number(step) if number is None else number
            shown = VGroup(readout.scale(self.zoom).move_to(slot))
        self._in_slot[step.op] = shown
        self.companions.append(shown)
        gone = [FadeOut(old)] if old is not None else []
        return AnimationGroup(*gone, FadeIn(shown, scale=0.6), self.highlights(step.op))

    def _map_in_slot(self, slot: Rectangle, gradient: Recorded) -> HeatMap:
        """The heat map of a gradient, scaled and moved to the slot on a card."""
        heat_map = self._map(gradient, self.style.gradients, colors.gradient)
        heat_map.scale((slot.width + RIM * self.zoom) / heat_map.width).move_to(slot)
        return heat_map

    def _value_travels(self, op_id: str, arrow: EdgeArrow) -> Animation:
        value = self.tape[op_id].value
        if value is None or isinstance(value, float):
            return super()._value_travels(op_id, arrow)
        copied = self._map(value, self.style.values, colors.muted)
        return MapTravel(copied.scale(self.zoom), arrow)

    def _contribution(self, edge: Edge, arrow: EdgeArrow) -> Animation:
        if edge.contribution is None or isinstance(edge.contribution, float):
            return super()._contribution(edge, arrow)
        broadcast_sum = self._broadcast_sum(edge)
        if broadcast_sum is not None:
            return broadcast_sum
        sent = self._map(edge.contribution, self.style.gradients, colors.gradient)
        return MapTravel(sent.scale(self.zoom), arrow, back=True)

    def _broadcast_sum(self, edge: Edge) -> Animation | None:
        """The cells of a gradient merging into their sums, if the edge reverses a broadcast."""
        gradient, slot = self.gradient_maps.get(edge.source), self.gradient_slots.get(edge.target)
        step = next(s for s in self.tape.backward(edge.backward or 1) if s.op == edge.source)
        is_number = card_number.is_complex_number(self.tape[edge.target])
        if is_number or sample_note(step.gradient, edge.contribution):
            return None
        targets = target_cells(step.gradient, edge.contribution)
        if gradient is None or slot is None or targets is None or edge.contribution is None:
            return None
        total = self._map_in_slot(slot, edge.contribution)
        if max(len(gradient.cells), len(total.cells)) > len(targets):
            return None
        return BroadcastSum(gradient, total, targets)

    def broadcast_edge(self, step: Step) -> Edge | None:
        """The first edge of a step whose contribution sums the gradient over a broadcast."""
        for edge in self.tape.outgoing(step.op, step.backward):
            if target_cells(step.gradient, edge.contribution) is not None:
                return edge
        return None

    def _graph_of(self, part: Fold, area: Rect) -> FoldedGraph:
        area = Rect(area.left, area.right, area.bottom + RIM * 2, area.top)
        return least_folded(
            lambda size: largest_cells(
                lambda card_style: TensorGraph(
                    open_fold(self.view, part, size), self.style, card_style, area=area
                )
            )
        )
