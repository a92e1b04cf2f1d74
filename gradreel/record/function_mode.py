"""Sees every torch call of the program as it was written, and enters what it made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

from gradreel.errors import RecordingError
from gradreel.record.autograd_nodes import version
from gradreel.record.call_format import (
    call_name,
    has_own_form,
    operands,
    stem_of,
    takes_constants,
    tensors_in,
    without_defaults,
    written,
)
from gradreel.record.graph_builder import GraphBuilder
from gradreel.record.local_derivatives import find_locals
from gradreel.record.op_capture import DispatchCapture, Made, results_of
from gradreel.record.tensor_values import refuse_foreign
from gradreel.record.value_nodes import Piece, ValueNode
from gradreel.record.variable_names import Names

_PASSES = ("backward", "register_hook", "register_post_accumulate_grad_hook", "retain_grad")


class CallRecorder(TorchFunctionMode):
    """While active, every torch call goes into `ledger`, unless `paused` (the engine at work)."""

    def __init__(self, ledger: GraphBuilder, names: Names, kernels: DispatchCapture) -> None:
        super().__init__()
        self._ledger = ledger
        self._names = names
        self._kernels = kernels
        self.paused = False

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
        frame = self._arrive()
        if name in _PASSES:
            return self._around_pass(name, func, args, kwargs)
        call = _Call(self._ledger, name, args, kwargs, frame)
        call.wording = func if self._names.is_written_by_program(sys._getframe(1)) else None
        with self._kernels:
            result = func(*args, **kwargs)
        call.enter(result, self._kernels.take())
        return result

    def hidden(
        self, func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """Run a call that torch does not report, without what happens inside it, and enter it."""
        if self.paused:
            return func(*args, **kwargs)
        call = _Call(self._ledger, call_name(func), args, kwargs, self._arrive())
        self.paused = True
        try:
            result = func(*args, **kwargs)
        finally:
            self.paused = False
        call.enter(result, [])
        return result

    def _arrive(self) -> FrameType | None:
        frame = self._names.frame()
        self._names.read(frame)
        self._ledger.line = frame.f_lineno if frame else None
        return frame

    def _around_pass(
        self, name: str, func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        tensor = args[0]
        if isinstance(tensor, Tensor):
            entry = self._ledger.seen(tensor)
            entry.hooked = entry.hooked or name.startswith("register")
        if not kwargs.get("create_graph"):
            return func(*args, **kwargs)
        with self._kernels:  # what they made is told by the next call, which gets at .grad
            return func(*args, **kwargs)


class _Call:
    """One call: what its arguments were before it, and what is new after it."""

    def __init__(
        self,
        ledger: GraphBuilder,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        frame: FrameType | None,
    ) -> None:
        self._ledger, self._name, self._args, self._kwargs = ledger, name, args, kwargs
        self._frame = frame
        self.wording: Callable[..., Any] | None = None
        self._before: dict[int, tuple[Tensor, int, Any, bool]] = {}
        self._entries: dict[int, ValueNode] = {}
        for tensor in tensors_in((*args, *kwargs.values())):
            mark = (tensor, version(tensor), tensor.grad_fn, tensor.requires_grad)
            self._before[id(tensor)] = mark
            if ledger.find(tensor) is not None:
                self._entries[id(tensor)] = ledger.seen(tensor)

    def enter(self, result: Any, kernels: Sequence[Made]) -> None:
        """Compare with before and write down what the call made or changed."""
        changed = [mark[0] for mark in self._before.values() if _has_changed(mark)]
        made = [t for t in tensors_in(result) if id(t) not in self._before]
        self._renew_flags()
        if not changed and not made:
            return
        for tensor in (*changed, *made):
            refuse_foreign(tensor)
        inputs = self._inputs({id(tensor) for tensor in changed})
        tracked = [t for t in (*changed, *made) if t.grad_fn is not None]
        new = self._ledger.tracked(tracked)
        for entry, tensor in results_of(new, kernels, self._ledger.output_of):
            self._ledger.describe(entry, tensor)
        self._arrange(new, tracked, inputs)
        for tensor in made:
            if tensor.grad_fn is None:
                self._enter_result(tensor, inputs)
        for tensor in changed:
            self._enter_change(tensor, inputs)

    def _renew_flags(self) -> None:
        """`requires_grad_()` and the like change a tensor without making a new one."""
        for tensor, _, _, needed in self._before.values():
            entry = self._ledger.find(tensor)
            if entry is not None and tensor.requires_grad != needed:
                entry.requires_grad, entry.is_leaf = tensor.requires_grad, tensor.is_leaf

    def _inputs(self, changed: set[int]) -> list[ValueNode]:
        """The operands in reading order; a number among the operands becomes a constant."""
        inputs: list[ValueNode] = []
        for operand in operands(self._name, self._args, self._kwargs):
            if takes_constants(self._name) and type(operand) in (int, float):
                inputs.append(self._ledger.constant(operand))
                continue
            for tensor in tensors_in(operand):
                entry = self._entries.get(id(tensor))
                if entry is None and id(tensor) not in changed:
                    entry = self._entries[id(tensor)] = self._adopted(tensor)
                if entry is not None:
                    inputs.append(entry)
        return inputs

    def _adopted(self, tensor: Tensor) -> ValueNode:
        entry = self._ledger.seen(tensor)
        if not entry.name and self._frame is not None:
            # Globals are not among a frame's locals, so nobody else will find this name.
            for name, value in self._frame.f_globals.items():
                if value is tensor:
                    entry.name = name
                    break
        return entry

    def _arrange(
        self, new: list[ValueNode], tracked: list[Tensor], inputs: list[ValueNode]
    ) -> None:
        """Give the nodes of this call their operands in reading order, and their wording."""
        nodes = [entry for entry in new if entry.op != "output"]
        if not nodes:
            return
        main = self._ledger.output_of(tracked[0].grad_fn, tracked[0].output_nr) or nodes[-1]
        main = main.inputs[0] if main.op == "output" else main
        if len(nodes) == 1:
            _in_reading_order(main, inputs)
        else:
            used = {id(source) for entry in nodes for source in entry.inputs}
            main.inputs += [entry for entry in inputs if id(entry) not in used]
        for entry in nodes:
            entry.written = self._written() if entry is main else _as_node(entry)
            find_locals(entry)
        if main.stem != stem_of(self._name) and self._name.isidentifier():
            main.stem = stem_of(self._name)

    def _enter_result(self, tensor: Tensor, inputs: list[ValueNode]) -> None:
        if self._ledger.find(tensor) is not None:
            self._ledger.seen(tensor)
            return
        if self._name == ".grad":
            owner = inputs[0]
            stem = f"{owner.name or owner.stem}.grad"
            entry = self._ledger.untracked(tensor, "grad", stem, [])
        elif not inputs:
            entry = self._ledger.leaf(tensor, stem_of(self._name))
        else:
            stem = stem_of(self._name)
            entry = self._ledger.untracked(tensor, stem, stem, inputs)
        entry.written = self._written()

    def _enter_change(self, tensor: Tensor, inputs: list[ValueNode]) -> None:
        old = self._entries.get(id(tensor))
        if tensor.grad_fn is None:
            if old is None:
                return  # a tensor still being filled before its first use
            entry = self._ledger.untracked(tensor, self._name, old.stem, inputs)
            entry.written = self._written()
        else:
            entry = self._ledger.seen(tensor)
        if entry.op == "in-place":  # under no_grad: the numbers change, the graph does not
            entry.op, entry.inputs, entry.written = self._name, inputs, self._written()
        if old is not None:
            entry.name, entry.depth, entry.stem = old.name, old.depth, old.stem
        self._ledger.mutated(tensor, entry)

    def _written(self) -> list[Piece]:
        def entry_of(value: Any) -> ValueNode | None:
            return self._entries.get(id(value)) if isinstance(value, Tensor) else None

        if self.wording is not None:
            kwargs = without_defaults(self.wording, self._kwargs)
            return written(self._name, self._args, kwargs, entry_of)
        if has_own_form(self._name):
            return written(self._name, self._args, self._kwargs, entry_of)
        # A call that torch's own modules make passes on a dozen settings nobody wrote.
        tensors = list(tensors_in((*self._args, *self._kwargs.values())))
        return written(self._name, tensors, {}, entry_of)


def _has_changed(mark: tuple[Tensor, int, Any, bool]) -> bool:
    tensor, count, node, _ = mark
    return version(tensor) != count or tensor.grad_fn is not node


def _in_reading_order(entry: ValueNode, inputs: list[ValueNode]) -> None:
    """Put the operands as written in place of the node's own order; routes keep their targets."""
    free: list[ValueNode | None] = list(inputs)
    ordered = list(inputs)
    for route in entry.routes:
        place = next((i for i, operand in enumerate(free) if operand is route.target), None)
        if place is None:
            place = len(ordered)
            ordered.append(route.target)
        else:
            free[place] = None
        route.slot = place
    entry.inputs = ordered


def _as_node(entry: ValueNode) -> list[Piece]:
    pieces: list[Piece] = [f"{entry.stem}("]
    for number, source in enumerate(entry.inputs):
        pieces += [", ", source] if number else [source]
    return [*pieces, ")"]
