"""Observes the hooks that a program registered on its tensors, each by name.

torch calls the functions in `tensor._backward_hooks`, and for a leaf those in
`tensor._post_accumulate_grad_hooks`. While a backward pass runs, each of them is replaced in these
dicts by a function that calls it and notes what it got and what it made.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from gradreel.record.tensor_values import copy_dense
from gradreel.record.value_nodes import ValueNode

_KINDS = {"_backward_hooks": "tensor", "_post_accumulate_grad_hooks": "post_accumulate"}


@dataclass
class RecordedHook:
    """One call of a hook, as HookCall of the tape, with tensors."""

    value_node: ValueNode
    name: str
    kind: str
    before: Tensor | None
    after: Tensor | None


@contextmanager
def observe_hooks(
    tensors: Iterable[tuple[Tensor, ValueNode]], on_call: Callable[[RecordedHook], None]
) -> Iterator[None]:
    """While the block runs, call `on_call` for each call of a hook on one of `tensors`."""
    replaced: list[tuple[dict[int, Any], int, Any, Any]] = []
    known: set[int] = set()
    for tensor, value_node in tensors:
        for attribute, kind in _KINDS.items():
            hooks = getattr(tensor, attribute, None)
            if not hooks or id(hooks) in known:
                continue
            known.add(id(hooks))
            for key, hook in list(hooks.items()):
                observer = _observer(hook, kind, value_node, on_call)
                replaced.append((hooks, key, hook, observer))
                hooks[key] = observer
    try:
        yield
    finally:
        for hooks, key, hook, observer in replaced:
            if hooks.get(key) is observer:  # a hook may remove itself
                hooks[key] = hook


def _observer(
    hook: Any, kind: str, value_node: ValueNode, on_call: Callable[[RecordedHook], None]
) -> Callable[[Tensor], Any]:
    name = hook_name(hook)

    def call_tensor_hook(gradient: Tensor) -> Any:
        before = copy_dense(gradient)
        result = hook(gradient)
        # A hook that returns nothing leaves the gradient, unless it changed it in place.
        after = copy_dense(result if isinstance(result, Tensor) else gradient)
        on_call(RecordedHook(value_node, name, kind, before, after))
        return result

    def call_post_accumulate_hook(tensor: Tensor) -> Any:
        before = copy_dense(tensor.grad)
        result = hook(tensor)
        on_call(RecordedHook(value_node, name, kind, before, copy_dense(tensor.grad)))
        return result

    return call_tensor_hook if kind == "tensor" else call_post_accumulate_hook


def hook_name(hook: Any) -> str:
    """The name of a hook's function; "lambda" for one without a name."""
    while isinstance(hook, functools.partial):
        hook = hook.func
    name = str(getattr(hook, "__name__", "") or type(hook).__name__)
    return name.strip("<>")
