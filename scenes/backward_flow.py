"""Gradients flow against the arrows and add where paths meet.

The forward pass of a program writes a graph. Backward walks it from the result to the inputs, in
the engine's own order: each node hands every input its gradient times the local derivative.
"""

from __future__ import annotations

import inspect

from gradreel.draw.graph import TapeGraph
from gradreel.lecture import LectureScene
from gradreel.params import SceneParams, param
from gradreel.record import record
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
            "two paths, one chain, three uses, a formula such as x*y + x**2, or file.py:function",
        )
        x: float = param(2.0, "the input x")
        y: float = param(3.0, "the input y, where the program has one")

    def construct(self):
        tape = self.tape = recorded(self.params)
        graph = TapeGraph(tape)
        result = tape.ops[-1]

        with self.beat(
            "the forward pass",
            f"Forward computes {result.name}, which is {{value}}, and remembers every step.",
            value=tape.value(result.id),
        ):
            self.play(graph.unfolds())
        for step in tape.backward():
            say, numbers = told(tape, step)
            sends = bool(tape.leaving(step.op))
            with self.beat(f"at {step.name}", say, plays=1 + sends, **numbers):
                self.play(graph.receives(step))
                if sends:
                    self.play(graph.sends(step))


def recorded(params) -> Tape:
    """The tape of the program that the parameters name."""
    program = PROGRAMS[params.program]
    wanted = inspect.signature(program).parameters
    return record(program, **{name: getattr(params, name) for name in wanted})


def told(tape: Tape, step: Step) -> tuple[str, dict[str, Quantity]]:
    """What to say when it is a node's turn, and the numbers in it."""
    arrived = tape.arriving(step.op)
    total = {"total": tape.gradient(step.op)}
    if step.node == "AccumulateGrad" and len(arrived) > 1:
        parts = {f"part{k}": tape.contribution(edge) for k, edge in enumerate(arrived)}
        listed = " and ".join(f"{{{name}}}" for name in parts)
        return f"Paths meet at {step.name}: {listed} add up, and {step.name}.grad is {{total}}.", {
            **parts,
            **total,
        }
    if step.node == "AccumulateGrad":
        return f"One path leads to {step.name}: its .grad is {{total}}.", total
    if not arrived:
        return (
            f"Backward starts at {step.name} with {{total}} and asks each input for its share.",
            total,
        )
    return (
        f"{step.name} was handed {{total}}. It passes that on, times its local derivatives.",
        total,
    )
