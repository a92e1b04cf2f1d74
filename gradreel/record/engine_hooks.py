"""Hooks on PyTorch's autograd engine: the start of every backward pass, and what each node does.

The recorder (gradreel.record.backward_recorder) and the script tracer (gradreel.trace.pass_tapes)
both use them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from gradreel.record.autograd_nodes import is_leaf_node
from gradreel.record.torch_patches import RUN_BACKWARD
from gradreel.record.value_nodes import Node

Gradients = Sequence[Tensor | None]


@contextlib.contextmanager
def intercept_backward(run: Callable[..., Any]) -> Iterator[None]:
    """While the block runs, call `run(engine, outputs, *args, **kwargs)` for every backward pass.

    `tensor.backward`, `torch.autograd.backward` and `torch.autograd.grad` all call one Python
    function of torch, the `engine`. `run` must call it with the same arguments and return its
    result.
    """
    engine = torch.autograd._engine_run_backward  # type: ignore[attr-defined]

    def run_backward(outputs: Sequence[Any], *args: Any, **kwargs: Any) -> Any:
        return run(engine, outputs, *args, **kwargs)

    with RUN_BACKWARD.installed(torch.autograd, run_backward):
        yield


@contextlib.contextmanager
def observe_nodes(
    nodes: Iterable[Node],
    on_received: Callable[[Node, Gradients], None],
    on_sent: Callable[[Node, Gradients], None],
) -> Iterator[None]:
    """Call back, in the engine's order, for each of `nodes` that the engine executes.

    `on_received(node, gradients)` gets the gradients of the node's outputs before it runs.
    `on_sent(node, gradients)` gets one gradient for each of its `next_functions` afterwards; it is
    not called for AccumulateGrad nodes, which have none. The engine may change the tensors later.
    """
    handles: list[Any] = []
    try:
        for node in nodes:
            handles.append(node.register_prehook(_prehook(node, on_received)))
            if not is_leaf_node(node):
                handles.append(node.register_hook(_posthook(node, on_sent)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _prehook(
    node: Node, on_received: Callable[[Node, Gradients], None]
) -> Callable[[Gradients], None]:
    def prehook(received: Gradients) -> None:
        on_received(node, received)

    return prehook


def _posthook(
    node: Node, on_sent: Callable[[Node, Gradients], None]
) -> Callable[[Gradients, Gradients], None]:
    def posthook(sent: Gradients, _: Gradients) -> None:
        on_sent(node, sent)

    return posthook
