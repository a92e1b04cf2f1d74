"""`fixed` and `plain`: how an input value is passed to a recorded program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from gradreel.errors import UsageError


@dataclass(frozen=True)
class InputSpec:
    """An input value and how it is passed: "fixed" (no gradient) or "plain" (unchanged)."""

    value: Any
    how: Literal["fixed", "plain"]


def fixed(value: Any) -> InputSpec:
    """A number or list of numbers as data: a float64 tensor that does not require a gradient."""
    return InputSpec(value, "fixed")


def plain(value: Any) -> InputSpec:
    """A value that is passed to the program unchanged, such as a number of steps."""
    return InputSpec(value, "plain")


def as_argument(value: Any, name: str) -> Any:
    """The argument that the program receives for the input `name`.

    Numbers and nested lists of numbers become float64 leaves that require a gradient; other objects
    are passed unchanged. Raises UsageError for ragged lists and for `fixed` without numbers.
    """
    how = value.how if isinstance(value, InputSpec) else ""
    raw = value.value if isinstance(value, InputSpec) else value
    if how == "plain":
        return raw
    raw = without_numpy(raw)
    if isinstance(raw, Tensor):
        return raw.detach() if how == "fixed" else raw
    if type(raw) is complex:
        return torch.tensor(raw, dtype=torch.complex128, requires_grad=how != "fixed")
    if type(raw) in (int, float) or is_numbers(raw):
        shape_of(raw, name)
        try:
            numbers = _as_floats(raw)
        except OverflowError:
            raise UsageError("a number too large for a float", where=name) from None
        return torch.tensor(numbers, dtype=torch.float64, requires_grad=how != "fixed")
    if how == "fixed":
        raise UsageError(f"fixed() takes numbers, not {raw!r}", where=name)
    return raw


def without_numpy(value: Any) -> Any:
    """Numbers and arrays of NumPy, also within lists, as Python's: a ValueTracker gives np.float64.

    Arrays of other things than real numbers are unchanged.
    """
    if type(value).__module__ == "numpy" and hasattr(value, "dtype"):
        return value.tolist() if value.dtype.kind in "fiu" else value
    return [without_numpy(item) for item in value] if type(value) is list else value


def as_data(value: Any) -> Any:
    """An input of a module: its numbers and tensors, also within containers, get no gradient."""
    if isinstance(value, InputSpec):
        return value
    value = without_numpy(value)
    if isinstance(value, Tensor) or type(value) in (int, float, complex) or is_numbers(value):
        return fixed(value)
    if isinstance(value, dict):
        return {key: _detached(item) for key, item in value.items()}
    return [_detached(item) for item in value] if type(value) is list else value


def _detached(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _detached(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_detached(item) for item in value)
    return value.detach() if isinstance(value, Tensor) else value


def shape_of(value: Any, name: str) -> tuple[int, ...]:
    """The shape of a number or of nested lists of numbers; raises UsageError for ragged lists."""
    if not isinstance(value, (list, tuple)):
        return ()
    shapes = {shape_of(item, name) for item in value}
    if len(shapes) != 1:
        raise UsageError(
            f"{name} is not a vector or a matrix: its rows are of different lengths.",
            hint="Fill up the shorter ones, or give several inputs.",
        )
    return (len(value), *shapes.pop())


def _as_floats(value: Any) -> Any:
    return (
        [_as_floats(item) for item in value] if isinstance(value, (list, tuple)) else float(value)
    )


def is_numbers(value: Any) -> bool:
    """Whether `value` is a non-empty list of numbers, or of such lists."""
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return all(type(item) in (int, float) or is_numbers(item) for item in value)
