"""Formats calls as source text: `x * y`, `2 - x`, `sin(u)`, `softmax(scores, dim=-1)`."""

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
    "bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^",
    **{
        f"__{name}__": sign
        for name, sign in (
            ("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/"), ("floordiv", "//"),
            ("mod", "%"), ("pow", "**"), ("matmul", "@"), ("eq", "=="), ("ne", "!="), ("lt", "<"),
            ("le", "<="), ("gt", ">"), ("ge", ">="), ("and", "&"), ("or", "|"), ("xor", "^"),
            ("lshift", "<<"), ("rshift", ">>"),
        )
    },
}  # fmt: skip
REFLECTED = {
    "__rsub__": "-", "__rdiv__": "/", "__rtruediv__": "/", "__rpow__": "**", "__rmatmul__": "@",
    "__rfloordiv__": "//", "rsub": "-", "__rmod__": "%", "__rmul__": "*", "__radd__": "+",
    "__rand__": "&", "__ror__": "|", "__rxor__": "^",
}  # fmt: skip
"""Methods whose second argument is the left operand."""
AUGMENTED = {
    "add_": "+=", "sub_": "-=", "mul_": "*=", "div_": "/=", "pow_": "**=",
    "__iadd__": "+=", "__isub__": "-=", "__imul__": "*=", "__idiv__": "/=", "__itruediv__": "/=",
    "__ipow__": "**=", "__ifloordiv__": "//=", "__imod__": "%=", "__iand__": "&=", "__ior__": "|=",
    "__ixor__": "^=", "floor_divide_": "//=", "remainder_": "%=",
}  # fmt: skip
_STEMS = {"__rdiv__": "div", "__rsub__": "sub", "__rpow__": "pow", "__getitem__": "element"}

_COMMON_DEFAULTS = {"padding": 0, "dilation": 1, "ceil_mode": False, "return_indices": False}
"""Defaults of functions whose signature Python cannot read."""

NodeOf = Callable[[Any], Any]
"""Gives the ValueNode of an operand, or None for anything else."""


def call_name(function: Callable[..., Any]) -> str:
    """The name of a torch function; for the getter of an attribute, `.attribute`."""
    name = str(getattr(function, "__name__", "") or type(function).__name__)
    if name in ("__get__", "__set__", "__delete__"):
        attribute = str(getattr(getattr(function, "__self__", None), "__name__", "attribute"))
        return f".{attribute}" if name == "__get__" else f"{name}.{attribute}"
    return name


def call_stem(name: str) -> str:
    """The id of an unnamed result of the function `name`, before it is numbered."""
    return _STEMS.get(name, name).strip("_.") or "value"


def node_stem(node_name: str) -> str:
    """The id of an unnamed node inside a call: `LogSoftmaxBackward0` -> `log_softmax`."""
    bare = re.sub(r"Backward\d*$", "", node_name.rsplit("::", 1)[-1])
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare).lower() or "value"


def takes_constants(name: str) -> bool:
    """Whether a plain number among the arguments of `name` is an operand like a tensor."""
    return name in INFIX or name in REFLECTED or name in AUGMENTED


def operands(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """The operands in the order in which they are read, left to right."""
    if name in REFLECTED and len(args) == 2:
        return (args[1], args[0])
    return (*args, *kwargs.values())


def has_special_syntax(name: str) -> bool:
    """Whether the call is written differently from name(...)."""
    return (
        takes_constants(name)
        or name in ("neg", "__getitem__", "__setitem__")
        or name.startswith(".")
    )


def format_call(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], node_of: NodeOf
) -> list[Piece]:
    """The call as text pieces; an operand with a value node becomes a piece of its own."""

    def operand(value: Any) -> list[Piece]:
        return _format_value(value, node_of)

    if name == "grad":
        args = [arg[0] if isinstance(arg, (list, tuple)) and len(arg) == 1 else arg for arg in args]
        kwargs = {key: value for key, value in kwargs.items() if value is not False}
    if len(args) == 2 and not kwargs:
        sign = INFIX.get(name) or REFLECTED.get(name) or AUGMENTED.get(name)
        if sign:
            left, right = operands(name, args, kwargs)
            return [*_infix_operand(left, node_of), f" {sign} ", *_infix_operand(right, node_of)]
    if name == "neg":
        return ["-", *operand(args[0])]
    if name.startswith("."):
        return [*operand(args[0]), name]
    if name == "__getitem__":
        return [*operand(args[0]), "[", *_format_index(args[1], node_of), "]"]
    if name == "__setitem__":
        index = _format_index(args[1], node_of)
        return [*operand(args[0]), "[", *index, "] = ", *operand(args[2])]
    return _format_function_call(name, args, kwargs, node_of)


def explicit_kwargs(function: Callable[..., Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments that differ from the defaults, which torch itself often passes."""
    if not kwargs:
        return {}
    defaults = _defaults_of(function)
    return {
        key: value
        for key, value in kwargs.items()
        if isinstance(value, Tensor)
        or not (_is_default(value, defaults.get(key, kwargs)) or value is None)
    }


@functools.lru_cache(maxsize=512)
def _defaults_of(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return _COMMON_DEFAULTS
    return {**_COMMON_DEFAULTS, **{key: one.default for key, one in parameters.items()}}


def _is_default(value: Any, default: Any) -> bool:
    return type(default) in (bool, int, float, str, type(None)) and bool(value == default)


def _format_function_call(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], node_of: NodeOf
) -> list[Piece]:
    pieces: list[Piece] = [f"{name}("]
    arguments = [
        _format_value(arg, node_of) for arg in args if not callable(arg) or isinstance(arg, Tensor)
    ]
    arguments += [
        [f"{key}=", *_format_value(arg, node_of)] for key, arg in kwargs.items() if arg is not None
    ]
    for number, argument in enumerate(arguments):
        pieces += [", ", *argument] if number else argument
    return [*pieces, ")"]


def _format_value(value: Any, node_of: NodeOf) -> list[Piece]:
    value_node = node_of(value)
    if isinstance(value_node, ValueNode):
        return [value_node]
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return ["[", *_format_items(value, node_of), "]"]
    if isinstance(value, Tensor):
        return ["tensor"]
    return [format_constant(value) if isinstance(value, float) else str(value)]


def _infix_operand(value: Any, node_of: NodeOf) -> list[Piece]:
    """One side of an infix operator; a negative number is put in parentheses."""
    if isinstance(value, (int, float)) and math.copysign(1.0, value) < 0:
        return [f"({format_constant(value)})"]
    return _format_value(value, node_of)


def _format_index(value: Any, node_of: NodeOf) -> list[Piece]:
    if isinstance(value, tuple):
        return _format_items(value, node_of)
    if isinstance(value, slice):
        parts = ["" if part is None else str(part) for part in (value.start, value.stop)]
        return [":".join(parts) + ("" if value.step is None else f":{value.step}")]
    return ["..."] if value is Ellipsis else _format_value(value, node_of)


def _format_items(values: Sequence[Any], node_of: NodeOf) -> list[Piece]:
    pieces: list[Piece] = []
    for number, value in enumerate(values):
        pieces += [", "] if number else []
        is_slice = isinstance(value, slice)
        pieces += _format_index(value, node_of) if is_slice else _format_value(value, node_of)
    return pieces


def format_constant(value: float) -> str:
    """A constant as in source text: 2, 0.5, 1e-07; a long one is shortened to 1.4142…"""
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
