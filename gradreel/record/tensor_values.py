"""Conversion of tensors to the plain numbers of a Tape, and exact comparison of tensors."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from gradreel.errors import RecordingError
from gradreel.tape import Value

MAX_ELEMENTS = 4096
"""Tensors of more elements than this have their shape on the tape, but not their values."""


def to_value(tensor: Tensor | None) -> Value | None:
    """The numbers of `tensor` as nested tuples, row-major.

    None for None and for tensors of more than `MAX_ELEMENTS` elements. Raises RecordingError for
    tensors without real numbers.
    """
    if tensor is None:
        return None
    require_real_values(tensor)
    if tensor.numel() > MAX_ELEMENTS:
        return None
    plain = tensor.detach()
    if plain.layout is not torch.strided:
        plain = plain.to_dense()
    return nested_floats(plain.tolist())


def require_real_values(tensor: Tensor) -> None:
    """Raise RecordingError for a tensor that has no real numbers to put on a tape."""
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


def copy_dense(tensor: Tensor | None) -> Tensor | None:
    """A detached dense copy, which no later in-place operation of the engine can change."""
    if tensor is None:
        return None
    plain = tensor.detach()
    return plain.to_dense() if plain.layout is not torch.strided else plain.clone()


def sum_with_scale(terms: list[Tensor]) -> tuple[Tensor, Tensor]:
    """The sum of `terms` in their order, and the sum of their absolute values (rounding scale)."""
    total, scale = terms[0], terms[0].abs()
    for term in terms[1:]:
        total, scale = total + term, scale + term.abs()
    return total, scale


def tensors_equal(actual: Tensor, expected: Tensor, scale: Tensor, *, exactly: bool) -> bool:
    """Whether both tensors are equal in shape and in every element; NaN equals NaN.

    With `exactly` elements must agree bit for bit, otherwise to 64 roundings of size `scale`.
    """
    if actual.shape != expected.shape:
        return False
    equal = (actual == expected) | (actual.isnan() & expected.isnan())
    if exactly or bool(equal.all()):
        return bool(equal.all())
    tolerance = 64 * torch.finfo(expected.dtype).eps * scale
    return bool((equal | ((actual - expected).abs() <= tolerance)).all())


def nested_floats(item: Any) -> Value:
    """Nested lists of numbers, as `Tensor.tolist` gives them, as nested tuples of floats."""
    if isinstance(item, list):
        return tuple(nested_floats(part) for part in item)
    return cast(Value, float(item))
