"""Positions of the cards and arrows of a tape's graph on the screen."""

from __future__ import annotations

import numpy as np
from manim import VGroup

from gradreel.draw.formula import Formula
from gradreel.draw.graph.complex_number import complex_value
from gradreel.draw.graph.detour import free_height, touches
from gradreel.draw.graph.edge_arrow import ArrowKey, EdgeArrow
from gradreel.draw.graph.graph_layout import Layout, layout_graph, visible_ops
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.layout import Rect, bounding_rect, content_area
from gradreel.draw.plane import Floats
from gradreel.errors import UsageError
from gradreel.tape import Op, Quantity, Tape
from gradreel.theme import FontSize

MOST_CARDS = 30  # more are too small to read
LEAST_GAP = 1.3
MOST_GAP = 3.0
MOST_SCALE = 1.35
SUM_HEIGHT = 0.6


class PlacedGraph(VGroup):
    """Cards and arrows of a tape, laid out from left to right within `area`.

    `detail` shows each node's grad_fn; by default it is shown where the letters stay large enough.
    `number_size` is the font size for numbers beside the cards. `crowded` is whether the cards are
    so close that a number already on an arrow is not repeated at a card. Raises UsageError for a
    tape with too many ops.
    """

    least_zoom = FontSize.small / FontSize.body
    places_itself = True  # within `area`; layout.fit_into refuses it
    sum_height = SUM_HEIGHT  # the space below each card for the sum of its gradient

    def __init__(self, tape: Tape, *, area: Rect | None = None, detail: bool | None = None) -> None:
        super().__init__()
        self.tape = tape
        count = len(visible_ops(tape))
        if count > MOST_CARDS:
            raise UsageError(
                f"the program has {count} operations; a graph shows at most {MOST_CARDS}.",
                hint="Record a smaller part of it: fewer layers, one step, one example.",
            )
        self.layout = self._layout()
        self.area = area or content_area()
        self.cards = self._cards(detail)
        self._tallest = max((card.height for card in self.cards.values()), default=0.0)
        self._place_cards()
        self.arrows = self._arrows()
        self.add(*self.arrows.values(), *self.cards.values())

    def _layout(self) -> Layout:
        return layout_graph(self.tape)

    def _cards(self, detail: bool | None) -> dict[str, OpCard]:
        ops = visible_ops(self.tape)
        cards = {op.id: self._card(op, detail is not False) for op in ops}
        largest = self._largest_scale(cards)
        if detail is None and largest < 1:
            return self._cards(False)
        # Smaller letters could not be read, so the scale has a lower limit: a crowded graph.
        self.zoom = min(max(largest, self.least_zoom), MOST_SCALE)
        self.number_size = max(FontSize.body * min(self.zoom, 1.0), FontSize.small)
        for card in cards.values():
            card.scale(self.zoom)
        return cards

    def _card(self, op: Op, detail: bool) -> OpCard:
        return OpCard(op, self._card_number(op), detail=detail)

    def _largest_scale(self, cards: dict[str, OpCard]) -> float:
        """The factor by which these cards can be scaled with space left for arrows and sums."""
        columns: dict[int, float] = {}
        for op_id, card in cards.items():
            layer = round(self.layout.positions[op_id][0])
            columns[layer] = max(columns.get(layer, 0.0), card.width)
        tallest = max(card.height for card in cards.values())
        layers, rows = self.layout.layers, self.layout.rows
        across = (self.area.width - (layers - 1) * LEAST_GAP) / sum(columns.values())
        down = (self.area.height - rows * self.sum_height - (rows - 1) * 0.3) / (rows * tallest)
        return float(min(across, down))

    def _value(self, op: Op) -> Quantity | None:
        return self.tape.value(op.id) if op.shape == () and op.value is not None else None

    def _card_number(self, op: Op) -> Quantity | Formula | None:
        """The value of a single number, real or complex."""
        value = self._value(op)
        return complex_value(self.tape, op) if value is None else value

    def _place_cards(self) -> None:
        columns = [self._column_width(layer) for layer in range(self.layout.layers)]
        free = self.area.width - sum(columns)
        gap = min(free / max(len(columns) - 1, 1), MOST_GAP)
        self.crowded = gap < LEAST_GAP - 0.05
        left = self.area.center[0] - (sum(columns) + gap * (len(columns) - 1)) / 2
        self._columns = [left + sum(columns[:k]) + k * gap + w / 2 for k, w in enumerate(columns)]
        for op_id, card in self.cards.items():
            card.move_to(self._position(*self.layout.positions[op_id]))

    def _column_width(self, layer: int) -> float:
        positions = self.layout.positions
        return max(c.width for op, c in self.cards.items() if round(positions[op][0]) == layer)

    def _position(self, layer: float, height: float) -> Floats:
        """The screen position of a position of the layout."""
        middle = self.layout.middle
        pitch = min(self.area.height / self.layout.rows, self._tallest + self.sum_height + 0.9)
        y = self.area.center[1] + self.sum_height / 2 + (height - middle) * pitch
        return np.array([self._columns[round(layer)], y, 0.0])

    def _arrows(self) -> dict[ArrowKey, EdgeArrow]:
        self._taken: dict[int, list[float]] = {}  # heights in each column, of arrows that make way
        return {
            (op_id, source, slot): self._arrow(op_id, source, slot)
            for op_id in self.cards
            for slot, source in enumerate(self.tape[op_id].inputs)
            if source in self.cards
        }

    def _arrow(self, op_id: str, source: str, slot: int) -> EdgeArrow:
        inputs = [i for i in self.tape[op_id].inputs if i in self.cards]
        index = len([k for k in self.tape[op_id].inputs[:slot] if k in self.cards])
        start = self._output_port(source, op_id, slot)
        end = self._input_port(self.cards[op_id], inputs, index)
        bends = [self._position(*b) for b in self.layout.bends.get((op_id, source), ())]
        arrow = EdgeArrow([start, *bends, end])
        others = [bounding_rect(c) for op, c in self.cards.items() if op not in (op_id, source)]
        if bends and touches(arrow.line.points, others):
            arrow = EdgeArrow([start, *self._detour(op_id, source), end])
        return arrow

    def _detour(self, op_id: str, source: str) -> list[Floats]:
        """The corners of an arrow that passes each column level, beside its cards."""
        corners: list[Floats] = []
        positions = self.layout.positions
        for bend in self.layout.bends[op_id, source]:
            layer = round(bend[0])
            x, y, _ = self._position(*bend)
            column = [
                bounding_rect(c) for op, c in self.cards.items() if round(positions[op][0]) == layer
            ]
            taken = self._taken.setdefault(layer, [])
            taken.append(free_height(float(y), column, taken))
            half = self._column_width(layer) / 2
            corners += [np.array([x + side * half, taken[-1], 0.0]) for side in (-1, 1)]
        return corners

    def _input_port(self, card: OpCard, inputs: list[str], index: int) -> Floats:
        """The point on the left side of a card where an input's arrow ends, from the top."""
        order = sorted(range(len(inputs)), key=lambda k: (-self.cards[inputs[k]].get_y(), k))
        return _point_on_side(card, -1, order.index(index), len(inputs))

    def _output_port(self, source: str, op_id: str, slot: int) -> Floats:
        """The point on the right side of an input's card where the arrow to an op starts."""
        uses = [
            (user, k)
            for user in self.cards
            for k, name in enumerate(self.tape[user].inputs)
            if name == source
        ]
        uses.sort(key=lambda use: (-self._first_height(use[0], source), use[1]))
        return _point_on_side(self.cards[source], 1, uses.index((op_id, slot)), len(uses))

    def _first_height(self, user: str, source: str) -> float:
        """The height of the first point after the start of the arrow from `source` to `user`."""
        bends = self.layout.bends.get((user, source), ())
        return float(self._position(*bends[0])[1] if bends else self.cards[user].get_y())


def _point_on_side(card: OpCard, side: int, index: int, count: int) -> Floats:
    """Point `index` of `count` on the left (-1) or right (1) side of a card's box, from the top."""
    box = card.box
    x = box.get_center()[0] + side * box.width / 2
    step = min(box.height * 0.6 / max(count - 1, 1), 0.45) if count > 1 else 0.0
    y = box.get_center()[1] + ((count - 1) / 2 - index) * step
    return np.array([x, y, 0.0])
