"""What a tensor knows.

Each tensor of a program is asked: are you a leaf, do you require a gradient, which node made you,
what is your gradient? Before backward, and after. The answers are those of the real tensors.
"""

from __future__ import annotations

import inspect

from manim import FadeIn, FadeOut

from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.layout import content_area
from gradreel.errors import UsageError
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, param
from gradreel.record.input_parser import split_inputs
from gradreel.record.program_loader import LoadedProgram, load_program
from gradreel.scenes.autograd_api.attribute_table_figure import AttributeTable
from gradreel.scenes.autograd_api.tensor_attributes_experiment import read_attributes
from gradreel.scenes.graphs.backward_flow import PROGRAMS
from gradreel.tape import Quantity
from gradreel.theme import colors

HEADS = ("is_leaf", "requires_grad", "grad_fn", "grad")
LEAF, TRACKED, NODE, GRAD = range(4)
MOST = 9


class GraphRecords(LectureScene):
    class Params(SceneParams):
        program: str = param(
            "two paths",
            "two paths, one chain, three uses; a formula such as x*y + x**2; or file.py:function",
        )
        x: float = param(2.0, "the input x, where the program has one")
        y: float = param(3.0, "the input y, where the program has one")
        inputs: str = param("", "other inputs by name, such as w=0.5, b=fixed(1)")
        retain: bool = param(False, "let results keep their gradient, by retain_grad()")

    def construct(self):
        loaded = chosen(self.params)
        self.tape = loaded.record()
        self.answers = few(read_attributes(loaded, retain=self.params.retain), loaded.title)
        self.set_the_stage(loaded)

        with self.beat("who is there", WHO, plays=2):
            self.play(self.graph.unfolds())
            self.play(FadeIn(self.table))
        for column, name in ((LEAF, "leaf or result"), (TRACKED, "the switch")):
            with self.beat(name, self.said(column)):
                self.play(self.table.asks(column, self.cards))
        with self.beat("who made you", self.said(NODE), plays=2):
            self.play(self.table.asks(NODE, self.cards))
            self.play(self.graph.traces_back())
        with self.beat("before backward", self.said(GRAD)):
            self.play(self.table.asks(GRAD, self.cards))
        steps = self.tape.backward()
        with self.beat("backward", TRIGGER.format(self.result), plays=2 * len(steps)):
            for step in steps:
                self.play(self.graph.receives(step))
                if self.tape.outgoing(step.op):
                    self.play(self.graph.sends(step))
        say, numbers = self.filled()
        with self.beat("leaves are filled", say, **numbers):
            self.play(*self.keeps(leaves=True))
        with self.beat("results", RESULTS[self.params.retain], plays=2):
            self.play(*(self.keeps(leaves=False) if self.params.retain else self.lets_go()))
            self.play(self.table.points_at(GRAD, self.rows(leaves=False)))

    def set_the_stage(self, loaded):
        """The graph and, beside it or on a narrow picture below it, the table."""
        whole = content_area()
        wide = whole.width > 1.9 * whole.height
        upper, lower = whole.columns(1, 1.5) if wide else whole.rows(1, 1.4, gap=0.1)
        self.graph = CompactGraph(self.tape, upper)
        cards = {self.tape[op_id].name: card for op_id, card in self.graph.nodes.items()}
        self.cards = {k: cards[a.name] for k, a in enumerate(self.answers) if a.name in cards}
        self.result = self.tape[self.tape.backward()[0].op].name or loaded.title
        tones = [colors.leaf if a.is_leaf else colors.value for a in self.answers]
        rows = [
            (str(a.is_leaf), str(a.tracked), a.grad_fn or "None", in_cell(a.before))
            for a in self.answers
        ]
        later = [in_cell(a.after) for a in self.answers]
        names = [a.name for a in self.answers]
        self.table = AttributeTable(names, HEADS, rows, lower, tones=tones, later=later)

    def rows(self, *, leaves):
        """The rows of the leaves that require a gradient, or of the results."""
        return [k for k, a in enumerate(self.answers) if a.tracked and a.is_leaf == leaves]

    def origin(self, k):
        """Where in the graph a tensor's gradient stands."""
        sums = {self.tape[op_id].name: number for op_id, number in self.graph.sums.items()}
        return sums.get(self.answers[k].name, self.cards[k])

    def keeps(self, *, leaves):
        """The gradients fly out of the graph into the table."""
        return [
            self.table.becomes(k, GRAD, in_cell(self.answers[k].after), self.origin(k))
            for k in self.rows(leaves=leaves)
            if self.answers[k].after is not None
        ]

    def lets_go(self):
        """The gradients of the results are gone."""
        results = {self.answers[k].name for k in self.rows(leaves=False)}
        gone = [op.id for op in self.tape.ops if op.name in results]
        return [FadeOut(number) for number in self.graph.pop_sums(gone)]

    def said(self, column):
        """What the answers of a column come to."""
        made, results = named(self.answers, leaf=True), named(self.answers, leaf=False)
        if column == LEAF:
            what = "leaves" if " and " in made else "a leaf"
            return (
                f"You made {made}: {what}. Computed from there: {results}. Results are no leaves."
            )
        if column == TRACKED:
            off = named(self.answers, leaf=True, tracked=False)
            rest = f" {off} is left out." if off else ""
            return f"You set requires_grad where you want a gradient; results inherit it.{rest}"
        return NODES if column == NODE else BEFORE

    def filled(self):
        """What the leaves hold now, and the numbers in it."""
        leaves = [self.answers[k] for k in self.rows(leaves=True)]
        numbers = {f"g{k}": a.after for k, a in enumerate(leaves) if isinstance(a.after, Quantity)}
        if not 0 < len(numbers) <= 3 or len(numbers) < len(leaves):
            return "The leaves keep what reached them: .grad is what an optimizer will use.", {}
        each = [f"{a.name}.grad is {{g{k}}}" for k, a in enumerate(leaves)]
        return f"The leaves keep what reached them: {listed(each)}.", numbers


def chosen(params) -> LoadedProgram:
    """The program that the parameters name, with the inputs it asks for."""
    own = {"x": params.x, "y": params.y}
    if params.program in PROGRAMS:
        program = PROGRAMS[params.program]
        wanted = inspect.signature(program).parameters
        given = {**{name: own[name] for name in wanted}, **split_inputs(params.inputs)}
        return LoadedProgram(params.program, program, given)
    set_here = {name: value for name, value in own.items() if name in params.model_fields_set}
    given = {**set_here, **split_inputs(params.inputs)}
    return load_program(params.program, given, defaults=own)


def few(answers, title) -> list:
    """The answers, if the table can show them all."""
    if len(answers) > MOST:
        raise UsageError(
            f"the program names {len(answers)} tensors; the table shows {MOST}.",
            where=title,
            hint="Choose a smaller program, or one with fewer variables.",
        )
    return list(answers.values())


def in_cell(grad) -> Quantity | str:
    """A gradient as the table shows it."""
    if isinstance(grad, Quantity):
        return grad
    return "None" if grad is None else f"shape {grad}"


def named(answers, *, leaf, tracked=None) -> str:
    """The names of the leaves, or of the results, in a row."""
    return listed([a.name for a in answers if a.is_leaf == leaf and tracked in (None, a.tracked)])


def listed(words) -> str:
    """Words in a row: a, b and z."""
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
