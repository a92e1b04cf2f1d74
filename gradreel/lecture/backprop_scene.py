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
        """Play one backward pass in the engine's order; for the fold `part`, also its interior."""
        for step in graph.tape.backward(backward):
            if part is not None and step.op == part.id and isinstance(graph, FoldedGraph):
                self.play_inside_fold(graph, part, step)
            else:
                self.play_step(graph, step)

    def play_step(self, graph: TapeGraph, step: Step, sends: bool = True) -> None:
        """Play one node in a beat: it receives its gradient, then sends contributions, if any."""
        caption, numbers = self.step_caption(graph, step)
        sends = sends and bool(graph.tape.outgoing(step.op, step.backward))
        name = f"at {step_name(graph.tape, step)}"
        with self.beat(name, caption, plays=1 + sends, **numbers):
            self.play(graph.receives(step))
            if sends:
                self.play(graph.sends(step))

    def step_caption(self, graph: TapeGraph, step: Step) -> tuple[str, dict[str, Any]]:
        """The caption of a step, and the numbers in it."""
        return step_caption(graph.tape, step)

    def play_inside_fold(self, graph: FoldedGraph, part: Fold, step: Step) -> None:
        """Zoom into a fold, play its interior in the engine's order, and zoom out."""
        interior = graph.fold_interior(part)
        if step.gradient is not None:
            self.play_step(graph, step, sends=False)
        outside = self.scene_mobjects()
        into = INTO_FOLDS if interior.graph.view.folds else INTO_NODES
        with self.beat(f"into {part.name}", into.format(name=part.name), count=part.count):
            self.play(interior.zooms_in(outside))
        for inner_step in interior.graph.tape.backward(step.backward):
            self.play_step(interior.graph, inner_step)
        sends = bool(graph.tape.outgoing(step.op, step.backward))
        with self.beat(f"out of {part.name}", OUT.format(name=part.name), plays=1 + sends):
            self.play(interior.zooms_out(self.scene_mobjects(), outside))
            if sends:
                self.play(graph.sends(step))

    def scene_mobjects(self) -> list[Mobject]:
        """The mobjects on stage without header, caption and `persistent` ones."""
        kept = (self.header, self._caption, *self.persistent)
        return [m for m in self.mobjects if not any(m is other for other in kept)]


INTO_NODES = "{name} is one card for {{count}} operations. These are its real nodes."
INTO_FOLDS = "{name} stands for {{count}} operations. We look at what happens in there."
OUT = "Out again. What {name} had to send is now with its inputs."
