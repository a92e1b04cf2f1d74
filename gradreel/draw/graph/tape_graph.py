"""The graph of a tape, with verbs for the forward and the backward pass.

graph = TapeGraph(tape)
self.play(graph.appears("x", "y"))     # the leaves
self.play(graph.computes("a"))         # an op with its arrows and its value
for step in tape.backward():
    self.play(graph.receives(step))    # the incoming contributions add up
    self.play(graph.sends(step))       # times the local derivatives, they go on to the inputs
"""

from __future__ import annotations

from itertools import product

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
    FadeOut,
    GrowFromCenter,
    LaggedStart,
    Mobject,
    ReplacementTransform,
    Succession,
    VGroup,
)

from gradreel.draw.formula import Formula
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.graph.edge_arrow import (
    ArrowKey,
    EdgeArrow,
    Tag,
    Travel,
    edge_key,
    pulse,
    trace_back,
)
from gradreel.draw.graph.gradient_formulas import arrival_formula, grad_formula, hook_formula
from gradreel.draw.graph.graph_layout import visible_ops
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.graph.placed_graph import SUM_HEIGHT, PlacedGraph
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text_background import text_background
from gradreel.tape import Edge, HookCall, Op, Step, Tape
from gradreel.tape.facts import PassFacts, pass_facts
from gradreel.theme import FontSize, colors


class TapeGraph(PlacedGraph):
    """A placed graph with animations. It is off stage until a verb brings its parts on stage."""

    most_addends = 6  # with more, the addends are on their arrows and the card shows their sum

    def __init__(self, tape: Tape, *, area: Rect | None = None, detail: bool | None = None) -> None:
        super().__init__(tape, area=area, detail=detail)
        self.tags: dict[ArrowKey, Tag] = {}
        self.sums: dict[str, Formula] = {}
        self._backgrounds: dict[str, Mobject] = {}
        self._facts: dict[int, PassFacts] = {}

    # The forward pass

    def appears(self, *op_ids: str) -> Animation:
        """Show the cards of ops that are not computed: the leaves."""
        cards = [FadeIn(self.cards[op_id], scale=0.8) for op_id in op_ids]
        return LaggedStart(*cards, lag_ratio=0.3)

    def computes(self, op_id: str) -> Animation:
        """Draw an op's arrows, move its inputs' values along them, then show its value."""
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
        """Show the whole forward pass, op by op."""
        ops = visible_ops(self.tape)
        leaves = [op.id for op in ops if not self._inputs(op.id)]
        results = [op.id for op in ops if self._inputs(op.id)]
        return Succession(self.appears(*leaves), *(self.computes(op_id) for op_id in results))

    def _inputs(self, op_id: str) -> list[str]:
        return [i for i in self.tape[op_id].inputs if i in self.cards]

    def traces_back(self) -> Animation:
        """Send pulses along every grad_fn from the result to the leaves, layer by layer."""
        return trace_back(self.arrows, self.layout)

    # The backward pass

    def receives(self, step: Step) -> Animation:
        """Add up the contributions to an op to the gradient that the engine passed to it."""
        if self.tape[step.op].shape != ():
            return self.highlights(step.op)
        incoming = self.tape.incoming(step.op, step.backward)
        is_plain = not self.tape.starts_at(step.op, step.backward)
        if self.crowded and is_plain and len(incoming) == 1 and not self.tape[step.op].is_leaf:
            # The number on the only arrow is the same.
            return self.highlights(step.op)
        incoming = incoming if len(incoming) <= self.most_addends else ()
        formula = self._sum(step, incoming)
        if formula is None and incoming:
            # There is no space for the addends, which are on their arrows; try the sum alone.
            incoming = ()
            formula = self._sum(step, incoming)
        if formula is None:
            return self.highlights(step.op)
        origins = {}
        if len(incoming) > 1:
            tags = [self.tags.get(edge_key(edge)) for edge in incoming]
            origins = {
                f"c{k}": tag.readout
                for k, tag in enumerate(tags)
                if tag is not None and f"c{k}" in formula.slots
            }
        return AnimationGroup(
            *self._write(step.op, formula, FormulaAssembly(formula, origins)),
            self.highlights(step.op),
        )

    def applies_hook(self, step: Step, hook: HookCall) -> Animation:
        """Replace the number at an op by what a hook of the program made of it."""
        if self.tape[step.op].shape != ():
            return self.highlights(step.op)
        return self._rewrite(step.op, hook_formula(self.tape, hook, self.number_size))

    def accumulates(self, step: Step) -> Animation:
        """Write `.grad` of a leaf, after the hooks, in place of what they made."""
        if self.tape[step.op].shape != ():
            return self.highlights(step.op)
        return self._rewrite(step.op, grad_formula(self.tape, step, {}, self.number_size))

    def _rewrite(self, op_id: str, formula: Formula) -> Animation:
        """Replace the formula at a card by another one, if there is space for it."""
        old = [m for m in (self.sums.pop(op_id, None), self._backgrounds.get(op_id)) if m]
        if not self._place_sum(formula, self.cards[op_id]):
            return AnimationGroup(*map(FadeOut, old), self.highlights(op_id))
        return AnimationGroup(
            *map(FadeOut, old), *self._write(op_id, formula, FadeIn(formula)),
            self.highlights(op_id),
        )  # fmt: skip

    def _write(self, op_id: str, formula: Formula, appears: Animation) -> list[Animation]:
        """The animations of a formula at a card, with a background behind it."""
        background = text_background(formula, margin=0.04)
        self.sums[op_id], self._backgrounds[op_id] = formula, background
        return [FadeIn(background), appears]

    def facts(self, backward: int) -> PassFacts:
        """The facts of one backward pass of the whole program."""
        if backward not in self._facts:
            self._facts[backward] = pass_facts(self._whole_tape(), backward)
        return self._facts[backward]

    def _whole_tape(self) -> Tape:
        """The tape of the whole program; a subclass may show a part of it."""
        return self.tape

    def sends(self, step: Step) -> Animation:
        """Send pulses from an op to its inputs; local derivatives become contributions."""
        moves = []
        for edge in self.tape.outgoing(step.op, step.backward):
            arrow = self.arrows.get(edge_key(edge))
            if arrow is not None:
                moves.append(self._contribution(edge, arrow))
        return AnimationGroup(*moves)

    def _contribution(self, edge: Edge, arrow: EdgeArrow) -> Animation:
        """The animation of one edge: its local derivative, a pulse, its contribution."""
        if not isinstance(edge.contribution, float):
            return Travel(pulse(colors.gradient), arrow, back=True)
        contribution = arrow.label(
            self.tape.contribution(edge), colors.gradient, font_size=self.number_size
        )
        run = Travel(pulse(colors.gradient), arrow, back=True)
        if not self._place_tag(contribution, edge):
            return run
        self.tags[edge_key(edge)] = contribution
        if edge.local is None:
            return Succession(run, FadeIn(contribution))
        local = arrow.label(
            self.tape.local(edge), colors.local, times=True, font_size=self.number_size
        )
        self._place_tag(local, edge)
        return Succession(FadeIn(local), run, ReplacementTransform(local, contribution))

    def _place_tag(self, tag: Tag, edge: Edge) -> bool:
        """Move a tag that is wider than the gap between its two cards above both of them.

        Returns whether there is space for it: a subclass may return False.
        """
        left, right = self.cards[edge.target], self.cards[edge.source]
        gap = right.get_left()[0] - left.get_right()[0]
        if tag.width > gap - 0.3 and abs(left.get_y() - right.get_y()) < 0.3:
            top = max(left.get_top()[1], right.get_top()[1])
            tag.set_y(top + tag.height / 2 + 0.05)
        return True

    def highlights(self, op_id: str) -> Animation:
        """Color the frame of a card as a gradient."""
        return ApplyMethod(self.cards[op_id].frame.set_stroke, colors.gradient)

    def _output_op(self, step: Step) -> Op:
        """The op of the whole program whose gradient a step shows."""
        return self.tape[step.op]

    def _sum(self, step: Step, incoming: tuple[Edge, ...]) -> Formula | None:
        """The gradient of a node as the sum of its contributions; None if it has no space."""
        facts, op = self.facts(step.backward), self._output_op(step)
        result = self._whole_tape()[facts.root] if facts.root else op
        formula = arrival_formula(self.tape, step, op, facts, result, incoming, self.number_size)
        return formula if self._place_sum(formula, self.cards[step.op]) else None

    def _place_sum(self, formula: Formula, card: OpCard) -> bool:
        """Place a sum below its card or above it, apart from other cards and arrows' numbers.

        Without such a position it is placed below its card all the same. Returns whether the sum
        is to be shown: a subclass may return False.
        """
        others = [c for c in self.cards.values() if c is not card]
        labels = [arrow.point_at(0.5) for arrow in self.arrows.values()]
        for side, edge, buff in product((DOWN, UP), (ORIGIN, LEFT, RIGHT), (0.14, 0.55)):
            formula.next_to(card, side, buff=buff, aligned_edge=edge)
            formula.set_x(self._clamped_x(formula.get_x(), formula.width))
            on_card = any(_overlaps_card(formula, other, SUM_HEIGHT) for other in others)
            if not on_card and not any(_covers_label(formula, label) for label in labels):
                return True
        formula.next_to(card, DOWN, buff=0.14)
        formula.set_x(self._clamped_x(card.get_x(), formula.width))
        return True

    def _clamped_x(self, x: float, width: float) -> float:
        """The x nearest to `x` at which a mobject of this width lies within the area."""
        low, high = self.area.left + width / 2, self.area.right - width / 2
        return min(max(x, low), high)


def _overlaps_card(formula: Formula, card: OpCard, below: float) -> bool:
    """Whether a formula would overlap a card or the space of height `below` under it."""
    gap_x = abs(formula.get_x() - card.get_x()) - (formula.width + card.width) / 2
    top, bottom = card.get_top()[1], card.get_bottom()[1] - below
    gap_y = max(formula.get_bottom()[1] - top, bottom - formula.get_top()[1])
    return bool(gap_x < 0.1 and gap_y < 0)


def _covers_label(formula: Formula, label: Floats) -> bool:
    """Whether an arrow's number centered at `label` would lie in the formula."""
    x, y = formula.get_x() - label[0], formula.get_y() - label[1]
    return bool(abs(x) < formula.width / 2 + 0.3 and abs(y) < formula.height / 2 + 0.2)
