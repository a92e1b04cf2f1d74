"""A network of two layers, the data that it learns, and its training by torch.optim.SGD."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gradreel.functions.function import Array
from gradreel.measure.activations import ACTIVATIONS, Activation
from gradreel.tape import Quantity


class TwoLayers(nn.Module):
    """Two linear layers with an activation between them."""

    def __init__(self, features: int, hidden: int, outputs: int, activation: Activation) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc2 = nn.Linear(hidden, outputs)
        self.activation = activation

    def loss(self, x: Tensor, target: Tensor) -> Tensor:
        """The mean squared error on a batch."""
        h = self.activation(self.fc1(x))
        return nn.functional.mse_loss(self.fc2(h), target)


@dataclass(frozen=True)
class NetworkTraining:
    """The states of a network before each step of a training, and after the last one.

    `weights[name]` and `grads[name]` have the parameter's shape with a first axis of
    `len(losses)` states; a gradient is the one that backward gave in that state. `losses` are
    rounded to two digits, `curve` holds all their digits.
    """

    rate: Quantity
    losses: tuple[Quantity, ...]
    curve: Array
    weights: Mapping[str, Array]
    grads: Mapping[str, Array]

    @property
    def steps(self) -> tuple[Quantity, ...]:
        """The number of steps taken in each state."""
        return tuple(Quantity(k, "steps of SGD taken", "step") for k in range(len(self.losses)))


def build_network(params: Any) -> tuple[TwoLayers, Tensor, Tensor]:
    """The network of a scene's parameters, a batch and its targets, in float64."""
    with torch.random.fork_rng():
        torch.manual_seed(params.seed)
        activation = ACTIVATIONS[params.activation]
        net = TwoLayers(params.features, params.hidden, params.outputs, activation).double()
        x = torch.randn(params.batch, params.features, dtype=torch.float64)
        target = torch.randn(params.batch, params.outputs, dtype=torch.float64)
    return net, x, target


def train_network(params: Any) -> NetworkTraining:
    """`params.steps` steps of SGD with the learning rate `params.lr`, always on the same batch."""
    net, x, target = build_network(params)
    optimizer = torch.optim.SGD(net.parameters(), lr=params.lr)
    losses: list[float] = []
    weights: dict[str, list[Any]] = {name: [] for name, _ in net.named_parameters()}
    grads: dict[str, list[Any]] = {name: [] for name in weights}
    for step in range(params.steps + 1):
        if step:
            optimizer.step()
        optimizer.zero_grad()
        loss = net.loss(x, target)
        loss.backward()  # type: ignore[no-untyped-call]
        losses.append(loss.item())
        for name, parameter in net.named_parameters():
            assert parameter.grad is not None
            weights[name].append(parameter.detach().numpy().copy())
            grads[name].append(parameter.grad.numpy().copy())
    rounded = tuple(
        Quantity(float(f"{loss:.2g}"), f"loss after {k} steps of SGD, in two digits", "loss")
        for k, loss in enumerate(losses)
    )
    rate = Quantity(params.lr, "input", "learning rate")
    stacked = ({name: np.array(rows) for name, rows in table.items()} for table in (weights, grads))
    return NetworkTraining(rate, rounded, np.array(losses), *stacked)
