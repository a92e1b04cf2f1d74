"""Every result knows which operation made it.

A script that builds the graph of xy + x² and prints is_leaf and grad_fn.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from manim import LaggedStart, Mobject

from gradreel.draw.walkthrough.graph_picture import GraphPicture
from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.graphs.joins import GRAPH, default_tape
from gradreel.tape import Tape


class WrittenGraph(GraphPicture):
    """The graph that the scene before has written: each line of the program lights its nodes.

    The program runs no backward pass, so the graph is that of the same function, recorded.
    """

    def build(self) -> None:
        """Lay out the graph of the recorded function."""
        self.recorded = default_tape()
        super().build()

    @property
    def tape(self) -> Tape:
        """The tape of xy + x²."""
        return self.recorded

    def parts(self) -> dict[str, Mobject]:
        """The whole graph."""
        return {"graph": self.graph}

    def leave(self, carried: Collection[str]) -> list[Any]:
        """All but a graph that is carried fades."""
        return [move for move in super().leave(carried) if move.mobject is not self.graph]

    def grow(self, names: frozenset[str]) -> list[Any]:
        """The nodes of these variables appear, or light up if they are there already."""
        if "graph" not in self.carried:
            return super().grow(names)
        new = [op for op in self.graph.nodes if self.tape[op].name in names]
        self.present |= set(new)
        if new:
            self.decisive = (self.graph.nodes[new[-1]],)
        return [LaggedStart(*map(self.graph.flashes, new), lag_ratio=0.5)] if new else []


class WalkGraph(CodeWalkthroughScene):
    begins_with, ends_with = GRAPH, GRAPH
    picture = WrittenGraph

    class Params(WalkthroughParams):
        script: str = param("assets/programs/graph_of_tensors.py", "the script to walk through")
