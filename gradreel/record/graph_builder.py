"""GraphBuilder: maps the tensors and autograd nodes of a program to value nodes.

Every tensor and node that was met is kept alive until the recording ends, because Python reuses
the id of an object that is gone.
"""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from gradreel.errors import RecordingError
from gradreel.record.autograd_nodes import (
    grad_fn_of,
    is_leaf_node,
    node_name,
    postorder,
    requires_grad,
    saved_result,
    saved_tensors,
    storage_address,
    version_counter,
    view_bases,
)
from gradreel.record.call_format import format_constant, node_stem
from gradreel.record.describe_tensor import describe_tensor
from gradreel.record.tensor_values import recorded_shape, to_value
from gradreel.record.value_nodes import InputEdge, Node, ValueNode
from gradreel.record.variable_names import ModuleNames
from gradreel.tape import ModuleCall

OutputKey = tuple[int, int]
"""The id of an autograd node and the number of one of its outputs."""


class GraphBuilder:
    """The value nodes of a program in forward order, found by tensor or by autograd node.

    `line` and `module` are the line and the module of the program that is running.
    """

    def __init__(self) -> None:
        self.value_nodes: list[ValueNode] = []
        self.modules = ModuleNames()
        self.line: int | None = None
        self.module, self.module_call = "", 0
        self.module_calls: list[ModuleCall] = []
        self._by_tensor: dict[int, tuple[Tensor, ValueNode]] = {}
        self._by_node: dict[int, tuple[Node, ValueNode]] = {}
        self._outputs: dict[OutputKey, ValueNode] = {}
        self._writes: dict[int, tuple[int, ValueNode]] = {}
        self._engine_results: dict[OutputKey, tuple[Node, Tensor]] = {}

    # -- finding value nodes -----------------------------------------------------------------

    def find(self, tensor: Tensor) -> ValueNode | None:
        """The value node of a tensor when it was last looked at, or None."""
        known = self._by_tensor.get(id(tensor))
        return known[1] if known else None

    def at_node(self, node: Node) -> ValueNode | None:
        """The value node of an autograd node; for AccumulateGrad that of its leaf."""
        if is_leaf_node(node):
            return self.find(node.variable)
        known = self._by_node.get(id(node))
        return known[1] if known else None

    def output_of(self, node: Node, number: int) -> ValueNode | None:
        """The value node of one output of a node: the node's own unless it has several outputs."""
        return self._outputs.get((id(node), number)) or self.at_node(node)

    def known_tensors(self) -> list[tuple[Tensor, ValueNode]]:
        """Every tensor that was met, with its value node."""
        return list(self._by_tensor.values())

    def tensors_with_grad(self) -> list[tuple[Tensor, ValueNode]]:
        """The tensors whose `.grad` a backward pass may set, with their value nodes."""
        return [
            (tensor, value_node)
            for tensor, value_node in self._by_tensor.values()
            if requires_grad(tensor) and (tensor.is_leaf or tensor.retains_grad)
        ]

    # -- adding value nodes ------------------------------------------------------------------

    def add(self, value_node: ValueNode) -> ValueNode:
        """Append a value node at the current line and module of the program."""
        value_node.line, value_node.module = self.line, self.module
        value_node.module_call = self.module_call
        self.value_nodes.append(value_node)
        return value_node

    def add_constant(self, value: float) -> ValueNode:
        """Add a plain number of the program that is an operand."""
        text = format_constant(value)
        constant = ValueNode(op="constant", stem=text, value=float(value), call_pieces=[text])
        return self.add(constant)

    def resolve(self, tensor: Tensor) -> ValueNode:
        """The value node of `tensor` now; adds one for a new or an in-place changed tensor."""
        value_node = self.find(tensor)
        if value_node is None:
            return self._add_unknown(tensor)
        if value_node.state == self._state(tensor):
            return value_node
        return self._add_changed(tensor, value_node)

    def add_leaf(self, tensor: Tensor, stem: str = "tensor") -> ValueNode:
        """Add a tensor that is not the result of a recorded operation."""
        value_node = ValueNode(op="leaf", stem=self.modules.parameter_path(tensor) or stem)
        self.describe(value_node, tensor)
        self.bind(tensor, value_node)
        value_node.name = self.modules.parameter_path(tensor)
        return self.add(value_node)

    def add_untracked(
        self, tensor: Tensor, op: str, stem: str, inputs: list[ValueNode]
    ) -> ValueNode:
        """Add a result that autograd does not track."""
        value_node = ValueNode(op=op, stem=stem, inputs=inputs)
        self.describe(value_node, tensor)
        self.bind(tensor, value_node)
        return self.add(value_node)

    def bind(self, tensor: Tensor, value_node: ValueNode) -> None:
        """Make `value_node` the value node of `tensor` from now on."""
        value_node.state = self._state(tensor)
        value_node.tensor_id = id(tensor)
        self._by_tensor[id(tensor)] = (tensor, value_node)

    def mark_written(self, tensor: Tensor, value_node: ValueNode) -> None:
        """Note that `value_node` wrote to the storage of `tensor`, which its views share."""
        address = storage_address(tensor)
        if address:
            count = self._writes.get(address, (0, value_node))[0]
            self._writes[address] = (count + 1, value_node)
        value_node.state = self._state(tensor)

    def add_optimizer_step(self, tensor: Tensor, text: str) -> None:
        """Add a value node for a parameter, if the optimizer's step changed its numbers."""
        old = self.find(tensor)
        value_node = self.resolve(tensor)
        if value_node is old or old is None:
            return
        value_node.op, value_node.call_pieces = "step", [text]
        gradient = None if tensor.grad is None else self.find(tensor.grad)
        value_node.inputs = [old] if gradient is None else [old, gradient]

    def keep_engine_result(self, node: Node, number: int, tensor: Tensor) -> None:
        """Keep output `number` of a node that the engine created (create_graph), for its value."""
        self._engine_results[(id(node), number)] = (node, tensor)

    def add_tracked(self, results: Iterable[Tensor]) -> list[ValueNode]:
        """Add every autograd node behind `results` that is not yet known, inputs first."""
        new: list[ValueNode] = []
        tracked = {(id(t.grad_fn), t.output_nr): t for t in results if t.grad_fn is not None}
        outputs = {**view_bases(tracked.values()), **tracked}
        for tensor in tracked.values():
            for node in postorder([tensor.grad_fn], self._by_node):
                if not is_leaf_node(node):
                    new.append(self._add_node(node, outputs))
                elif self.find(node.variable) is None:
                    self.add_leaf(node.variable)
        for tensor in tracked.values():
            value_node = self.output_of(tensor.grad_fn, tensor.output_nr)
            if value_node is None:
                raise RecordingError(f"a result of {tensor.grad_fn} was not recorded")
            if value_node.state is None or value_node.value is None:
                self.describe(value_node, tensor)
            if self.find(tensor) is not value_node:
                self.bind(tensor, value_node)
        return new

    def describe(self, value_node: ValueNode, tensor: Tensor) -> None:
        """Copy value, shape, dtype and flags of `tensor` to its value node."""
        describe_tensor(value_node, tensor)
        value_node.state = self._state(tensor)

    def describe_value(self, value_node: ValueNode, tensor: Tensor) -> None:
        """Copy the numbers of a tensor of the same shape that is not the value node's own."""
        if recorded_shape(tensor) == value_node.shape:
            value_node.value = to_value(tensor)

    # -- private -----------------------------------------------------------------------------

    def _add_unknown(self, tensor: Tensor) -> ValueNode:
        if grad_fn_of(tensor) is None:
            return self.add_leaf(tensor)
        self.add_tracked([tensor])
        value_node = self.find(tensor)
        assert value_node is not None
        return value_node

    def _add_changed(self, tensor: Tensor, old: ValueNode) -> ValueNode:
        """A value node for a tensor that was changed in place since `old`."""
        _, writer = self._writes.get(storage_address(tensor), (0, old))
        node = grad_fn_of(tensor)
        known = None if node is None else self.output_of(node, tensor.output_nr)
        if known is None and node is not None:
            self.add_tracked([tensor])
        elif known is not None and known is not old:
            if known.value is None:
                self.describe(known, tensor)
            self.bind(tensor, known)
        else:
            inputs = [old] if writer is old else [old, writer]
            op = old.op if old.op == "grad" else "in-place"
            self.add_untracked(tensor, op, old.stem, [] if op == "grad" else inputs)
        value_node = self.find(tensor)
        assert value_node is not None
        value_node.name, value_node.name_depth = old.name, old.name_depth
        value_node.has_hooks = old.has_hooks
        if not value_node.call_pieces:
            is_grad = value_node.op == "grad"
            value_node.call_pieces = [*(old.call_pieces if is_grad else ["changed in place"])]
        return value_node

    def _add_node(self, node: Node, outputs: dict[OutputKey, Tensor]) -> ValueNode:
        """A value node for an autograd node whose inputs are known; `outputs` are its tensors."""
        name = node_name(node)
        value_node = ValueNode(op=name, stem=node_stem(name), requires_grad=True, node=node)
        for index, (next_node, number) in enumerate(node.next_functions):
            if next_node is None:
                continue
            target = self._known_value_node(next_node, number)
            value_node.edges.append(InputEdge(index, len(value_node.inputs), target))
            value_node.inputs.append(target)
        self._by_node[id(node)] = (node, value_node)
        self.add(value_node)
        metadata = node._input_metadata
        if len(metadata) > 1:
            self._add_outputs(node, value_node, outputs)
            return value_node
        if metadata:
            value_node.shape = recorded_shape(metadata[0])
            value_node.dtype = str(metadata[0].dtype).removeprefix("torch.")
        tensor = self._known_output(node, 0, outputs)
        tensor = tensor if tensor is not None else saved_result(node)
        if tensor is not None:
            self.describe(value_node, tensor)
        self._fill_inputs_from_saved(node)
        return value_node

    def _add_outputs(self, node: Node, parent: ValueNode, outputs: dict[OutputKey, Tensor]) -> None:
        """Add one value node per output of a node with several; `parent` has no value itself."""
        for number, metadata in enumerate(node._input_metadata):
            tensor = self._known_output(node, number, outputs)
            value_node = ValueNode(
                op="output",
                stem=parent.stem,
                requires_grad=True,
                node=node,
                output_nr=number,
                shape=recorded_shape(metadata),
                dtype=str(metadata.dtype).removeprefix("torch."),
                inputs=[parent],
                edges=[InputEdge(-1, 0, parent)],
                call_pieces=[parent, f"[{number}]"],
            )
            if tensor is not None:
                self.describe(value_node, tensor)
            self._outputs[(id(node), number)] = value_node
            self.add(value_node)

    def _known_output(
        self, node: Node, number: int, outputs: dict[OutputKey, Tensor]
    ) -> Tensor | None:
        key = (id(node), number)
        if key in outputs:
            return outputs[key]
        return self._engine_results[key][1] if key in self._engine_results else None

    def _known_value_node(self, node: Node, number: int) -> ValueNode:
        value_node = self.output_of(node, number)
        if value_node is None:
            raise RecordingError(f"the node {node.name()} was not recorded")
        return value_node

    def _fill_inputs_from_saved(self, node: Node) -> None:
        """Give values to inputs of `node` that have none, from the tensors that it saved."""
        if all(edge.target.value is not None for edge in self._by_node[id(node)][1].edges):
            return
        for saved in saved_tensors(node):
            if saved.grad_fn is None:
                continue
            value_node = self.output_of(saved.grad_fn, saved.output_nr)
            if value_node is not None and value_node.value is None:
                self.describe(value_node, saved)

    def _state(self, tensor: Tensor) -> tuple[int, int, int, int]:
        """A key that changes when the numbers of `tensor` or its position in the graph change."""
        address = storage_address(tensor)
        writes = self._writes[address][0] if address in self._writes else 0
        return (version_counter(tensor), address, writes, id(grad_fn_of(tensor)))
