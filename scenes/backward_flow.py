"""Gradients flow against the arrows and add where paths meet.

The forward pass of a program writes a graph. Backward walks it from the result to the inputs, in
the engine's own order: each node hands every input its gradient times the local derivative.
"""

from __future__ import annotations

import inspect

from gradreel.draw.folded import FoldedGraph, readable_graph
from gradreel.fold import to_open
from gradreel.lecture import LectureScene
from gradreel.params import SceneParams, param
from gradreel.record import record
from gradreel.record.input_text import split_inputs
from gradreel.record.programs import load_program
from gradreel.tape import Quantity, Step, Tape


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


class BackwardFlow(LectureScene):
    class Params(SceneParams):
        program: str = param(
            "two paths",
            "two paths, one chain, three uses; a formula such as x*y + x**2; or file.py:function",
        )
        x: float = param(2.0, "the input x, where the program has one")
        y: float = param(3.0, "the input y, where the program has one")
        inputs: str = param("", "other inputs by name, such as w=0.5, b=1")
        inside: str = param("", "the folded part of a large program that is entered, or none")

    def construct(self):
        tape = self.tape = recorded(self.params)
        graph = readable_graph(tape)
        part = to_open(graph.view, self.params.inside) if isinstance(graph, FoldedGraph) else None
        result = tape[tape.backward()[0].op]

        with self.beat(
            "the forward pass",
            f"Forward computes {result.name or result.id}: {{value}}. It remembers every step.",
            value=tape.value(result.id),
        ):
            self.play(graph.unfolds())
        for step in graph.tape.backward():
            if part is not None and step.op == part.id:
                self.turn(graph, step, sends=False)
                self.look_inside(graph, part, step)
            else:
                self.turn(graph, step)

    def turn(self, graph, step, sends=True):
        """One node's turn: it receives, and sends where anything is left to send to."""
        say, numbers = told(graph.tape, step)
        sends = sends and bool(graph.tape.leaving(step.op))
        with self.beat(f"at {named(graph.tape, step)}", say, plays=1 + sends, **numbers):
            self.play(graph.receives(step))
            if sends:
                self.play(graph.sends(step))

    def look_inside(self, graph, part, step):
        """Into a fold, through it in the engine's order, and out again."""
        inside, outside = graph.opened(part), self.on_stage()
        into = "{count} operations are folded here."
        with self.beat(f"into {part.name}", into, count=part.count):
            self.play(inside.comes(outside))
        for inner in inside.graph.tape.backward():
            self.turn(inside.graph, inner)
        left = f"Out again: {part.name} has handed its inputs their shares."
        with self.beat(f"out of {part.name}", left, plays=2):
            self.play(inside.goes(self.on_stage(), outside))
            if graph.tape.leaving(step.op):
                self.play(graph.sends(step))

    def on_stage(self):
        """What the scene has put on the stage."""
        return [m for m in self.mobjects if m is not self.header and m is not self._caption]


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


def named(tape: Tape, step: Step) -> str:
    """The variable of a step's op, or the call that made it where it has none."""
    return step.name or tape[step.op].call or step.op


def told(tape: Tape, step: Step) -> tuple[str, dict[str, Quantity]]:
    """What to say when it is a node's turn, and the numbers in it."""
    name = named(tape, step)
    if tape[step.op].shape != ():
        return f"{name} is handed a gradient of its own shape, and passes it on.", {}
    arrived = tape.arriving(step.op)
    total = {"total": tape.gradient(step.op)}
    if step.node == "AccumulateGrad" and len(arrived) > 1:
        parts = {f"part{k}": tape.contribution(edge) for k, edge in enumerate(arrived)}
        listed = " and ".join(f"{{{name}}}" for name in parts)
        return f"Paths meet at {name}: {listed} add up, and {name}.grad is {{total}}.", {
            **parts,
            **total,
        }
    if step.node == "AccumulateGrad":
        return f"One path leads to {name}: its .grad is {{total}}.", total
    if not arrived:
        return (
            f"Backward starts at {name} with {{total}} and asks each input for its share.",
            total,
        )
    return (
        f"{name} was handed {{total}}. It passes that on, times its local derivatives.",
        total,
    )
