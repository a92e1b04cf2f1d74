"""Gradients flow against the arrows and add where paths meet.

Backward visits the nodes of a recorded program in the engine's order. Each node multiplies its
gradient by the local derivative of every input and sends the product there; where several paths
meet, the contributions add up. Large programs are shown folded.
"""

from __future__ import annotations

from gradreel.draw.folded import FoldedGraph, readable_graph
from gradreel.draw.folded.backward_captions import op_name
from gradreel.errors import UsageError
from gradreel.fold import choose_fold
from gradreel.lecture.backprop_scene import BackpropScene
from gradreel.measure.example_programs import load_chosen_program
from gradreel.params import ProgramParams, param
from gradreel.tape import Step, Tape


class BackwardFlow(BackpropScene):
    class Params(ProgramParams):
        backward: int = param(1, "which backward pass is shown, where there are several", ge=1)
        inside: str = param("", "the folded part of a large program that is entered, or none")

    def construct(self) -> None:
        tape = self.tape = load_chosen_program(self.params).record()
        steps = backward_steps(tape, self.params.backward)
        graph = readable_graph(tape)
        part = None
        if isinstance(graph, FoldedGraph):
            part = choose_fold(graph.view, self.params.inside, self.params.backward)

        result = tape[steps[0].op]
        forward = (FORWARD if part is None else FORWARD_FOLDED).format(result=op_name(result))
        with self.beat("the forward pass", forward, value=tape.value(result.id)):
            self.play(graph.unfolds())
        self.play_backward(graph, part, self.params.backward)


def backward_steps(tape: Tape, number: int) -> tuple[Step, ...]:
    """The steps of a backward pass; raises UsageError if the tape has no pass of this number."""
    if number not in tape.backwards:
        valid = [str(n) for n in tape.backwards]
        raise UsageError(f"-P backward={number}: the program has no such pass.", valid=valid)
    return tape.backward(number)


FORWARD = "Forward computes {result}: {{value}}. It remembers every step."
FORWARD_FOLDED = "Forward computes {result}: {{value}}. A stack stands for many steps."
