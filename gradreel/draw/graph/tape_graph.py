"""The graph of a tape, with verbs for the forward and the backward pass.

graph = TapeGraph(tape, area=area)
self.play(graph.appears("x", "y"))     # the leaves
self.play(graph.computes("a"))         # an op with its arrows and its value
self.play(graph.dims_arrows())
for step in tape.backward():
    self.play(graph.receives(step))    # the incoming contributions add up
    self.play(graph.sends(step))       # times the local derivatives, they go on to the inputs
"""

from __future__ import annotations

from typing import Any

from manim import (
    Animation,
    AnimationGroup,
    ApplyMethod,
    FadeIn,
    FadeOut,
    ManimColor,
    Mobject,
    Succession,
    VGroup,
    smooth,
    there_and_back,
)

from gradreel.draw.formula import Formula
from gradreel.draw.graph.edge_arrow import EdgeArrow, Travel, edge_key, pulse
from gradreel.draw.graph.forward_graph import ForwardGraph
from gradreel.draw.graph.gradient_formulas import (
    arrival_formula,
    grad_formula,
    gradient_alone,
    hook_formula,
)
from gradreel.draw.graph.gradient_stream import Flows, GradientStream, stream_width
from gradreel.draw.graph.label_placement import LabelPlacement
from gradreel.draw.graph.pass_labels import EdgeLabel, PassLabels, place_sum, plan_labels
from gradreel.draw.layout import Rect, bounding_rect
from gradreel.draw.no_motion import together
from gradreel.draw.text_background import text_background
from gradreel.tape import Edge, HookCall, Op, Step, Tape
from gradreel.tape.facts import PassFacts, pass_facts
from gradreel.theme import colors

EARLY = 0.25  # of a play


class TapeGraph(ForwardGraph):
    """A placed graph with animations of backward passes.

    Labels stay within `label_area` and keep clear of `obstacles` besides the cards. `companions`
    are the streams and formulas that verbs put on stage; in a LectureScene they fade with it.
    """

    most_addends = 6  # with more, the addends are on their arrows and the card shows their sum

    def __init__(self, tape: Tape, *, area: Rect | None = None, detail: bool | None = None) -> None:
        super().__init__(tape, area=area, detail=detail)
        self.label_area = self.area
        self.obstacles: list[Rect] = []
        self.sums: dict[str, Formula] = {}  # those on stage
        self.placed_sums: dict[str, Formula] = {}  # by op, where the scene has placed them
        self.streams: dict[tuple[str, str, int], GradientStream] = {}
        self.companions: list[Mobject] = []
        self._backgrounds: dict[str, Mobject] = {}
        self._labels: dict[int, PassLabels] = {}
        self._facts: dict[int, PassFacts] = {}

    def receives(self, step: Step) -> Animation:
        """Add up the contributions to an op to the gradient that the engine passed to it."""
        labels = self.labels(step.backward)
        formula = labels.sums.get(step.op)
        if formula is None:
            return self.highlights(step.op)
        arriving = map(edge_key, self.tape.incoming(step.op, step.backward))
        sources = [labels.tags[key].formula for key in arriving if key in labels.tags]
        flashes = [FlashSlot(source, "sent") for source in sources]
        return AnimationGroup(*self._write(step.op, formula), *flashes, self.highlights(step.op))

    def multiplies(self, step: Step) -> Animation | None:
        """Write gradient × local derivative = contribution at each arrow to an input."""
        tags = self._tags(step)
        if not tags:
            return None
        formula = self.sums.get(step.op)
        self.companions += tags
        flashes = [FlashSlot(formula, "total")] if formula and "total" in formula.slots else []
        return AnimationGroup(*(FadeIn(tag, rate_func=early) for tag in tags), *flashes)

    def flows(self, step: Step) -> Animation:
        """Streams run from an op to its inputs, each as wide as its gradient is large.

        Nothing moves at a leaf, which sends nothing on.
        """
        moves = []
        for edge in self.tape.outgoing(step.op, step.backward):
            arrow = self.arrows.get(edge_key(edge))
            if arrow is not None:
                moves.append(self._contribution(edge, arrow))
        return together(moves)

    def points_out_products(self, step: Step) -> Animation:
        """The factors at the arrows of a step, then what they come to, with its streams."""
        formulas = [tag.formula for tag in self._tags(step) if "local" in tag.formula.slots]
        factors = [FlashSlot(formula, "gradient", "local", end=0.5) for formula in formulas]
        products = [FlashSlot(formula, "sent", start=0.5) for formula in formulas]
        glows = self.glows(*self.tape.outgoing(step.op, step.backward))
        return together([*factors, *products, *glows])

    def sends(self, step: Step) -> Animation:
        """Multiply by the local derivatives, then send the contributions to the inputs."""
        labels = self.multiplies(step)
        return self.flows(step) if labels is None else Succession(labels, self.flows(step))

    def glows(self, *edges: Edge) -> list[Animation]:
        """Glows along the streams of these edges, where they have flowed."""
        streams = [self.streams[k] for k in map(edge_key, edges) if k in self.streams]
        return [stream.glows() for stream in streams]

    def after_pass(self, backward: int) -> VGroup:
        """The graph and its streams as they are after a pass, without labels."""
        self.arrows_dimmed = True
        for arrow in self.arrows.values():
            arrow.set_color(colors.faint)
        for step in self.tape.backward(backward):
            self.cards[step.op].frame.set_stroke(colors.gradient)
            self.flows(step)
        for key in self.streams:
            self.arrows[key].tip.set_fill(opacity=0)
        return VGroup(self, *self.streams.values())

    def applies_hook(self, step: Step, hook: HookCall) -> Animation:
        """Replace the number at an op by what a hook of the program made of it."""
        if self.tape[step.op].shape != ():
            return self.highlights(step.op)
        return self._rewrite(step, hook_formula(self.tape, hook, self.number_size))

    def accumulates(self, step: Step) -> Animation:
        """Write `.grad` of a leaf, after the hooks, in place of what they made."""
        if self.tape[step.op].shape != ():
            return self.highlights(step.op)
        return self._rewrite(step, grad_formula(self.tape, step, {}, self.number_size))

    def _rewrite(self, step: Step, formula: Formula) -> Animation:
        """Replace the formula at a card by another one, if there is space for it."""
        op_id, card = step.op, self.cards[step.op]
        old = [m for m in (self.sums.pop(op_id, None), self._backgrounds.get(op_id)) if m]
        placement = self.labels(step.backward).placement
        if place_sum(placement, op_id, card, [formula]) is None:
            return AnimationGroup(*map(FadeOut, old), self.highlights(op_id))
        return AnimationGroup(
            *map(FadeOut, old), *self._write(op_id, formula), self.highlights(op_id)
        )

    def _write(self, op_id: str, formula: Formula) -> list[Animation]:
        """The animations of a formula at a card, with a background behind it."""
        background = text_background(formula, margin=0.04)
        for part in (background, formula):
            part.set_z_index(1)  # streams that come later run behind it
        self.sums[op_id], self._backgrounds[op_id] = formula, background
        self.companions += [background, formula]
        # The background first: where a stream runs there, it must not run through the letters.
        return [
            FadeIn(background, rate_func=lambda share: early(2 * share)),
            FadeIn(formula, rate_func=lambda share: early(2 * max(share - EARLY / 2, 0.0))),
        ]

    def _tags(self, step: Step) -> list[EdgeLabel]:
        tags = self.labels(step.backward).tags
        edges = self.tape.outgoing(step.op, step.backward)
        return [tags[edge_key(edge)] for edge in edges if edge_key(edge) in tags]

    def _contribution(self, edge: Edge, arrow: EdgeArrow) -> Animation:
        """The animation of one contribution on its way to an input."""
        if not isinstance(edge.contribution, float):
            return Travel(pulse(colors.gradient), arrow, back=True)
        sent = [
            abs(other.contribution)
            for other in self.tape.edges
            if other.backward == edge.backward and isinstance(other.contribution, float)
        ]
        stream = GradientStream(arrow, stream_width(edge.contribution, max(sent)))
        self.streams[edge_key(edge)] = stream
        self.companions.append(stream)
        # With the tip of the forward pass behind it, it would look like an arrow with two heads.
        hides_tip = ApplyMethod(arrow.tip.set_fill, None, 0, rate_func=early)
        return AnimationGroup(Flows(stream), hides_tip)

    # Labels

    def labels(self, backward: int) -> PassLabels:
        """The labels of one pass, with places that are found when they are first asked for."""
        if backward not in self._labels:
            lines = {key: arrow.sampled() for key, arrow in self.arrows.items()}
            boxes = [*map(bounding_rect, self.cards.values()), *self.obstacles]
            self._labels[backward] = plan_labels(
                self,
                lambda: LabelPlacement(self.label_area, boxes, lines),
                self.cards,
                lines,
                backward,
            )
            self._labels[backward].sums |= self.placed_sums
        return self._labels[backward]

    def sum_formulas(self, step: Step) -> list[Formula]:
        """What may stand at the card of a step, the most detailed first."""
        op = self.tape[step.op]
        is_number = op.shape == () and isinstance(step.gradient, float)
        if not is_number or step.op in self.placed_sums:
            return []
        incoming = self.tape.incoming(step.op, step.backward)
        is_plain = not self.tape.starts_at(step.op, step.backward)
        if self.crowded and is_plain and len(incoming) == 1 and not op.is_leaf:
            return []  # the number on the only arrow is the same
        few = len(incoming) <= self.most_addends
        variants = [incoming, ()] if incoming and few else [()]
        return [self._sum(step, edges) for edges in variants]

    def short_formulas(self, step: Step) -> list[Formula]:
        """What may stand at the card of a step whose gradient stands nowhere yet."""
        is_number = self.tape[step.op].shape == () and isinstance(step.gradient, float)
        if not is_number or step.op in self.placed_sums:
            return []
        has_hooks = bool(self.tape.hooks_at(step.op, step.backward))
        alone = [] if has_hooks else [gradient_alone(self.tape, step, self.number_size)]
        return [self._sum(step, ()), *alone]

    def _sum(self, step: Step, incoming: tuple[Edge, ...]) -> Formula:
        """The gradient of a node as the sum of its contributions."""
        facts, op = self.facts(step.backward), self._output_op(step)
        result = self._whole_tape()[facts.root] if facts.root else op
        return arrival_formula(self.tape, step, op, facts, result, incoming, self.number_size)

    def facts(self, backward: int) -> PassFacts:
        """The facts of one backward pass of the whole program."""
        if backward not in self._facts:
            self._facts[backward] = pass_facts(self._whole_tape(), backward)
        return self._facts[backward]

    def _whole_tape(self) -> Tape:
        """The tape of the whole program; a subclass may show a part of it."""
        return self.tape

    def _output_op(self, step: Step) -> Op:
        """The op of the whole program whose gradient a step shows."""
        return self.tape[step.op]


class FlashSlot(Animation):
    """Draws attention to numbers of a formula that another number comes from."""

    def __init__(
        self, formula: Formula, *slots: str, start: float = 0.0, end: float = 1.0, **kwargs: Any
    ) -> None:
        pieces = [piece for slot in slots for piece in formula.part(slot)]
        self.pieces = [(piece, piece.get_fill_color()) for piece in pieces]
        self.start, self.end = start, end  # shares of the animation's time
        super().__init__(formula, rate_func=there_and_back, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Color the number, and restore its own color at the end."""
        alpha = min(max((alpha - self.start) / (self.end - self.start), 0.0), 1.0)
        share, bright = self.rate_func(alpha), ManimColor(colors.accent)
        for piece, own in self.pieces:
            piece.set_fill(own.interpolate(bright, share))


def early(share: float) -> float:
    """Numbers are there when a sentence begins to speak of them."""
    return float(smooth(min(share / EARLY, 1.0)))
