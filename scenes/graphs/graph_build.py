"""The forward pass writes a graph.

A program is recorded line by line. Every operation adds a node to the graph, and grad_fn of a
result points to its node; leaves have none.
"""

from __future__ import annotations

import inspect

from manim import UP, Animation, ApplyMethod, FadeIn, LaggedStart, Write

from gradreel.draw.code_listing import CodeListing
from gradreel.draw.formula import Formula
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.tape_graph import FlashSlot, early
from gradreel.draw.layout import Rect, bounding_rect, point
from gradreel.draw.numbers import Readout
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, param
from gradreel.record import record
from gradreel.scenes.chain_rule.joins import LINK
from gradreel.scenes.graphs.graph_stage_figure import graph_stage
from gradreel.scenes.graphs.joins import GRAPH
from gradreel.tape import Op
from gradreel.theme import FontSize, Timing, colors


# Without annotations, because its source is shown on screen.
def program(x, y):  # type: ignore[no-untyped-def]
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

    def construct(self) -> None:
        tape = self.tape = record(program, x=self.params.x, y=self.params.y)
        self.build_layout()
        with self.beat("leaves", GUEST, LEAVES, plays=2) as said:
            self.play(
                self.carry("node", self.graph.cards["x"]),
                *self.leave_first_picture(rate_func=early),
                Write(self.formula),
            )
            self.play(FadeIn(self.listing))
            said.next()
            self.play(self.graph.appears("y"), run_time=Timing.quick)
            self.play(*self.points_out_leaves())
        for op in (op for op in tape.ops if op.grad_fn):
            result = (NOTED if op.name == "a" else RESULT).format(op.name, op.grad_fn)
            say = (STEPS[op.name], result)
            with self.beat(f"{op.name} is computed", *say, value=tape.value(op.id)) as said:
                self.run_line(op)
                said.next()
                self.play(self.graph.yields(op.id), FadeIn(self.below_term(op)), run_time=0.6)
                self.play(self.graph.points_out_nodes(op.id), self.graph.flashes(op.id))
        with self.beat("the whole graph", WRITTEN, ACYCLIC) as said:
            self.play(self.graph.traces_forward())
            said.next()
            in_order = map(self.graph.flashes, self.graph.cards)
            self.play(LaggedStart(*in_order, lag_ratio=0.5))
        with self.beat("leaf or not", WHERE, AT_A_LEAF) as said:
            self.play(self.graph.traces_back())
            said.next()
            self.play(*self.points_out_leaves())
        self.close(graph=self.graph)

    def points_out_leaves(self) -> list[Animation]:
        """The word "leaf" on both cards, and their frames."""
        leaves = ("x", "y")
        return [self.graph.points_out_nodes(*leaves), *map(self.graph.flashes, leaves)]

    def build_layout(self) -> None:
        """The graph, the program left of it, and the formula that it computes below."""
        stage, strip = graph_stage(), graph_stage().strip
        assert self.tape is not None
        self.graph = TapeGraph(self.tape, area=stage.graph, detail=True)
        column = Rect(strip.left, strip.right - 0.25, strip.bottom, strip.top)
        if not stage.is_wide:  # above the result there is room in every frame
            card = bounding_rect(self.graph.cards["z"])
            column = Rect(card.left, card.right, card.top, strip.top)
        body = inspect.getsource(program).splitlines()[1:-1]
        size = FontSize.formula if stage.is_wide else FontSize.label
        self.listing = CodeListing("\n".join(body), area=column, font_size=size)
        self.listing.mark.set_fill(opacity=0)  # until the first line runs
        self.formula = Formula("{z} quad = quad {a} quad + quad {b}", z="z", a="x y", b="x^2")
        self.formula.move_to(stage.board.center + VALUE_BELOW / 2 * UP)

    def below_term(self, op: Op) -> Readout:
        """The value of an op, below its term of the formula."""
        assert self.tape is not None
        value = Readout(self.tape.value(op.id), font_size=FontSize.body, color=colors.value)
        term = self.formula.part(op.name)
        return value.move_to(point(float(term.get_x()), self.formula.baseline - VALUE_BELOW))

    def run_line(self, op: Op) -> None:
        """The mark moves to the line first; then the line does its work on its term."""
        mark = self.listing.mark
        if mark.get_fill_opacity():
            self.play(self.listing.marks(self.listing.line_of(op.name)), run_time=0.4)
        else:
            self.play(ApplyMethod(mark.set_fill, None, 1), run_time=0.4)
        self.play(self.graph.connects(op.id), FlashSlot(self.formula, op.name))


VALUE_BELOW = 0.45  # frame units from the line of the formula to the values of its terms
GUEST = "Take a function of two inputs: x times y, plus x squared."
LEAVES = "You made x and y yourself: they are called leaves."
STEPS = {
    "a": "Python runs the first line.",
    "b": "The second line squares x.",
    "z": "The last line adds the two up.",
}
NOTED = "{0} becomes {{value}}, and gets a grad_fn, the recipe for the way back: {1}."
RESULT = "{0} becomes {{value}}; its grad_fn is {1}."
WRITTEN = "Running the program has drawn a computational graph."
ACYCLIC = "No arrow leads back: it is a directed acyclic graph."
WHERE = "Follow it backward: where does every path end?"
AT_A_LEAF = "At a leaf, which has no grad_fn."
