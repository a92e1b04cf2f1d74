"""Every result knows which operation made it.

A script that builds the graph of xy + x² and prints is_leaf and grad_fn.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise, product
from typing import Any

import numpy as np
from manim import DOWN, RIGHT, UP, FadeIn, FadeOut, Indicate

from gradreel.draw.layout import Rect, bounding_rect
from gradreel.draw.walkthrough.graph_picture import GraphPicture
from gradreel.draw.walkthrough.mono_text import MonoText
from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.graphs.joins import GRAPH, default_tape
from gradreel.tape import Tape
from gradreel.theme import colors
from gradreel.trace.moment import Moment

NAME_GAPS = (0.14, 0.3, 0.45, 0.6)  # from a node to its name, the nearest that is free
CLEAR = 0.05  # around the graph, for names


class WrittenGraph(GraphPicture):
    """The graph that the scene before has written: the program lights and names its nodes.

    The program runs no backward pass, so the graph is that of the same function, recorded.
    """

    def build(self) -> None:
        """Lay out the graph of the recorded function."""
        self.recorded = default_tape()
        self.names: dict[str, MonoText] = {}
        super().build()

    @property
    def tape(self) -> Tape:
        """The tape of xy + x²."""
        return self.recorded

    def leave(self, carried: Collection[str]) -> list[Any]:
        """The names of the nodes fade as well."""
        return [*super().leave(carried), *map(FadeOut, self.names.values())]

    def appears(self, op: str) -> list[Any]:
        """A node lights up with its name, as the line that made it shows the same name."""
        self.names |= self._name_of(op)
        return [*super().appears(op), *(FadeIn(self.names[op]) for _ in self.names.keys() & {op})]

    def ways_back(self, moment: Moment) -> list[Any]:
        """What is asked for its `grad_fn` lights up: a result with the name of its node."""
        asked = self.present - self.asked
        moves = super().ways_back(moment)
        lit = sorted(asked & self.asked)
        named = [self.names[op] for op in lit if op in self.names]
        self.decisive = named or self.decisive
        return [
            *moves,
            *map(self.graph.flashes, lit),
            *(Indicate(name, 1.1, colors.accent) for name in named),
        ]

    def _name_of(self, op: str) -> dict[str, MonoText]:
        """The name of a result's node, where it keeps clear of the graph; else none."""
        node, words = self.graph.nodes[op], self.tape[op].grad_fn
        if not words:
            return {}
        name = MonoText(words, 0.0, 0.0, color=colors.muted)
        is_low = node.get_y() < self.graph.get_y()
        for side, gap in product((DOWN, UP) if is_low else (UP, DOWN), NAME_GAPS):
            name.next_to(node, side, buff=gap)
            name.shift(min(self.area.right - name.get_right()[0], 0.0) * RIGHT)
            box = bounding_rect(name)
            if box.left > self.area.left and not any(map(box.overlap_area, self._occupied())):
                return {op: name}
        return {}

    def _occupied(self) -> list[Rect]:
        """The nodes, their names, and the arrows in short pieces."""
        shares = np.linspace(0.0, 1.0, 30)
        ends = [[a.point_at(float(s)) for s in shares] for a in self.graph.arrows.values()]
        pieces = (pair for points in ends for pair in pairwise(points))
        boxes = [Rect(*sorted((p[0], q[0])), *sorted((p[1], q[1]))) for p, q in pieces]
        boxes += map(bounding_rect, (*self.graph.nodes.values(), *self.names.values()))
        return [
            Rect(b.left - CLEAR, b.right + CLEAR, b.bottom - CLEAR, b.top + CLEAR) for b in boxes
        ]


class WalkGraph(CodeWalkthroughScene):
    begins_with, ends_with = GRAPH, GRAPH
    picture = WrittenGraph

    class Params(WalkthroughParams):
        script: str = param("assets/programs/graph_of_tensors.py", "the script to walk through")
