"""The book of a recording: which tensor and which autograd node is which entry.

Every tensor and node met is kept alive until the end, because Python reuses the ids of dead ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from gradreel.errors import RecordingError
from gradreel.record.autograd_nodes import (
    bases_of,
    has_hooks,
    is_leaf_node,
    node_name,
    postorder,
    saved_by,
    saved_result,
    storage,
    version,
)
from gradreel.record.call_format import number_text, stem_of_node
from gradreel.record.tensor_values import to_value
from gradreel.record.value_nodes import InputEdge, Node, ValueNode
from gradreel.record.variable_names import ModuleNames


class GraphBuilder:
    """Entries in forward order, found again by tensor or by node."""

    def __init__(self) -> None:
        self.entries: list[ValueNode] = []
        self.modules = ModuleNames()
        self.line: int | None = None
        self.module = ""
        self._current: dict[int, tuple[Tensor, ValueNode]] = {}
        self._nodes: dict[int, tuple[Node, ValueNode]] = {}
        self._outputs: dict[tuple[int, int], ValueNode] = {}
        self._changes: dict[int, tuple[int, ValueNode]] = {}
        self._made: dict[tuple[int, int], tuple[Node, Tensor]] = {}

    # -- finding -----------------------------------------------------------------------------

    def find(self, tensor: Tensor) -> ValueNode | None:
        """The entry of a tensor as it was last seen, or None."""
        held = self._current.get(id(tensor))
        return held[1] if held else None

    def at_node(self, node: Node) -> ValueNode | None:
        """The entry of a node; for a leaf's AccumulateGrad node that of the leaf."""
        if is_leaf_node(node):
            return self.find(node.variable)
        held = self._nodes.get(id(node))
        return held[1] if held else None

    def output_of(self, node: Node, number: int) -> ValueNode | None:
        """The entry of one output of a node: the node's own unless it has several outputs."""
        return self._outputs.get((id(node), number)) or self.at_node(node)

    def leaves(self) -> list[tuple[Tensor, ValueNode]]:
        """The tensors whose `.grad` a backward pass may set, with their entries."""
        return [
            (tensor, entry)
            for tensor, entry in self._current.values()
            if tensor.requires_grad and (tensor.is_leaf or tensor.retains_grad)
        ]

    # -- entering ----------------------------------------------------------------------------

    def enter(self, entry: ValueNode) -> ValueNode:
        """Write down an entry at the place where the program is now."""
        entry.line, entry.module = self.line, self.module
        self.entries.append(entry)
        return entry

    def constant(self, value: float) -> ValueNode:
        """A plain number of the program that is an operand."""
        text = number_text(value)
        return self.enter(ValueNode(op="constant", stem=text, value=float(value), written=[text]))

    def seen(self, tensor: Tensor) -> ValueNode:
        """The entry of `tensor` as it is now: a new one if its numbers were changed in place."""
        entry = self.find(tensor)
        if entry is None:
            return self._adopt(tensor)
        if entry.stamp == self._stamp(tensor):
            return entry
        return self._changed(tensor, entry)

    def leaf(self, tensor: Tensor, stem: str = "tensor") -> ValueNode:
        """A tensor that no recorded operation made."""
        entry = ValueNode(op="leaf", stem=self.modules.of_parameter(tensor) or stem)
        self.describe(entry, tensor)
        self.hold(tensor, entry)
        entry.name = self.modules.of_parameter(tensor)
        return self.enter(entry)

    def untracked(self, tensor: Tensor, op: str, stem: str, inputs: list[ValueNode]) -> ValueNode:
        """A result that autograd does not follow."""
        entry = ValueNode(op=op, stem=stem, inputs=inputs)
        self.describe(entry, tensor)
        self.hold(tensor, entry)
        return self.enter(entry)

    def hold(self, tensor: Tensor, entry: ValueNode) -> None:
        """Let `tensor` be known as `entry` from now on."""
        entry.stamp = self._stamp(tensor)
        entry.variable = id(tensor)
        self._current[id(tensor)] = (tensor, entry)

    def mutated(self, tensor: Tensor, entry: ValueNode) -> None:
        """`entry` wrote to the memory of `tensor`: everything that shares it is stale."""
        place = storage(tensor)
        if place:
            self._changes[place] = (self._changes.get(place, (0, entry))[0] + 1, entry)
        entry.stamp = self._stamp(tensor)

    def stepped(self, tensor: Tensor, what: str) -> None:
        """An optimizer took a step: a parameter whose numbers changed is a new entry."""
        old = self.find(tensor)
        entry = self.seen(tensor)
        if entry is old or old is None:
            return
        entry.op, entry.written = "step", [what]
        gradient = None if tensor.grad is None else self.find(tensor.grad)
        entry.inputs = [old] if gradient is None else [old, gradient]

    def remember(self, node: Node, number: int, tensor: Tensor) -> None:
        """Output `number` of a node that the engine made, to be given a value when it is met."""
        self._made[(id(node), number)] = (node, tensor)

    def tracked(self, results: Iterable[Tensor]) -> list[ValueNode]:
        """Enter every node behind `results` that is not yet known, inputs first."""
        new: list[ValueNode] = []
        found = {(id(t.grad_fn), t.output_nr): t for t in results if t.grad_fn is not None}
        given = {**bases_of(found.values()), **found}
        for tensor in found.values():
            for node in postorder(tensor.grad_fn, self._nodes):
                if not is_leaf_node(node):
                    new.append(self._enter_node(node, given))
                elif self.find(node.variable) is None:
                    self.leaf(node.variable)
        for tensor in found.values():
            entry = self.output_of(tensor.grad_fn, tensor.output_nr)
            if entry is None:
                raise RecordingError(f"no place on the tape for a result of {tensor.grad_fn}")
            if entry.stamp is None or entry.value is None:
                self.describe(entry, tensor)
            if self.find(tensor) is not entry:
                self.hold(tensor, entry)
        return new

    # -- inside ------------------------------------------------------------------------------

    def _adopt(self, tensor: Tensor) -> ValueNode:
        if tensor.grad_fn is None:
            return self.leaf(tensor)
        self.tracked([tensor])
        entry = self.find(tensor)
        assert entry is not None
        return entry

    def _changed(self, tensor: Tensor, old: ValueNode) -> ValueNode:
        _, writer = self._changes.get(storage(tensor), (0, old))
        node = tensor.grad_fn
        known = None if node is None else self.output_of(node, tensor.output_nr)
        if known is None and node is not None:
            self.tracked([tensor])
        elif known is not None and known is not old:
            if known.value is None:
                self.describe(known, tensor)
            self.hold(tensor, known)
        else:
            inputs = [old] if writer is old else [old, writer]
            op = old.op if old.op == "grad" else "in-place"
            self.untracked(tensor, op, old.stem, [] if op == "grad" else inputs)
        entry = self.find(tensor)
        assert entry is not None
        entry.name, entry.depth = old.name, old.depth
        entry.hooked = old.hooked
        if not entry.written:
            entry.written = [*(old.written if entry.op == "grad" else ["changed in place"])]
        return entry

    def _enter_node(self, node: Node, given: dict[tuple[int, int], Tensor]) -> ValueNode:
        name = node_name(node)
        entry = ValueNode(op=name, stem=stem_of_node(name), requires_grad=True, node=node)
        for index, (following, number) in enumerate(node.next_functions):
            if following is None:
                continue
            target = self._target(following, number)
            entry.routes.append(InputEdge(index, len(entry.inputs), target))
            entry.inputs.append(target)
        self._nodes[id(node)] = (node, entry)
        self.enter(entry)
        metadata = node._input_metadata
        if len(metadata) > 1:
            self._enter_outputs(node, entry, given)
            return entry
        if metadata:
            entry.shape = tuple(metadata[0].shape)
            entry.dtype = str(metadata[0].dtype).removeprefix("torch.")
        tensor = self._known_output(node, 0, given)
        tensor = tensor if tensor is not None else saved_result(node)
        if tensor is not None:
            self.describe(entry, tensor)
        self._fill_from_saved(node)
        return entry

    def _enter_outputs(
        self, node: Node, whole: ValueNode, given: dict[tuple[int, int], Tensor]
    ) -> None:
        """A node with several outputs is one entry without a value, and one more per output."""
        for number, metadata in enumerate(node._input_metadata):
            tensor = self._known_output(node, number, given)
            entry = ValueNode(
                op="output",
                stem=whole.stem,
                requires_grad=True,
                node=node,
                output=number,
                shape=tuple(metadata.shape),
                dtype=str(metadata.dtype).removeprefix("torch."),
                inputs=[whole],
                routes=[InputEdge(-1, 0, whole)],
                written=[whole, f"[{number}]"],
            )
            if tensor is not None:
                self.describe(entry, tensor)
            self._outputs[(id(node), number)] = entry
            self.enter(entry)

    def _known_output(
        self, node: Node, number: int, given: dict[tuple[int, int], Tensor]
    ) -> Tensor | None:
        key = (id(node), number)
        if key in given:
            return given[key]
        return self._made[key][1] if key in self._made else None

    def _target(self, node: Node, number: int) -> ValueNode:
        target = self.output_of(node, number)
        if target is None:
            raise RecordingError(f"no place on the tape for the node {node.name()}")
        return target

    def _fill_from_saved(self, node: Node) -> None:
        """What a node saved of its inputs gives values to inputs that were never in sight."""
        if all(route.target.value is not None for route in self._nodes[id(node)][1].routes):
            return
        for saved in saved_by(node):
            entry = (
                None if saved.grad_fn is None else self.output_of(saved.grad_fn, saved.output_nr)
            )
            if entry is not None and entry.value is None:
                self.describe(entry, saved)

    def describe(self, entry: ValueNode, tensor: Tensor) -> None:
        """Give an entry the value, shape and flags of `tensor`."""
        entry.shape = tuple(tensor.shape)
        entry.value = to_value(tensor)
        entry.dtype = str(tensor.dtype).removeprefix("torch.")
        entry.is_leaf = tensor.is_leaf
        entry.requires_grad = tensor.requires_grad
        entry.stamp = self._stamp(tensor)
        if tensor.is_leaf and has_hooks(tensor):
            entry.hooked = True

    def _stamp(self, tensor: Tensor) -> tuple[int, int, int, int]:
        """What is different once the numbers of `tensor` or its place in the graph change."""
        place = storage(tensor)
        changes = self._changes[place][0] if place in self._changes else 0
        node = tensor.grad_fn
        return (version(tensor), place, changes, 0 if node is None else id(node))
