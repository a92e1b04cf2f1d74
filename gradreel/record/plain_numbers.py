"""Calls by which numbers leave autograd for Python or NumPy, such as item() and numpy()."""

from __future__ import annotations

from dataclasses import dataclass

from gradreel.record.value_nodes import ValueNode

EXITS = {
    "item": "{}.item()", "tolist": "{}.tolist()", "numpy": "{}.numpy()",
    "__array__": "numpy.asarray({})", "__float__": "float({})", "__int__": "int({})",
}  # fmt: skip
"""The calls by the names of their torch functions, as a program writes them."""


@dataclass(frozen=True, slots=True, eq=False)
class PlainNumbers:
    """One such call: the tracked value whose numbers left, how, and the line of the program."""

    value_node: ValueNode
    call: str
    line: int | None


def tracked_source(value_node: ValueNode) -> ValueNode | None:
    """The value itself if autograd tracks it, else the tracked value that it was computed from."""
    while not value_node.requires_grad:
        tracked = [source for source in value_node.inputs if source.requires_grad]
        if not (tracked or value_node.inputs):
            return None
        value_node = (tracked or value_node.inputs)[0]
    return value_node


def noted_exit(value_node: ValueNode, name: str, line: int | None) -> PlainNumbers | None:
    """The exit by the function `name`; None for numbers that autograd has not tracked before."""
    source = tracked_source(value_node)
    if source is None:
        return None
    is_detached = source is not value_node
    return PlainNumbers(source, EXITS[name].format("{}.detach()" if is_detached else "{}"), line)
