"""DispatchCapture: keeps the results of ATen operators, to find values of inner autograd nodes.

One call can create several nodes: a Linear of a vector is View, T, Addmm and View. Autograd stores
no result for the inner ones, but the operators that computed them pass through dispatch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from gradreel.record.autograd_nodes import version_counter
from gradreel.record.avoid_dynamo_import import mark_dynamo_disabled
from gradreel.record.call_format import node_stem
from gradreel.record.tensor_values import recorded_shape
from gradreel.record.value_nodes import ValueNode

OperatorResult = tuple[str, list[tuple[Tensor, int]]]
"""The name of an ATen operator and its result tensors, each with its version counter then."""


class DispatchCapture(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While entered, keeps the results of all operators that run."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._results: list[OperatorResult] = []

    @mark_dynamo_disabled
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
        tensors = [(part, version_counter(part)) for part in parts if isinstance(part, Tensor)]
        self._results.append((name.lstrip("_"), tensors))
        return result

    def drain(self) -> list[OperatorResult]:
        """The operators that ran since the last call of this method, in order."""
        results, self._results = self._results, []
        return results


def match_results(
    value_nodes: Iterable[ValueNode],
    results: Sequence[OperatorResult],
    output_of: Callable[[Any, int], ValueNode | None],
) -> Iterator[tuple[ValueNode, Tensor]]:
    """Pair value nodes that have no value with operator results that certainly belong to them.

    Most results are the tensor whose grad_fn is the node. Views get a new tensor object: they are
    matched by name, if there are as many operators of that name as new nodes, and by shape.
    """
    yield from _matched_by_grad_fn(results, output_of)
    groups: dict[str, list[ValueNode]] = {}
    for value_node in value_nodes:
        groups.setdefault(node_stem(value_node.op), []).append(value_node)
    for stem, group in groups.items():
        same_name = [tensors for name, tensors in results if name == stem]
        if len(same_name) != len(group):
            continue
        for value_node, tensors in zip(sorted(group, key=_sequence_nr), same_name, strict=True):
            for number, (tensor, version) in enumerate(tensors):
                target = output_of(value_node.node, number)
                if target is None or target.value is not None:
                    continue
                if version_counter(tensor) == version and recorded_shape(tensor) == target.shape:
                    yield target, tensor


def _matched_by_grad_fn(
    results: Sequence[OperatorResult], output_of: Callable[[Any, int], ValueNode | None]
) -> Iterator[tuple[ValueNode, Tensor]]:
    for _, tensors in results:
        for tensor, _ in tensors:
            node = tensor.grad_fn
            value_node = None if node is None else output_of(node, tensor.output_nr)
            if value_node is not None and value_node.value is None:
                yield value_node, tensor


def _sequence_nr(value_node: ValueNode) -> int:
    """PyTorch's creation number of the node of a value."""
    return int(value_node.node._sequence_nr()) if value_node.node is not None else 0
