"""The graph of a program's backward pass, growing as the program computes it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

import numpy as np
from manim import (
    AnimationGroup,
    ApplyMethod,
    FadeIn,
    FadeOut,
    LaggedStart,
    Mobject,
    Restore,
    Succession,
)

from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.graph.edge_arrow import Travel, edge_key, pulse
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.walkthrough.mono_text import MonoText, char_width
from gradreel.draw.walkthrough.picture import ProgramPicture
from gradreel.tape import Step, Tape
from gradreel.theme import FontSize, colors
from gradreel.trace.moment import Moment

BESIDE = 0.32  # from an arrow to the number that it brought
BELOW = 0.3  # for the gradients below the lowest nodes
PALE = 0.75  # how much the lines of a whole graph fade until the program gets there


class GraphPicture(ProgramPicture):
    """The nodes of the first pass: each appears with the variable that holds its result.

    A graph that the scene before has drawn becomes pale; its nodes light up with their variables.
    Where the program asks for a `grad_fn`, a pulse shows which way it leads back. In a backward
    pass the contributions travel from node to node in the engine's order.
    """

    down: ClassVar[bool | None] = None
    """Whether the graph runs downward; None for what leaves more space."""
    seconds_per_node: ClassVar[float] = 0.4
    """How long a backward pass stays at each node at least."""

    def build(self) -> None:
        """Lay out the graph; nothing of it is on stage yet."""
        area = self.area
        area = Rect(area.left, area.right, area.bottom + BELOW, area.top)
        self.graph = self.graph_in(area)
        self.present: set[str] = set()
        self.leaf_labels: list[MonoText] = []
        self.arrivals: list[Readout] = []
        self.asked: set[str] = set()

    def graph_in(self, area: Rect) -> CompactGraph:
        """The graph of the tape."""
        return CompactGraph(self.tape, area, font_size=FontSize.formula, down=self.down)

    @property
    def tape(self) -> Tape:
        """The tape of the first pass."""
        return next(iter(self.trace.passes.values()))

    def parts(self) -> dict[str, Mobject]:
        """The graph and the gradients."""
        return {"graph": self.graph, **self.graph.sums}

    def waits(self) -> list[Any]:
        """A whole graph becomes pale."""
        if "graph" not in self.carried:
            return []
        for part in self.graph:
            part.save_state()
        nodes = self.graph.nodes.values()
        lines = (*self.graph.arrows.values(), *(node[1] for node in nodes))
        return [
            *(ApplyMethod(line.fade, PALE) for line in lines),
            *(ApplyMethod(node[2].set_color, colors.muted) for node in nodes),
        ]

    def leave(self, carried: Collection[str]) -> list[Any]:
        """The graph fades, and the gradients that are not carried."""
        left: list[Mobject] = [
            number for op, number in self.graph.sums.items() if op not in carried
        ]
        if "graph" not in carried:
            left += self.graph  # part by part: as a whole it would take all of its numbers along
        return [FadeOut(part) for part in (*left, *self.leaf_labels, *self.arrivals)]

    def advance(self, moment: Moment) -> list[Any]:
        """New nodes, their ways back, and the flow of a backward pass."""
        moves = [*self.grow(moment.changed), *self.ways_back(moment)]
        return moves + [self.flow(number) for number in moment.passes]

    def least_seconds(self, moment: Moment) -> float:
        """A pass needs time for each of its nodes."""
        steps = sum(len(self.tape.backward(number)) for number in moment.passes)
        return self.seconds_per_node * steps

    def grow(self, names: frozenset[str]) -> list[Any]:
        """Show the nodes of these variables, and what they were computed from."""
        wanted = [op for op in self.graph.nodes if self.tape[op].name in names]
        new = [op for name in wanted for op in self._with_inputs(name)]
        new = [op for op in dict.fromkeys(new) if op in self.graph.nodes.keys() - self.present]
        self.present |= set(new)
        if new:
            self.decisive = (self.graph.nodes[new[-1]],)
        groups = [AnimationGroup(*self.appears(op)) for op in new]
        return [LaggedStart(*groups, lag_ratio=0.5)] if groups else []

    def appears(self, op: str) -> list[Any]:
        """A node comes with the arrows that lead to it, or lights up with them."""
        node = self.graph.nodes[op]
        arrows = [arrow for key, arrow in self.graph.arrows.items() if key[0] == op]
        if "graph" in self.carried:
            return [*map(Restore, (*arrows, node)), self.graph.flashes(op)]
        return [*map(FadeIn, arrows), FadeIn(node, scale=0.8)]

    def _with_inputs(self, op: str) -> list[str]:
        """An op after all ops that it was computed from."""
        before = [name for source in self.tape[op].inputs for name in self._with_inputs(source)]
        return [*before, op]

    def ways_back(self, moment: Moment) -> list[Any]:
        """Where the program asks for a `grad_fn`: a pulse along its ways, or that it is a leaf."""
        moves: list[Any] = []
        for op in self.present - self.asked:
            if f"{self.tape[op].name}.grad_fn" not in moment.source:
                continue
            self.asked.add(op)
            arrows = [arrow for key, arrow in self.graph.arrows.items() if key[0] == op]
            moves += [Travel(pulse(colors.accent), arrow, back=True) for arrow in arrows]
            if not arrows and not self.leaf_labels:
                leaves = [leaf for leaf in self.graph.nodes if self.tape[leaf].is_leaf]
                moves += [FadeIn(self._leaf_label(leaf)) for leaf in leaves]
        return moves

    def _leaf_label(self, op: str) -> MonoText:
        node = self.graph.nodes[op]
        x = node.get_x() - len("leaf") * char_width() / 2
        label = MonoText("leaf", x, node.get_top()[1] + 0.12, color=colors.leaf)
        self.leaf_labels.append(label)
        return label

    def flow(self, number: int) -> Any:
        """The backward pass: each node receives its gradient, and sends its contributions."""
        stages: list[Any] = []
        for step in self.tape.backward(number):
            stages.append(self.graph.receives(step))
            if any(e.contribution is not None for e in self.tape.outgoing(step.op, number)):
                stages.append(AnimationGroup(*self.sends(step)))
        sums = self.graph.sums
        self.decisive = [sums[op] for op in sums if self.tape[op].is_leaf]
        if self.arrivals:
            self.decisive = self.arrivals
        return Succession(*stages)

    def sends(self, step: Step) -> list[Any]:
        """The contributions of a step on their way."""
        return [self.graph.sends(step), *self._meeting(step)]

    def _meeting(self, step: Step) -> list[FadeIn]:
        """What a step sends to leaves that receive more than one number stays beside its arrow."""
        moves = []
        for edge in self.tape.outgoing(step.op, step.backward):
            others = self.tape.incoming(edge.target, step.backward)
            is_number = isinstance(edge.contribution, float)
            if not (is_number and len(others) > 1 and self.tape[edge.target].is_leaf):
                continue
            number = Readout(
                self.tape.contribution(edge), font_size=FontSize.body, color=colors.gradient
            )
            start, end = (self.graph.arrows[edge_key(edge)].point_at(share) for share in (0.0, 1.0))
            along = (end - start) / np.linalg.norm(end - start)
            number.move_to(start + 0.45 * (end - start) + BESIDE * point(-along[1], along[0]))
            self.arrivals.append(number)
            moves.append(FadeIn(number))
        return moves
