"""Forward and backward of a program of the user's own, drawn tensor by tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manim import FadeIn, FadeOut

from gradreel.draw.folded import FoldedGraph
from gradreel.draw.folded.backward_captions import pass_count_text
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.step_names import op_name
from gradreel.draw.layout import content_area
from gradreel.draw.tensors import LeafShelf
from gradreel.draw.tensors import TensorGraph as TensorGraphFigure
from gradreel.draw.tensors.grad_table import GradTable
from gradreel.fold import Fold
from gradreel.lecture.backprop_scene import BackpropScene, forward_caption, op_on_card
from gradreel.scenes.whole_machine.tensor_counts_experiment import (
    all_are_slopes,
    count_broadcast_copies,
    count_gradient_elements,
)
from gradreel.tape import Step


class ProgramPass(BackpropScene):
    """A scene that plays a backward pass of any program on a graph of its tensors."""

    def show_program(
        self, graph: TensorGraphFigure, part: Fold | None, backward: int, target: frozenset[str]
    ) -> None:
        """Forward and backward of any program, node by node."""
        tape = graph.view.full_tape
        self.show_pass_count(tape, backward)
        has_tensors = any(op.shape for op in tape)
        if has_tensors:
            self.show_colors(graph)
        else:
            self.persistent = ()
        loss = tape[tape.backward(backward)[0].op]
        templates = THROUGH_MODULES if tape.module_calls else THROUGH_CALLS
        forward, numbers = forward_caption(tape, op_on_card(graph, loss), *templates)
        plays = len(graph.later_ops) + (not has_tensors)
        with self.beat("forward", forward, plays=plays, **numbers):
            if not has_tensors:
                self.play(graph.appears(*graph.source_ops))
            for op_id in graph.later_ops:
                self.play(graph.computes(op_id))
        self.play_backward(graph, part, backward, target)
        if any(row.after is not None for row in tape.grads if row.backward == backward):
            self.show_gradients(graph, backward)

    def show_colors(self, graph: TensorGraphFigure) -> None:
        """The color scales, and what the program starts with."""
        (bars,) = self.persistent
        say = (COLORS, SAMPLED) if graph.is_sampled else (COLORS,)
        with self.beat("a color for every number", *say, plays=3 - len(say)) as said:
            self.play(FadeIn(bars))
            if len(say) > 1:
                said.next()
            self.play(graph.appears(*graph.source_ops))

    def show_gradients(self, graph: TensorGraphFigure, backward: int) -> None:
        """The gradients of all leaves: as heat maps if those fit, else as a table."""
        tape = graph.view.full_tape
        shelf = LeafShelf(tape, graph.style, graph.area)
        count, numbers = pass_count_text(tape, backward)
        numbers["slopes"] = count_gradient_elements(tape, backward)
        is_one = numbers["slopes"] == 1
        say = ALL_OF_PASS.format(count=count) if count else ALL
        if is_one:
            say = ONE_OF_PASS.format(count=count) if count else ONE
        if not count and not all_are_slopes(tape, backward):
            say = FILLED_ONE if is_one else FILLED
        gone = [FadeOut(*self.scene_mobjects())]
        if shelf.is_complete:
            with self.beat("a slope for every number", say, **numbers):
                self.play(*gone, shelf.appears_from(graph.cards_by_op()))
            return
        table = GradTable(tape, backward, content_area())
        gone += [FadeOut(mobject) for mobject in self.persistent]
        compares = table.count > 1
        say_all = (say, NORMS) if compares else (say,)
        with self.beat("a slope for every number", *say_all, plays=2, **numbers) as said:
            self.play(*gone, run_time=0.6)
            self.play(table.appears())
            if compares:
                said.next()
                self.play(table.points_out_bars())

    def play_on(self, graph: FoldedGraph, first: Step, others: Sequence[Step]) -> None:
        """The gradient of the step `first` goes on through `others`."""
        self.play(graph.sends(first))
        for other in others:
            self.play(graph.receives(other))
            if graph.tape.outgoing(other.op):
                self.play(graph.sends(other))

    def step_caption(self, graph: TapeGraph, step: Step) -> tuple[str, dict[str, Any]]:
        """The caption of a node and its numbers; of a broadcast, how many gradients add up."""
        edge = graph.broadcast_edge(step) if isinstance(graph, TensorGraphFigure) else None
        if edge is None:
            return super().step_caption(graph, step)
        name = op_name(graph.tape[edge.target])
        return SUMMED.format(name=name), {"places": count_broadcast_copies(graph.tape, edge)}


COLORS = "Each cell is one number of a tensor: warm above zero, cool below, deeper the larger."
SAMPLED = "Of a large tensor, a sample of its numbers is drawn."
THROUGH_MODULES = (
    "Forward takes the batch through the modules to a single number: {result} is {{value}}.",
    "Forward takes the batch through the modules to {result}, a tensor.",
)
THROUGH_CALLS = (
    "Forward computes {result}: {{value}}.",
    "Forward computes {result}, a tensor of several numbers.",
)
SUMMED = "{name} was used in {{places}} places at once. On the way back, what they send adds up."
ALL_OF_PASS = "Every .grad has the shape of its tensor. {count} went to {{slopes}} numbers."
NORMS = "The longer the bar, the larger the gradient."
ALL = "Every gradient has the shape of its tensor. One pass backward found {slopes} slopes."
ONE_OF_PASS = "{count} went to a single number."
FILLED = "Every .grad has the shape of its tensor. One pass backward went to {slopes} numbers."
FILLED_ONE = "One pass backward went to a single number."
ONE = "One pass backward found the one slope there is."
