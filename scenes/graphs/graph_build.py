"""The forward pass writes a graph.

A program is recorded line by line. Every operation adds a node to the graph, and grad_fn of a
result, written large below the graph, points to its node; leaves have none.
"""

from __future__ import annotations

import inspect

from manim import RIGHT, Animation, ApplyMethod, FadeIn, VGroup, Write

from gradreel.draw.code_listing import CodeListing
from gradreel.draw.exchange import exchange
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.tape_graph import early
from gradreel.draw.layout import Rect, bounding_rect
from gradreel.draw.text import math, text
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, param
from gradreel.record import record
from gradreel.scenes.chain_rule.joins import LINK
from gradreel.scenes.graphs.graph_stage_figure import graph_stage
from gradreel.scenes.graphs.joins import GRAPH
from gradreel.tape import Op
from gradreel.theme import FontSize, Timing, colors


# Without annotations, because its source is shown on screen.
def f(x, y):  # type: ignore[no-untyped-def]
    a = x * y
    b = x**2
    z = a + b
    return z


class GraphBuild(LectureScene):
    begins_with = LINK
    ends_with = GRAPH

    class Params(SceneParams):
        x: float = param(2.0, "the input x")
        y: float = param(3.0, "the input y")

    below: VGroup  # what stands below the graph

    def construct(self) -> None:
        tape = self.tape = record(f, x=self.params.x, y=self.params.y)
        self.build_layout()
        with self.beat("leaves", GUEST, LEAVES, plays=2) as said:
            self.play(
                self.carry("node", self.graph.cards["x"]),
                *self.leave_first_picture(rate_func=early),
                Write(self.below),
            )
            self.play(FadeIn(self.listing))
            said.next()
            self.play(self.mark_appears(), self.graph.appears("y"), run_time=Timing.quick)
            self.play(*self.points_out_leaves())
        for op in (op for op in tape.ops if op.grad_fn):
            result = (NOTED if op.name == "a" else RESULT).format(op.name, op.grad_fn)
            say = (STEPS[op.name], result)
            with self.beat(f"{op.name} is computed", *say, value=tape.value(op.id)) as said:
                self.play(self.listing.marks(self.listing.line_of(op.name)), run_time=0.4)
                self.play(self.graph.connects(op.id))
                said.next()
                self.play(self.graph.yields(op.id), self.writes_nodes(op), run_time=0.8)
                self.play(self.graph.points_out_nodes(op.id))
        with self.beat("the whole graph", WRITTEN, ACYCLIC) as said:
            self.play(*map(self.graph.flashes, self.graph.cards))
            said.next()
            self.play(self.graph.traces_forward())
        with self.beat("leaf or not", WHERE, AT_A_LEAF) as said:
            self.play(self.graph.traces_back())
            said.next()
            leaves = [op for op in tape.ops if op.name in LEAF_NAMES]
            self.play(self.writes_nodes(*leaves), *self.points_out_leaves())
        self.close(graph=self.graph)

    def mark_appears(self) -> Animation:
        """The mark comes to the line with the arguments."""
        return ApplyMethod(self.listing.mark.set_fill, None, 1)

    def writes_nodes(self, *ops: Op) -> Animation:
        """What grad_fn is for these ops takes the place of what stands below the graph."""
        rows = [_node_row(op) for op in ops]
        old, self.below = self.below, VGroup(*rows).arrange(RIGHT, buff=0.9)
        return exchange(old, self.below.move_to(self.below_area.center))

    def points_out_leaves(self) -> list[Animation]:
        """The word "leaf" on both cards, and their frames."""
        return [self.graph.points_out_nodes(*LEAF_NAMES), *map(self.graph.flashes, LEAF_NAMES)]

    def build_layout(self) -> None:
        """The graph, the program left of it, and the formula that it computes below."""
        stage, strip = graph_stage(), graph_stage().strip
        assert self.tape is not None
        self.graph = TapeGraph(self.tape, area=stage.graph, detail=True)
        column = Rect(strip.left, strip.right - 0.12, strip.bottom, strip.top)
        if not stage.is_wide:  # above the result there is room in every frame
            card = bounding_rect(self.graph.cards["z"])
            column = Rect(card.left, card.right, card.top, strip.top)
        # Without the line that returns, and indented by two, as the strip is narrow.
        head, *body = inspect.getsource(f).splitlines()[:-1]
        source = "\n".join([head.split("  #")[0], *(line[2:] for line in body)])
        size = FontSize.formula if stage.is_wide else FontSize.label
        self.listing = CodeListing(source, area=column, font_size=size)
        self.listing.mark.set_fill(opacity=0)  # until the program is called
        self.below_area = stage.board
        self.below = VGroup(math("z quad = quad x y quad + quad x^2", font_size=FontSize.formula))
        self.below.move_to(stage.board.center)


def _node_row(op: Op) -> VGroup:
    """The line `a.grad_fn = MulBackward0` for an op."""
    tone = colors.value if op.grad_fn else colors.leaf
    name = text(f"{op.name}.grad_fn =", font_size=FontSize.body, mono=True)
    node = text(op.grad_fn or "None", font_size=FontSize.body, mono=True, color=tone)
    return VGroup(name, node).arrange(RIGHT, buff=0.25)


LEAF_NAMES = ("x", "y")
GUEST = "Take a function of two inputs: x times y, plus x squared."
LEAVES = "You made x and y yourself: they are called leaves."
STEPS = {
    "a": "Python multiplies x by y.",
    "b": "Then it squares x.",
    "z": "And it adds the two up.",
}
NOTED = "{0} becomes {{value}}, and gets a grad_fn, the recipe for the way back: {1}."
RESULT = "{0} becomes {{value}}; its grad_fn is {1}."
WRITTEN = "Running the program has drawn a computational graph."
ACYCLIC = "No arrow leads back: it is a directed acyclic graph."
WHERE = "Follow it backward: where does every path end?"
AT_A_LEAF = "At a leaf, which has no grad_fn."
