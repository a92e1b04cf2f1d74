"""What a tensor knows.

A table of is_leaf, requires_grad, grad_fn and grad of all tensors of a program, before and after
backward, beside the program's graph. The values are read from the tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from manim import Animation, AnimationGroup, FadeOut, Indicate, LaggedStart, Succession

from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.layout import Rect, content_area
from gradreel.errors import UsageError
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.example_programs import load_chosen_program
from gradreel.params import ProgramParams, param
from gradreel.scenes.autograd_api.attribute_table_figure import AttributeTable
from gradreel.scenes.autograd_api.joins import SWITCH_WORD
from gradreel.scenes.autograd_api.tensor_attributes_experiment import (
    GradValue,
    TensorAttributes,
    read_attributes,
)
from gradreel.scenes.graphs.joins import SMALL_GRAPH
from gradreel.tape import Quantity, Tape
from gradreel.theme import Timing, colors

HEADS = ("is_leaf", "requires_grad", "grad_fn", "grad")
IS_LEAF, REQUIRES_GRAD, GRAD_FN, GRAD = range(4)
MAX_ROWS = 9
SHORT_NAME = 2  # letters of a tensor's name
TABLE_INSET = 0.2  # frame units between the table and the margin, so that its rule ends before it


class GraphRecords(LectureScene):
    begins_with, ends_with = SMALL_GRAPH, SWITCH_WORD

    class Params(ProgramParams):
        inputs: str = param("", "other inputs by name, such as w=0.5, b=fixed(1)")
        retain: bool = param(False, "let results keep their gradient, by retain_grad()")

    def construct(self) -> None:
        retain = self.params.retain
        loaded = load_chosen_program(self.params)
        tape = self.tape = loaded.record()
        self.tensors = require_few(read_attributes(loaded, retain=retain), loaded.title)
        self.build_layout(tape)
        self.play_before_backward()
        self.play_after_backward(tape, loaded.title)
        if self.has_default_params:
            word = self.table.heads[REQUIRES_GRAD]
            # On its way it would glide over the graph.
            others = [part for part in self.table.parts() if part is not word]
            self.play(FadeOut(self.graph, *others), run_time=Timing.leave)
            self.close(requires_grad=word)

    def play_before_backward(self) -> None:
        """The graph, and the columns of the table one after the other."""
        leaves, results = self.leaf_rows(True), self.leaf_rows(False)
        everyone = range(len(self.tensors))
        with self.beat("who is there", WHO, plays=2 + self.begins_joined):
            if self.begins_joined:
                self.play(self.carry("graph", self.graph), run_time=0.5)
            appears = self.graph.traces_forward if self.begins_joined else self.graph.unfolds
            self.play(appears())
            self.play(self.table.draws_rule(), self.one_by_one(everyone, self.table.shows_name))
        with self.beat("leaf or result", *caption_leaves(self.tensors)) as said:
            self.play(self.begin_column(IS_LEAF, leaves))
            if results:
                said.next()
                self.play(self.fill_column(IS_LEAF, results))
        with self.beat("the switch", *caption_requires_grad(self.tensors)) as said:
            self.play(self.begin_column(REQUIRES_GRAD, leaves if results else ()))
            said.next()
            self.play(self.fill_column(REQUIRES_GRAD, results or leaves))
        with self.beat("who made you", *NODES) as said:
            self.play(self.begin_column(GRAD_FN, everyone))
            said.next()
            self.play(self.graph.traces_back())
        with self.beat("before backward", BEFORE):
            self.play(self.begin_column(GRAD, everyone))

    def play_after_backward(self, tape: Tape, title: str) -> None:
        """The backward pass, and what it leaves in the column of gradients."""
        retain, steps = self.params.retain, tape.backward()
        trigger = TRIGGER.format(tape[steps[0].op].name or title)
        with self.beat("backward", trigger, plays=2 * len(steps)):
            for step in steps:
                self.play(self.graph.receives(step))
                if tape.outgoing(step.op):
                    self.play(self.graph.sends(step))
        first, then, numbers = caption_grads([self.tensors[k] for k in self.rows(leaves=True)])
        freed = [] if retain else self.free_gradients(tape)
        with self.beat("leaves are filled", first, *then, plays=1 + bool(freed), **numbers) as said:
            if freed:
                self.play(*freed)
            self.play(*self.fill_grads(leaves=True))
            if then:
                said.next()
                self.play(self.table.points_at(GRAD, self.rows(leaves=True)))
        if not self.rows(leaves=False):
            return  # the result has no name, and so no row of its own
        with self.beat("results", RESULTS[retain], plays=1 + retain):
            if retain:
                self.play(*self.fill_grads(leaves=False))
            self.play(self.table.points_at(GRAD, self.rows(leaves=False)))

    def build_layout(self, tape: Tape) -> None:
        """The graph and, to its right or on a narrow screen below it, the table."""
        area = content_area()
        wide = area.width > 1.9 * area.height
        # Nodes are as wide as their names.
        table_share = 2.3 if max(len(op.name or op.id) for op in tape.ops) <= SHORT_NAME else 1.9
        upper, lower = area.columns(1, table_share) if wide else area.rows(1, 1.4, gap=0.1)
        if wide:
            lower = Rect(lower.left, lower.right - TABLE_INSET, lower.bottom, lower.top)
        self.graph = CompactGraph(tape, upper)
        named = {tape[op_id].name: op_id for op_id in self.graph.nodes}
        self.ops = {k: named[t.name] for k, t in enumerate(self.tensors) if t.name in named}
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

    def leaf_rows(self, is_leaf: bool) -> list[int]:
        """The rows of all leaves, or of all other tensors."""
        return [k for k, t in enumerate(self.tensors) if t.is_leaf == is_leaf]

    def one_by_one(self, rows: Iterable[int], change: Callable[[int], Animation]) -> Animation:
        """A change of these rows, one after the other, while the node of each row flashes."""
        steps = [AnimationGroup(*self.flashes(row), change(row)) for row in rows]
        return LaggedStart(*steps, lag_ratio=0.35)

    def flashes(self, row: int) -> list[Animation]:
        """A flash of the node of a row, if it has one."""
        return [self.graph.flashes(self.ops[row])] if row in self.ops else []

    def begin_column(self, column: int, rows: Sequence[int]) -> Animation:
        """The head of a column appears, then its cells in these rows."""
        cells = [self.fill_column(column, rows)] if rows else []
        head = [self.table.shows_head(column)]
        if column:
            head.append(self.table.steps_back(column - 1))
        return Succession(AnimationGroup(*head), *cells)

    def fill_column(self, column: int, rows: Iterable[int]) -> Animation:
        """The cells of a column appear in these rows."""
        return self.one_by_one(rows, lambda row: self.table.shows_cell(row, column))

    def fill_grads(self, *, leaves: bool) -> list[Animation]:
        """The gradients appear in the table, while the graph's are highlighted."""
        kept = [k for k in self.rows(leaves=leaves) if self.tensors[k].grad_after is not None]
        sums = {k: self.graph.sums.get(self.ops.get(k, "")) for k in kept}
        cells = [
            self.table.replaces_cell(k, GRAD, grad_text(self.tensors[k].grad_after), number)
            for k, number in sums.items()
        ]
        shown = [number for number in sums.values() if number is not None]
        return [*cells, *(Indicate(number, color=colors.accent) for number in shown)]

    def free_gradients(self, tape: Tape) -> list[Animation]:
        """The gradients of the results leave the graph."""
        results = {self.tensors[k].name for k in self.rows(leaves=False)}
        ops = [op.id for op in tape.ops if op.name in results]
        return self.graph.releases(ops)


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


def caption_leaves(tensors: Sequence[TensorAttributes]) -> tuple[str, ...]:
    """Which of the tensors are leaves, and which are not."""
    leaves = [t.name for t in tensors if t.is_leaf]
    results = [t.name for t in tensors if not t.is_leaf]
    kind = "they are leaves" if len(leaves) > 1 else "that is a leaf"
    first = f"You made {enumerate_words(leaves)}: {kind}."
    if not results:
        return (first,)
    rest = "were computed: they are not" if len(results) > 1 else "was computed: it is not"
    return first, f"{enumerate_words(results)} {rest}."


def caption_requires_grad(tensors: Sequence[TensorAttributes]) -> tuple[str, str]:
    """What requires_grad says, and which of the leaves require no gradient."""
    off = enumerate_words([t.name for t in tensors if t.is_leaf and not t.requires_grad])
    return SWITCH, f"{INHERIT} {off} is left out." if off else INHERIT


def caption_grads(
    leaves: Sequence[TensorAttributes],
) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """What the leaves' `.grad` are after backward: two passages, and the numbers of the second."""
    numbers = {
        f"g{k}": t.grad_after for k, t in enumerate(leaves) if isinstance(t.grad_after, Quantity)
    }
    if not 0 < len(numbers) <= 3 or len(numbers) < len(leaves):
        return KEPT, (), {}
    each = [f"{t.name}.grad is {{g{k}}}" for k, t in enumerate(leaves)]
    return KEPT, (f"{enumerate_words(each)}.",), numbers


def enumerate_words(words: Sequence[str]) -> str:
    """Words in one phrase: "a, b and z"."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


WHO = "Every tensor of this graph keeps a record of itself."
SWITCH = "requires_grad asks for a gradient."
INHERIT = "You set it on the leaves, and results inherit it."
NODES = (
    "grad_fn names the operation that made a tensor, so a leaf has none.",
    "Following grad_fn leads back to the leaves.",
)
BEFORE = "Before backward, every grad is None."
TRIGGER = "{}.backward() hands a gradient to every node."
KEPT = "Only the leaves keep it."
RESULTS = (
    "The results passed theirs on: grad is still None.",
    "With retain_grad(), results keep theirs too. That costs memory.",
)
