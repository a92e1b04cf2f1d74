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
    if isinstance(raw, Tensor):
        return raw.detach() if how == "fixed" else raw
    if type(raw) in (int, float) or is_numbers(raw):
        try:
            return torch.tensor(raw, dtype=torch.float64, requires_grad=how != "fixed")
        except ValueError as error:
            raise UsageError(f"{name} is not a vector or a matrix: {error}") from error
    if how == "fixed":
        raise UsageError(f"fixed() takes numbers, not {raw!r}", where=name)
    return raw


def is_numbers(value: Any) -> bool:
    """Whether `value` is a non-empty list of numbers, or of such lists."""
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return all(type(item) in (int, float) or is_numbers(item) for item in value)
