"""Replay: runs a torch call a second time on copies, to read the values of nodes inside it.

One call can create several nodes: a Linear of a vector is View, T, Addmm and View. Autograd stores
no result for the inner ones. The operators that compute them pass through dispatch, but torch takes
another path where a dispatch mode is active: `reshape` becomes a view. So the program's own call
runs without one, and only where values are missing the call is repeated under it, on copies of its
arguments and with the random numbers of the first time. If the second graph has other nodes than
the first, its values are not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gradreel.record.autograd_nodes import node_name, postorder
from gradreel.record.call_format import call_name, tensors_in
from gradreel.record.op_capture import DispatchCapture, OperatorResult, match_results
from gradreel.record.value_nodes import Node, ValueNode

OutputOf = Callable[[Any, int], ValueNode | None]

_STATISTICS = ("batch_norm", "instance_norm")  # change their buffers, which their result ignores


class Replay:
    """One call that can be repeated; create it before the call, which may change the arguments."""

    def __init__(
        self, func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        self._func, self._args, self._kwargs = func, args, kwargs
        self._random_state = torch.get_rng_state()

    def values(
        self,
        new: Sequence[ValueNode],
        results: Sequence[Tensor],
        changed: Sequence[Tensor],
        output_of: OutputOf,
    ) -> Iterator[tuple[ValueNode, Tensor]]:
        """The values of the `new` nodes that have none, as far as a second run shows them.

        `results` are the tracked results of the first run, `changed` the tensors that it changed.
        """
        if not self._is_repeatable(changed):
            return
        captured, repeated = self._run_again()
        known = {id(value_node.node) for value_node in new}
        first = [n for n in postorder(t.grad_fn for t in results) if id(n) in known]
        second = _nodes_like(first, repeated)
        if second is None:
            return
        pairs = {id(copy): original for copy, original in zip(second, first, strict=True)}

        def output_of_copy(node: Node, number: int) -> ValueNode | None:
            if id(node) in pairs:
                return output_of(pairs[id(node)], number)
            return output_of(node, number) if id(node) in known else None

        yield from match_results(new, captured, output_of_copy)

    def _is_repeatable(self, changed: Sequence[Tensor]) -> bool:
        if torch._C._autograd._top_saved_tensors_default_hooks(False) is not None:
            return False  # a second run would call the program's hooks
        if any(isinstance(one, torch.Generator) for one in (*self._args, *self._kwargs.values())):
            return False
        if "out" in self._kwargs:
            return False
        return not changed or call_name(self._func) in _STATISTICS

    def _run_again(self) -> tuple[list[OperatorResult], list[Tensor]]:
        """The operators of a second run, and its tracked results; both empty if it fails."""
        copies: dict[int, Tensor] = {}
        args, kwargs = _copy((self._args, dict(self._kwargs)), copies)
        operators = DispatchCapture()
        with torch.random.fork_rng(devices=()):
            torch.set_rng_state(self._random_state)
            try:
                with operators:
                    result = self._func(*args, **kwargs)
            except Exception:  # noqa: BLE001 - values that stay unknown are no error
                return [], []
        return operators.drain(), [t for t in tensors_in(result) if t.grad_fn is not None]


def _copy(value: Any, copies: dict[int, Tensor]) -> Any:
    """Arguments with a copy of each tensor, which requires a gradient where the tensor does."""
    if isinstance(value, Tensor):
        if id(value) not in copies:
            copy = value.detach().clone()
            copies[id(value)] = copy.requires_grad_() if value.requires_grad else copy
        return copies[id(value)]
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value)(_copy(item, copies) for item in value)
    if type(value) is dict:
        return {key: _copy(item, copies) for key, item in value.items()}
    return value


def _nodes_like(first: Sequence[Node], results: Sequence[Tensor]) -> list[Node] | None:
    """The nodes behind `results` in the order of `first`; None if they are of other kinds."""
    second = [n for n in postorder(t.grad_fn for t in results) if not hasattr(n, "variable")]
    return second if _kinds(first) == _kinds(second) else None


def _kinds(nodes: Sequence[Node]) -> list[str]:
    """The names of nodes; torch numbers the overloads of one operator, which have equal values."""
    return [node_name(node).rstrip("0123456789") for node in nodes]
