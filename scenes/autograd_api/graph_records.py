"""What a tensor knows.

A table of is_leaf, requires_grad, grad_fn and grad of all tensors of a program, before and after
backward, beside the program's graph. The values are read from the tensors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from manim import Animation, FadeIn, FadeOut, Mobject

from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.layout import content_area
from gradreel.errors import UsageError
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.example_programs import load_chosen_program
from gradreel.params import ProgramParams, param
from gradreel.scenes.autograd_api.attribute_table_figure import AttributeTable
from gradreel.scenes.autograd_api.tensor_attributes_experiment import (
    GradValue,
    TensorAttributes,
    read_attributes,
)
from gradreel.tape import Quantity, Tape
from gradreel.theme import colors

HEADS = ("is_leaf", "requires_grad", "grad_fn", "grad")
IS_LEAF, REQUIRES_GRAD, GRAD_FN, GRAD = range(4)
MAX_ROWS = 9


class GraphRecords(LectureScene):
    class Params(ProgramParams):
        inputs: str = param("", "other inputs by name, such as w=0.5, b=fixed(1)")
        retain: bool = param(False, "let results keep their gradient, by retain_grad()")

    def construct(self) -> None:
        retain = self.params.retain
        loaded = load_chosen_program(self.params)
        tape = self.tape = loaded.record()
        self.tensors = require_few(read_attributes(loaded, retain=retain), loaded.title)
        self.build_layout(tape)
        steps = tape.backward()
        result = tape[steps[0].op].name or loaded.title

        with self.beat("who is there", WHO, plays=2):
            self.play(self.graph.unfolds())
            self.play(FadeIn(self.table))
        with self.beat("leaf or result", caption_leaves(self.tensors)):
            self.play(self.table.shows_column(IS_LEAF, self.nodes))
        with self.beat("the switch", caption_requires_grad(self.tensors)):
            self.play(self.table.shows_column(REQUIRES_GRAD, self.nodes))
        with self.beat("who made you", NODES, plays=2):
            self.play(self.table.shows_column(GRAD_FN, self.nodes))
            self.play(self.graph.traces_back())
        with self.beat("before backward", BEFORE):
            self.play(self.table.shows_column(GRAD, self.nodes))
        with self.beat("backward", TRIGGER.format(result), plays=2 * len(steps)):
            for step in steps:
                self.play(self.graph.receives(step))
                if tape.outgoing(step.op):
                    self.play(self.graph.sends(step))
        say, numbers = caption_grads([self.tensors[k] for k in self.rows(leaves=True)])
        with self.beat("leaves are filled", say, **numbers):
            self.play(*self.fill_grads(leaves=True))
        if not self.rows(leaves=False):
            return  # the result has no name, and so no row of its own
        with self.beat("results", RESULTS[retain], plays=2):
            self.play(*(self.fill_grads(leaves=False) if retain else self.free_gradients(tape)))
            self.play(self.table.points_at(GRAD, self.rows(leaves=False)))

    def build_layout(self, tape: Tape) -> None:
        """The graph and, to its right or on a narrow screen below it, the table."""
        area = content_area()
        wide = area.width > 1.9 * area.height
        upper, lower = area.columns(1, 1.5) if wide else area.rows(1, 1.4, gap=0.1)
        self.graph = CompactGraph(tape, upper)
        named = {tape[op_id].name: node for op_id, node in self.graph.nodes.items()}
        self.nodes = {k: named[t.name] for k, t in enumerate(self.tensors) if t.name in named}
        self.table = AttributeTable(
            [t.name for t in self.tensors],
            HEADS,
            [
                (
                    str(t.is_leaf),
                    str(t.requires_grad),
                    t.grad_fn or "None",
                    grad_text(t.grad_before),
                )
                for t in self.tensors
            ],
            lower,
            tones=[colors.leaf if t.is_leaf else colors.value for t in self.tensors],
            later=[grad_text(t.grad_after) for t in self.tensors],
        )

    def rows(self, *, leaves: bool) -> list[int]:
        """The rows of the leaves that require a gradient, or of the results."""
        return [k for k, t in enumerate(self.tensors) if t.requires_grad and t.is_leaf == leaves]

    def gradient_in_graph(self, row: int) -> Mobject:
        """The gradient beside a tensor's node, or the node where there is none."""
        sums = {self.graph.tape[op].name: number for op, number in self.graph.sums.items()}
        return sums.get(self.tensors[row].name, self.nodes[row])

    def fill_grads(self, *, leaves: bool) -> list[Animation]:
        """The gradients fly from the graph into the table."""
        return [
            self.table.replaces_cell(
                k, GRAD, grad_text(self.tensors[k].grad_after), self.gradient_in_graph(k)
            )
            for k in self.rows(leaves=leaves)
            if self.tensors[k].grad_after is not None
        ]

    def free_gradients(self, tape: Tape) -> list[Animation]:
        """The gradients of the results disappear from the graph."""
        results = {self.tensors[k].name for k in self.rows(leaves=False)}
        ops = [op.id for op in tape.ops if op.name in results]
        return [FadeOut(number) for number in self.graph.pop_sums(ops)]


def require_few(tensors: Mapping[str, TensorAttributes], title: str) -> list[TensorAttributes]:
    """The tensors in a list; raises UsageError for more than MAX_ROWS of them."""
    if len(tensors) > MAX_ROWS:
        raise UsageError(
            f"the program names {len(tensors)} tensors; the table shows {MAX_ROWS}.",
            where=title,
            hint="Choose a smaller program, or one with fewer variables.",
        )
    return list(tensors.values())


def grad_text(grad: GradValue) -> Quantity | str:
    """A gradient as the table shows it."""
    if isinstance(grad, Quantity):
        return grad
    return "None" if grad is None else f"shape {grad}"


def caption_leaves(tensors: Sequence[TensorAttributes]) -> str:
    """Which of the tensors are leaves."""
    leaves = enumerate_words([t.name for t in tensors if t.is_leaf])
    results = enumerate_words([t.name for t in tensors if not t.is_leaf])
    kind = "leaves" if " and " in leaves else "a leaf"
    return f"You made {leaves}: {kind}. Computed from there: {results}. Results are no leaves."


def caption_requires_grad(tensors: Sequence[TensorAttributes]) -> str:
    """Which of the leaves require no gradient."""
    off = enumerate_words([t.name for t in tensors if t.is_leaf and not t.requires_grad])
    rest = f" {off} is left out." if off else ""
    return f"You set requires_grad where you want a gradient; results inherit it.{rest}"


def caption_grads(leaves: Sequence[TensorAttributes]) -> tuple[str, dict[str, Any]]:
    """What the leaves' `.grad` are after backward: the caption and its numbers."""
    numbers = {
        f"g{k}": t.grad_after for k, t in enumerate(leaves) if isinstance(t.grad_after, Quantity)
    }
    if not 0 < len(numbers) <= 3 or len(numbers) < len(leaves):
        return "The leaves keep what reached them: .grad is what an optimizer will use.", {}
    each = [f"{t.name}.grad is {{g{k}}}" for k, t in enumerate(leaves)]
    return f"The leaves keep what reached them: {enumerate_words(each)}.", numbers


def enumerate_words(words: Sequence[str]) -> str:
    """Words in one phrase: "a, b and z"."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


WHO = "A program and its graph. Every tensor in it keeps a small record about itself: ask them."
NODES = (
    "Leaves have no grad_fn. A result points at the node that made it, and so back to the leaves."
)
BEFORE = "And the gradient? Nobody has run backward yet: .grad is None, whomever you ask."
TRIGGER = "{}.backward() walks the graph once and hands each node its gradient."
RESULTS = (
    "Results had gradients too, and passed them on. Only leaves keep theirs: .grad stays None.",
    "Told by retain_grad(), results keep theirs too: good to look inside, at the price of memory.",
)
