"""What a lecturer says about a backward pass that is plain enough to be told path by path.

Plain is a pass of few steps between single numbers that starts at one result with 1, without hooks,
custom Functions and earlier gradients. All others are told by the facts of their tape
(`gradreel.draw.folded.backward_captions`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.edge_arrow import edge_key
from gradreel.draw.graph.step_names import op_name
from gradreel.tape import Edge, Step, Tape
from gradreel.tape.facts import pass_facts, sends_gradient_times_local

MOST_STEPS = 8
COUNTS = ("No", "One", "Two", "Three", "Four")
Numbers = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepLesson:
    """What is said at one step: as it receives, as it multiplies, and as its streams flow."""

    receives: tuple[str, ...]
    sends: tuple[str, ...]
    numbers: Numbers


def is_plain_pass(tape: Tape, backward: int) -> bool:
    """Whether a pass can be told path by path."""
    steps, facts = tape.backward(backward), pass_facts(tape, backward)
    gradients = {step.op: step.gradient for step in steps}
    is_simple = (
        facts.root and not facts.altered and len(steps) <= MOST_STEPS and not tape.hooks
        and tape.backwards == (backward,)
    )  # fmt: skip
    if not is_simple or any(tape.has_grad_before(op, backward) for op in gradients):
        return False
    edges = [edge for op in gradients for edge in tape.outgoing(op, backward)]
    return all(
        tape[op].shape == () and tape[op].name and isinstance(gradient, float)
        for op, gradient in gradients.items()
    ) and all(sends_gradient_times_local(gradients[edge.source], edge) for edge in edges)


class PassLesson:
    """The sentences of a plain pass, step by step."""

    def __init__(self, graph: TapeGraph, backward: int) -> None:
        self.tape, self.backward = graph.tape, backward
        self._tags = graph.labels(backward).tags
        self.steps = self.tape.backward(backward)
        self._paths = {op: k for k, op in enumerate(self._ends_of_paths(), start=1)}
        self._last_sender = [s.op for s in self.steps if self._outgoing(s)][-1]

    def _outgoing(self, step: Step) -> tuple[Edge, ...]:
        return self.tape.outgoing(step.op, self.backward)

    def _ends_of_paths(self) -> Iterator[str]:
        """The ops that send to a leaf where several paths meet."""
        for step in self.steps[1:]:
            targets = [edge.target for edge in self._outgoing(step)]
            if any(len(self.tape.incoming(op, self.backward)) > 1 for op in targets):
                yield step.op

    def at(self, step: Step) -> StepLesson:
        """What is said at a step."""
        if step.node == "AccumulateGrad":
            return self._at_leaf(step)
        name = op_name(self.tape[step.op])
        numbers = {"g": self.tape.gradient(step.op, self.backward)}
        if step is self.steps[0]:
            return StepLesson((START.format(name),), (TIMES_LOCAL,), numbers)
        sends, sent = self._products(step)
        if step.op == self._last_sender:
            sends = (*sends, VECTOR_JACOBIAN)
        return StepLesson((self._lead(step, name),), sends, {**numbers, **sent})

    def _lead(self, step: Step, name: str) -> str:
        incoming = len(self.tape.incoming(step.op, self.backward))
        if incoming > 1:
            return MEET_AND_ADD.format(_count(incoming), name)
        number = self._paths.get(step.op, 0)
        return PATH.format(_count(number).lower(), name) if number else REACHES.format(name)

    def _products(self, step: Step) -> tuple[tuple[str, ...], Numbers]:
        """`gradient × local derivative` for one or two inputs, if there is space to write it."""
        edges = self._outgoing(step)
        numbers: Numbers = {}
        for k, edge in enumerate(edges):
            numbers |= {f"l{k}": self.tape.local(edge), f"c{k}": self.tape.contribution(edge)}
        names = [op_name(self.tape[edge.target]) for edge in edges]
        is_shown = all(self._has_product(edge) for edge in edges)
        if len(edges) == 1 and is_shown:
            return (ONE_PRODUCT,), numbers
        if len(edges) == 2 and is_shown:
            return (TWO_PRODUCTS.format(*names),), numbers
        return ((EACH_PRODUCT,), {}) if edges else ((), {})

    def _has_product(self, edge: Edge) -> bool:
        """Whether the product is written at its arrow."""
        tag = self._tags.get(edge_key(edge))
        return tag is not None and "local" in tag.formula.slots

    def _at_leaf(self, step: Step) -> StepLesson:
        name, incoming = op_name(self.tape[step.op]), self.tape.incoming(step.op, self.backward)
        total = {"total": self.tape.gradient(step.op, self.backward)}
        if len(incoming) < 2:
            says = ONE_PATH if self._count_paths(step.op) == 1 else ONE_STREAM
            return StepLesson((says.format(name), GRAD_IS.format(name)), (), total)
        parts = {f"p{k}": self.tape.contribution(edge) for k, edge in enumerate(incoming)}
        both = "Both of them" if len(incoming) == 2 else "All of them"
        result = THE_SUM if len(parts) > 2 else TWO_ADDENDS
        shown = parts if len(parts) == 2 else {}
        return StepLesson(
            (STREAMS.format(_count(len(incoming)), name), RULE.format(both)),
            (result.format(name),),
            {**shown, **total},
        )

    def _count_paths(self, op: str) -> int:
        """How many paths lead from the result to an op."""
        incoming = self.tape.incoming(op, self.backward)
        return sum(self._count_paths(edge.source) for edge in incoming) or 1


def _count(number: int) -> str:
    return COUNTS[number] if number < len(COUNTS) else "Several"


START = "{0} comes first. Its gradient with respect to itself is {{g}}."
TIMES_LOCAL = "Each way back multiplies it by a local derivative."
PATH = "Path {0} leads through {1}."
REACHES = "The gradient reaches {0}."
MEET_AND_ADD = "{0} streams meet at {1}, and they add up."
ONE_PRODUCT = "{g} times the local derivative {l0} is {c0}."
TWO_PRODUCTS = "{{g}} times {{l0}} is {{c0}} for {0}, and {{g}} times {{l1}} is {{c1}} for {1}."
EACH_PRODUCT = "What goes on is that, times the local derivative."
VECTOR_JACOBIAN = "For tensors, this is a vector-Jacobian product."
STREAMS = "{0} streams meet at {1}. Which of them counts?"
RULE = "{0}: gradients add where paths meet."
TWO_ADDENDS = "{{p0}} plus {{p1}} is {{total}}, and that is {0}.grad."
THE_SUM = "Together they are {{total}}, and that is {0}.grad."
ONE_STREAM = "One stream arrives at {0}."
ONE_PATH = "Only one path leads to {0}."
GRAD_IS = "So {0}.grad is {{total}}."
