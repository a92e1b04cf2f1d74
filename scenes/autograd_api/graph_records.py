"""What a tensor knows.

is_leaf, requires_grad, grad_fn and grad of all tensors of a program, one attribute after the other,
as tags at the nodes of its graph; grad before and after backward. The values are read from the
tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from manim import Animation, AnimationGroup, FadeOut, Indicate, LaggedStart, VMobject

from gradreel.draw.exchange import comes, goes
from gradreel.draw.formula import Formula, is_sum
from gradreel.draw.no_motion import NoMotion
from gradreel.draw.tagged_graph import TaggedGraph
from gradreel.errors import UsageError
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.example_programs import load_chosen_program
from gradreel.params import ProgramParams, param
from gradreel.scenes.autograd_api.attribute_heads_figure import AttributeHeads
from gradreel.scenes.autograd_api.joins import SWITCH_WORD
from gradreel.scenes.autograd_api.tensor_attributes_experiment import (
    TensorAttributes,
    read_attributes,
)
from gradreel.scenes.graphs.joins import BOX_GRAPH, records_areas
from gradreel.tape import Quantity, Tape
from gradreel.theme import Timing, colors

HEADS = ("is_leaf", "requires_grad", "grad_fn", "grad")
IS_LEAF, REQUIRES_GRAD, GRAD_FN, GRAD = range(4)
MOST_TENSORS = 9


class GraphRecords(LectureScene):
    begins_with, ends_with = BOX_GRAPH, SWITCH_WORD

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
            word = self.heads.heads[REQUIRES_GRAD]
            # On its way it would glide over the graph.
            others = [head for head in self.heads.heads if head is not word]
            self.play(FadeOut(self.graph, self.heads.bar, *others), run_time=Timing.leave)
            self.close(requires_grad=word)

    def play_before_backward(self) -> None:
        """The graph, and its attributes one after the other."""
        leaves, results = self.leaf_rows(True), self.leaf_rows(False)
        with self.beat("who is there", WHO, plays=1):
            if self.begins_joined:
                self.play(self.carry("graph", self.graph), run_time=0.5)
            appears = self.graph.traces_forward if self.begins_joined else self.graph.unfolds
            self.play(appears())
        with self.beat("leaf or result", *caption_leaves(self.tensors)) as said:
            self.begin(IS_LEAF, leaves)
            if results:
                said.next()
                self.play(self.tags_appear(IS_LEAF, results))
        with self.beat("the switch", *caption_requires_grad(self.tensors)) as said:
            self.begin(REQUIRES_GRAD, leaves)
            said.next()
            self.play(self.graph.traces_forward(), self.tags_appear(REQUIRES_GRAD, results))
        with self.beat("who made you", *NODES) as said:
            self.begin(GRAD_FN, [*results, *leaves])
            said.next()
            self.play(self.graph.traces_back())
        with self.beat("before backward", BEFORE):
            self.begin(GRAD, range(len(self.tensors)))

    def play_after_backward(self, tape: Tape, title: str) -> None:
        """The backward pass, and what it leaves in the gradients."""
        retain, graph = self.params.retain, self.graph
        steps = [step for step in tape.backward() if step.op in graph.nodes]
        inner = [step for step in steps if not tape[step.op].is_leaf]
        trigger = TRIGGER.format(tape[steps[0].op].name or title)
        leaves, results = self.rows(leaves=True), self.rows(leaves=False)
        added, sums, meets = caption_sum(tape, self.tensors)
        filled = [k for k in leaves if not added or self.tensors[k].name == meets]
        with self.beat("backward", trigger, *added, plays=len(inner), **sums) as said:
            for step in inner:
                self.play(graph.lights(step), *graph.hands_on(step))
            if added:
                said.next()
            self.play(*self.fill_grads(filled))
        first, numbers = caption_grads([self.tensors[k] for k in leaves])
        with self.beat("leaves are filled", first, plays=2, **numbers):
            arriving = self.fill_grads([k for k in leaves if k not in filled])
            leaving = [FadeOut(number) for number in graph.takes_numbers()]
            kept = [] if retain else graph.dims([step.op for step in inner])
            self.play(*arriving, *leaving, *kept, run_time=1.0)
            self.play(self.points_at(leaves))
        if not results:
            return  # the result has no name, and so no tag of its own
        with self.beat("results", RESULTS[retain], plays=1 + retain):
            if retain:
                self.play(*self.fill_grads(results))
            self.play(self.points_at(results))

    def build_layout(self, tape: Tape) -> None:
        """The names of the attributes, and the graph below them."""
        heads, area = records_areas()
        self.graph = TaggedGraph(tape, area)
        self.heads = AttributeHeads(HEADS, heads)
        named = {tape[op_id].name: op_id for op_id in self.graph.nodes}
        self.ops = {k: named[t.name] for k, t in enumerate(self.tensors) if t.name in named}
        self.drawn: dict[tuple[str, int], VMobject] = {}  # tags by tensor and attribute

    def rows(self, *, leaves: bool) -> list[int]:
        """The leaves that require a gradient, or the results, among the tensors."""
        return [k for k, t in enumerate(self.tensors) if t.requires_grad and t.is_leaf == leaves]

    def leaf_rows(self, is_leaf: bool) -> list[int]:
        """All leaves, or all other tensors."""
        return [k for k, t in enumerate(self.tensors) if t.is_leaf == is_leaf]

    def begin(self, column: int, rows: Iterable[int]) -> None:
        """The tags of the attribute before go; the name of the next one and these tags come."""
        old = [goes(tag) for tag in self.graph.takes_tags()]
        self.play(*old, self.heads.begins(column), run_time=BEGIN)
        self.play(self.tags_appear(column, rows))

    def tags_appear(self, column: int, rows: Iterable[int]) -> Animation:
        """The tags of these tensors come, one after the other, while their nodes flash."""
        return self.one_by_one(rows, lambda row: self.puts_tag(row, column))

    def puts_tag(self, row: int, column: int) -> Animation:
        """A tag with an attribute of a tensor comes out of its node."""
        words, color = self.tag_content(row, column)
        tag = self.graph.tag(self.ops[row], words, color)
        self.drawn[self.tensors[row].name, column] = tag
        return self.graph.puts_on(self.ops[row], tag)

    def tag_content(self, row: int, column: int) -> tuple[str, str]:
        """What the tag of a tensor says before backward, and its color."""
        tensor = self.tensors[row]
        if column == GRAD:
            return str(tensor.grad_before), colors.muted  # None: no pass has run
        if column == GRAD_FN:
            return tensor.grad_fn or "None", colors.value if tensor.grad_fn else colors.muted
        is_on = tensor.is_leaf if column == IS_LEAF else tensor.requires_grad
        return str(is_on), colors.leaf if is_on else colors.muted

    def one_by_one(self, rows: Iterable[int], change: Callable[[int], Animation]) -> Animation:
        """A change of these tensors, one after the other, while their nodes flash."""
        steps = [
            AnimationGroup(self.graph.flashes(self.ops[row]), change(row))
            for row in rows
            if row in self.ops
        ]
        return LaggedStart(*steps, lag_ratio=0.5) if steps else NoMotion()

    def fill_grads(self, rows: Iterable[int]) -> list[Animation]:
        """Numbers leave the arrows for the tags of these tensors."""
        kept = [k for k in rows if self.tensors[k].grad_after is not None and k in self.ops]
        return [animation for k in kept for animation in self.fill_grad(k)] or [NoMotion()]

    def fill_grad(self, row: int) -> list[Animation]:
        """What arrived at a tensor is added up in its tag, in the place of None."""
        op, grad = self.ops[row], self.tensors[row].grad_after
        old = self.graph.tags[op]
        new = (
            self.graph.sum_tag(op, grad)
            if isinstance(grad, Quantity)
            else self.graph.tag(op, f"shape {grad}", colors.gradient)
        )
        self.graph.tags[op] = self.drawn[self.tensors[row].name, GRAD] = new
        if isinstance(new, Formula):
            return [goes(old), *self.graph.gathers(op, new)]
        return [goes(old), comes(new)]

    def points_at(self, rows: Iterable[int]) -> Animation:
        """The tags of these tensors are highlighted."""
        marked = [
            Indicate(self.graph.tags[self.ops[k]], color=colors.accent)
            for k in rows
            if k in self.ops
        ]
        return LaggedStart(*marked, lag_ratio=0.2) if marked else NoMotion()


def require_few(tensors: Mapping[str, TensorAttributes], title: str) -> list[TensorAttributes]:
    """The tensors in a list; raises UsageError for more than MOST_TENSORS of them."""
    if len(tensors) > MOST_TENSORS:
        raise UsageError(
            f"the program names {len(tensors)} tensors; the scene shows {MOST_TENSORS}.",
            where=title,
            hint="Choose a smaller program, or one with fewer variables.",
        )
    return list(tensors.values())


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


def caption_sum(
    tape: Tape, tensors: Sequence[TensorAttributes]
) -> tuple[tuple[str, ...], dict[str, Any], str]:
    """That two contributions add up at a leaf, their numbers and its name, if at any."""
    for tensor in tensors:
        op = next((op for op in tape.ops if op.name == tensor.name and op.is_leaf), None)
        edges = tape.incoming(op.id) if op else ()
        if len(edges) != 2 or not isinstance(tensor.grad_after, Quantity):
            continue
        p, q = (tape.contribution(edge) for edge in edges)
        if is_sum(("p", "q"), "total").relation({"p": p, "q": q, "total": tensor.grad_after}):
            return (SUM.format(tensor.name),), {"p": p, "q": q}, tensor.name
    return (), {}, ""


def caption_grads(leaves: Sequence[TensorAttributes]) -> tuple[str, dict[str, Any]]:
    """What the leaves' `.grad` are after backward, and the numbers in it."""
    numbers = {
        f"g{k}": t.grad_after for k, t in enumerate(leaves) if isinstance(t.grad_after, Quantity)
    }
    if not 0 < len(numbers) <= 3 or len(numbers) < len(leaves):
        return f"{KEPT}.", {}
    each = [f"{t.name}.grad is {{g{k}}}" for k, t in enumerate(leaves)]
    return f"{KEPT}: {enumerate_words(each)}.", numbers


def enumerate_words(words: Sequence[str]) -> str:
    """Words in one phrase: "a, b and z"."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


BEGIN = 0.7  # seconds
WHO = "Every tensor keeps a record of itself."
SWITCH = "requires_grad asks for a gradient."
INHERIT = "You set it on the leaves, and results inherit it."
NODES = (
    "grad_fn names the operation that made a tensor, so a leaf has none.",
    "Following grad_fn leads back to the leaves.",
)
BEFORE = "Before backward, every grad is None."
TRIGGER = "{}.backward() sends gradients along every arrow."
SUM = "Two of them meet at {}: {{p}} and {{q}} add up."
KEPT = "Only the leaves keep theirs"
RESULTS = (
    "The results passed theirs on: grad is still None.",
    "With retain_grad(), results keep theirs too. That costs memory.",
)
