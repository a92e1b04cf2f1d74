"""The base class of scenes that play a backward pass on a graph, node by node."""

from __future__ import annotations

from typing import Any

from manim import Mobject

from gradreel.draw.folded import FoldedGraph
from gradreel.draw.folded.backward_captions import step_caption, step_name
from gradreel.draw.graph import TapeGraph
from gradreel.fold import Fold
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.tape import Step


class BackpropScene(LectureScene):
    """A scene that plays a backward pass; `persistent` mobjects stay while it zooms into a fold."""

    persistent: tuple[Mobject, ...] = ()

    def play_backward(self, graph: TapeGraph, part: Fold | None, backward: int = 1) -> None:
        """One pass over `graph` in the engine's order; `part` of it is entered on the way."""
        for step in graph.tape.backward(backward):
            if part is not None and step.op == part.id and isinstance(graph, FoldedGraph):
                self.play_inside_fold(graph, part, step)
            else:
                self.play_step(graph, step)

    def play_step(self, graph: TapeGraph, step: Step, sends: bool = True) -> None:
        """One node's turn: it receives, and sends where anything is left to send to."""
        say, numbers = self.step_caption(graph, step)
        sends = sends and bool(graph.tape.outgoing(step.op, step.backward))
        name = f"at {step_name(graph.tape, step)}"
        with self.beat(name, caption, plays=1 + sends, **numbers):
            self.play(graph.receives(step))
            if sends:
                self.play(graph.sends(step))

    def step_caption(self, graph: TapeGraph, step: Step) -> tuple[str, dict[str, Any]]:
        """What is said at a node's turn, and the numbers in it."""
        return told(graph.tape, step)

    def play_inside_fold(self, graph: FoldedGraph, part: Fold, step: Step) -> None:
        """Into a fold, through it in the engine's order, and out again."""
        inside = graph.fold_interior(part)
        if step.gradient is not None:
            self.play_step(graph, step, sends=False)
        outside = self.scene_mobjects()
        into = INTO_FOLDS if inside.graph.view.folds else INTO_NODES
        with self.beat(f"into {part.name}", into.format(name=part.name), count=part.count):
            self.play(inside.zooms_in(outside))
        for inner in inside.graph.tape.backward(step.backward):
            self.play_step(inside.graph, inner)
        sends = bool(graph.tape.outgoing(step.op, step.backward))
        with self.beat(f"out of {part.name}", OUT.format(name=part.name), plays=1 + sends):
            self.play(inside.zooms_out(self.scene_mobjects(), outside))
            if sends:
                self.play(graph.sends(step))

    def scene_mobjects(self) -> list[Mobject]:
        """What the scene has put on the stage, without what lasts."""
        lasting = (self.header, self._caption, *self.persistent)
        return [m for m in self.mobjects if not any(m is other for other in lasting)]


INTO_NODES = "{name} is one card for {{count}} operations. These are its real nodes."
INTO_FOLDS = "{name} stands for {{count}} operations. We look at what happens in there."
OUT = "Out again. What {name} had to send is now with its inputs."
