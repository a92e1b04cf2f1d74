"""Why a local derivative has its value: at each node the rule behind it, such as ∂b/∂x = 2x = 4."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manim import Animation, FadeIn, FadeOut, VGroup

from gradreel.draw.baseline import align_baselines, baseline_row
from gradreel.draw.exchange import first_of_soon, second_of_soon
from gradreel.draw.formula import Formula, when
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.gradient_formulas import symbol
from gradreel.draw.graph.tape_graph import FlashSlot, early
from gradreel.draw.layout import Rect, fit_into
from gradreel.errors import ExpressionError, NumberError
from gradreel.expression import FUNCTIONS, Expression, parse
from gradreel.expression.partial_derivative import partial_derivative
from gradreel.scenes.graphs.path_sum_figure import PathSum, fraction, paths_between
from gradreel.tape import Edge, Step, Tape
from gradreel.theme import FontSize

RULE_GAP = 0.8  # frame units between two rules, and between a rule and the sum over paths
MOST_RULES = 2  # of one node


class LocalRules:
    """The rules of the local derivatives on a board, one node at a time, until a leaf is reached.

    They stand right of what `path_sum` has written by then. A node has none if its operation has
    no derivative in a short form, or if there is no space for it. Before the pass there are
    `questions`: what the gradients of the leaves are that `path_sum` does not ask for. Where that
    is one leaf, reached on one path, `other` is its row: question and answer in the same place.
    """

    def __init__(
        self, graph: TapeGraph, backward: int, board: Rect, path_sum: PathSum | None
    ) -> None:
        self.graph, self.board, self.path_sum = graph, board, path_sum
        self._shown = VGroup()
        self._steps = graph.tape.backward(backward)
        self.other: PathSum | None = None
        self.answered: list[Formula] = []
        self.questions = self._questions(backward)
        self.rules: dict[str, VGroup] = {}
        for count, step in enumerate(self._steps, start=1):
            edges = graph.tape.outgoing(step.op, backward)
            rules = [rule for edge in edges if (rule := _rule(graph.tape, edge)) is not None]
            if rules and len(rules) == len(edges) <= MOST_RULES:
                self.rules[step.op] = self._row(rules, self._steps[:count])

    def _questions(self, backward: int) -> VGroup:
        """`∂z/∂x = ?` for each leaf; without that of the sum over paths, which asks itself."""
        asked = self.path_sum.leaf if self.path_sum is not None else ""
        leaves = [s.op for s in self._steps if s.node == "AccumulateGrad" and s.op != asked]
        if len(leaves) == 1 and (other := self._row_of(leaves[0], backward)) is not None:
            self.other = other
            return VGroup(other.left, other.question)
        root = self._steps[0].op
        sides = (fraction(self.graph.tape, root, leaf) for leaf in leaves)
        return self._row([Formula(f"{s} = med ?", font_size=FontSize.formula) for s in sides], ())

    def _row_of(self, leaf: str, backward: int) -> PathSum | None:
        """The product along the only path to a leaf, where it fits beside the sum over paths.

        The two stand in the middle of the board together.
        """
        if self.path_sum is None:
            return None
        tape, board, first = self.graph.tape, self.board, self.path_sum
        paths = tuple(paths_between(tape, self._steps[0].op, leaf, backward))
        if len(paths) != 1 or any(edge.local is None for edge in paths[0]):
            return None
        row = PathSum(self.graph, paths, backward, board)
        row.set_scale(first.scale)
        free = board.width - first.width - RULE_GAP - row.width
        if free < 0:
            return None
        first.move_to_left_end(board.left + free / 2)
        row.move_to_left_end(board.right - free / 2 - row.width)
        align_baselines(first.left, *row.parts, row.question)
        return row

    def _row(self, formulas: Sequence[Formula], done: tuple[Step, ...]) -> VGroup:
        """Formulas in a row, right of what is written after these steps; none without space."""
        row, area = VGroup(*formulas), self.board
        if not formulas:
            return row
        baseline_row(*formulas, gap=RULE_GAP)
        if self.path_sum is None:
            fit_into(row, area)
        else:
            left = self.path_sum.right_end(done) + RULE_GAP
            area = Rect(left, area.right, area.bottom, area.top)
            row.scale(self.path_sum.scale).move_to(area.center)
            align_baselines(self.path_sum.left, *formulas)
        return row if row.width <= area.width else VGroup()

    def asks(self) -> list[Animation]:
        """The questions are written."""
        self._shown = self.questions
        return [FadeIn(self.questions, rate_func=early)] if self.questions else []

    def writes(self, step: Step) -> list[Animation]:
        """The rules of a step in place of what stood there."""
        old, self._shown = self._shown, self.rules.get(step.op, VGroup())
        gone = [FadeOut(old, rate_func=first_of_soon)] if old else []
        return [*gone, *([FadeIn(self._shown, rate_func=second_of_soon)] if self._shown else [])]

    def wipes(self) -> list[Animation]:
        """What stands there goes."""
        old, self._shown = self._shown, VGroup()
        return [FadeOut(old)] if old else []

    def answers(self, step: Step) -> list[Animation]:
        """At the leaf that was asked for, the product along its path, where the question stood."""
        if self.other is None or step.op != self.other.leaf:
            return []
        self.answered = list(self.other.parts)
        return [FadeIn(part, rate_func=early) for part in self.answered]

    def points_out(self, step: Step) -> list[Animation]:
        """The local derivatives light up as they become factors at the arrows."""
        rules = [r for r in self.rules.get(step.op, ()) if isinstance(r, Formula)]
        return [FlashSlot(rule, "local", end=0.5) for rule in rules]


def has_rules(tape: Tape, backward: int) -> bool:
    """Whether some operation of a pass has local derivatives in a short form."""
    steps = (tape.outgoing(step.op, backward) for step in tape.backward(backward))
    return any(
        0 < len(edges) <= MOST_RULES and all(_in_symbols(tape, edge) for edge in edges)
        for edges in steps
    )


def _rule(tape: Tape, edge: Edge) -> Formula | None:
    """`∂b/∂x = 2 x = 4`; None where there is no short form, or where its value is another."""
    if not isinstance(edge.local, float):
        return None
    derivative = _in_symbols(tape, edge)
    if derivative is None:
        return None
    used = derivative.used_variables
    numbers = {f"v{k}": tape.value(name) for k, name in enumerate(used)}

    def calculate(*values: Any) -> Any:
        kind = type(values[-1])
        return derivative.evaluate(
            dict(zip(used, values[:-1], strict=True)),
            lambda name, value: kind(FUNCTIONS[name](float(value))),
            lambda value: kind(repr(value)),
        )

    names = {name: symbol(tape[name]) for name in used}
    formula = f" {derivative.typst(names)} {{sign}}" if used else ""
    slots: dict[str, Any] = {**numbers, "local": tape.local(edge)}
    try:
        return Formula(
            f"{fraction(tape, edge.source, edge.target)} {'=' if used else '{sign}'}{formula}"
            " {local}",
            font_size=FontSize.formula, roles={"local": "local"},
            sign=when(calculate, "local", tuple(slots)), **slots,
        )  # fmt: skip
    except (ArithmeticError, NumberError, ValueError):
        return None  # no value there, or a change that is not in the formula


def _in_symbols(tape: Tape, edge: Edge) -> Expression | None:
    """The derivative of the call of an op with respect to one of its inputs."""
    op = tape[edge.source]
    operands = [name for name in op.inputs if name.isidentifier()]
    if edge.target not in operands or any(tape[name].shape != () for name in operands):
        return None
    try:
        return partial_derivative(parse(op.call, variables=operands), edge.target)
    except ExpressionError:
        return None
