"""The records of a tape: Op, Edge, Step, LeafGrad, Seed, HookCall, ModuleCall and Exit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

Value = Union[float, tuple["Value", ...]]  # noqa: UP007 - a recursive alias cannot use |
"""A tensor's numbers as nested tuples, row-major; a 0-d tensor is a plain float."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What is kept of a tensor that is too large, sparse or complex to keep its numbers.

    `kind` is "large", "sparse" or "complex"; complex numbers count by their magnitudes. `norm` is
    the Euclidean norm, `low` and `high` are the smallest and the largest number. `sample` are
    numbers in evenly spaced rows and columns of the last two dimensions, of the first entry of all
    others.
    """

    kind: str
    shape: tuple[int, ...]
    norm: float
    low: float
    high: float
    sample: Value


Recorded = Union[float, tuple["Value", ...], Summary]  # noqa: UP007 - as for Value
"""The numbers of a tensor, or a summary of them."""


@dataclass(frozen=True, slots=True)
class Op:
    """One value of the forward pass and the operation that computed it.

    `op` is autograd's name of the node ("MulBackward0"), "leaf" for a tensor that the user created,
    "constant" for a plain number of the program, or the operator's name if it is not tracked.
    `name` is the program's variable, "" if there is none. `value` has shape `shape`; it is None if
    it is not known. `call` is the operation as source text.
    """

    id: str
    name: str
    op: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    value: Recorded | None
    is_leaf: bool
    requires_grad: bool
    grad_fn: str | None
    dtype: str = "float64"
    call: str = ""
    line: int | None = None
    module: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """The edge of one gradient contribution: from op `source` to op `target`, one of its inputs.

    `slot` is the position of the target in the inputs of `source` (x*x has two edges to x). `local`
    is the local derivative d source / d target if both are scalars. `contribution` is what the
    engine sent in pass `backward`; both are None for an edge that no pass used.
    """

    source: str
    target: str
    slot: int
    local: float | None
    contribution: Recorded | None
    backward: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """The execution of one node in a backward pass; `order` counts from 1 in the engine's order.

    `gradient` is the sum that the engine passed to the node, with the shape of the op. `node` is
    the name of the autograd node.
    """

    backward: int
    order: int
    op: str
    name: str
    node: str
    gradient: Recorded | None


@dataclass(frozen=True, slots=True)
class LeafGrad:
    """`.grad` of one leaf before and after pass `backward`; None where PyTorch has None."""

    backward: int
    leaf: str
    before: Recorded | None
    after: Recorded | None


@dataclass(frozen=True, slots=True)
class Seed:
    """The gradient with which pass `backward` starts at a root: 1, or what the program gave."""

    backward: int
    op: str
    gradient: Recorded | None


@dataclass(frozen=True, slots=True)
class HookCall:
    """One call of a hook of the program, by its function's name, in pass `backward`.

    A hook of kind "tensor" gets the sum of contributions to `op`, `before`, and makes `after` of
    it. One of kind "post_accumulate" gets the tensor after its `.grad` was added to; then both are
    values of `.grad`, None where PyTorch has None.
    """

    backward: int
    op: str
    name: str
    kind: str
    before: Recorded | None
    after: Recorded | None


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """One call of an nn.Module, in the order in which the calls began.

    `path` is the module's path in the program ("" for the program itself), `kind` its class.
    `parent` is the number of the call that made this one, from 1; 0 if none did. `parameters` is
    how many numbers the module's parameters have, those of its submodules included. `ops` are the
    ids of the ops that were computed in this call, but not in one that it made.
    """

    path: str
    kind: str
    parent: int
    parameters: int
    ops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exit:
    """A call by which the numbers of the tracked value `op` became plain numbers of the program.

    `call` is how, such as `loss.item()`, and `line` where. No gradient goes through it.
    """

    op: str
    call: str
    line: int | None
