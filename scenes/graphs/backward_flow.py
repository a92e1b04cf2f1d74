"""Gradients flow against the arrows and add where paths meet.

The forward pass of a program writes a graph. Backward walks it from the result to the inputs, in
the engine's own order: each node hands every input its gradient times the local derivative.
"""

from __future__ import annotations

import inspect

from gradreel.draw.folded import FoldedGraph, readable_graph
from gradreel.draw.folded.backward_sentences import called
from gradreel.errors import UsageError
from gradreel.fold import choose_fold
from gradreel.lecture.backprop_scene import BackpropScene
from gradreel.params import SceneParams, param
from gradreel.record import record
from gradreel.record.input_parser import split_inputs
from gradreel.record.program_loader import load_program
from gradreel.tape import Step, Tape


def two_paths(x, y):
    a = x * y
    b = x**2
    z = a + b
    return z


def one_chain(x):
    a = 3 * x
    b = a + 1
    c = b**2
    z = c / 7
    return z


def three_uses(x, y):
    u = x * y
    a = u**2
    b = 3 * u
    c = a + b
    z = c + u
    return z


PROGRAMS = {"two paths": two_paths, "one chain": one_chain, "three uses": three_uses}


class BackwardFlow(BackpropScene):
    class Params(SceneParams):
        program: str = param(
            "two paths",
            "two paths, one chain, three uses; a formula such as x*y + x**2; or file.py:function",
        )
        x: float = param(2.0, "the input x, where the program has one")
        y: float = param(3.0, "the input y, where the program has one")
        inputs: str = param("", "other inputs by name, such as w=0.5, b=1")
        backward: int = param(1, "which backward pass is shown, where there are several", ge=1)
        inside: str = param("", "the folded part of a large program that is entered, or none")

    def construct(self):
        tape = self.tape = recorded(self.params)
        steps = passes(tape, self.params.backward)
        graph = readable_graph(tape)
        part = None
        if isinstance(graph, FoldedGraph):
            part = choose_fold(graph.view, self.params.inside, self.params.backward)

        result = tape[steps[0].op]
        forward = f"Forward computes {called(result)}: {{value}}. It remembers every step."
        if part is not None:
            forward = (
                f"Forward computes {called(result)}: {{value}}. A stack stands for many steps."
            )
        with self.beat("the forward pass", forward, value=tape.value(result.id)):
            self.play(graph.unfolds())
        self.goes_backward(graph, part, self.params.backward)


def recorded(params) -> Tape:
    """The tape of the program that the parameters name, with the inputs it asks for."""
    own = {"x": params.x, "y": params.y}
    if params.program in PROGRAMS:
        program = PROGRAMS[params.program]
        wanted = inspect.signature(program).parameters
        return record(program, **{name: own[name] for name in wanted})
    chosen = {name: value for name, value in own.items() if name in params.model_fields_set}
    given = {**chosen, **split_inputs(params.inputs)}
    return load_program(params.program, given, defaults=own).record()


def passes(tape: Tape, number: int) -> tuple[Step, ...]:
    """The steps of a backward pass; an error says how many there are."""
    if number not in tape.backwards:
        valid = [str(n) for n in tape.backwards]
        raise UsageError(f"-P backward={number}: the program has no such pass.", valid=valid)
    return tape.backward(number)
