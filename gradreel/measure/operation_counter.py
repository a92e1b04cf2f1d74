"""Counts the arithmetic operations that PyTorch does."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from gradreel.record.avoid_dynamo_import import mark_dynamo_disabled

# Operations that PyTorch dispatches as well, and that are no arithmetic.
_NOT_COUNTED = {
    "detach", "alias", "view", "clone", "ones_like", "zeros_like", "empty_like", "new_zeros", "to",
    "_to_copy", "lift_fresh", "copy_", "expand", "_efficientzerotensor", "is_same_size",
    "_has_same_storage_numel",
}  # fmt: skip


class OperationCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the arithmetic operations that PyTorch does, those of backward included."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    @mark_dynamo_disabled
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Count the operation and run it.

        A missing tangent is a zero tensor without memory, and PyTorch only computes the shape of
        what is done to it, on a meta tensor. Neither is arithmetic.
        """
        absent = any(isinstance(a, Tensor) and (a._is_zerotensor() or a.is_meta) for a in args)
        self.count += func.overloadpacket.__name__ not in _NOT_COUNTED and not absent
        return func(*args, **(kwargs or {}))
