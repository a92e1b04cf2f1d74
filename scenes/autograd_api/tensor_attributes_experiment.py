"""is_leaf, requires_grad, grad_fn and grad of a program's tensors, before and after backward."""

from __future__ import annotations

import copy
import inspect
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import torch
from torch import Tensor, nn

from gradreel.errors import RecordingError, UsageError
from gradreel.record.input_specs import as_argument
from gradreel.record.program_loader import LoadedProgram
from gradreel.tape import Quantity

GradValue = Quantity | tuple[int, ...] | None
"""`.grad` of a tensor: the number of a scalar, the shape of a larger tensor, or None."""


@dataclass(frozen=True)
class TensorAttributes:
    """The attributes of one tensor; `name` is the program's variable.

    `grad_before` and `grad_after` are its `.grad` before and after the backward pass.
    """

    name: str
    is_leaf: bool
    requires_grad: bool
    grad_fn: str | None
    grad_before: GradValue
    grad_after: GradValue


def read_attributes(loaded: LoadedProgram, *, retain: bool = False) -> dict[str, TensorAttributes]:
    """Run a program and backward from its result; the attributes of each tensor it has a name for.

    With `retain`, retain_grad() is called on every result. Raises UsageError for a program that
    runs backward passes itself, or whose result is not one number that requires a gradient.
    """
    program, inputs = copy.deepcopy((loaded.program, dict(loaded.inputs)))
    arguments = {name: as_argument(value, name) for name, value in inputs.items()}
    with torch.enable_grad():
        result, tensors = _run(program, arguments)
        if not isinstance(result, Tensor) or result.numel() != 1 or result.grad_fn is None:
            raise UsageError("its result is not one tracked number.", where=loaded.title)
        if any(_grad(tensor) is not None for tensor in tensors.values()):
            raise UsageError(
                "it runs a backward pass itself.",
                where=loaded.title,
                hint="Return the loss instead: the scene runs the pass.",
            )
        for tensor in tensors.values():
            if retain and tensor.grad_fn is not None:
                tensor.retain_grad()
        before = {name: _grad(tensor) for name, tensor in tensors.items()}
        result.backward()  # type: ignore[no-untyped-call]
    return {name: _attributes(name, tensor, before[name]) for name, tensor in tensors.items()}


def _run(
    program: Callable[..., Any], arguments: Mapping[str, Any]
) -> tuple[Any, dict[str, Tensor]]:
    """The program's result, and the tensors among its arguments, parameters and local variables."""
    code, local_variables = _code(program), dict[str, Any]()

    def on_return(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is code:
            local_variables.update(frame.f_locals)

    previous = sys.getprofile()
    sys.setprofile(on_return)
    try:
        result = program(**arguments)
    finally:
        sys.setprofile(previous)
    owner = getattr(program, "__self__", program)
    parameters = dict(owner.named_parameters()) if isinstance(owner, nn.Module) else {}
    variables = {**arguments, **parameters, **local_variables}
    return result, {name: value for name, value in variables.items() if isinstance(value, Tensor)}


def _code(program: Callable[..., Any]) -> CodeType:
    called = inspect.unwrap(program)  # a loss may have been added to it
    target = type(called).forward if isinstance(called, nn.Module) else called
    code = getattr(target, "__code__", None)
    if not isinstance(code, CodeType):
        raise RecordingError(
            f"{program!r} is not written in Python, so it has no variables to ask."
        )
    return code


def _attributes(name: str, tensor: Tensor, grad_before: Tensor | None) -> TensorAttributes:
    node = tensor.grad_fn
    return TensorAttributes(
        name,
        tensor.is_leaf,
        tensor.requires_grad,
        None if node is None else node.name().rsplit("::", 1)[-1],
        _grad_value(grad_before, f"{name}.grad before backward"),
        _grad_value(_grad(tensor), f"{name}.grad after backward"),
    )


def _grad_value(gradient: Tensor | None, source: str) -> GradValue:
    if gradient is None:
        return None
    if gradient.shape != ():
        return tuple(gradient.shape)
    return Quantity(gradient.item(), source, source.split()[0])


def _grad(tensor: Tensor) -> Tensor | None:
    """A copy of `.grad`."""
    with warnings.catch_warnings():
        # torch warns when .grad of a result is read; here its None is what is asked for.
        warnings.simplefilter("ignore", UserWarning)
        gradient = tensor.grad
    return None if gradient is None else gradient.detach().clone()
