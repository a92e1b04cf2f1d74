"""Inputs of a program, as values that say how they are to be handed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gradreel.errors import UsageError


@dataclass(frozen=True)
class InputSpec:
    """An input together with how it is to be handed to the program."""

    value: Any
    how: str


def fixed(value: Any) -> InputSpec:
    """A number or list of numbers as data: a float64 tensor that wants no gradient."""
    return InputSpec(value, "fixed")


def plain(value: Any) -> InputSpec:
    """A value that the program gets as it is, such as a count of steps."""
    return InputSpec(value, "plain")


def as_argument(value: Any, name: str) -> Any:
    """What the program gets: numbers become float64 leaves, whatever is no number stays itself."""
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
    """Is this a list of numbers, or of such lists?"""
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return all(type(item) in (int, float) or is_numbers(item) for item in value)
