"""BackwardRecorder: records the gradients that the engine passes along the edges of the graph."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import torch
from torch import Tensor

from gradreel.errors import RecordingError
from gradreel.record.autograd_nodes import node_name, reachable_nodes
from gradreel.record.consistency import check_gradient_sum, check_leaf_grad
from gradreel.record.engine_hooks import Gradients, intercept_backward, observe_nodes
from gradreel.record.function_mode import CallRecorder
from gradreel.record.graph_builder import GraphBuilder
from gradreel.record.hook_calls import RecordedHook, observe_hooks
from gradreel.record.tensor_values import copy_dense, sum_with_scale
from gradreel.record.value_nodes import InputEdge, Node, ValueNode


@dataclass
class Contribution:
    """A gradient that `source` sent along `edge`."""

    source: ValueNode
    edge: InputEdge
    gradient: Tensor


@dataclass
class ReceivedGradient:
    """The summed gradient that the engine passed to a value; `node` is the autograd node's name."""

    value_node: ValueNode
    node: str
    gradient: Tensor | None


@dataclass
class GradChange:
    """`.grad` of one tensor before and after a pass."""

    value_node: ValueNode
    before: Tensor | None
    after: Tensor | None


@dataclass
class BackwardPass:
    """One run of the engine, in its order; `accumulates` is False for torch.autograd.grad.

    `seeds` are the values it started at, each with the gradient that it started with there.
    """

    seeds: list[tuple[ValueNode, Tensor]] = field(default_factory=list)
    hooks: list[RecordedHook] = field(default_factory=list)
    contributions: list[Contribution] = field(default_factory=list)
    received: list[ReceivedGradient] = field(default_factory=list)
    grad_changes: list[GradChange] = field(default_factory=list)
    accumulates: bool = False


class BackwardRecorder:
    """While entered, records every backward pass of the program; `passes` are those that ended."""

    def __init__(self, graph: GraphBuilder, calls: CallRecorder) -> None:
        self._graph, self._calls = graph, calls
        self._interception: AbstractContextManager[None] | None = None
        self._running = False
        self.passes: list[BackwardPass] = []

    def __enter__(self) -> Self:
        self._interception = intercept_backward(self._run)
        self._interception.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        assert self._interception is not None
        self._interception.__exit__(*error)

    def _run(
        self, engine: Callable[..., Any], outputs: Sequence[Any], *args: Any, **kwargs: Any
    ) -> Any:
        if self._running:
            if kwargs.get("accumulate_grad"):
                raise RecordingError(
                    "a backward pass inside a backward pass adds to .grad unseen by the recorder",
                    hint="With torch.utils.checkpoint, pass use_reentrant=False.",
                )
            return engine(outputs, *args, **kwargs)
        if self._calls.paused:  # a pass of a comparison, not of the program
            return engine(outputs, *args, **kwargs)
        recording = _PassRecording(self._graph, outputs, args, kwargs)
        was_paused, self._calls.paused = self._calls.paused, True
        self._running = True
        try:
            with recording.observed():
                result = engine(outputs, *args, **kwargs)
        finally:
            self._running, self._calls.paused = False, was_paused
        self.passes.append(recording.finish(result))
        return result


class _PassRecording:
    """One pass while it runs; `args` and `kwargs` are the engine's arguments after the outputs."""

    def __init__(
        self,
        graph: GraphBuilder,
        outputs: Sequence[Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
    ) -> None:
        self._graph = graph
        self._outputs = [_gradient_edge(output) for output in outputs]
        self._initial_gradients: Gradients = args[0] if args else ()
        inputs = (args[3] if len(args) > 3 else ()) or ()
        self._inputs = [_gradient_edge(one) for one in inputs]
        self._pass = BackwardPass(accumulates=bool(kwargs.get("accumulate_grad")))
        for tensor in (*outputs, *inputs):
            if isinstance(tensor, Tensor):
                graph.resolve(tensor)
        # A pass to chosen inputs sets .grad of each of them, also where it is no leaf.
        chosen = {id(one): (one, graph.resolve(one)) for one in inputs if isinstance(one, Tensor)}
        with_grad = {id(tensor): (tensor, node) for tensor, node in graph.tensors_with_grad()}
        self._before = [
            (tensor, value_node, copy_dense(_read_grad(tensor)))
            for tensor, value_node in {**with_grad, **chosen}.values()
        ]

    @contextmanager
    def observed(self) -> Iterator[None]:
        """Record what the nodes of the pass receive and send while the block runs."""
        nodes = reachable_nodes(node for node, _ in self._outputs)
        hooks = observe_hooks(self._graph.known_tensors(), self._pass.hooks.append)
        with hooks, observe_nodes(nodes, self._on_received, self._on_sent):
            yield

    def finish(self, result: Any) -> BackwardPass:
        """The finished pass; raises RecordingError if its numbers contradict each other."""
        self._pass.seeds = [
            (self._value_node(node, number), _detached(seed))
            for (node, number), seed in zip(self._outputs, self._initial_gradients, strict=True)
            if seed is not None
        ]
        arrived = self._arrived()
        if self._pass.accumulates:
            self._pass.grad_changes = [
                GradChange(value_node, before, copy_dense(_read_grad(tensor)))
                for tensor, value_node, before in self._before
            ]
            self._add_captured_gradients([None] * len(self._inputs), arrived)
        elif self._inputs:
            self._add_captured_gradients(result, arrived)
        self._check(arrived)
        return self._pass

    def _on_received(self, node: Node, gradients: Gradients) -> None:
        if len(gradients) > 1:
            for number, gradient in enumerate(gradients):
                self._add_output_gradient(node, number, gradient)
        gradient = copy_dense(gradients[0]) if len(gradients) <= 1 else None
        value_node = self._node_without_output(node)
        self._pass.received.append(ReceivedGradient(value_node, node_name(node), gradient))
        self._keep_engine_results(gradients)

    def _on_sent(self, node: Node, gradients: Gradients) -> None:
        value_node = self._node_without_output(node)
        for edge in value_node.edges:
            gradient = copy_dense(gradients[edge.index]) if edge.index < len(gradients) else None
            if gradient is not None:
                self._pass.contributions.append(Contribution(value_node, edge, gradient))
        self._keep_engine_results(gradients)

    def _add_output_gradient(self, node: Node, number: int, gradient: Tensor | None) -> None:
        """One output of a node with several is a value node of its own, which sends to the node."""
        value_node = self._value_node(node, number)
        if gradient is None or value_node.op != "output":
            return
        copy = copy_dense(gradient)
        assert copy is not None
        self._pass.received.append(ReceivedGradient(value_node, "", copy))
        self._pass.contributions.append(Contribution(value_node, value_node.edges[0], copy))

    def _keep_engine_results(self, gradients: Gradients) -> None:
        """With create_graph the gradients are themselves results of autograd nodes."""
        for gradient in gradients:
            if gradient is not None and gradient.grad_fn is not None:
                self._graph.keep_engine_result(gradient.grad_fn, gradient.output_nr, gradient)

    def _value_node(self, node: Node, number: int) -> ValueNode:
        value_node = self._graph.output_of(node, number)
        if value_node is None:
            raise RecordingError(f"the engine executed {node.name()}, which was not recorded")
        return value_node

    def _node_without_output(self, node: Node) -> ValueNode:
        """The value node of an autograd node itself, also where it has several outputs."""
        value_node = self._value_node(node, 0)
        return value_node.inputs[0] if value_node.op == "output" else value_node

    def _add_captured_gradients(
        self, result: Gradients, arrived: dict[Hashable, list[Tensor]]
    ) -> None:
        """Inputs of a pass whose nodes the engine does not execute: it captures their gradients.

        torch.autograd.grad returns them. `backward(inputs=...)` does not (None in `result`): there
        it is what arrived, or what the last hook made of that.
        """
        received = {id(one.value_node) for one in self._pass.received}
        for (node, number), returned in zip(self._inputs, result, strict=True):
            value_node = self._value_node(node, number)
            if id(value_node) in received:
                continue
            gradient = returned
            if gradient is None and self._pass.accumulates:
                gradient = self._gradient_without_node(value_node, arrived)
            if gradient is not None:
                captured = ReceivedGradient(value_node, "captured", copy_dense(gradient))
                self._pass.received.append(captured)

    def _gradient_without_node(
        self, value_node: ValueNode, arrived: dict[Hashable, list[Tensor]]
    ) -> Tensor | None:
        hooks = [h for h in self._pass.hooks if h.value_node is value_node and h.kind == "tensor"]
        terms = arrived.get(_sum_key(value_node))
        return hooks[-1].after if hooks else sum_with_scale(terms)[0] if terms else None

    def _arrived(self) -> dict[Hashable, list[Tensor]]:
        """For each value the gradients that add up there: what was sent, and its seed."""
        arrived: dict[Hashable, list[Tensor]] = {}
        for value_node, seed in self._pass.seeds:
            arrived.setdefault(_sum_key(value_node), []).append(seed)
        for one in self._pass.contributions:
            if one.edge.index >= 0:
                arrived.setdefault(_sum_key(one.edge.target), []).append(one.gradient)
        return arrived

    def _check(self, arrived: dict[Hashable, list[Tensor]]) -> None:
        hooks: dict[Hashable, list[RecordedHook]] = {}
        for hook in self._pass.hooks:
            hooks.setdefault((_sum_key(hook.value_node), hook.kind), []).append(hook)
        for received in self._pass.received:
            if received.gradient is not None:
                key = _sum_key(received.value_node)
                called = hooks.get((key, "tensor"), [])
                check_gradient_sum(
                    received.value_node, arrived.get(key, []), received.gradient, called
                )
        gradients = {_sum_key(one.value_node): one.gradient for one in self._pass.received}
        for change in self._pass.grad_changes:
            if change.value_node.node is None:
                key = _sum_key(change.value_node)
                called = hooks.get((key, "post_accumulate"), [])
                after = called[0].before if called else change.after
                check_leaf_grad(change.value_node, change.before, after, gradients.get(key))


def _sum_key(value_node: ValueNode) -> Hashable:
    """Versions of one leaf share an AccumulateGrad node, and therefore one sum."""
    return id(value_node) if value_node.node is not None else ("leaf", value_node.tensor_id)


def _gradient_edge(output: Any) -> tuple[Node, int]:
    """The node and output number of a tensor or of a GradientEdge."""
    if isinstance(output, Tensor):
        output = torch.autograd.graph.get_gradient_edge(output)
    return output.node, output.output_nr


def _read_grad(tensor: Tensor) -> Tensor | None:
    # torch warns where .grad of other tensors is read, which is always None.
    return tensor.grad if tensor.is_leaf or tensor.retains_grad else None


def _detached(tensor: Tensor) -> Tensor:
    copy = copy_dense(tensor)
    assert copy is not None
    return copy
