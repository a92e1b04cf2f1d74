"""Snapshots of live Python objects as Variables: copies of their values, never references."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from gradreel.record.autograd_nodes import node_name
from gradreel.record.tensor_values import nested_floats, summarize
from gradreel.tape import Recorded, Summary, Value, format_number
from gradreel.trace.script_trace import Variable
from gradreel.trace.value_format import MAX_ITEMS, format_value

MAX_NUMBERS = 256
"""A tensor or list of more numbers than this has a snapshot without its values."""

_MAX_PARAMETERS = 12
_MAX_TEXT = 60
_MAX_DEPTH = 4  # of lists in lists

_EXCLUDED_TYPES = (
    types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type,
    type(torch.add), types.GenericAlias,
)  # fmt: skip


def snapshot_variables(names: Mapping[str, Any]) -> dict[str, Variable]:
    """The variables among `names`, by name; a module is followed by its parameters.

    Imported modules, functions, classes and names that begin with an underscore are left out.
    """
    variables: dict[str, Variable] = {}
    for name, value in list(names.items()):
        if name.startswith(("_", ".")) or isinstance(value, _EXCLUDED_TYPES):
            continue
        for variable in _with_parameters(name, value):
            variables[variable.name] = variable
    return variables


def snapshot_value(name: str, value: Any) -> Variable:
    """A single Variable for any object, such as the result of a function."""
    if isinstance(value, Tensor):
        return _tensor_variable(name, value)
    try:
        text, numbers = _text(value), _numbers(value)
    except Exception:  # noqa: BLE001 - this runs the script's own code, which may fail in any way
        text, numbers = type(value).__name__, None
    return Variable(name, type(value).__name__, text, numbers)


def tensor_numbers(tensor: Tensor | None) -> Value | None:
    """The numbers of a tensor, row-major.

    None for None and for tensors that are sparse, complex or larger than `MAX_NUMBERS`.
    """
    if tensor is None or tensor.numel() > MAX_NUMBERS or tensor.is_complex() or tensor.is_meta:
        return None
    if tensor.layout is not torch.strided:
        return None
    return nested_floats(tensor.detach().tolist())


def numbers_or_summary(tensor: Tensor | None) -> Recorded | None:
    """The numbers of a tensor, or a summary of a large, sparse or complex one; None for None."""
    numbers = tensor_numbers(tensor)
    return tensor_summary(tensor) if numbers is None else numbers


def tensor_summary(tensor: Tensor | None) -> Summary | None:
    """The summary of a tensor whose numbers are not kept; None for others, and for None."""
    if tensor is None or tensor.is_meta or tensor_numbers(tensor) is not None:
        return None
    if tensor.is_complex():  # by magnitudes: a walkthrough has no room for both parts
        return replace(summarize(tensor.detach().to_dense().abs()), kind="complex")
    return summarize(tensor)


def _with_parameters(name: str, value: Any) -> Iterator[Variable]:
    yield snapshot_value(name, value)
    # Inside __init__, before super().__init__(), a module has no parameters yet.
    if isinstance(value, nn.Module) and "_parameters" in vars(value):
        parameters = list(value.named_parameters(prefix=name))
        for path, parameter in parameters[:_MAX_PARAMETERS]:
            yield _tensor_variable(path, parameter)


def _tensor_variable(name: str, tensor: Tensor) -> Variable:
    # Reading .grad of a non-leaf that does not retain it makes torch warn.
    grad = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
    value = tensor_numbers(tensor)
    return Variable(
        name,
        "Tensor",
        _tensor_text(tensor, value),
        value,
        str(tensor.dtype).removeprefix("torch."),
        tuple(tensor.shape),
        tensor.requires_grad,
        tensor.is_leaf,
        node_name(tensor.grad_fn) if tensor.grad_fn is not None else None,
        tensor_numbers(grad),
        tensor_summary(tensor),
        tensor_summary(grad),
    )


def _tensor_text(tensor: Tensor, value: Value | None) -> str:
    if value is None:
        return "tensor " + "×".join(str(side) for side in tensor.shape)
    return format_value(value)


def _numbers(value: Any, depth: int = 0) -> Value | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        # An int may be larger than any float.
        return float(value) if isinstance(value, float) or abs(value) < 1e300 else None
    if isinstance(value, (list, tuple)) and 0 < len(value) <= MAX_NUMBERS and depth < _MAX_DEPTH:
        parts = [
            tensor_numbers(item) if isinstance(item, Tensor) else _numbers(item, depth + 1)
            for item in value
        ]
        return tuple(parts) if None not in parts else None  # type: ignore[arg-type]
    return None


def _text(value: Any, depth: int = 0) -> str:
    if isinstance(value, float):
        return format_number(value)
    if isinstance(value, str):
        return _shorten(repr(value[: 2 * _MAX_TEXT]))
    if isinstance(value, (bool, int)) or value is None:
        return _shorten(repr(value))
    if isinstance(value, nn.Module):
        is_simple = "_modules" in vars(value) and not list(value.children())
        return _repr_text(value) if is_simple else type(value).__name__
    if isinstance(value, torch.optim.Optimizer):
        return f"lr={value.param_groups[0]['lr']:g}"
    if isinstance(value, Tensor):
        return _tensor_text(value, tensor_numbers(value))
    if isinstance(value, (list, tuple, dict, set, range)):
        return _shorten(_container_text(value, depth)) if depth < _MAX_DEPTH else "…"
    if isinstance(value, BaseException):
        return _shorten(f"{type(value).__name__}: {_one_line(str(value))}")
    return _repr_text(value)


def _container_text(value: Any, depth: int) -> str:
    if isinstance(value, range):
        return repr(value)
    size = len(value)
    if isinstance(value, dict):
        pairs = [
            f"{_text(key, depth + 1)}: {_text(item, depth + 1)}"
            for key, item in list(value.items())[:MAX_ITEMS]
        ]
        return "{" + ", ".join(pairs) + (", …" if size > MAX_ITEMS else "") + "}"
    items = [_text(item, depth + 1) for item in _shown_items(value)]
    if size > MAX_ITEMS:
        items = [*items[:-1], f"… {items[-1]} ({size})"]
    inside = ", ".join(items)
    if isinstance(value, set):
        return f"{{{inside}}}"
    return f"[{inside}]" if isinstance(value, list) else f"({inside})"


def _shown_items(value: Any) -> list[Any]:
    """The first items of a list, tuple or set, and the last one."""
    # A set is sorted, because its own order differs from run to run.
    items = sorted(value, key=repr) if isinstance(value, set) else value
    return list(items) if len(items) <= MAX_ITEMS else [*items[: MAX_ITEMS - 1], items[-1]]


def _repr_text(value: Any) -> str:
    """An object's own repr; its class name if the repr is only an address, or fails."""
    try:
        text = _one_line(repr(value))
    except Exception:  # noqa: BLE001 - a repr of the script may fail in any way
        return type(value).__name__
    return type(value).__name__ if " at 0x" in text else _shorten(text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _shorten(text: str) -> str:
    text = _one_line(text)
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
