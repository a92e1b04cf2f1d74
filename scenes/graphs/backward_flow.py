"""Gradients flow against the arrows and add where paths meet.

Backward visits the nodes of a recorded program in the engine's order. Each node multiplies its
gradient by the local derivative of every input and sends the product there; where several paths
meet, the contributions add up. Large programs are shown folded.
"""

from __future__ import annotations

from gradreel.draw.folded import FoldedGraph, readable_graph
from gradreel.fold import choose_fold
from gradreel.lecture.backprop_scene import BackpropScene, chosen_pass, forward_caption
from gradreel.measure.example_programs import load_chosen_program
from gradreel.params import ProgramParams, param


class BackwardFlow(BackpropScene):
    class Params(ProgramParams):
        backward: int = param(0, "which backward pass is shown, from 1; 0 is the last one", ge=0)
        inside: str = param("", "the folded part of a large program that is entered, or none")

    def construct(self) -> None:
        tape = self.tape = load_chosen_program(self.params).record()
        backward = chosen_pass(tape, self.params.backward)
        graph = readable_graph(tape)
        part = None
        if isinstance(graph, FoldedGraph):
            part = choose_fold(graph.view, self.params.inside, backward)

        result = tape[tape.backward(backward)[0].op]
        of_number = FORWARD if part is None else FORWARD_FOLDED
        forward, numbers = forward_caption(tape, result, of_number, FORWARD_TENSOR)
        with self.beat("the forward pass", forward, **numbers):
            self.play(graph.unfolds())
        self.play_backward(graph, part, backward)


FORWARD = "Forward computes {result}: {{value}}. It remembers every step."
FORWARD_TENSOR = "Forward computes {result}, a tensor of several numbers, and remembers every step."
FORWARD_FOLDED = "Forward computes {result}: {{value}}. A stack stands for many steps."
