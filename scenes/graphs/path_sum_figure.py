"""The chain rule on a graph, written out of it: products along paths, and their sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from manim import Animation, AnimationGroup, Succession

from gradreel.draw.formula import Formula, when
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.gradient_formulas import symbol
from gradreel.draw.graph.tape_graph import early
from gradreel.draw.layout import Rect, fit_into
from gradreel.tape import Edge, Tape
from gradreel.theme import FontSize

MOST_PATHS, MOST_EDGES = 3, 6

Path = tuple[Edge, ...]
"""The edges of one path, from the result to a leaf."""


def summed_paths(tape: Tape, backward: int) -> tuple[Path, ...]:
    """The paths to the first leaf that two or three short ones lead to; () if there is none.

    They are in the order in which their contributions arrive.
    """
    root = tape.backward(backward)[0].op
    order = {step.op: step.order for step in tape.backward(backward)}
    for op in tape:
        paths = tuple(_paths(tape, root, op.id, backward)) if op.is_leaf else ()
        paths = tuple(sorted(paths, key=lambda path: order.get(path[-1].source, 0)))
        few = 2 <= len(paths) <= MOST_PATHS and sum(map(len, paths)) <= MOST_EDGES
        if few and all(edge.local is not None for path in paths for edge in path):
            return paths
    return ()


def _paths(tape: Tape, start: str, leaf: str, backward: int) -> Iterator[Path]:
    if start == leaf:
        yield ()
        return
    for edge in tape.outgoing(start, backward):
        for rest in _paths(tape, edge.target, leaf, backward):
            yield (edge, *rest)


class PathSum:
    """The formula: the left side, for each path its product in symbols and in numbers, the sum.

    The formula is on stage from the first verb on; each verb reveals its part.
    """

    def __init__(self, graph: TapeGraph, paths: Sequence[Path], backward: int, area: Rect) -> None:
        self.graph, self.paths, self.backward = graph, paths, backward
        tape = graph.tape
        root, leaf = paths[0][0].source, paths[0][-1].target
        slots: dict[str, Any] = {
            "left": _fraction(tape, root, leaf), "is": "=", "equals": "=",
            "total": tape.gradient(leaf, backward),
        }  # fmt: skip
        symbols, numbers = [], []
        for k, path in enumerate(paths):
            slots[f"symbols{k}"] = " dot ".join(_fraction(tape, e.source, e.target) for e in path)
            slots |= {f"l{k}_{j}": tape.local(edge) for j, edge in enumerate(path)}
            slots |= {f"plus{k}": "+", f"and{k}": "+"} if k else {}
            symbols.append(f"{{plus{k}}} {{symbols{k}}}" if k else f"{{symbols{k}}}")
            factors = f" {{dot{k}}} ".join(
                f"lr(({{l{k}_{j}}}))" if (edge.local or 0) < 0 else f"{{l{k}_{j}}}"
                for j, edge in enumerate(path)
            )
            slots |= {f"dot{k}": "dot"} if len(path) > 1 else {}
            numbers.append(f"{{and{k}}} {factors}" if k else factors)
        slots["sign"] = _sum_of_products(paths)
        self.formula = Formula(
            " ".join(["{left} {is}", *symbols, "{equals}", *numbers, "{sign} {total}"]),
            font_size=FontSize.formula,
            roles={
                "total": "gradient",
                **{name: "local" for name in slots if name.startswith("l") and "_" in name},
            },
            **slots,
        )
        fit_into(self.formula, area)
        for piece in self.formula:
            piece.set_opacity(0)

    def writes_path(self, index: int) -> Animation:
        """A path lights up, and its product is written in symbols."""
        lead = ("left", "is") if index == 0 else (f"plus{index}",)
        return AnimationGroup(
            Succession(*self.graph.glows(*self.paths[index])),
            Reveal(self.formula, (*lead, f"symbols{index}")),
        )

    def writes_numbers(self) -> Animation:
        """The numbers of all paths and their sum."""
        written = ("left", "is", "plus", "symbols")
        before = [slot for slot in self.formula.slots if slot.startswith(written)]
        return Reveal(self.formula, before, all_others=True, rate_func=early)

    def sentence(self) -> tuple[str, dict[str, Any]]:
        """The sum in words, and its numbers."""
        tape, leaf = self.graph.tape, self.paths[0][-1].target
        numbers = {
            f"l{k}_{j}": tape.local(edge)
            for k, path in enumerate(self.paths) for j, edge in enumerate(path)
        }  # fmt: skip
        products = (
            " times ".join(f"{{l{k}_{j}}}" for j in range(len(path)))
            for k, path in enumerate(self.paths)
        )
        total = tape.gradient(leaf, self.backward)
        return f"{', plus '.join(products)}, is {{total}}.", {**numbers, "total": total}


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


def _fraction(tape: Tape, of: str, by: str) -> str:
    return f"(partial {symbol(tape[of])}) / (partial {symbol(tape[by])})"


class Reveal(Animation):
    """Fades in some slots of a formula, or all but these; the others stay as they are."""

    def __init__(
        self, formula: Formula, slots: Sequence[str], *, all_others: bool = False, **kwargs: Any
    ) -> None:
        named = [piece for slot in slots for piece in formula.part(slot)]
        ids = {id(piece) for piece in named}
        self.pieces = [p for p in formula if id(p) not in ids] if all_others else named
        super().__init__(formula, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Set the opacity of the pieces."""
        share = self.rate_func(alpha)
        for piece in self.pieces:
            piece.set_fill(opacity=share)
