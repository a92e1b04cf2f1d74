"""The graph of a tape, drawn; its verbs tell the forward and the backward pass.

graph = TapeGraph(tape)
self.play(graph.appears("x", "y"))     # what the user made
self.play(graph.computes("a"))         # a value and its arrows come about
for step in tape.backward():
    self.play(graph.receives(step))    # what arrived adds up
    self.play(graph.sends(step))       # and flows on, times the local derivatives
"""

from __future__ import annotations

from itertools import product
from typing import Any

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

from gradreel.draw.formula import Formula, sum_holds, when
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.graph.edge_arrow import EdgeArrow, Tag, Travel, pulse
from gradreel.draw.graph.graph_layout import visible_ops
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.graph.placed_graph import SUM_HEIGHT, ArrowKey, PlacedGraph
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text_background import text_background
from gradreel.tape import Edge, Op, Quantity, Step, Tape
from gradreel.theme import FontSize, colors


class TapeGraph(PlacedGraph):
    """A placed graph that acts. Nothing is on screen until a verb brings it there."""

    most_addends = 6

    def __init__(self, tape: Tape, *, area: Rect | None = None, detail: bool | None = None) -> None:
        super().__init__(tape, area=area, detail=detail)
        self.tags: dict[ArrowKey, Tag] = {}
        self.sums: dict[str, Formula] = {}

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
            return pulse(colors.value)
        return VGroup(Readout(value, font_size=FontSize.body, color=colors.value))

    def unfolds(self) -> Animation:
        """The whole forward pass, op by op."""
        leaves = [op.id for op in visible_ops(self.tape) if not self._inputs(op.id)]
        rest = [op.id for op in visible_ops(self.tape) if self._inputs(op.id)]
        return Succession(self.appears(*leaves), *(self.computes(op_id) for op_id in rest))

    def _inputs(self, op_id: str) -> list[str]:
        return [i for i in self.tape[op_id].inputs if i in self.cards]

    def traces_back(self) -> Animation:
        """Along every grad_fn from the result to the leaves, layer by layer."""
        columns: dict[float, list[Animation]] = {}
        for (op_id, _, _), arrow in self.arrows.items():
            layer = self.layout.positions[op_id][0]
            columns.setdefault(layer, []).append(Travel(pulse(colors.accent), arrow, back=True))
        ordered = [AnimationGroup(*columns[layer]) for layer in sorted(columns, reverse=True)]
        return Succession(*ordered)

    # The backward pass

    def receives(self, step: Step) -> Animation:
        """The contributions that reached an op add up to the gradient the engine handed to it."""
        if self.tape[step.op].shape != ():
            return self.highlights(step.op)
        arrived = self.tape.incoming(step.op, step.backward)
        if self.crowded and len(arrived) == 1 and not self.tape[step.op].is_leaf:
            # The number on the one arrow says it already.
            return self.highlights(step.op)
        # More addends than these stand on their arrows; only their sum is written at the card.
        arrived = arrived if len(arrived) <= self.most_addends else ()
        formula = self._sum(step, arrived)
        if formula is None and arrived:
            # Where a sum has no room its result may; the addends stand on their arrows.
            arrived = ()
            formula = self._sum(step, arrived)
        if formula is None:
            return self.highlights(step.op)
        self.sums[step.op] = formula
        origins = {}
        if len(arrived) > 1:
            tags = [self.tags.get(_key(edge)) for edge in arrived]
            origins = {f"c{k}": tag.readout for k, tag in enumerate(tags) if tag is not None}
        ground = text_background(formula, margin=0.04)
        return AnimationGroup(
            FadeIn(ground), FormulaAssembly(formula, origins), self.highlights(step.op)
        )

    def sends(self, step: Step) -> Animation:
        """Pulses run from an op to its inputs; the local derivative becomes the contribution."""
        moves = []
        for edge in self.tape.outgoing(step.op, step.backward):
            arrow = self.arrows.get(_key(edge))
            if arrow is not None:
                moves.append(self._sent(edge, arrow))
        return AnimationGroup(*moves)

    def _sent(self, edge: Edge, arrow: EdgeArrow) -> Animation:
        if isinstance(edge.contribution, tuple) or edge.contribution is None:
            return Travel(pulse(colors.gradient), arrow, back=True)
        contribution = arrow.label(
            self.tape.contribution(edge), colors.gradient, font_size=self.number_size
        )
        run = Travel(pulse(colors.gradient), arrow, back=True)
        if not self._clear(contribution, edge):
            return run
        self.tags[_key(edge)] = contribution
        if edge.local is None:
            return Succession(run, FadeIn(contribution))
        local = arrow.label(
            self.tape.local(edge), colors.local, times=True, font_size=self.number_size
        )
        self._clear(local, edge)
        return Succession(FadeIn(local), run, ReplacementTransform(local, contribution))

    def _clear(self, tag: Tag, edge: Edge) -> bool:
        """Lift a number that is wider than the gap between its two cards above both of them.

        False where there is no room for it at all.
        """
        left, right = self.cards[edge.target], self.cards[edge.source]
        gap = right.get_left()[0] - left.get_right()[0]
        if tag.width > gap - 0.3 and abs(left.get_y() - right.get_y()) < 0.3:
            top = max(left.get_top()[1], right.get_top()[1])
            tag.set_y(top + tag.height / 2 + 0.05)
        return True

    def highlights(self, op_id: str) -> Animation:
        """The frame of the card whose turn it is takes the gradient's colour."""
        return ApplyMethod(self.cards[op_id].frame.set_stroke, colors.gradient)

    def _ratio(self, step: Step) -> tuple[Op, Op]:
        """The op whose turn it is, and the result of its pass: below and above the fraction."""
        return self.tape[step.op], self.tape[self.tape.backward(step.backward)[0].op]

    def _sum(self, step: Step, arrived: tuple[Edge, ...]) -> Formula | None:
        """The gradient of a node as the sum of what arrived, in its place; None if it has none."""
        total = self.tape.gradient(step.op, step.backward)
        addends = {f"c{k}": self.tape.contribution(edge) for k, edge in enumerate(arrived)}
        left = _gradient_name(*self._ratio(step), kept=step.node == "AccumulateGrad")
        if len(addends) < 2:
            formula = Formula(
                f"{left} = {{g}}", g=total, roles={"g": "gradient"}, font_size=self.number_size
            )
        else:
            formula = _addition(left, addends, total, self.number_size)
        return formula if self._settle(formula, self.cards[step.op]) else None

    def _settle(self, formula: Formula, card: OpCard) -> bool:
        """Below its card or above it, where it lies on no other card and on no arrow's number."""
        others = [c for c in self.cards.values() if c is not card]
        labels = [arrow.place(0.5) for arrow in self.arrows.values()]
        for side, edge, buff in product((DOWN, UP), (ORIGIN, LEFT, RIGHT), (0.14, 0.55)):
            formula.next_to(card, side, buff=buff, aligned_edge=edge)
            formula.set_x(self._inside(formula.get_x(), formula.width))
            on_card = any(_touch(formula, other, SUM_HEIGHT) for other in others)
            if not on_card and not any(_holds(formula, label) for label in labels):
                return True
        formula.next_to(card, DOWN, buff=0.14)
        formula.set_x(self._inside(card.get_x(), formula.width))
        return True

    def _inside(self, x: float, width: float) -> float:
        low, high = self.area.left + width / 2, self.area.right - width / 2
        return min(max(x, low), high)


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


def _touch(formula: Formula, card: OpCard, below: float) -> bool:
    """Whether a formula would lie on a card or on the room for the card's own sum below it."""
    apart_x = abs(formula.get_x() - card.get_x()) - (formula.width + card.width) / 2
    top, bottom = card.get_top()[1], card.get_bottom()[1] - below
    apart_y = max(formula.get_bottom()[1] - top, bottom - formula.get_top()[1])
    return bool(apart_x < 0.1 and apart_y < 0)


def _holds(formula: Formula, label: Floats) -> bool:
    """Whether an arrow's number at `label` would stand in the formula."""
    x, y = formula.get_x() - label[0], formula.get_y() - label[1]
    return bool(abs(x) < formula.width / 2 + 0.3 and abs(y) < formula.height / 2 + 0.2)


def _gradient_name(op: Op, result: Op, *, kept: bool) -> str:
    """The derivative of a pass's result with respect to `op`; `kept` where it goes into .grad."""
    if kept:
        return f'upright("{op.name or op.id}.grad")'
    return f"partial {_symbol(result)} \\/ partial {_symbol(op)}"


def _symbol(op: Op) -> str:
    # Two values of one name are told apart as on their cards: dx/dx would be 1.
    name = op.id if op.name else op.id.partition("@")[0]
    return name if len(name) == 1 else f'upright("{name}")'


def _key(edge: Edge) -> ArrowKey:
    return (edge.source, edge.target, edge.slot)
