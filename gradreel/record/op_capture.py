"""Sees the kernels below a call, for the values of nodes that the program never held.

One call can be several nodes: a Linear of a vector is View, T, Addmm and View. Autograd keeps no
result of the inner ones; the kernels that computed them pass by here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from gradreel.record.autograd_nodes import version
from gradreel.record.call_format import stem_of_node
from gradreel.record.skip_dynamo import unseen
from gradreel.record.value_nodes import ValueNode

Made = tuple[str, list[tuple[Tensor, int]]]
"""The name of a kernel, and what it gave, each tensor with its count of changes at that moment."""


class DispatchCapture(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While entered, keeps the results of the kernels that run."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._seen: list[Made] = []

    @unseen
    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        name = func._schema.name.partition("::")[2]  # type: ignore[attr-defined]
        parts = result if isinstance(result, (tuple, list)) else (result,)
        tensors = [(part, version(part)) for part in parts if isinstance(part, Tensor)]
        self._seen.append((name.lstrip("_"), tensors))
        return result

    def take(self) -> list[Made]:
        """Name and result of each kernel since the last time, in order."""
        seen, self._seen = self._seen, []
        return seen


def results_of(
    entries: Iterable[ValueNode],
    kernels: Sequence[Made],
    output_of: Callable[[Any, int], ValueNode | None],
) -> Iterator[tuple[ValueNode, Tensor]]:
    """The results of nodes without a value, where kernel and node certainly belong together.

    Mostly a result is the very tensor that autograd then gave its node. Views are wrapped anew:
    for them there must be as many kernels of that name as new nodes, and the same shape.
    """
    yield from _held_by_their_node(kernels, output_of)
    groups: dict[str, list[ValueNode]] = {}
    for entry in entries:
        groups.setdefault(stem_of_node(entry.op), []).append(entry)
    for stem, group in groups.items():
        of_that_name = [made for name, made in kernels if name == stem]
        if len(of_that_name) != len(group):
            continue
        for entry, made in zip(sorted(group, key=_moment), of_that_name, strict=True):
            for number, (tensor, changes) in enumerate(made):
                target = output_of(entry.node, number)
                if target is None or target.value is not None:
                    continue
                if version(tensor) == changes and tuple(tensor.shape) == target.shape:
                    yield target, tensor


def _held_by_their_node(
    kernels: Sequence[Made], output_of: Callable[[Any, int], ValueNode | None]
) -> Iterator[tuple[ValueNode, Tensor]]:
    for _, made in kernels:
        for tensor, _ in made:
            node = tensor.grad_fn
            entry = None if node is None else output_of(node, tensor.output_nr)
            if entry is not None and entry.value is None:
                yield entry, tensor


def _moment(entry: ValueNode) -> int:
    return int(entry.node._sequence_nr()) if entry.node is not None else 0
