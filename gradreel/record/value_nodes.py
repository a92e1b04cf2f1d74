"""The recorder's working notes: one Entry per value, in forward order, until ids are final."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Union

from gradreel.tape import Value

Node = Any
"""An autograd node (`tensor.grad_fn`); torch gives the C++ classes no common Python type."""

Piece = Union[str, "ValueNode"]
"""A part of an operation as written: text, or the entry whose id stands there."""

DEEPEST = 10_000


@dataclass(slots=True, eq=False)
class ValueNode:
    """A value of the program and what made it; becomes one Op of the tape."""

    op: str
    stem: str
    shape: tuple[int, ...] = ()
    value: Value | None = None
    dtype: str = "float64"
    inputs: list[ValueNode] = field(default_factory=list)
    is_leaf: bool = False
    requires_grad: bool = False
    node: Node | None = None
    output: int = 0
    routes: list[InputEdge] = field(default_factory=list)
    written: list[Piece] = field(default_factory=list)
    line: int | None = None
    module: str = ""
    name: str = ""
    depth: int = DEEPEST
    stamp: tuple[int, int, int, int] | None = None
    is_input: bool = False
    hooked: bool = False
    variable: int = 0
    id: str = ""


@dataclass(slots=True, eq=False)
class InputEdge:
    """One way out of a node: its `next_functions[index]`, which is input `slot` of the entry."""

    index: int
    slot: int
    target: ValueNode
    local: float | None = None


def give_ids(entries: list[ValueNode]) -> None:
    """Give every entry a unique readable id: its name, or its stem; then `@2`, `@3` ..."""
    taken: dict[str, int] = {}
    for entry in sorted(entries, key=lambda e: not e.is_input):
        stem = entry.name or entry.stem
        count = taken.get(stem, 0) + 1
        while count > 1 and f"{stem}@{count}" in taken:
            count += 1
        taken[stem] = count
        entry.id = stem if count == 1 else f"{stem}@{count}"
        if count > 1:
            taken[entry.id] = 1


def written_out(entry: ValueNode) -> str:
    """The operation as a reader would write it, with final ids."""
    return "".join(piece if isinstance(piece, str) else piece.id for piece in entry.written)
