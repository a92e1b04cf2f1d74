"""Sees the kernels below a call, for the values of nodes that the program never held.

One call can be several nodes: a Linear of a vector is View, T, Addmm and View. Autograd keeps no
result of the inner ones; the kernels that computed them pass by here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from gradreel.record.entries import Entry
from gradreel.record.wording import stem_of_node

Made = tuple[str, Any]
"""The name of a kernel, and what it gave."""


class Kernels(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While entered, keeps the results of the kernels that run."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._seen: list[Made] = []

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        name = func._schema.name.partition("::")[2]  # type: ignore[attr-defined]
        self._seen.append((name.strip("_"), result))
        return result

    def take(self) -> list[Made]:
        """Name and result of each kernel since the last time, in order."""
        seen, self._seen = self._seen, []
        return seen


def results_of(
    entries: Iterable[Entry],
    kernels: Sequence[Made],
    output_of: Callable[[Any, int], Entry | None],
) -> Iterator[tuple[Entry, Tensor]]:
    """The results of nodes without a value, where kernel and node are certain to belong together:
    as many kernels of that name as new nodes, and the same shape."""
    nodes: dict[str, list[Entry]] = {}
    for entry in entries:
        nodes.setdefault(stem_of_node(entry.op), []).append(entry)
    for stem, group in nodes.items():
        if all(entry.value is not None for entry in group):
            continue
        made = [result for name, result in kernels if name == stem]
        if len(made) != len(group):
            continue
        group.sort(key=_moment)
        for entry, result in zip(group, made, strict=True):
            parts = result if isinstance(result, (tuple, list)) else (result,)
            for number, tensor in enumerate(parts):
                target = output_of(entry.node, number)
                if target is not None and target.value is None and _fits(target, tensor):
                    yield target, tensor


def _moment(entry: Entry) -> int:
    return int(entry.node._sequence_nr()) if entry.node is not None else 0


def _fits(entry: Entry, result: Any) -> bool:
    return isinstance(result, Tensor) and tuple(result.shape) == entry.shape
