"""An operation as a reader writes it: `x * y`, `2 - x`, `sin(u)`, `softmax(scores, dim=-1)`."""

from __future__ import annotations

import functools
import inspect
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gradreel.record.value_nodes import Piece, ValueNode

INFIX = {
    "add": "+", "sub": "-", "subtract": "-", "mul": "*", "multiply": "*", "div": "/",
    "divide": "/", "true_divide": "/", "pow": "**", "matmul": "@", "floor_divide": "//",
    "remainder": "%", "gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!=",
}  # fmt: skip
REVERSED = {
    "__rsub__": "-", "__rdiv__": "/", "__rtruediv__": "/", "__rpow__": "**", "__rmatmul__": "@",
    "__rfloordiv__": "//", "rsub": "-",
}  # fmt: skip
UPDATES = {"add_": "+=", "sub_": "-=", "mul_": "*=", "div_": "/=", "pow_": "**="}
ALIASES = {"__rdiv__": "div", "__rsub__": "sub", "__rpow__": "pow", "__getitem__": "element"}


def call_name(function: Callable[..., Any]) -> str:
    """The name of a torch function; of an attribute's getter, the attribute with a dot."""
    name = str(getattr(function, "__name__", "") or type(function).__name__)
    if name in ("__get__", "__set__", "__delete__"):
        attribute = str(getattr(getattr(function, "__self__", None), "__name__", "attribute"))
        return f".{attribute}" if name == "__get__" else f"{name}.{attribute}"
    return name


def stem_of(name: str) -> str:
    """A short id for an unnamed result of function `name`."""
    return ALIASES.get(name, name).strip("_.") or "value"


def stem_of_node(node_name: str) -> str:
    """`LogSoftmaxBackward0` -> `log_softmax`: the id of a node inside a call."""
    bare = re.sub(r"Backward\d*$", "", node_name.rsplit("::", 1)[-1])
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare).lower() or "value"


def takes_constants(name: str) -> bool:
    """Is a plain number among the arguments of `name` an operand like any tensor?"""
    return name in INFIX or name in REVERSED or name in UPDATES


def operands(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """The operands in the order in which they are read, left to right."""
    if name in REVERSED and len(args) == 2:
        return (args[1], args[0])
    return (*args, *kwargs.values())


def has_own_form(name: str) -> bool:
    """Is the call written otherwise than as name(...)?"""
    own = ("neg", "__getitem__", "__setitem__")
    return takes_constants(name) or name in own or name.startswith(".")


def written(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], entry_of: Callable[[Any], Any]
) -> list[Piece]:
    """The call as text pieces; `entry_of` gives the Entry that stands for an operand, or None."""

    def say(value: Any) -> list[Piece]:
        return _said(value, entry_of)

    if name == "grad":
        args = [arg[0] if isinstance(arg, (list, tuple)) and len(arg) == 1 else arg for arg in args]
        kwargs = {key: value for key, value in kwargs.items() if value is not False}
    if len(args) == 2 and not kwargs:
        sign = INFIX.get(name) or REVERSED.get(name) or UPDATES.get(name)
        if sign:
            left, right = operands(name, args, kwargs)
            return [*_side(left, say), f" {sign} ", *_side(right, say)]
    if name == "neg":
        return ["-", *say(args[0])]
    if name.startswith("."):
        return [*say(args[0]), name]
    if name == "__getitem__":
        return [*say(args[0]), "[", *_index(args[1], entry_of), "]"]
    if name == "__setitem__":
        return [*say(args[0]), "[", *_index(args[1], entry_of), "] = ", *say(args[2])]
    return _as_call(name, args, kwargs, say)


def without_defaults(function: Callable[..., Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments that say something: torch adds its own defaults to many calls."""
    if not kwargs:
        return {}
    defaults = _defaults_of(function)
    return {
        key: value
        for key, value in kwargs.items()
        if isinstance(value, Tensor)
        or not (_equal(value, defaults.get(key, kwargs)) or value is None)
    }


@functools.lru_cache(maxsize=512)
def _defaults_of(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        known = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return _USUAL
    return {**_USUAL, **{key: one.default for key, one in known.items()}}


_USUAL = {"padding": 0, "dilation": 1, "ceil_mode": False, "return_indices": False}


def _equal(value: Any, default: Any) -> bool:
    return type(default) in (bool, int, float, str, type(None)) and bool(value == default)


def _as_call(
    name: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    say: Callable[[Any], list[Piece]],
) -> list[Piece]:
    pieces: list[Piece] = [f"{name}("]
    rows = [say(arg) for arg in args if not callable(arg) or isinstance(arg, Tensor)]
    rows += [[f"{key}=", *say(arg)] for key, arg in kwargs.items() if arg is not None]
    for number, row in enumerate(rows):
        pieces += [", ", *row] if number else row
    return [*pieces, ")"]


def _said(value: Any, entry_of: Callable[[Any], Any]) -> list[Piece]:
    entry = entry_of(value)
    if isinstance(entry, ValueNode):
        return [entry]
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return ["[", *_joined(value, entry_of), "]"]
    if isinstance(value, Tensor):
        return ["tensor"]
    return [number_text(value) if isinstance(value, float) else str(value)]


def _side(value: Any, say: Callable[[Any], list[Piece]]) -> list[Piece]:
    """One side of an infix sign; a negative number stands in parentheses."""
    if isinstance(value, (int, float)) and math.copysign(1.0, value) < 0:
        return [f"({number_text(value)})"]
    return say(value)


def _index(value: Any, entry_of: Callable[[Any], Any]) -> list[Piece]:
    if isinstance(value, tuple):
        return _joined(value, entry_of)
    if isinstance(value, slice):
        parts = ["" if part is None else str(part) for part in (value.start, value.stop)]
        return [":".join(parts) + ("" if value.step is None else f":{value.step}")]
    return ["..."] if value is Ellipsis else _said(value, entry_of)


def _joined(values: Sequence[Any], entry_of: Callable[[Any], Any]) -> list[Piece]:
    pieces: list[Piece] = []
    for number, value in enumerate(values):
        pieces += [", "] if number else []
        pieces += _index(value, entry_of) if isinstance(value, slice) else _said(value, entry_of)
    return pieces


def number_text(value: float) -> str:
    """A constant as the program would write it: 2, 0.5, 1e-07; a long one is cut, 1.4142…"""
    short = f"{value:g}"
    return short if float(short) == value or math.isnan(value) else f"{value:.5g}…"


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Every tensor in nested arguments or results, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)
