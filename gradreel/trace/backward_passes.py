"""Backward passes of a running script: the graph, and the order in which the engine took nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from gradreel.tape import Edge, LeafGrad, Op, Step, Tape
from gradreel.trace.snapshot import to_value

MOST_NODES = 40
"""Larger graphs are run, but not drawn beside the code."""
MOST_PASSES = 60
"""Later passes of a long loop are run, but not kept."""

Node = Any
Names = Mapping[int, tuple[str, Tensor, Node]]
"""From the id of a node to the script's name for its result, that tensor, and the node.

The node is held because Python hands out the ids of objects that are gone anew.
"""


@dataclass
class Passes:
    """What happened at each backward; `count` also counts those too large or too late to keep."""

    names: Callable[[], Names]
    script: str
    tapes: dict[int, Tape] = field(default_factory=dict)
    count: int = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """See every entry into the engine while the block runs."""
        engine = torch.autograd._engine_run_backward  # type: ignore[attr-defined]

        def run(outputs: Any, *args: Any, **kwargs: Any) -> Any:
            self.count += 1
            roots = [tensor for tensor in outputs if isinstance(tensor, Tensor)]
            if self.count > MOST_PASSES:
                return engine(outputs, *args, **kwargs)
            watch = _Watch(self.count, roots, self.names())
            if len(watch.nodes) > MOST_NODES:
                return engine(outputs, *args, **kwargs)
            with watch.hooked():
                result = engine(outputs, *args, **kwargs)
            self.tapes[self.count] = watch.tape(self.script)
            return result

        torch.autograd._engine_run_backward = run  # type: ignore[attr-defined, assignment]
        try:
            yield
        finally:
            torch.autograd._engine_run_backward = engine  # type: ignore[attr-defined]


class _Watch:
    """One pass: the nodes it can reach, inputs before results, and what the hooks saw."""

    def __init__(self, number: int, roots: list[Tensor], names: Names) -> None:
        self.number, self.names = number, names
        self.nodes = _reachable([tensor.grad_fn for tensor in roots])
        self.ids = self._ids()
        self.before = {id(n): _leaf_grad(n) for n in self.nodes if _is_leaf(n)}
        self.order: list[tuple[Node, Any]] = []
        self.sent: dict[int, tuple[Any, ...]] = {}

    def _ids(self) -> dict[int, str]:
        ids: dict[int, str] = {}
        for node in self.nodes:
            stem = self._name(node) or short(node)
            taken, count, label = set(ids.values()), 1, stem
            while label in taken:
                count += 1
                label = f"{stem}@{count}"
            ids[id(node)] = label
        return ids

    def _name(self, node: Node) -> str:
        return self.names[id(node)][0] if id(node) in self.names else ""

    def _tensor(self, node: Node) -> Tensor | None:
        return self.names[id(node)][1] if id(node) in self.names else None

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """Hooks on every node, gone afterwards whatever happens."""
        handles = []
        for node in self.nodes:
            handles.append(node.register_prehook(self._starts(node)))
            handles.append(node.register_hook(self._ends(node)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _starts(self, node: Node) -> Callable[[Any], None]:
        def hook(gradients: Any) -> None:
            first = next((g for g in gradients if g is not None), None)
            self.order.append((node, to_value(first)))

        return hook

    def _ends(self, node: Node) -> Callable[[Any, Any], None]:
        def hook(sent: Any, _: Any) -> None:
            self.sent[id(node)] = tuple(to_value(gradient) for gradient in sent)

        return hook

    def tape(self, script: str) -> Tape:
        """The pass as a Tape: values of results are known where the script has a name for them."""
        steps = tuple(
            Step(self.number, order, self.ids[id(node)], self._name(node), node.name(), gradient)
            for order, (node, gradient) in enumerate(self.order)
        )
        grads = tuple(
            LeafGrad(self.number, self.ids[id(n)], self.before[id(n)], _leaf_grad(n))
            for n in self.nodes
            if _is_leaf(n)
        )
        edges = tuple(edge for node in self.nodes for edge in self._edges(node))
        return Tape(script, {}, tuple(self._op(n) for n in self.nodes), edges, steps, grads)

    def _op(self, node: Node) -> Op:
        leaf = _is_leaf(node)
        tensor = node.variable if leaf else self._tensor(node)
        return Op(
            id=self.ids[id(node)],
            name=self._name(node),
            op="leaf" if leaf else node.name(),
            inputs=tuple(self.ids[id(n)] for n, _ in node.next_functions if n is not None),
            shape=tuple(tensor.shape) if tensor is not None else (),
            value=to_value(tensor),
            is_leaf=leaf,
            requires_grad=True,
            grad_fn=None if leaf else node.name(),
        )

    def _edges(self, node: Node) -> Iterator[Edge]:
        sent = self.sent.get(id(node), ())
        for slot, (target, _) in enumerate(node.next_functions):
            if target is not None:
                what = sent[slot] if slot < len(sent) else None
                ran = self.number if id(node) in self.sent else None
                yield Edge(self.ids[id(node)], self.ids[id(target)], slot, None, what, ran)


def short(node: Node) -> str:
    """`MulBackward0` -> `mul`: what a node without a name is called in a small picture."""
    bare = node.name().rsplit("::", 1)[-1].partition("Backward")[0]
    return "leaf" if bare == "AccumulateGrad" else str(bare).lower()


def node_of(tensor: Tensor) -> Node:
    """The node at which a tensor's gradient arrives; None where nothing is tracked."""
    if tensor.grad_fn is not None:
        return tensor.grad_fn
    if not tensor.requires_grad:
        return None
    with torch.enable_grad():
        return tensor.view_as(tensor).grad_fn.next_functions[0][0]  # type: ignore[union-attr]


def _reachable(roots: list[Node]) -> list[Node]:
    """All nodes below the roots, inputs first; with a stack, since graphs may be deep."""
    order: list[Node] = []
    seen: set[int] = set()
    stack: list[tuple[Node, bool]] = [(node, False) for node in reversed(roots)]
    while stack and len(seen) <= 5000:
        node, expanded = stack.pop()
        if expanded:
            order.append(node)
        elif node is not None and id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((n, False) for n, _ in reversed(node.next_functions))
    return order


def _is_leaf(node: Node) -> bool:
    return hasattr(node, "variable")


def _leaf_grad(node: Node) -> Any:
    return to_value(node.variable.grad)
