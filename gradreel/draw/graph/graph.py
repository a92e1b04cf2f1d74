"""The graph of a tape, drawn; its verbs tell the forward and the backward pass.

graph = TapeGraph(tape)
self.play(graph.appears("x", "y"))     # what the user made
self.play(graph.computes("a"))         # a value and its arrows come about
for step in tape.backward():
    self.play(graph.receives(step))    # what arrived adds up
    self.play(graph.sends(step))       # and flows on, times the local derivatives
"""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    ORIGIN,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    Create,
    FadeIn,
    GrowFromCenter,
    LaggedStart,
    ReplacementTransform,
    Succession,
    VGroup,
)

from gradreel.draw.assemble import Assemble
from gradreel.draw.formula import Formula, sum_holds, when
from gradreel.draw.graph.arrow import Arrow, Tag, Travel, pulse
from gradreel.draw.graph.card import Card
from gradreel.draw.graph.layout import drawn, lay_out
from gradreel.draw.numbers import Readout
from gradreel.draw.patch import patch
from gradreel.draw.plane import Floats
from gradreel.draw.stage import Area, stage
from gradreel.tape import Edge, Op, Quantity, Step, Tape
from gradreel.theme import ink, size

ArrowKey = tuple[str, str, int]
"""An arrow's op, its input, and which of the op's inputs that is."""


class TapeGraph(VGroup):
    """Cards and arrows of a tape, laid out from left to right within `area`.

    Nothing is on screen until a verb brings it there. `detail` shows each node's grad_fn; by
    default it does so where the letters stay large enough to read.
    """

    def __init__(self, tape: Tape, *, area: Area | None = None, detail: bool | None = None) -> None:
        super().__init__()
        self.tape = tape
        self.layout = lay_out(tape)
        self.area = area or stage()
        self.cards = self._cards(detail)
        self._place_cards()
        self.arrows = self._arrows()
        self.tags: dict[ArrowKey, Tag] = {}
        self.sums: dict[str, Formula] = {}
        self.add(*self.arrows.values(), *self.cards.values())

    def _cards(self, detail: bool | None) -> dict[str, Card]:
        ops = drawn(self.tape)
        cards = {op.id: Card(op, self._value(op), detail=detail is not False) for op in ops}
        room = self._room(cards)
        if detail is None and room < 1:
            return self._cards(False)
        # Letters below the least size would not be read; better a crowded graph than a dim one.
        self.zoom = min(max(room, size.small / size.body), MOST_SCALE)
        self.letters = max(size.body * min(self.zoom, 1.0), size.small)
        for card in cards.values():
            card.scale(self.zoom)
        return cards

    def _room(self, cards: dict[str, Card]) -> float:
        """By what factor these cards could grow and still leave room for arrows and sums."""
        widest = max(card.width for card in cards.values())
        tallest = max(card.height for card in cards.values())
        layers, rows = self.layout.layers, self.layout.rows
        across = (self.area.width - (layers - 1) * LEAST_GAP) / (layers * widest)
        down = (self.area.height - rows * SUM_HEIGHT - (rows - 1) * 0.3) / (rows * tallest)
        return float(min(across, down))

    def _value(self, op: Op) -> Quantity | None:
        return self.tape.value(op.id) if op.shape == () and op.value is not None else None

    def _place_cards(self) -> None:
        spots = self.layout.places
        columns = [self._column_width(layer) for layer in range(self.layout.layers)]
        free = self.area.width - sum(columns)
        gap = min(free / max(len(columns) - 1, 1), MOST_GAP)
        left = self.area.center[0] - (sum(columns) + gap * (len(columns) - 1)) / 2
        self._columns = [left + sum(columns[:k]) + k * gap + w / 2 for k, w in enumerate(columns)]
        for op_id, card in self.cards.items():
            card.move_to(self._spot(*spots[op_id]))

    def _column_width(self, layer: int) -> float:
        places = self.layout.places
        return max(c.width for op, c in self.cards.items() if round(places[op][0]) == layer)

    def _spot(self, layer: float, height: float) -> Floats:
        """A place of the layout on the screen."""
        heights = [y for _, y in self.layout.places.values()]
        middle = (max(heights) + min(heights)) / 2
        tallest = max(card.height for card in self.cards.values()) + SUM_HEIGHT
        pitch = min(self.area.height / self.layout.rows, tallest + 0.9)
        y = self.area.center[1] + SUM_HEIGHT / 2 + (height - middle) * pitch
        return np.array([self._columns[round(layer)], y, 0.0])

    def _arrows(self) -> dict[ArrowKey, Arrow]:
        arrows = {}
        for op_id, card in self.cards.items():
            inputs = [i for i in self.tape[op_id].inputs if i in self.cards]
            for slot, source in enumerate(self.tape[op_id].inputs):
                if source in self.cards:
                    start = self._port(self.cards[source], op_id, source, slot)
                    end = self._entry(
                        card,
                        inputs,
                        len([k for k in self.tape[op_id].inputs[:slot] if k in self.cards]),
                    )
                    bends = [self._spot(*b) for b in self.layout.bends.get((op_id, source), ())]
                    arrows[op_id, source, slot] = Arrow([start, *bends, end])
        return arrows

    def _entry(self, card: Card, inputs: list[str], index: int) -> Floats:
        """Where an arrow ends on the card's left side: inputs from the top down."""
        order = sorted(range(len(inputs)), key=lambda k: (-self.cards[inputs[k]].get_y(), k))
        return _along_side(card, -1, order.index(index), len(inputs))

    def _port(self, card: Card, op_id: str, source: str, slot: int) -> Floats:
        """Where an arrow starts on the right side of its input's card."""
        uses = [
            (user, k)
            for user in self.cards
            for k, name in enumerate(self.tape[user].inputs)
            if name == source
        ]
        uses.sort(key=lambda use: (-self._heading(use[0], source), use[1]))
        return _along_side(card, 1, uses.index((op_id, slot)), len(uses))

    def _heading(self, user: str, source: str) -> float:
        """The height for which the arrow from `source` to `user` makes at first."""
        bends = self.layout.bends.get((user, source), ())
        return float(self._spot(*bends[0])[1] if bends else self.cards[user].get_y())

    # The forward pass

    def appears(self, *op_ids: str) -> Animation:
        """Cards that are simply there: the inputs."""
        cards = [FadeIn(self.cards[op_id], scale=0.8) for op_id in op_ids]
        return LaggedStart(*cards, lag_ratio=0.3)

    def computes(self, op_id: str) -> Animation:
        """An op's arrows grow, its inputs' values run along them, its card and value come about."""
        card = self.cards[op_id]
        arrows = [(key, arrow) for key, arrow in self.arrows.items() if key[0] == op_id]
        values = [Travel(self._copy_of_value(key[1]), arrow) for key, arrow in arrows]
        grow = AnimationGroup(
            *(Create(part) for _, a in arrows for part in (a.line, a.tip)), FadeIn(card.shell)
        )
        flow = AnimationGroup(*values) if values else None
        result = GrowFromCenter(card.value)
        return Succession(*(part for part in (grow, flow, result) if part is not None))

    def _copy_of_value(self, op_id: str) -> VGroup:
        value = self._value(self.tape[op_id])
        if value is None:
            return pulse(ink.value)
        return VGroup(Readout(value, font_size=size.body, color=ink.value))

    def unfolds(self) -> Animation:
        """The whole forward pass, op by op."""
        leaves = [op.id for op in drawn(self.tape) if not self._inputs(op.id)]
        rest = [op.id for op in drawn(self.tape) if self._inputs(op.id)]
        return Succession(self.appears(*leaves), *(self.computes(op_id) for op_id in rest))

    def _inputs(self, op_id: str) -> list[str]:
        return [i for i in self.tape[op_id].inputs if i in self.cards]

    def traces_back(self) -> Animation:
        """Along every grad_fn from the result to the leaves, layer by layer."""
        columns: dict[float, list[Animation]] = {}
        for (op_id, _, _), arrow in self.arrows.items():
            layer = self.layout.places[op_id][0]
            columns.setdefault(layer, []).append(Travel(pulse(ink.accent), arrow, back=True))
        ordered = [AnimationGroup(*columns[layer]) for layer in sorted(columns, reverse=True)]
        return Succession(*ordered)

    # The backward pass

    def receives(self, step: Step) -> Animation:
        """The contributions that reached an op add up to the gradient the engine handed to it."""
        arrived = self.tape.arriving(step.op, step.backward)
        formula = self._sum(step, arrived)
        self.sums[step.op] = formula
        origins = {}
        if len(arrived) > 1:
            tags = [self.tags.get(_key(edge)) for edge in arrived]
            origins = {f"c{k}": tag.readout for k, tag in enumerate(tags) if tag is not None}
        ground = patch(formula, margin=0.04)
        return AnimationGroup(FadeIn(ground), Assemble(formula, origins), self.lights(step.op))

    def sends(self, step: Step) -> Animation:
        """Pulses run from an op to its inputs; the local derivative becomes the contribution."""
        moves = []
        for edge in self.tape.leaving(step.op, step.backward):
            arrow = self.arrows.get(_key(edge))
            if arrow is not None:
                moves.append(self._sent(edge, arrow))
        return AnimationGroup(*moves)

    def _sent(self, edge: Edge, arrow: Arrow) -> Animation:
        contribution = arrow.label(
            self.tape.contribution(edge), ink.gradient, font_size=self.letters
        )
        self.tags[_key(edge)] = contribution
        run = Travel(pulse(ink.gradient), arrow, back=True)
        if edge.local is None:
            return Succession(run, FadeIn(contribution))
        local = arrow.label(self.tape.local(edge), ink.local, times=True, font_size=self.letters)
        return Succession(FadeIn(local), run, ReplacementTransform(local, contribution))

    def lights(self, op_id: str) -> Animation:
        """The frame of the card whose turn it is takes the gradient's colour."""
        return ApplyMethod(self.cards[op_id].frame.set_stroke, ink.gradient)

    def _sum(self, step: Step, arrived: tuple[Edge, ...]) -> Formula:
        op = self.tape[step.op]
        total = self.tape.gradient(step.op, step.backward)
        addends = {f"c{k}": self.tape.contribution(edge) for k, edge in enumerate(arrived)}
        left = _gradient_name(op, self.tape)
        if len(addends) < 2:
            formula = Formula(
                f"{left} = {{g}}", g=total, roles={"g": "gradient"}, font_size=self.letters
            )
        else:
            formula = _addition(left, addends, total, self.letters)
        card = self.cards[step.op]
        self._settle(formula, card)
        return formula

    def _settle(self, formula: Formula, card: Card) -> None:
        """Below its card or above it, where it lies on no other card and on no arrow's number."""
        others = [c for c in self.cards.values() if c is not card]
        labels = [arrow.place(0.5) for arrow in self.arrows.values()]
        for side in (DOWN, UP):
            for edge in (ORIGIN, LEFT, RIGHT):
                formula.next_to(card, side, buff=0.14, aligned_edge=edge)
                formula.set_x(self._inside(formula.get_x(), formula.width))
                if not any(_touch(formula, other, SUM_HEIGHT) for other in others) and not any(
                    _holds(formula, label) for label in labels
                ):
                    return
        formula.next_to(card, DOWN, buff=0.14)
        formula.set_x(self._inside(card.get_x(), formula.width))

    def _inside(self, x: float, width: float) -> float:
        low, high = self.area.left + width / 2, self.area.right - width / 2
        return min(max(x, low), high)


LEAST_GAP = 1.3
MOST_GAP = 3.0
MOST_SCALE = 1.35
SUM_HEIGHT = 0.6


def _addition(left: str, addends: dict[str, Any], total: Quantity, font_size: float) -> Formula:
    """The sum "left = c0 + c1 = g", its last sign honest about rounding."""
    terms = " + ".join(
        f"lr(({{{name}}}))" if addend < 0 and index else f"{{{name}}}"
        for index, (name, addend) in enumerate(addends.items())
    )
    names = [*addends, "g"]
    return Formula(
        f"{left} = {terms} {{eq}} {{g}}",
        **addends,
        g=total,
        eq=when(sum_holds, tuple(names)),
        roles=dict.fromkeys(names, "gradient"),
        font_size=font_size,
    )


def _touch(formula: Formula, card: Card, below: float) -> bool:
    """Whether a formula would lie on a card or on the room for the card's own sum below it."""
    apart_x = abs(formula.get_x() - card.get_x()) - (formula.width + card.width) / 2
    top, bottom = card.get_top()[1], card.get_bottom()[1] - below
    apart_y = max(formula.get_bottom()[1] - top, bottom - formula.get_top()[1])
    return bool(apart_x < 0.1 and apart_y < 0)


def _holds(formula: Formula, label: Floats) -> bool:
    """Whether an arrow's number at `label` would stand in the formula."""
    x, y = formula.get_x() - label[0], formula.get_y() - label[1]
    return bool(abs(x) < formula.width / 2 + 0.3 and abs(y) < formula.height / 2 + 0.2)


def _gradient_name(op: Op, tape: Tape) -> str:
    result = tape.ops[-1]
    if op.is_leaf:
        return f'upright("{op.name or op.id}.grad")'
    return f"partial {_symbol(result)} \\/ partial {_symbol(op)}"


def _symbol(op: Op) -> str:
    name = op.name or op.id
    return name if len(name) == 1 else f'upright("{name}")'


def _key(edge: Edge) -> ArrowKey:
    return (edge.source, edge.target, edge.slot)


def _along_side(card: Card, side: int, index: int, count: int) -> Floats:
    """The index-th of `count` points down the left (-1) or right (1) side of a card's box."""
    box = card.box
    x = box.get_center()[0] + side * box.width / 2
    step = min(box.height * 0.6 / max(count - 1, 1), 0.45) if count > 1 else 0.0
    y = box.get_center()[1] + ((count - 1) / 2 - index) * step
    return np.array([x, y, 0.0])
