"""From live Python objects to Variables: copies, never references."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from gradreel.tape import Value, format_number
from gradreel.trace.script_trace import Variable
from gradreel.trace.value_format import ITEMS as _ITEMS
from gradreel.trace.value_format import value_words

LARGEST = 256
"""Tensors and lists of more numbers than this keep their shape, but not their values."""

_MOST_PARAMETERS = 12
_LONGEST_TEXT = 60
_DEEPEST = 4  # lists in lists are followed no further


def describe(names: Mapping[str, Any]) -> dict[str, Variable]:
    """The variables among `names`; modules, functions, classes and _private names are left out."""
    found: dict[str, Variable] = {}
    for name, value in list(names.items()):
        if name.startswith(("_", ".")) or isinstance(value, _NO_VARIABLES):
            continue
        for variable in _variables(name, value):
            found[variable.name] = variable
    return found


_NO_VARIABLES = (
    types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type,
    type(torch.add), types.GenericAlias,
)  # fmt: skip


def one(name: str, value: Any) -> Variable:
    """A single Variable for any object, such as what a function returned."""
    if isinstance(value, Tensor):
        return _tensor(name, value)
    try:
        words, numbers = _words(value), _numbers(value)
    except Exception:  # noqa: BLE001 - asking runs the script's own code, which may fail in any way
        words, numbers = type(value).__name__, None
    return Variable(name, type(value).__name__, words, numbers)


def _variables(name: str, value: Any) -> Iterator[Variable]:
    yield one(name, value)
    # Inside __init__, before super().__init__(), a module has no parameters to ask for yet.
    if isinstance(value, nn.Module) and "_parameters" in vars(value):
        parameters = list(value.named_parameters(prefix=name))
        for path, parameter in parameters[:_MOST_PARAMETERS]:
            yield _tensor(path, parameter)


def _tensor(name: str, tensor: Tensor) -> Variable:
    # Asking a non-leaf for .grad warns, unless it was told to retain it.
    has_grad = tensor.is_leaf or tensor.retains_grad
    grad = tensor.grad if has_grad else None
    value = to_value(tensor)
    return Variable(
        name,
        "Tensor",
        _tensor_words(tensor, value),
        value,
        str(tensor.dtype).removeprefix("torch."),
        tuple(tensor.shape),
        tensor.requires_grad,
        tensor.is_leaf,
        tensor.grad_fn.name().rsplit("::", 1)[-1] if tensor.grad_fn is not None else None,
        to_value(grad),
    )


def to_value(tensor: Tensor | None) -> Value | None:
    """The numbers of a tensor, row-major; None for None, for large ones and for no real numbers."""
    if tensor is None or tensor.numel() > LARGEST or tensor.is_complex() or tensor.is_meta:
        return None
    if tensor.layout is not torch.strided:
        return None
    return _nested(tensor.detach().tolist())


def _nested(item: Any) -> Value:
    if isinstance(item, list):
        return tuple(_nested(part) for part in item)
    return cast(Value, float(item))


def _tensor_words(tensor: Tensor, value: Value | None) -> str:
    if value is None:
        return "tensor " + "×".join(str(side) for side in tensor.shape)
    return value_words(value)


def _numbers(value: Any, depth: int = 0) -> Value | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        # An int may be larger than any float.
        return float(value) if isinstance(value, float) or abs(value) < 1e300 else None
    if isinstance(value, (list, tuple)) and 0 < len(value) <= LARGEST and depth < _DEEPEST:
        parts = [
            to_value(item) if isinstance(item, Tensor) else _numbers(item, depth + 1)
            for item in value
        ]
        return tuple(parts) if None not in parts else None  # type: ignore[arg-type]
    return None


def _words(value: Any, depth: int = 0) -> str:
    if isinstance(value, float):
        return format_number(value)
    if isinstance(value, str):
        return _cut(repr(value[: 2 * _LONGEST_TEXT]))
    if isinstance(value, (bool, int)) or value is None:
        return _cut(repr(value))
    if isinstance(value, nn.Module):
        simple = "_modules" in vars(value) and not list(value.children())
        return _own_words(value) if simple else type(value).__name__
    if isinstance(value, torch.optim.Optimizer):
        return f"lr={value.param_groups[0]['lr']:g}"
    if isinstance(value, Tensor):
        return _tensor(" ", value).text
    if isinstance(value, (list, tuple, dict, set, range)):
        return _cut(_container(value, depth)) if depth < _DEEPEST else "…"
    if isinstance(value, BaseException):
        return _cut(f"{type(value).__name__}: {_one_line(str(value))}")
    return _own_words(value)


def _container(value: Any, depth: int) -> str:
    if isinstance(value, range):
        return repr(value)
    size = len(value)
    if isinstance(value, dict):
        pairs = [
            f"{_words(key, depth + 1)}: {_words(item, depth + 1)}"
            for key, item in list(value.items())[:_ITEMS]
        ]
        return "{" + ", ".join(pairs) + (", …" if size > _ITEMS else "") + "}"
    words = [_words(item, depth + 1) for item in _first_and_last(value)]
    if size > _ITEMS:
        words = [*words[:-1], f"… {words[-1]} ({size})"]
    inside = ", ".join(words)
    if isinstance(value, set):
        return f"{{{inside}}}"
    return f"[{inside}]" if isinstance(value, list) else f"({inside})"


def _first_and_last(value: Any) -> list[Any]:
    # A set has no order of its own, and what is shown must be the same in every run.
    items = sorted(value, key=repr) if isinstance(value, set) else value
    return list(items) if len(items) <= _ITEMS else [*items[: _ITEMS - 1], items[-1]]


def _own_words(value: Any) -> str:
    """An object's own repr, unless that is only its address or fails."""
    try:
        words = _one_line(repr(value))
    except Exception:  # noqa: BLE001 - a repr of the script may fail in any way
        return type(value).__name__
    return type(value).__name__ if " at 0x" in words else _cut(words)


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _cut(words: str) -> str:
    words = _one_line(words)
    return words if len(words) <= _LONGEST_TEXT else words[: _LONGEST_TEXT - 1] + "…"
