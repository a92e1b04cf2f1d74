"""The forward pass writes a graph.

A program is recorded line by line. Every operation adds a node to the graph, and grad_fn of a
result points to its node; leaves have none.
"""

from __future__ import annotations

import inspect

from manim import FadeIn

from gradreel.draw.code_listing import CodeListing
from gradreel.draw.graph import TapeGraph
from gradreel.draw.layout import content_area
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, param
from gradreel.record import record
from gradreel.tape import Op


# Without annotations, because its source is shown on screen.
def program(x, y):  # type: ignore[no-untyped-def]
    a = x * y
    b = x**2
    z = a + b
    return z


class GraphBuild(LectureScene):
    class Params(SceneParams):
        x: float = param(2.0, "the input x")
        y: float = param(3.0, "the input y")

    def construct(self) -> None:
        tape = self.tape = record(program, x=self.params.x, y=self.params.y)
        left, right = content_area().columns(1, 3.4)
        source = inspect.getsource(program).replace("  # type: ignore[no-untyped-def]", "")
        listing = CodeListing(source, area=left)
        graph = TapeGraph(tape, area=right)

        with self.beat(
            "leaves", "The user makes x and y. Nothing computed them: they are leaves.", plays=2
        ):
            self.play(FadeIn(listing))
            self.play(graph.appears("x", "y"), listing.marks(1))
        for op in (op for op in tape.ops if op.grad_fn):
            with self.beat(f"{op.name} is computed", caption_op(op), value=tape.value(op.id)):
                self.play(graph.computes(op.id), listing.marks(listing.line_of(op.name)))
        with self.beat(
            "the whole graph",
            "Only results have a grad_fn. Follow it backward and every path ends at a leaf.",
        ):
            self.play(graph.traces_back())


def caption_op(op: Op) -> str:
    """The caption for the operation that computes a result."""
    return f"{op.name} becomes {{value}}, and autograd notes how: its grad_fn is {op.grad_fn}."
