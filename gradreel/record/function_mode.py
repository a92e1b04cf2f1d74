"""CallRecorder: a TorchFunctionMode that adds every torch call of the program to the graph."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from gradreel.errors import RecordingError
from gradreel.record.autograd_nodes import grad_fn_of, requires_grad, version_counter
from gradreel.record.call_format import (
    call_name,
    call_stem,
    explicit_kwargs,
    format_call,
    has_special_syntax,
    operands,
    takes_constants,
    tensors_in,
)
from gradreel.record.graph_builder import GraphBuilder
from gradreel.record.local_derivatives import compute_local_derivatives
from gradreel.record.op_capture import DispatchCapture, OperatorResult, match_results
from gradreel.record.plain_numbers import EXITS, PlainNumbers, noted_exit
from gradreel.record.replay import Replay
from gradreel.record.tensor_values import require_values
from gradreel.record.value_nodes import (
    Piece,
    ValueNode,
    format_inner,
    set_inputs_in_reading_order,
)
from gradreel.record.variable_names import VariableNames

_BACKWARD_CALLS = (
    "backward",
    "register_hook",
    "register_post_accumulate_grad_hook",
    "retain_grad",
)


class CallRecorder(TorchFunctionMode):
    """While active, adds every torch call to `graph`, unless `paused` (the engine is running)."""

    def __init__(
        self, graph: GraphBuilder, names: VariableNames, operators: DispatchCapture
    ) -> None:
        super().__init__()
        self._graph = graph
        self._names = names
        self._operators = operators
        self.paused = False
        self.exits: list[PlainNumbers] = []
        self.notes: list[str] = []
        self.autocasts = False  # whether a call was made under torch.autocast

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        name = call_name(func)
        if self.paused:
            return func(*args, **kwargs)
        if kwargs.get("is_grads_batched"):
            raise RecordingError(
                "autograd.grad with is_grads_batched hides its passes from every hook",
                hint="Take the gradients one by one, in a loop.",
            )
        frame = self._update_position()
        self.autocasts = self.autocasts or torch.is_autocast_enabled("cpu")
        if name in _BACKWARD_CALLS:
            return self._run_backward_call(name, func, args, kwargs)
        if name in EXITS and args and isinstance(args[0], Tensor):
            left = noted_exit(self._graph.resolve(args[0]), name, self._graph.line)
            self.exits += [left] if left else []
        call = _Call(self._graph, name, args, kwargs, frame)
        by_program = self._names.is_called_by_program(sys._getframe(1))
        call.function = func if by_program else None
        # No dispatch mode here: with one, torch takes other paths (view instead of reshape_alias).
        replay = Replay(func, args, kwargs)
        # A pass that records its own graph cannot be repeated; its inner values are captured.
        creates_graph = bool(kwargs.get("create_graph"))
        with self._operators if creates_graph else contextlib.nullcontext():
            result = func(*args, **kwargs)
        call.record(result, self._operators.drain(), None if creates_graph else replay)
        return result

    def run_opaque(
        self, func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """Run and record a call that torch hides from modes, without the calls inside it."""
        if self.paused:
            return func(*args, **kwargs)
        call = _Call(self._graph, call_name(func), args, kwargs, self._update_position())
        self.paused = True  # also while the result is read, which is no call of the program
        try:
            result = func(*args, **kwargs)
            call.record(result, [])
        finally:
            self.paused = False
        return result

    def _update_position(self) -> FrameType | None:
        """Read names and line of the program's innermost frame, and return that frame."""
        frame = self._names.current_frame()
        self._names.read_frame(frame)
        self._graph.line = frame.f_lineno if frame else None
        return frame

    def _run_backward_call(
        self, name: str, func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        tensor = args[0]
        if isinstance(tensor, Tensor):
            value_node = self._graph.resolve(tensor)
            value_node.has_hooks = value_node.has_hooks or name.startswith("register")
        if not kwargs.get("create_graph"):
            return func(*args, **kwargs)
        # The captured operators are recorded with the next call, which reads .grad.
        with self._operators:
            return func(*args, **kwargs)


class _Call:
    """One torch call: the state of its arguments before it, and what it created or changed.

    `function` is set if the program itself wrote the call, and gives the defaults of its arguments.
    """

    def __init__(
        self,
        graph: GraphBuilder,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        frame: FrameType | None,
    ) -> None:
        self._graph, self._name, self._args, self._kwargs = graph, name, args, kwargs
        self._frame = frame
        self.function: Callable[..., Any] | None = None
        self._before: dict[int, tuple[Tensor, int, Any, bool]] = {}
        self._value_nodes: dict[int, ValueNode] = {}
        for tensor in tensors_in((*args, *kwargs.values())):
            state = (tensor, version_counter(tensor), grad_fn_of(tensor), requires_grad(tensor))
            self._before[id(tensor)] = state
            if graph.find(tensor) is not None:
                self._value_nodes[id(tensor)] = graph.resolve(tensor)

    def record(
        self, result: Any, operator_results: Sequence[OperatorResult], replay: Replay | None = None
    ) -> None:
        """Add the tensors that the call created or changed in place to the graph.

        `replay` runs the call again where that is needed for values of nodes inside it.
        """
        changed = [state[0] for state in self._before.values() if _has_changed(state)]
        created = [t for t in tensors_in(result) if id(t) not in self._before]
        self._update_flags()
        if not changed and not created:
            return
        for tensor in (*changed, *created):
            require_values(tensor)
        inputs = self._inputs({id(tensor) for tensor in changed})
        tracked = [t for t in (*changed, *created) if grad_fn_of(t) is not None]
        new = self._graph.add_tracked(tracked)
        for value_node, tensor in match_results(new, operator_results, self._graph.output_of):
            self._graph.describe(value_node, tensor)
        if replay is not None and any(map(_lacks_value, new)):
            for value_node, tensor in replay.values(new, tracked, changed, self._graph.output_of):
                self._graph.describe_value(value_node, tensor)
        self._assign_inputs(new, tracked, inputs)
        for tensor in created:
            if grad_fn_of(tensor) is None:
                self._add_untracked_result(tensor, inputs)
        for tensor in changed:
            self._add_in_place_change(tensor, inputs)

    def _update_flags(self) -> None:
        """`requires_grad_()` and similar calls change a tensor without creating a new one."""
        for tensor, _, _, did in self._before.values():
            value_node = self._graph.find(tensor)
            if value_node is not None and requires_grad(tensor) != did:
                value_node.requires_grad = not did
                value_node.is_leaf = grad_fn_of(tensor) is None

    def _inputs(self, changed: set[int]) -> list[ValueNode]:
        """The operands in reading order; a plain number among them becomes a constant."""
        inputs: list[ValueNode] = []
        for operand in operands(self._name, self._args, self._kwargs):
            if takes_constants(self._name) and type(operand) in (int, float):
                inputs.append(self._graph.add_constant(operand))
                continue
            for tensor in tensors_in(operand):
                value_node = self._value_nodes.get(id(tensor))
                if value_node is None and id(tensor) not in changed:
                    value_node = self._value_nodes[id(tensor)] = self._resolve(tensor)
                if value_node is not None:
                    inputs.append(value_node)
        return inputs

    def _resolve(self, tensor: Tensor) -> ValueNode:
        value_node = self._graph.resolve(tensor)
        if not value_node.name and self._frame is not None:
            # VariableNames reads local variables only; globals are searched here.
            for name, value in self._frame.f_globals.items():
                if value is tensor:
                    value_node.name = name
                    break
        return value_node

    def _assign_inputs(
        self, new: list[ValueNode], tracked: list[Tensor], inputs: list[ValueNode]
    ) -> None:
        """Give the autograd nodes of this call their operands in reading order, and their text."""
        nodes = [value_node for value_node in new if value_node.op != "output"]
        if not nodes:
            return
        main = self._graph.output_of(tracked[0].grad_fn, tracked[0].output_nr) or nodes[-1]
        main = main.inputs[0] if main.op == "output" else main
        if len(nodes) == 1:
            set_inputs_in_reading_order(main, inputs)
        else:
            used = {id(source) for value_node in nodes for source in value_node.inputs}
            main.inputs += [value_node for value_node in inputs if id(value_node) not in used]
        for value_node in nodes:
            is_main = value_node is main
            value_node.call_pieces = self._format() if is_main else format_inner(value_node)
            compute_local_derivatives(value_node)
        if main.stem != call_stem(self._name) and self._name.isidentifier():
            main.stem = call_stem(self._name)

    def _add_untracked_result(self, tensor: Tensor, inputs: list[ValueNode]) -> None:
        if self._graph.find(tensor) is not None:
            self._graph.resolve(tensor)
            return
        stem = call_stem(self._name)
        if self._name == ".grad":
            owner = inputs[0]
            grad_stem = f"{owner.name or owner.stem}.grad"
            value_node = self._graph.add_untracked(tensor, "grad", grad_stem, [])
        elif not inputs:
            value_node = self._graph.add_leaf(tensor, stem)
        else:
            value_node = self._graph.add_untracked(tensor, stem, stem, inputs)
        value_node.call_pieces = self._format()

    def _add_in_place_change(self, tensor: Tensor, inputs: list[ValueNode]) -> None:
        old = self._value_nodes.get(id(tensor))
        if grad_fn_of(tensor) is None:
            if old is None:
                return  # a tensor that is still being filled before its first use
            value_node = self._graph.add_untracked(tensor, self._name, old.stem, inputs)
            value_node.call_pieces = self._format()
        else:
            value_node = self._graph.resolve(tensor)
        if value_node.op == "in-place":  # under no_grad: the numbers change, the graph does not
            value_node.op, value_node.inputs = self._name, inputs
            value_node.call_pieces = self._format()
        if old is not None:
            value_node.name, value_node.name_depth = old.name, old.name_depth
            value_node.stem = old.stem
        self._graph.mark_written(tensor, value_node)

    def _format(self) -> list[Piece]:
        def node_of(value: Any) -> ValueNode | None:
            return self._value_nodes.get(id(value)) if isinstance(value, Tensor) else None

        if self.function is not None:
            kwargs = explicit_kwargs(self.function, self._kwargs)
            return format_call(self._name, self._args, kwargs, node_of)
        if has_special_syntax(self._name):
            return format_call(self._name, self._args, self._kwargs, node_of)
        # torch's own modules pass a dozen settings that nobody wrote: only tensors are kept.
        tensors = list(tensors_in((*self._args, *self._kwargs.values())))
        return format_call(self._name, tensors, {}, node_of)


def _lacks_value(value_node: ValueNode) -> bool:
    """Whether an inner node has no value; the node of several outputs never has one."""
    has_one_output = value_node.node is not None and len(value_node.node._input_metadata) == 1
    return value_node.value is None and has_one_output


def _has_changed(state: tuple[Tensor, int, Any, bool]) -> bool:
    tensor, version, node, _ = state
    return version_counter(tensor) != version or grad_fn_of(tensor) is not node
