"""The places where a recording steps into PyTorch, each put back as it was afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as hooks
from torch.optim.optimizer import (
    Optimizer,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from gradreel.errors import RecordingError
from gradreel.record.function_mode import CallRecorder
from gradreel.record.graph_builder import GraphBuilder
from gradreel.record.variable_names import Names

_busy = False


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Refuse a recording inside a recording: each would see the other's work."""
    global _busy
    if _busy:
        raise RecordingError("a program that is being recorded starts a recording of its own")
    _busy = True
    try:
        yield
    finally:
        _busy = False


@contextlib.contextmanager
def default_dtype_kept() -> Iterator[None]:
    """A program may set the default dtype; what comes after it shall not notice."""
    before = torch.get_default_dtype()
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextlib.contextmanager
def module_names(ledger: GraphBuilder, names: Names) -> Iterator[None]:
    """Keep `ledger.module` at the path of the module whose forward is running."""
    outer: list[str] = []

    def enter(module: nn.Module, _: Any) -> None:
        outer.append(ledger.module)
        names.find_module(module)
        ledger.module = ledger.modules.of_module(module)

    def leave(*_: Any) -> None:
        if outer:
            ledger.module = outer.pop()

    handles = [
        hooks.register_module_forward_pre_hook(enter),
        hooks.register_module_forward_hook(leave, always_call=True),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextlib.contextmanager
def optimizer_steps(ledger: GraphBuilder, calls: CallRecorder) -> Iterator[None]:
    """An optimizer's step is one change of each parameter, not the dozens of calls inside it."""

    def told(optimizer: Optimizer) -> None:
        for tensor in _parameters(optimizer):
            ledger.stepped(tensor, f"{type(optimizer).__name__} step")

    def before(optimizer: Optimizer, args: Any, kwargs: Any) -> Any:
        calls.paused = True
        for tensor in _parameters(optimizer):
            ledger.seen(tensor)

        def awake(given: Any) -> Any:
            return _awake(given, calls, lambda: told(optimizer)) if callable(given) else given

        rest = tuple(awake(given) for given in args[1:])
        return (args[0], *rest), {key: awake(given) for key, given in kwargs.items()}

    def after(optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        told(optimizer)
        calls.paused = False

    before_handle = register_optimizer_step_pre_hook(before)
    after_handle = register_optimizer_step_post_hook(after)
    try:
        yield
    finally:
        before_handle.remove()
        after_handle.remove()


def _awake(
    closure: Callable[[], Any], calls: CallRecorder, told: Callable[[], None]
) -> Callable[[], Any]:
    """A closure runs the program's own forward pass, at parameters that may have changed."""

    def run() -> Any:
        told()
        calls.paused = False
        try:
            return closure()
        finally:
            calls.paused = True

    return run


@contextlib.contextmanager
def module_moves(calls: CallRecorder) -> Iterator[None]:
    """Moving a module to another dtype or device is no part of what it computes."""
    original: Any = nn.Module._apply

    def apply(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        was_paused, calls.paused = calls.paused, True
        try:
            return original(module, *args, **kwargs)
        finally:
            calls.paused = was_paused

    nn.Module._apply = apply  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        nn.Module._apply = original  # type: ignore[method-assign]


def _parameters(optimizer: Optimizer) -> list[Any]:
    return [tensor for group in optimizer.param_groups for tensor in group["params"]]


@contextlib.contextmanager
def function_calls(calls: CallRecorder) -> Iterator[None]:
    """Show `calls` the results of custom autograd Functions, which torch hides from modes."""
    original = torch.autograd.Function.__dict__["apply"]

    def apply(cls: type, *args: Any, **kwargs: Any) -> Any:
        def run(*given: Any, **named: Any) -> Any:
            return original.__func__(cls, *given, **named)

        run.__name__ = cls.__name__
        return calls.hidden(run, args, kwargs)

    torch.autograd.Function.apply = classmethod(apply)  # type: ignore[assignment]
    try:
        yield
    finally:
        torch.autograd.Function.apply = original  # type: ignore[method-assign]
