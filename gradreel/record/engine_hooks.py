"""Watches the engine: what it hands to each node, what each node sends on, in its own order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import torch
from torch import Tensor

from gradreel.errors import RecordingError
from gradreel.record.autograd_nodes import is_leaf_node, node_name
from gradreel.record.consistency import check_leaf, check_sum
from gradreel.record.function_mode import CallRecorder
from gradreel.record.graph_builder import GraphBuilder
from gradreel.record.tensor_values import copied
from gradreel.record.value_nodes import InputEdge, Node, ValueNode

_home: Any = torch.autograd
"""Where torch.autograd keeps the function that starts its engine."""


@dataclass
class Contribution:
    """One contribution: from `source` along `route`."""

    source: ValueNode
    route: InputEdge
    gradient: Tensor


@dataclass
class Handed:
    """One turn: the gradient that the engine handed to an entry."""

    entry: ValueNode
    node: str
    gradient: Tensor | None


@dataclass
class Change:
    """`.grad` of one tensor before and after."""

    entry: ValueNode
    before: Tensor | None
    after: Tensor | None


@dataclass
class BackwardPass:
    """All that was seen of one run of the engine."""

    sent: list[Contribution] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    accumulates: bool = False


class BackwardRecorder:
    """Stands between PyTorch and its engine while a program is recorded.

    Every way to a backward pass, `tensor.backward`, `torch.autograd.backward` and
    `torch.autograd.grad`, goes through one Python function of torch, which is replaced meanwhile.
    """

    def __init__(self, ledger: GraphBuilder, calls: CallRecorder) -> None:
        self._ledger, self._calls = ledger, calls
        self._engine: Callable[..., Any] | None = None
        self._running = False
        self.done: list[BackwardPass] = []

    def __enter__(self) -> Self:
        self._engine = _home._engine_run_backward
        _home._engine_run_backward = self._run
        return self

    def __exit__(self, *_: object) -> None:
        _home._engine_run_backward = self._engine

    def _run(self, outputs: Sequence[Any], *args: Any, **kwargs: Any) -> Any:
        engine = self._engine
        assert engine is not None
        if self._running:
            if kwargs.get("accumulate_grad"):
                raise RecordingError(
                    "a backward pass inside a backward pass adds to .grad out of sight",
                    hint="With torch.utils.checkpoint, pass use_reentrant=False.",
                )
            return engine(outputs, *args, **kwargs)
        watch = _Watch(self._ledger, outputs, args, kwargs)
        was_paused, self._calls.paused = self._calls.paused, True
        self._running = True
        try:
            with watch:
                result = engine(outputs, *args, **kwargs)
        finally:
            self._running, self._calls.paused = False, was_paused
        self.done.append(watch.finished(result))
        return result


class _Watch:
    """The hooks of one pass."""

    def __init__(
        self,
        ledger: GraphBuilder,
        outputs: Sequence[Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
    ) -> None:
        self._ledger = ledger
        self._outputs = [_edge_of(output) for output in outputs]
        self._seeds: Sequence[Tensor | None] = args[0] if args else ()
        self._wanted = [_edge_of(one) for one in (args[3] if len(args) > 3 else ()) or ()]
        self._accumulates = bool(kwargs.get("accumulate_grad"))
        self._seen = BackwardPass()
        self._handles: list[Any] = []
        self._before: list[tuple[Tensor, ValueNode, Tensor | None]] = []
        for output in outputs:
            if isinstance(output, Tensor):
                ledger.seen(output)

    def __enter__(self) -> Self:
        try:
            for node in _reachable([node for node, _ in self._outputs]):
                self._handles.append(node.register_prehook(self._on_handed(node)))
                if not is_leaf_node(node):
                    self._handles.append(node.register_hook(self._on_sent(node)))
        except BaseException:
            self.__exit__()
            raise
        self._before = [(t, e, copied(_grad(t))) for t, e in self._ledger.leaves()]
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def finished(self, result: Any) -> BackwardPass:
        """What was seen, after it was checked against itself."""
        if self._wanted and not self._accumulates:
            self._take_results(result)
        self._seen.accumulates = self._accumulates
        if self._accumulates:
            self._seen.changes = [
                Change(entry, before, copied(_grad(tensor)))
                for tensor, entry, before in self._before
            ]
        self._check()
        return self._seen

    def _on_handed(self, node: Node) -> Callable[[Any], None]:
        name = node_name(node)

        def hook(gradients: tuple[Tensor | None, ...]) -> None:
            whole = self._entry(node, 0)
            whole = whole.inputs[0] if whole.op == "output" else whole
            if len(gradients) > 1:
                for number, gradient in enumerate(gradients):
                    self._output_received(node, number, gradient)
                self._seen.handed.append(Handed(whole, name, None))
            else:
                self._seen.handed.append(Handed(whole, name, copied(gradients[0])))
            self._remember(gradients, whole)

        return hook

    def _output_received(self, node: Node, number: int, gradient: Tensor | None) -> None:
        entry = self._entry(node, number)
        if gradient is None or entry.op != "output":
            return
        kept = copied(gradient)
        assert kept is not None
        self._seen.handed.append(Handed(entry, "", kept))
        self._seen.sent.append(Contribution(entry, entry.routes[0], kept))

    def _on_sent(self, node: Node) -> Callable[[Any, Any], None]:
        def hook(sent: tuple[Tensor | None, ...], _: tuple[Tensor | None, ...]) -> None:
            entry = self._entry(node, 0)
            entry = entry.inputs[0] if entry.op == "output" else entry
            for route in entry.routes:
                gradient = copied(sent[route.index]) if route.index < len(sent) else None
                if gradient is not None:
                    self._seen.sent.append(Contribution(entry, route, gradient))
            self._remember(sent, entry)

        return hook

    def _remember(self, gradients: Sequence[Tensor | None], _: ValueNode) -> None:
        """With create_graph the gradients are themselves results of nodes."""
        for gradient in gradients:
            if gradient is not None and gradient.grad_fn is not None:
                self._ledger.remember(gradient.grad_fn, gradient.output_nr, gradient)

    def _entry(self, node: Node, number: int) -> ValueNode:
        entry = self._ledger.output_of(node, number)
        if entry is None:
            raise RecordingError(f"the engine took {node.name()}, which is not on the tape")
        return entry

    def _take_results(self, result: Sequence[Tensor | None]) -> None:
        """torch.autograd.grad takes gradients away before the nodes they belong to have a turn."""
        taken = {id(handed.entry) for handed in self._seen.handed}
        for (node, number), gradient in zip(self._wanted, result, strict=True):
            entry = self._entry(node, number)
            if id(entry) not in taken and gradient is not None:
                self._seen.handed.append(Handed(entry, "captured", copied(gradient)))

    def _check(self) -> None:
        arrived: dict[Any, list[Tensor]] = {}
        for (node, number), seed in zip(self._outputs, self._seeds, strict=True):
            if seed is not None:
                arrived.setdefault(self._key(self._entry(node, number)), []).append(seed)
        for sent in self._seen.sent:
            if sent.route.index >= 0:
                arrived.setdefault(self._key(sent.route.target), []).append(sent.gradient)
        for handed in self._seen.handed:
            if handed.gradient is not None:
                check_sum(handed.entry, arrived.get(self._key(handed.entry), []), handed.gradient)
        received = {self._key(h.entry): h.gradient for h in self._seen.handed}
        for change in self._seen.changes:
            if change.entry.node is None:
                check_leaf(
                    change.entry, change.before, change.after, received.get(self._key(change.entry))
                )

    def _key(self, entry: ValueNode) -> Any:
        """Versions of one leaf share its AccumulateGrad node, and so one sum."""
        return id(entry) if entry.node is not None else ("leaf", entry.variable)


def _edge_of(output: Any) -> tuple[Node, int]:
    if isinstance(output, Tensor):
        edge = torch.autograd.graph.get_gradient_edge(output)
        return edge.node, edge.output_nr
    return output.node, output.output_nr


def _grad(tensor: Tensor) -> Tensor | None:
    return tensor.grad


def _reachable(roots: list[Node]) -> list[Node]:
    found: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if id(node) not in found:
            found[id(node)] = node
            stack.extend(following for following, _ in node.next_functions if following is not None)
    return list(found.values())
