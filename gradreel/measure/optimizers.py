"""Optimizers of torch.optim by name, and the float64 leaves that they train."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor

from gradreel.errors import unknown_name

MOMENTUM = 0.9  # what is kept of the last step, where an optimizer has momentum

OPTIMIZERS: Mapping[str, Callable[[Sequence[Tensor], float], torch.optim.Optimizer]] = (
    MappingProxyType(
        {
            "SGD": lambda leaves, lr: torch.optim.SGD(leaves, lr=lr),
            "momentum": lambda leaves, lr: torch.optim.SGD(leaves, lr=lr, momentum=MOMENTUM),
            "Nesterov": lambda leaves, lr: torch.optim.SGD(
                leaves, lr=lr, momentum=MOMENTUM, nesterov=True
            ),
            "Adagrad": lambda leaves, lr: torch.optim.Adagrad(leaves, lr=lr),
            "RMSprop": lambda leaves, lr: torch.optim.RMSprop(leaves, lr=lr),
            "Adam": lambda leaves, lr: torch.optim.Adam(leaves, lr=lr),
        }
    )
)


def make_optimizer(name: str, leaves: Sequence[Tensor], lr: float) -> torch.optim.Optimizer:
    """An optimizer of `leaves` with the learning rate `lr`.

    Raises UsageError for a name that is not in OPTIMIZERS.
    """
    if name not in OPTIMIZERS:
        raise unknown_name("optimizer", name, OPTIMIZERS)
    return OPTIMIZERS[name](leaves, lr)


def make_leaf(value: float) -> Tensor:
    """A float64 scalar that requires a gradient."""
    return torch.tensor(float(value), dtype=torch.float64, requires_grad=True)
