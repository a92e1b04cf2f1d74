"""Keeps torch from importing its compiler (torch._dynamo, and SymPy with it) where it is not used.

The first step of an optimizer, or the first operator under a dispatch mode, imports the compiler:
1 second and 70 MB, only to mark functions that the compiler must not trace. `install` marks them
beforehand. A program that calls torch.compile itself still gets the compiler.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

import torch
from torch.optim.optimizer import Optimizer

from gradreel.record.torch_patches import DYNAMO_DISABLE, OPTIMIZER_STEP

F = TypeVar("F", bound=Callable[..., Any])

STEP_WRAPPER = "_use_grad_for_differentiable"  # qualified name of torch's wrapper of `step`
MARK = DYNAMO_DISABLE.attribute  # torch calls the function stored here instead of compiling

_undo: list[Callable[[], None]] = []


def mark_dynamo_disabled(function: F) -> F:
    """Mark a function of our own as not to be traced by the compiler, without importing it."""
    if not hasattr(function, MARK):
        setattr(function, MARK, function)
    return function


def install() -> None:
    """Mark torch's optimizers and Python operators; `uninstall` takes the marks away.

    Further calls change nothing. Functions that this version of torch does not have are skipped.
    """
    # torch._refs computes shapes of tensors without storage, such as an absent tangent.
    for owner in (Optimizer, sys.modules.get("torch._refs")):
        for function in map(_disabled_function, vars(owner).values() if owner else ()):
            if function is not None and not hasattr(function, MARK):
                _undo.append(DYNAMO_DISABLE.install(function, function))
    for optimizer in vars(torch.optim).values():
        step: Any = vars(optimizer).get("step") if isinstance(optimizer, type) else None
        if hasattr(step, "__code__") and _is_wrapped_step(step):
            undo = OPTIMIZER_STEP.install(optimizer, _step_without_compiler(step))
            _undo.append(functools.partial(_undo_step, optimizer, undo))


def uninstall() -> None:
    """Put back what `install` replaced in torch."""
    while _undo:
        _undo.pop()()


def _undo_step(optimizer: Any, undo: Callable[[], None]) -> None:
    # The first optimizer of a class makes torch wrap `step` once more, for its step hooks.
    has_step_hooks = getattr(optimizer.step, "hooked", False)
    undo()
    if has_step_hooks:
        optimizer.__new__(optimizer)._patch_step_function()


def _disabled_function(wrapper: Any) -> Any:
    """The function inside `wrapper` that torch keeps from its compiler, or None."""
    while isinstance(wrapper, FunctionType):
        if wrapper.__code__.co_qualname.startswith("_disable_dynamo."):
            return inspect.getclosurevars(wrapper).nonlocals.get("fn")
        wrapper = getattr(wrapper, "__wrapped__", None)
    return None


def _is_wrapped_step(step: Any) -> bool:
    return str(step.__code__.co_qualname).startswith(STEP_WRAPPER) and hasattr(step, "__wrapped__")


def _step_without_compiler(wrapped: Any) -> Callable[..., Any]:
    """torch's wrapper of `step` without its calls of the compiler.

    Gradients are enabled during the step only if the optimizer is differentiable.
    """
    step = wrapped.__wrapped__

    @functools.wraps(step)
    def run_step(self: Any, *args: Any, **kwargs: Any) -> Any:
        with torch.set_grad_enabled(self.defaults["differentiable"]):
            return step(self, *args, **kwargs)

    return run_step
