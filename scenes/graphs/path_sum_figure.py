"""The chain rule on a graph, written out of it: products along paths, and their sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from manim import RIGHT, Animation, AnimationGroup, FadeIn, FadeOut, Succession, VGroup

from gradreel.draw.baseline import align_baselines, baseline_row
from gradreel.draw.exchange import first_of_soon, second_of_soon
from gradreel.draw.formula import Formula, when
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.gradient_formulas import symbol
from gradreel.draw.graph.tape_graph import FlashSlot, early
from gradreel.draw.layout import Rect, fit_into
from gradreel.draw.text import math
from gradreel.tape import Edge, Step, Tape
from gradreel.theme import FontSize

MOST_PATHS, MOST_EDGES = 3, 6
GAP = 0.2  # frame units, around a sign

Path = tuple[Edge, ...]
"""The edges of one path, from the result to a leaf."""


def summed_paths(tape: Tape, backward: int) -> tuple[Path, ...]:
    """The paths to the first leaf that two or three short ones lead to; () if there is none.

    They are in the order in which their contributions arrive.
    """
    root = tape.backward(backward)[0].op
    order = {step.op: step.order for step in tape.backward(backward)}
    for op in tape:
        paths = tuple(paths_between(tape, root, op.id, backward)) if op.is_leaf else ()
        paths = tuple(sorted(paths, key=lambda path: order.get(path[-1].source, 0)))
        few = 2 <= len(paths) <= MOST_PATHS and sum(map(len, paths)) <= MOST_EDGES
        if few and all(edge.local is not None for path in paths for edge in path):
            return paths
    return ()


def paths_between(tape: Tape, start: str, leaf: str, backward: int) -> Iterator[Path]:
    """All paths of a backward pass from an op to a leaf."""
    if start == leaf:
        yield ()
        return
    for edge in tape.outgoing(start, backward):
        for rest in paths_between(tape, edge.target, leaf, backward):
            yield (edge, *rest)


class PathSum:
    """The formula: the left side, for each path its product in symbols and in numbers, the sum.

    It is written in the course of the pass: the `left` side as a question, the `products` when the
    pass has come to the end of their paths, the `numbers` when their sum is in `.grad`. These are
    `parts` of one row, which `scale` has made fit.
    """

    def __init__(self, graph: TapeGraph, paths: Sequence[Path], backward: int, area: Rect) -> None:
        self.graph, self.paths, self.backward = graph, paths, backward
        self.leaf = paths[0][-1].target
        self.left = Formula(
            f"{fraction(graph.tape, paths[0][0].source, self.leaf)} =", font_size=FontSize.formula
        )
        self.products = [self._product(k) for k in range(len(paths))]
        self.numbers = self._numbers()
        self.parts = (self.left, *self.products, self.numbers)
        self.question = math("?", font_size=FontSize.formula)
        height = self.left.height
        fit_into(baseline_row(*self.parts, gap=GAP), area)
        self.scale = float(self.left.height / height)
        self.question.scale(self.scale)
        self.question.next_to(self.left, RIGHT, buff=GAP)
        align_baselines(self.left, self.question)

    @property
    def width(self) -> float:
        """The width of the whole row."""
        return float(VGroup(*self.parts).width)

    def set_scale(self, scale: float) -> None:
        """Draw the row at this scale of its font size."""
        VGroup(*self.parts, self.question).scale(scale / self.scale)
        self.scale = scale

    def move_to_left_end(self, x: float) -> None:
        """Shift the row to where it begins at x."""
        VGroup(*self.parts, self.question).shift((x - float(self.left.get_left()[0])) * RIGHT)

    def _product(self, index: int) -> Formula:
        """The product along a path in symbols, with the sign before it."""
        tape, path = self.graph.tape, self.paths[index]
        return Formula(
            "+ med {product}" if index else "{product}",
            font_size=FontSize.formula,
            product=" dot ".join(fraction(tape, e.source, e.target) for e in path),
        )

    def _numbers(self) -> Formula:
        """The local slopes of all paths, and what they come to."""
        locals_: dict[str, Any] = {
            f"l{k}_{j}": self.graph.tape.local(edge)
            for k, path in enumerate(self.paths) for j, edge in enumerate(path)
        }  # fmt: skip
        terms = (
            " dot ".join(
                f"lr(({{l{k}_{j}}}))" if (edge.local or 0) < 0 else f"{{l{k}_{j}}}"
                for j, edge in enumerate(path)
            )
            for k, path in enumerate(self.paths)
        )
        return Formula(
            f"= {' + '.join(terms)} {{sign}} {{total}}",
            font_size=FontSize.formula,
            roles={"total": "gradient", **dict.fromkeys(locals_, "local")},
            sign=_sum_of_products(self.paths),
            total=self.graph.tape.gradient(self.leaf, self.backward),
            **locals_,
        )

    def writes(self, step: Step) -> list[Animation]:
        """What a step brings: the products of the paths that it ends, or all numbers at the leaf.

        A few steps bring nothing.
        """
        if step.op == self.leaf:
            return [FadeIn(self.numbers, rate_func=early)]
        ended = self._ended(step)
        if 0 not in ended:
            return [FadeIn(self.products[k], rate_func=early) for k in ended]
        return [
            FadeOut(self.question, rate_func=first_of_soon),
            *(FadeIn(self.products[k], rate_func=second_of_soon) for k in ended),
        ]

    def _ended(self, step: Step) -> list[int]:
        """The paths whose last edge starts at a step."""
        return [k for k, path in enumerate(self.paths) if path[-1].source == step.op]

    def right_end(self, done: Iterable[Step]) -> float:
        """The x at which the row ends after these steps."""
        ended = [k for step in done for k in self._ended(step)]
        last = self.products[max(ended)] if ended else self.question
        return float(last.get_right()[0])

    def asks(self) -> Animation:
        """The left side is written, with a question mark."""
        return FadeIn(self.left, self.question, rate_func=early)

    def points_out_path(self, index: int) -> Animation:
        """A path lights up, and so does its product."""
        return AnimationGroup(
            Succession(*self.graph.glows(*self.paths[index])),
            FlashSlot(self.products[index], "product"),
        )


def _sum_of_products(paths: Sequence[Path]) -> when:
    """The sign between the sum of the paths' products and the gradient."""
    names = [[f"l{k}_{j}" for j in range(len(path))] for k, path in enumerate(paths)]

    def calculate(*numbers: Any) -> Any:
        rest, total = list(numbers), 0
        for path in names:
            product = 1
            for _ in path:
                product *= rest.pop(0)
            total += product
        return total

    return when(calculate, "total", tuple(name for path in names for name in path))


def fraction(tape: Tape, of: str, by: str) -> str:
    """Typst math of the derivative of one op with respect to another, as a fraction."""
    return f"(partial {symbol(tape[of])}) / (partial {symbol(tape[by])})"
