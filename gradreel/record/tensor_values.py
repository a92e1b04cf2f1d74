"""Conversion of tensors to the plain numbers of a Tape, and exact comparison of tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from gradreel.errors import RecordingError
from gradreel.tape import Recorded, Summary, Value


@dataclass(frozen=True, slots=True)
class Detail:
    """Of tensors of more than `elements` elements a tape has a summary.

    Its sample has at most `side` rows and columns of a matrix, or `length` numbers of a vector.
    """

    elements: int
    side: int
    length: int


FULL, BRIEF = Detail(4096, 16, 32), Detail(256, 8, 16)
MAX_NUMBERS = 500_000
"""A tape that would have more numbers than this is brief."""
MAX_DENSE = 4_000_000
"""A sparse tensor of more elements is not made dense for a sample."""


def to_value(tensor: Tensor | None, detail: Detail = FULL) -> Recorded | None:
    """The numbers of `tensor` as nested tuples, row-major; None for None.

    Of tensors of more elements than `detail` has a Summary. A complex number is a row of two: its
    real and its imaginary part. Raises RecordingError for tensors without numbers.
    """
    if tensor is None:
        return None
    require_values(tensor)
    if tensor.numel() > detail.elements:
        return summarize(tensor, detail)
    plain = tensor.detach()
    if plain.layout is not torch.strided:
        plain = plain.to_dense()
    return nested_floats(as_real(plain).tolist())


def as_real(tensor: Tensor) -> Tensor:
    """A tensor of real numbers; of a complex one the parts, in a last dimension of two."""
    return torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor


def recorded_shape(tensor: Any) -> tuple[int, ...]:
    """The shape of the numbers that a tape has of a tensor, or of the metadata of one."""
    return (*tensor.shape, 2) if tensor.dtype.is_complex else tuple(tensor.shape)


def summarize(tensor: Tensor, detail: Detail = FULL) -> Summary:
    """Norm, range and a sample of a tensor of any layout and dtype."""
    plain, kind = tensor.detach(), "large"
    if plain.layout is not torch.strided:
        kind = "sparse"
        few = plain.numel() <= MAX_DENSE or plain.layout is not torch.sparse_coo
        plain = plain.to_dense() if few else plain.coalesce().values()
    numbers = as_real(plain).double()
    low, high = (float(f()) for f in (numbers.min, numbers.max)) if numbers.numel() else (0.0, 0.0)
    is_whole = plain.shape == tensor.shape
    shape = recorded_shape(tensor)
    return Summary(
        kind=kind,
        shape=shape,
        norm=float(torch.linalg.vector_norm(numbers)),
        low=low,
        high=high,
        sample=nested_floats(_sample(numbers, detail).tolist()) if is_whole else (),
    )


def _sample(numbers: Tensor, detail: Detail) -> Tensor:
    """Evenly spaced rows and columns of the last two dimensions, of the first entry of others."""
    while numbers.dim() > 2:
        numbers = numbers[0]
    most = detail.length if numbers.dim() == 1 else detail.side
    for dim, side in enumerate(numbers.shape):
        if side > most:
            steps = torch.linspace(0, side - 1, most).round().long()
            numbers = numbers.index_select(dim, steps)
    return numbers


def require_values(tensor: Tensor) -> None:
    """Raise RecordingError for a tensor that has no numbers to put on a tape."""
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        raise RecordingError(
            "this transform of torch.func builds no autograd graph to record",
            hint="grad, grad_and_value and vmap are recorded. For jacrev and hessian write "
            "torch.autograd.functional.jacobian and hessian; jvp and jacfwd are forward mode: "
            "they have no backward pass.",
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
    if not isinstance(item, list):
        return cast(Value, float(item))
    if item and isinstance(item[0], list):
        return tuple(nested_floats(part) for part in item)
    return tuple(item) if item and type(item[0]) is float else tuple(map(float, item))
