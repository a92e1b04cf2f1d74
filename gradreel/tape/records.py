"""The rows of a tape: ops, edges, steps, leaf gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

Value = Union[float, tuple["Value", ...]]  # noqa: UP007 - a recursive alias cannot use |
"""A tensor's numbers as nested tuples, row-major; a 0-d tensor is a plain float."""


@dataclass(frozen=True, slots=True)
class Op:
    """One value of the forward pass and the operation that made it.

    `op` is autograd's name of the node ("MulBackward0"), "leaf" for what the user made,
    "constant" for a plain number of the program, or the kernel's name where nothing is tracked.
    `name` is the program's own variable, "" if it never had one. `value` has shape `shape`.
    """

    id: str
    name: str
    op: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    value: Value | None
    is_leaf: bool
    requires_grad: bool
    grad_fn: str | None
    dtype: str = "float64"
    call: str = ""
    line: int | None = None
    module: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """The way one gradient contribution takes: from op `source` to op `target`, its input.

    `slot` is which input of `source` the target is (x*x has two edges to x). `local` is the local
    derivative d source / d target where both are scalars. `contribution` is what the engine sent
    in pass `backward`; both are None for an edge that no pass has used.
    """

    source: str
    target: str
    slot: int
    local: float | None
    contribution: Value | None
    backward: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One node's turn in a backward pass, in the order in which the engine took it.

    `gradient` is the finished sum that the engine handed to the node, shape of the op.
    """

    backward: int
    order: int
    op: str
    name: str
    node: str
    gradient: Value | None


@dataclass(frozen=True, slots=True)
class LeafGrad:
    """`.grad` of one leaf before and after pass `backward`; None is PyTorch's None."""

    backward: int
    leaf: str
    before: Value | None
    after: Value | None
