"""From tensors to the plain numbers of a Tape, and what makes two tensors the same."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from gradreel.errors import RecordingError
from gradreel.tape import Value

LARGEST = 4096
"""Tensors of more elements than this keep their shape on the tape, but not their values."""


def to_value(tensor: Tensor | None) -> Value | None:
    """The numbers of `tensor`, row-major; None for None and for tensors over `LARGEST` elements."""
    if tensor is None:
        return None
    refuse_foreign(tensor)
    if tensor.numel() > LARGEST:
        return None
    plain = tensor.detach()
    if plain.layout is not torch.strided:
        plain = plain.to_dense()
    return _nested(plain.tolist())


def refuse_foreign(tensor: Tensor) -> None:
    """Raise for tensors that hold no real numbers which a tape could show."""
    if tensor.is_complex():
        raise RecordingError(
            f"a {tensor.dtype} tensor takes part",
            hint="Only real numbers are recorded; split it with torch.view_as_real first.",
        )
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        raise RecordingError(
            "torch.func transforms (grad, vmap, jvp ...) build no autograd graph to record",
            hint="Use torch.autograd.grad, or a plain loop, in a program to be recorded.",
        )
    if tensor.is_meta or tensor.is_quantized:
        raise RecordingError("a tensor without ordinary values (meta or quantized) takes part")


def copied(tensor: Tensor | None) -> Tensor | None:
    """A copy that no later step of the engine can change."""
    if tensor is None:
        return None
    plain = tensor.detach()
    return plain.to_dense() if plain.layout is not torch.strided else plain.clone()


def added(terms: list[Tensor]) -> tuple[Tensor, Tensor]:
    """The sum of `terms` in their order, and the sum of their sizes (the scale of rounding)."""
    total, scale = terms[0], terms[0].abs()
    for term in terms[1:]:
        total, scale = total + term, scale + term.abs()
    return total, scale


def agree(found: Tensor, expected: Tensor, scale: Tensor, *, exactly: bool) -> bool:
    """Are both the same, element by element, NaN equal to NaN; `exactly` means bit for bit."""
    if found.shape != expected.shape:
        return False
    same = (found == expected) | (found.isnan() & expected.isnan())
    if exactly or bool(same.all()):
        return bool(same.all())
    room = 64 * torch.finfo(expected.dtype).eps * scale
    return bool((same | ((found - expected).abs() <= room)).all())


def _nested(item: Any) -> Value:
    if isinstance(item, list):
        return tuple(_nested(part) for part in item)
    return cast(Value, float(item))
