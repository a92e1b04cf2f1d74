"""What the tensors of a program answer when they are asked, before and after a backward pass."""

from __future__ import annotations

import copy
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

Grad = Quantity | tuple[int, ...] | None
"""`.grad` as answered: a number, the shape of a tensor, or PyTorch's None."""


@dataclass(frozen=True)
class TensorAttributes:
    """One tensor, by the name that the program has for it; `before` and `after` are its `.grad`
    around the pass, `tracked` is its requires_grad."""

    name: str
    is_leaf: bool
    tracked: bool
    grad_fn: str | None
    before: Grad
    after: Grad


def read_attributes(loaded: LoadedProgram, *, retain: bool = False) -> dict[str, TensorAttributes]:
    """Run a program, ask each tensor that it has a name for, run backward, and ask for .grad again.

    With `retain`, every result is told to keep its gradient by retain_grad(). Raises UsageError for
    a program that runs backward passes itself, or that has no result to go backward from.
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
                hint="Let it return the loss; the pass is part of the scene.",
            )
        for tensor in tensors.values():
            if retain and tensor.grad_fn is not None:
                tensor.retain_grad()
        before = {name: _grad(tensor) for name, tensor in tensors.items()}
        result.backward()  # type: ignore[no-untyped-call]
    return {name: _answers(name, tensor, before[name]) for name, tensor in tensors.items()}


def _run(
    program: Callable[..., Any], arguments: Mapping[str, Any]
) -> tuple[Any, dict[str, Tensor]]:
    """The program's result, and its tensors by the names that its own frame has at the end."""
    code, names = _code(program), dict[str, Any]()

    def on_return(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is code:
            names.update(frame.f_locals)

    previous = sys.getprofile()
    sys.setprofile(on_return)
    try:
        result = program(**arguments)
    finally:
        sys.setprofile(previous)
    owner = getattr(program, "__self__", program)
    parameters = dict(owner.named_parameters()) if isinstance(owner, nn.Module) else {}
    found = {**arguments, **parameters, **names}
    return result, {name: value for name, value in found.items() if isinstance(value, Tensor)}


def _code(program: Callable[..., Any]) -> CodeType:
    target = type(program).forward if isinstance(program, nn.Module) else program
    code = getattr(target, "__code__", None)
    if not isinstance(code, CodeType):
        raise RecordingError(
            f"{program!r} is not written in Python, so it has no variables to ask."
        )
    return code


def _answers(name: str, tensor: Tensor, before: Tensor | None) -> TensorAttributes:
    node = tensor.grad_fn
    return TensorAttributes(
        name,
        tensor.is_leaf,
        tensor.requires_grad,
        None if node is None else node.name().rsplit("::", 1)[-1],
        _answer(before, f"{name}.grad before backward"),
        _answer(_grad(tensor), f"{name}.grad after backward"),
    )


def _answer(gradient: Tensor | None, source: str) -> Grad:
    if gradient is None:
        return None
    if gradient.shape != ():
        return tuple(gradient.shape)
    return Quantity(gradient.item(), source, source.split()[0])


def _grad(tensor: Tensor) -> Tensor | None:
    with warnings.catch_warnings():
        # torch warns whoever asks a result for its .grad; here the answer, None, is the point.
        warnings.simplefilter("ignore", UserWarning)
        gradient = tensor.grad
    return None if gradient is None else gradient.detach().clone()
