"""Context managers that are active while a program is recorded.

They follow module calls, optimizer steps and custom autograd Functions, and undo their changes to
torch when the program ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as module_hooks
from torch.nn.parameter import is_lazy
from torch.optim.optimizer import (
    Optimizer,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)
from torch.utils.checkpoint import CheckpointFunction

from gradreel.errors import RecordingError
from gradreel.record.function_mode import CallRecorder
from gradreel.record.graph_builder import GraphBuilder
from gradreel.record.torch_patches import FUNCTION_APPLY, MODULE_APPLY
from gradreel.record.variable_names import VariableNames
from gradreel.tape import ModuleCall

CHECKPOINT_NOTE = "A reentrant checkpoint is recorded as the calls that it repeats."
_is_recording = False


@contextlib.contextmanager
def refuse_nested_recording() -> Iterator[None]:
    """Raise RecordingError for a recording inside a recording: each would record the other."""
    global _is_recording
    if _is_recording:
        raise RecordingError("a program that is being recorded starts a recording of its own")
    _is_recording = True
    try:
        yield
    finally:
        _is_recording = False


@contextlib.contextmanager
def restore_default_dtype() -> Iterator[None]:
    """Restore torch's default dtype, which the program may change."""
    before = torch.get_default_dtype()
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextlib.contextmanager
def follow_modules(graph: GraphBuilder, names: VariableNames) -> Iterator[None]:
    """Set `graph.module` to the path of the module whose forward is running, and list the calls."""
    outer: list[tuple[str, int]] = []

    def before_forward(module: nn.Module, _: Any) -> None:
        outer.append((graph.module, graph.module_call))
        names.find_module_name(module)
        graph.module = graph.modules.module_path(module)
        kind, parameters = type(module).__name__, _count_parameters(module)
        graph.module_calls.append(ModuleCall(graph.module, kind, graph.module_call, parameters, ()))
        graph.module_call = len(graph.module_calls)

    def after_forward(*_: Any) -> None:
        if outer:
            graph.module, graph.module_call = outer.pop()

    handles = [
        module_hooks.register_module_forward_pre_hook(before_forward),
        module_hooks.register_module_forward_hook(after_forward, always_call=True),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _count_parameters(module: nn.Module) -> int:
    # A lazy module has parameters without a shape until its first call.
    shaped = [p for p in module.parameters() if not is_lazy(p)]
    return sum(parameter.numel() for parameter in shaped)


@contextlib.contextmanager
def record_optimizer_steps(graph: GraphBuilder, calls: CallRecorder) -> Iterator[None]:
    """Record a step as one change per parameter, without the calls that the optimizer makes."""

    def record_changes(optimizer: Optimizer) -> None:
        for tensor in _parameters(optimizer):
            graph.add_optimizer_step(tensor, f"{type(optimizer).__name__} step")

    def before_step(optimizer: Optimizer, args: Any, kwargs: Any) -> Any:
        calls.paused = True
        for tensor in _parameters(optimizer):
            graph.resolve(tensor)

        def wrap(argument: Any) -> Any:
            if not callable(argument):
                return argument
            return _record_closure(argument, calls, lambda: record_changes(optimizer))

        rest = tuple(wrap(argument) for argument in args[1:])
        return (args[0], *rest), {key: wrap(argument) for key, argument in kwargs.items()}

    def after_step(optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        record_changes(optimizer)
        calls.paused = False

    handles = [
        register_optimizer_step_pre_hook(before_step),
        register_optimizer_step_post_hook(after_step),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _record_closure(
    closure: Callable[[], Any], calls: CallRecorder, record_changes: Callable[[], None]
) -> Callable[[], Any]:
    """The closure of a step, recorded: it runs the program's forward pass at changed parameters."""

    def run() -> Any:
        record_changes()
        calls.paused = False
        try:
            return closure()
        finally:
            calls.paused = True

    return run


def _parameters(optimizer: Optimizer) -> list[Tensor]:
    return [tensor for group in optimizer.param_groups for tensor in group["params"]]


@contextlib.contextmanager
def ignore_module_conversions(calls: CallRecorder) -> Iterator[None]:
    """Record nothing while a module is moved to another dtype or device."""
    original: Any = nn.Module._apply

    def apply(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        was_paused, calls.paused = calls.paused, True
        try:
            return original(module, *args, **kwargs)
        finally:
            calls.paused = was_paused

    with MODULE_APPLY.installed(nn.Module, apply):
        yield


def _without_checkpoint(function: Callable[..., Any], _: bool, *args: Any) -> Any:
    """What a reentrant checkpoint repeats; without an input that requires grad, it tracks nothing.

    The backward pass that it starts inside of the program's would not be seen.
    """
    tracked = any(isinstance(one, Tensor) and one.requires_grad for one in args)
    with torch.set_grad_enabled(tracked and torch.is_grad_enabled()):
        return function(*args)


@contextlib.contextmanager
def record_custom_functions(calls: CallRecorder) -> Iterator[None]:
    """Record calls of custom autograd Functions, which torch hides from function modes."""
    original = torch.autograd.Function.__dict__["apply"]

    def apply(cls: type, *args: Any, **kwargs: Any) -> Any:
        def run(*run_args: Any, **run_kwargs: Any) -> Any:
            return original.__func__(cls, *run_args, **run_kwargs)

        if cls is CheckpointFunction:
            calls.notes.append(CHECKPOINT_NOTE)
            return _without_checkpoint(*args)
        run.__name__ = cls.__name__
        return calls.run_opaque(run, args, kwargs)

    with FUNCTION_APPLY.installed(torch.autograd.Function, classmethod(apply)):
        yield
