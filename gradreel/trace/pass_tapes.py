"""PassTapes: one small Tape for each backward pass of a traced script.

The engine hooks are those of the recorder (gradreel.record.engine_hooks). Unlike the recorder, the
tracer follows no operations: it knows the value of a node only where the script has a variable for
its result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from torch import Tensor

from gradreel.record.autograd_nodes import is_leaf_node, node_name, postorder, reachable_nodes
from gradreel.record.engine_hooks import Gradients, intercept_backward, observe_nodes
from gradreel.record.value_nodes import Node
from gradreel.tape import Edge, LeafGrad, Op, Recorded, Step, Tape
from gradreel.trace.snapshot import numbers_or_summary

MAX_NODES = 40
"""A backward pass over more nodes runs, but gets no tape."""
MAX_PASSES = 60
"""Further passes of a long loop run, but get no tape."""

NamedNodes = Mapping[int, tuple[str, Tensor, Node]]
"""From the id of a node to the script's name for its result, that tensor, and the node.

The node is kept, because Python reuses the id of an object that is gone.
"""


class PassTapes:
    """`tapes` by number of the pass, from 1; `count` includes the passes without a tape."""

    def __init__(self, named_nodes: Callable[[], NamedNodes], script: str) -> None:
        self._named_nodes = named_nodes
        self._script = script
        self.tapes: dict[int, Tape] = {}
        self.count = 0

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record every backward pass while the block runs."""
        with intercept_backward(self._run):
            yield

    def _run(
        self, engine: Callable[..., Any], outputs: Sequence[Any], *args: Any, **kwargs: Any
    ) -> Any:
        self.count += 1
        number = self.count
        roots = [output.grad_fn for output in outputs if isinstance(output, Tensor)]
        if number > MAX_PASSES or _is_too_large(roots):
            return engine(outputs, *args, **kwargs)
        recording = _PassRecording(number, postorder(roots), self._named_nodes())
        with observe_nodes(recording.nodes, recording.on_received, recording.on_sent):
            result = engine(outputs, *args, **kwargs)
        self.tapes[number] = recording.tape(self._script)
        return result


def _is_too_large(roots: Sequence[Node | None]) -> bool:
    return len(list(islice(reachable_nodes(roots), MAX_NODES + 1))) > MAX_NODES


class _PassRecording:
    """One pass: its nodes, inputs before results, and the gradients that they received and sent."""

    def __init__(self, number: int, nodes: list[Node], names: NamedNodes) -> None:
        self.number, self.nodes, self.names = number, nodes, names
        self.ids = self._assign_ids()
        self.grads_before = {id(n): _leaf_grad(n) for n in nodes if is_leaf_node(n)}
        self.received: list[tuple[Node, Recorded | None]] = []
        self.sent: dict[int, tuple[Recorded | None, ...]] = {}

    def _assign_ids(self) -> dict[int, str]:
        ids: dict[int, str] = {}
        for node in self.nodes:
            stem = self._name(node) or _short_name(node)
            taken, count, label = set(ids.values()), 1, stem
            while label in taken:
                count += 1
                label = f"{stem}@{count}"
            ids[id(node)] = label
        return ids

    def _name(self, node: Node) -> str:
        return self.names[id(node)][0] if id(node) in self.names else ""

    def on_received(self, node: Node, gradients: Gradients) -> None:
        first = next((gradient for gradient in gradients if gradient is not None), None)
        self.received.append((node, numbers_or_summary(first)))

    def on_sent(self, node: Node, gradients: Gradients) -> None:
        self.sent[id(node)] = tuple(numbers_or_summary(gradient) for gradient in gradients)

    def tape(self, script: str) -> Tape:
        """The finished pass as a Tape."""
        steps = tuple(
            Step(
                self.number, order, self.ids[id(node)], self._name(node), node_name(node), gradient
            )
            for order, (node, gradient) in enumerate(self.received, start=1)
        )
        grads = tuple(
            LeafGrad(self.number, self.ids[id(n)], self.grads_before[id(n)], _leaf_grad(n))
            for n in self.nodes
            if is_leaf_node(n)
        )
        edges = tuple(edge for node in self.nodes for edge in self._edges(node))
        return Tape(script, {}, tuple(self._op(n) for n in self.nodes), edges, steps, grads)

    def _op(self, node: Node) -> Op:
        is_leaf = is_leaf_node(node)
        named = self.names.get(id(node))
        tensor = node.variable if is_leaf else named[1] if named else None
        return Op(
            id=self.ids[id(node)],
            name=self._name(node),
            op="leaf" if is_leaf else node_name(node),
            inputs=tuple(self.ids[id(n)] for n, _ in node.next_functions if n is not None),
            shape=tuple(tensor.shape) if tensor is not None else (),
            value=numbers_or_summary(tensor),
            is_leaf=is_leaf,
            requires_grad=True,
            grad_fn=None if is_leaf else node_name(node),
        )

    def _edges(self, node: Node) -> Iterator[Edge]:
        sent = self.sent.get(id(node), ())
        number = self.number if id(node) in self.sent else None
        for slot, (target, _) in enumerate(node.next_functions):
            if target is not None:
                gradient = sent[slot] if slot < len(sent) else None
                yield Edge(self.ids[id(node)], self.ids[id(target)], slot, None, gradient, number)


def _short_name(node: Node) -> str:
    """The label of a node without a variable in a small graph: `MulBackward0` -> `mul`."""
    bare = node_name(node).partition("Backward")[0]
    return "leaf" if bare == "AccumulateGrad" else bare.lower()


def _leaf_grad(node: Node) -> Recorded | None:
    return numbers_or_summary(node.variable.grad)
