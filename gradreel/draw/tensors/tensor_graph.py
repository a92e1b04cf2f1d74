"""A graph whose cards show tensors: a heat map of the value, and of the gradient once it is there.

graph = tensor_graph(tape)
self.play(graph.unfolds())                     # module by module
inside = graph.opened(fold)                    # the real nodes of one
self.play(inside.comes(on_stage))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from manim import DOWN, RIGHT, UP, Animation, AnimationGroup, FadeIn, Rectangle, VGroup

from gradreel.draw.folded.fold_card import TITLE_SIZE, FoldCard
from gradreel.draw.folded.folded_graph import FoldedGraph, largest, shape_of, stands_apart
from gradreel.draw.graph.edge_arrow import EdgeArrow, Travel
from gradreel.draw.graph.graph_layout import drawn
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.graph.placed_graph import MOST_CARDS
from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.numbers import Readout
from gradreel.draw.tensors.broadcast_sum import BroadcastSum, target_cells
from gradreel.draw.tensors.heat_map import RIM, ColorBar, HeatMap, Scale, cell_places
from gradreel.fold import Fold, FoldedTape, fold, fold_by_module, id_of, open_fold, ops_of
from gradreel.tape import Edge, Op, Step, Tape
from gradreel.tape.records import Value
from gradreel.theme import FontSize, StrokeWidth, colors

CELLS = (0.1, 0.14, 0.18, 0.22, 0.26, 0.32, 0.38, 0.44, 0.5)  # frame units
WIDEST = 2.4  # of a map
LEGEND = 0.5
APART = 0.25  # between cards of one column
LEAST_GAP = 1.1


@dataclass(frozen=True, slots=True)
class TensorStyle:
    """How the tensors of one recording are drawn: two scales, and which pass is shown."""

    values: Scale
    gradients: Scale
    backward: int = 1


Fill = tuple[float, bool]
"""How large the cells are, and whether a tensor stands below its name or beside it."""


class TensorGraph(FoldedGraph):
    """The graph of a view with a heat map on every card of a tensor."""

    least_zoom = 0.98  # shapes are set in the smallest letters that can be read
    sum_height = 0.1

    def __init__(self, view: FoldedTape, look: TensorStyle, fill: Fill, *, area: Rect) -> None:
        self.look, (self.cell, self.upright) = look, fill
        self.slots: dict[str, Rectangle] = {}
        self.slopes: dict[str, HeatMap] = {}
        self._turns = {
            step.op: step
            for step in view.backward(look.backward)
            if step.gradient is not None and step.op not in view.boundary
        }
        super().__init__(view, area=area)

    def _room(self, cards: dict[str, OpCard]) -> float:
        columns = self._columned(cards)
        wide = sum(max(card.width for card in column) for column in columns)
        across = (self.area.width - (len(columns) - 1) * LEAST_GAP) / wide
        down = min(
            (self.area.height - (len(column) - 1) * APART) / sum(card.height for card in column)
            for column in columns
        )
        return float(min(across, down))

    def _columned(self, cards: dict[str, OpCard]) -> list[list[OpCard]]:
        """The cards of each column, from the top down."""
        places = self.layout.places
        columns: list[list[OpCard]] = [[] for _ in range(self.layout.layers)]
        for op_id in sorted(cards, key=lambda op: -places[op][1]):
            columns[round(places[op_id][0])].append(cards[op_id])
        return columns

    def _place_cards(self) -> None:
        """As for any graph; then the cards of a column make room for each other."""
        super()._place_cards()
        for column in self._columned(self.cards):
            for above, card in pairwise(column):
                card.set_y(min(card.get_y(), above.get_bottom()[1] - APART - card.height / 2))
            group = VGroup(*column)
            over = group.get_top()[1] - self.area.top
            under = self.area.bottom - group.get_bottom()[1]
            group.shift((max(under, 0.0) - max(over, 0.0)) * UP)

    def _card(self, op: Op, detail: bool) -> OpCard:
        part = self.view.fold_at(op.id)
        picture, shape = self._picture(op), shape_of(op)
        if part is None:
            card = OpCard(
                op, picture, detail=False, title_size=TITLE_SIZE, aside=shape, upright=self.upright
            )
            if op.id in self.view.boundary:
                card.frame.set_stroke(colors.muted, StrokeWidth.frame / 2)
            return card
        aside = shape if op.value is not None else ""
        return FoldCard(op, picture, part, aside=aside, upright=self.upright)

    def _picture(self, op: Op) -> VGroup:
        """A number, or the map of a tensor, and an empty place for its gradient if one comes."""
        if op.value is None:
            return VGroup()
        value = self._value(op)
        if value is not None:
            shown: VGroup = VGroup(Readout(value, font_size=FontSize.body, color=colors.value))
        else:
            shown = self._map(op.value, self.look.values, colors.muted)
        picture = VGroup(shown)
        step = self._turns.get(op.id)
        if step is not None:
            room = self._number(step) if value is not None else shown
            aside = -3 * RIM if value is not None else RIM
            slot = Rectangle(
                width=room.width - aside, height=shown.height - aside,
                stroke_color=colors.faint, stroke_width=StrokeWidth.frame,
            )  # fmt: skip
            self.slots[op.id] = slot
            picture.add(slot)
        flat = shown.width > 2.5 * shown.height
        return picture.arrange(DOWN if flat else RIGHT, buff=0.14)

    def _number(self, step: Step) -> Readout:
        total = self.view.gradient(step.op, step.backward)
        return Readout(total, font_size=FontSize.body, color=colors.gradient)

    def _map(self, value: Value, scale: Scale, rim: str) -> HeatMap:
        places = cell_places(np.shape(np.asarray(value)))
        across = float(np.ptp(places, axis=0).max()) + 1
        return HeatMap(value, scale, cell=min(self.cell, WIDEST / across), rim=rim)

    @property
    def starts(self) -> list[str]:
        """The cards with nothing before them."""
        return [op_id for op_id in self.cards if not self._inputs(op_id)]

    @property
    def rest(self) -> list[str]:
        """The other cards, in forward order."""
        return [op_id for op_id in self.cards if self._inputs(op_id)]

    def homes(self) -> dict[str, OpCard]:
        """For every op of the recording the card that it is, or in which it is."""
        parts = self.view.parts
        return {
            op: self.cards[id_of(p)] for p in parts for op in ops_of(p) if id_of(p) in self.cards
        }

    # Verbs

    def receives(self, step: Step) -> Animation:
        """The gradient that the engine handed to an op fills the empty place on its card."""
        if step.op not in self.slots or step.gradient is None:
            return super().receives(step)
        slot = self.slots[step.op]
        if isinstance(step.gradient, tuple):
            self.slopes[step.op] = self._filling(slot, step.gradient)
            slope: VGroup = self.slopes[step.op]
        else:
            slope = VGroup(self._number(step).scale(self.zoom).move_to(slot))
        return AnimationGroup(FadeIn(slope, scale=0.6), self.lights(step.op))

    def _filling(self, slot: Rectangle, gradient: Value) -> HeatMap:
        """The map of a gradient where a card has its place for it."""
        shown = self._map(gradient, self.look.gradients, colors.gradient)
        shown.scale((slot.width + RIM * self.zoom) / shown.width).move_to(slot)
        return shown

    def _copy_of_value(self, op_id: str) -> VGroup:
        value = self.tape[op_id].value
        if not isinstance(value, tuple):
            return super()._copy_of_value(op_id)
        return self._map(value, self.look.values, colors.muted).scale(self.zoom)

    def _sent(self, edge: Edge, arrow: EdgeArrow) -> Animation:
        if not isinstance(edge.contribution, tuple):
            return super()._sent(edge, arrow)
        adds_up = self._added(edge)
        if adds_up is not None:
            return adds_up
        sent = self._map(edge.contribution, self.look.gradients, colors.gradient)
        return Travel(sent.scale(self.zoom), arrow, back=True)

    def _added(self, edge: Edge) -> Animation | None:
        """Where a broadcast is undone: the cells of the gradient run together into their sums."""
        slope, slot = self.slopes.get(edge.source), self.slots.get(edge.target)
        step = next(s for s in self.tape.backward(edge.backward or 1) if s.op == edge.source)
        goes_to = target_cells(step.gradient, edge.contribution)
        if slope is None or slot is None or goes_to is None or edge.contribution is None:
            return None
        total = self._filling(slot, edge.contribution)
        if max(len(slope.cells), len(total.cells)) > len(goes_to):
            return None
        return BroadcastSum(slope, total, goes_to)

    def summed(self, step: Step) -> Edge | None:
        """The first edge along which a step's gradient adds up because a broadcast is undone."""
        for edge in self.tape.outgoing(step.op, step.backward):
            if target_cells(step.gradient, edge.contribution) is not None:
                return edge
        return None

    def _within(self, part: Fold, area: Rect) -> FoldedGraph:
        area = Rect(area.left, area.right, area.bottom + RIM * 2, area.top)
        return largest(
            lambda room: _fitting(
                lambda fill: TensorGraph(
                    open_fold(self.view, part, room), self.look, fill, area=area
                )
            )
        )


def tensor_graph(tape: Tape, backward: int = 1) -> tuple[TensorGraph, VGroup]:
    """A tape as a graph of tensors, its modules closed, and the bars that explain its colours."""
    look = TensorStyle(Scale.of_values(tape), Scale.of_gradients(tape, backward), backward)
    area = content_area()
    bars = VGroup(
        ColorBar("values", look.values, colors.muted),
        ColorBar("gradients", look.gradients, colors.gradient),
    ).arrange(RIGHT, buff=1.0)
    bars.move_to(point(area.center[0], area.bottom + LEGEND / 2 - 0.1))
    room = Rect(area.left, area.right, area.bottom + LEGEND, area.top)
    return _least_folded(tape, look, room), bars


def _least_folded(tape: Tape, look: TensorStyle, area: Rect) -> TensorGraph:
    """Every module closed and all else open, where that can be read."""
    view = fold_by_module(tape)
    if len(drawn(view)) <= MOST_CARDS:
        graph = _fitting(lambda fill: TensorGraph(view, look, fill, area=area))
        if stands_apart(graph):
            return graph
    return largest(
        lambda room: _fitting(lambda fill: TensorGraph(fold(tape, room), look, fill, area=area))
    )


def _fitting(graph_of: Callable[[Fill], TensorGraph]) -> TensorGraph:
    """The graph with the largest cells of which the cards stand apart, by bisection."""
    best, reached = None, -1
    for upright in (True, False):
        low, high = reached, len(CELLS)
        while high - low > 1:
            # The smallest first: where they do not fit, no others do.
            middle = (low + high) // 2 if low >= 0 else 0
            graph = graph_of((CELLS[middle], upright))
            if stands_apart(graph):
                best, low = graph, middle
            elif middle == 0:
                break
            else:
                high = middle
        reached = max(low, reached)
    return best if best is not None else graph
