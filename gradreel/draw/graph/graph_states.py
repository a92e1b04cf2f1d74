"""The states of a graph during a forward and a backward pass, any of them at once."""

from __future__ import annotations

from manim import VMobject

from gradreel.draw.graph.edge_arrow import edge_key
from gradreel.draw.graph.graph_layout import visible_ops
from gradreel.draw.graph.tape_graph import TapeGraph
from gradreel.tape import Op, Step, Tape
from gradreel.theme import colors


def computed_ops(tape: Tape) -> list[Op]:
    """The ops with a card that are computed from others."""
    ops = visible_ops(tape)
    names = {op.id for op in ops}
    return [op for op in ops if names & set(op.inputs)]


def number_of_states(tape: Tape) -> int:
    """How many states the graph of a tape has, with its last backward pass."""
    steps = tape.backward(tape.backwards[-1]) if tape.backwards else ()
    return len(computed_ops(tape)) + len(steps) + 1


class GraphStates:
    """What is on stage after each op of the forward pass and each step of a backward pass.

    State 0 has the leaves alone; `computed` are the ops of the states after it, and `steps` those
    of the backward pass, in the engine's order.
    """

    def __init__(self, graph: TapeGraph, backward: int) -> None:
        self.graph, self.backward = graph, backward
        self.computed = computed_ops(graph.tape)
        self.leaves = [op for op in visible_ops(graph.tape) if op not in self.computed]
        self.steps = graph.tape.backward(backward)
        self._labels = graph.labels(backward)
        self._frames = {
            op: card.frame.get_stroke_color() or colors.muted for op, card in graph.cards.items()
        }
        for step in self.steps:
            graph.flows(step)  # which makes its streams

    @property
    def last(self) -> int:
        """The number of the last state."""
        return len(self.computed) + len(self.steps)

    def at(self, number: int) -> list[VMobject]:
        """What is on stage in state `number`, what lies behind first."""
        graph, count = self.graph, len(self.computed)
        shown = {op.id for op in (*self.leaves, *self.computed[:number])}
        taken = self.steps[: max(number - count, 0)]
        arrows = [arrow for key, arrow in graph.arrows.items() if key[0] in shown]
        for arrow in arrows:
            arrow.set_color(colors.faint if taken else colors.muted)
        reached = {step.op for step in taken}
        for op, card in graph.cards.items():
            card.frame.set_stroke(colors.gradient if op in reached else self._frames[op])
        cards = [card for op, card in graph.cards.items() if op in shown]
        return [*arrows, *self._streams(taken), *cards, *self._numbers(taken)]

    def _streams(self, taken: tuple[Step, ...]) -> list[VMobject]:
        sent = {
            edge_key(edge)
            for step in taken
            for edge in self.graph.tape.outgoing(step.op, self.backward)
        }
        return [stream for key, stream in self.graph.streams.items() if key in sent]

    def _numbers(self, taken: tuple[Step, ...]) -> list[VMobject]:
        """The products at the arrows and the sums at the cards of these steps."""
        numbers: list[VMobject] = []
        for step in taken:
            formula = self._labels.sums.get(step.op)
            if formula is not None:
                numbers.append(formula)
            for edge in self.graph.tape.outgoing(step.op, self.backward):
                tag = self._labels.tags.get(edge_key(edge))
                if tag is not None:
                    numbers.append(tag)
        return numbers
