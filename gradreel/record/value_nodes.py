"""ValueNode and InputEdge: the mutable graph that the recorder builds before the Tape is frozen.

There is one ValueNode per value of the program, in forward order. Ids are assigned at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Union

from gradreel.tape import Recorded

Node = Any
"""An autograd node (`tensor.grad_fn`); torch gives the C++ classes no common Python type."""

Piece = Union[str, "ValueNode"]
"""A part of the text of a call: plain text, or the value node whose id is inserted there."""

UNNAMED_DEPTH = 10_000
"""`name_depth` of a value that no variable of the program has named yet."""


@dataclass(slots=True, eq=False)
class ValueNode:
    """A value of the program and the operation that computed it; becomes one Op of the tape.

    `stem` is the id to use if the value has no `name`. `output_nr` is the index among the outputs
    of `node`. `name_depth` is the depth of the frame that gave the name (0: outermost). `state`
    changes when the numbers of the tensor or its position in the graph change. `tensor_id` is
    Python's id of the tensor.
    """

    op: str
    stem: str
    shape: tuple[int, ...] = ()
    value: Recorded | None = None
    dtype: str = "float64"
    inputs: list[ValueNode] = field(default_factory=list)
    is_leaf: bool = False
    requires_grad: bool = False
    node: Node | None = None
    output_nr: int = 0
    edges: list[InputEdge] = field(default_factory=list)
    call_pieces: list[Piece] = field(default_factory=list)
    line: int | None = None
    module: str = ""
    module_call: int = 0
    name: str = ""
    name_depth: int = UNNAMED_DEPTH
    state: tuple[int, int, int, int] | None = None
    is_input: bool = False
    has_hooks: bool = False
    tensor_id: int = 0
    id: str = ""


@dataclass(slots=True, eq=False)
class InputEdge:
    """`next_functions[index]` of an autograd node, which is input `slot` of its value node.

    `target` is that input, `local` the local derivative where both ends are scalars.
    """

    index: int
    slot: int
    target: ValueNode
    local: float | None = None


def assign_ids(value_nodes: list[ValueNode]) -> None:
    """Give every value node a unique readable id: its name or its stem, then `@2`, `@3` ..."""
    taken: dict[str, int] = {}
    # Inputs, then other variables: a result that has no name must not take the name of one.
    order = sorted(value_nodes, key=lambda one: (not one.is_input, not one.name))
    for value_node in order:
        stem = value_node.name or value_node.stem
        count = taken.get(stem, 0) + 1
        while count > 1 and f"{stem}@{count}" in taken:
            count += 1
        taken[stem] = count
        value_node.id = stem if count == 1 else f"{stem}@{count}"
        if count > 1:
            taken[value_node.id] = 1


def call_text(value_node: ValueNode) -> str:
    """The operation as source text, with the final ids of its operands."""
    pieces = value_node.call_pieces
    return "".join(piece if isinstance(piece, str) else piece.id for piece in pieces)


def set_inputs_in_reading_order(value_node: ValueNode, inputs: list[ValueNode]) -> None:
    """Replace the inputs, which are in the autograd node's order; edges keep their targets."""
    unmatched: list[ValueNode | None] = list(inputs)
    ordered = list(inputs)
    for edge in value_node.edges:
        slot = next((i for i, operand in enumerate(unmatched) if operand is edge.target), None)
        if slot is None:
            slot = len(ordered)
            ordered.append(edge.target)
        else:
            unmatched[slot] = None
        edge.slot = slot
    value_node.inputs = ordered


def format_inner(value_node: ValueNode) -> list[Piece]:
    """The text of a node inside a call that is several nodes: `stem(input, input)`."""
    pieces: list[Piece] = [f"{value_node.stem}("]
    for number, source in enumerate(value_node.inputs):
        pieces += [", ", source] if number else [source]
    return [*pieces, ")"]
