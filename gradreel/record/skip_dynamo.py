"""Torch without its compiler.

A first step of an optimizer, or a first kernel under a mode, imports the compiler and SymPy with
it, a second of time and 70 MB, only to tell a compiler that is not at work where not to look.
Nothing is compiled here, so that is left out; whoever compiles a program of their own finds the
compiler as ever.
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

F = TypeVar("F", bound=Callable[..., Any])

WRAPPER = "_use_grad_for_differentiable"  # what torch wraps steps in, by qualified name
MARK = "__dynamo_disable"  # where torch looks for a function's variant out of the compiler's sight


def unseen(function: F) -> F:
    """Say of a function that it is its own variant out of the compiler's sight."""
    if not hasattr(function, MARK):
        setattr(function, MARK, function)
    return function


def install() -> None:
    """Let torch's optimizers and its kernels in Python do without it; once is enough.

    Where torch has changed, nothing is done.
    """
    # Kernels in Python work out what a tensor without memory would be: a tangent that is absent.
    for room in (Optimizer, sys.modules.get("torch._refs")):
        for function in filter(None, map(_inside, vars(room).values() if room else ())):
            unseen(function)
    for kind in vars(torch.optim).values():
        step: Any = vars(kind).get("step") if isinstance(kind, type) else None
        if hasattr(step, "__code__") and _wraps_step(step):
            kind.step = _stepping(step.__wrapped__)


def _inside(outer: Any) -> Any:
    """The function that a wrapper, or one within it, keeps out of the compiler's sight, or None."""
    while isinstance(outer, FunctionType):
        if outer.__code__.co_qualname.startswith("_disable_dynamo."):
            return inspect.getclosurevars(outer).nonlocals.get("fn")
        outer = getattr(outer, "__wrapped__", None)
    return None


def _wraps_step(step: Any) -> bool:
    return str(step.__code__.co_qualname).startswith(WRAPPER) and hasattr(step, "__wrapped__")


def _stepping(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step with gradients recorded only where the optimizer is to be differentiated through."""

    @functools.wraps(step)
    def stepped(self: Any, *args: Any, **kwargs: Any) -> Any:
        with torch.set_grad_enabled(self.defaults["differentiable"]):
            return step(self, *args, **kwargs)

    return stepped
