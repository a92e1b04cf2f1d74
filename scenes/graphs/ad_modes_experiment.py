"""The cost of forward-mode and reverse-mode differentiation of a small network, by counting.

Reverse mode is `backward`, once for each output; forward mode uses dual numbers
(`torch.autograd.forward_ad`), once for each input. In both modes each pass evaluates the network
anew, and that is counted with it. The network is computed number by number, so that each
operation counted is one multiplication, addition or the like.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import accumulate
from operator import add
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from gradreel.measure.activations import ACTIVATIONS
from gradreel.measure.operation_counter import OperationCounter
from gradreel.tape import Quantity

Matrix = list[list[Tensor]]
Network = Callable[[Sequence[Tensor]], list[Tensor]]


@dataclass(frozen=True)
class ModeCost:
    """What one mode takes: after each pass, the numbers of passes and of operations so far.

    `slopes[j][i]` is the derivative of output j with respect to input i.
    """

    mode: str
    steps: tuple[tuple[Quantity, Quantity], ...]
    slopes: tuple[tuple[Quantity, ...], ...]

    @property
    def passes(self) -> Quantity:
        """The number of passes in all."""
        return self.steps[-1][0]

    @property
    def operations(self) -> Quantity:
        """The number of operations in all."""
        return self.steps[-1][1]

    def progress(self, passes: float) -> tuple[Quantity, Quantity]:
        """The numbers of passes begun and of operations when `passes` of them are over.

        Within a pass its operations are done, and counted, one by one.
        """
        done = min(int(passes + 1e-9), len(self.steps))
        if done == len(self.steps):
            return self.steps[-1]
        before = float(self.steps[done - 1][1]) if done else 0.0
        share = max(passes - done, 0.0)
        counted = int(before + (float(self.steps[done][1]) - before) * share + 1e-9)
        begun = done + (share > 1e-9)
        return (
            Quantity(begun, f"passes of {self.mode}"),
            Quantity(counted, f"operations counted so far in {self.mode}"),
        )


@dataclass(frozen=True)
class ModeComparison:
    """Both modes on one network.

    `evaluation` is the number of operations of its values alone, `difference` the largest absolute
    difference between the slopes of the two modes.
    """

    inputs: Quantity
    outputs: Quantity
    evaluation: Quantity
    forward: ModeCost
    reverse: ModeCost
    difference: Quantity


@lru_cache(maxsize=128)
def compare_modes(
    inputs: int, outputs: int, hidden: int, activation: str, seed: int
) -> ModeComparison:
    """All slopes of a network of one hidden layer, by both modes, in float64."""
    first, second, at = _random_network(inputs, outputs, hidden, seed)
    activate = ACTIVATIONS[activation]

    def network(xs: Sequence[Tensor]) -> list[Tensor]:
        middle = [activate(_weighted_sum(row, xs)) for row in first]
        return [_weighted_sum(row, middle) for row in second]

    with OperationCounter() as counter:
        network([torch.tensor(x, dtype=torch.float64) for x in at])
    forward, reverse = _forward_mode(network, at), _reverse_mode(network, at, outputs)
    differences = [
        abs(a - b)
        for x, y in zip(forward.slopes, reverse.slopes, strict=True)
        for a, b in zip(x, y, strict=True)
    ]
    return ModeComparison(
        Quantity(inputs, "inputs of the network", "n"),
        Quantity(outputs, "outputs of the network", "m"),
        Quantity(counter.count, "operations counted in one evaluation"),
        forward,
        reverse,
        Quantity(max(differences), "largest difference between slopes of the two modes"),
    )


def _random_network(
    inputs: int, outputs: int, hidden: int, seed: int
) -> tuple[Matrix, Matrix, list[float]]:
    """The weights of both layers and the inputs, uniform between -1 and 1."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return 2 * torch.rand(*shape, generator=generator, dtype=torch.float64) - 1

    first, second, at = draw(hidden, inputs), draw(outputs, hidden), draw(inputs)
    return [list(row) for row in first], [list(row) for row in second], at.tolist()


def _weighted_sum(weights: Sequence[Tensor], values: Sequence[Tensor]) -> Tensor:
    return reduce(add, [w * v for w, v in zip(weights, values, strict=True)])


def _forward_mode(network: Network, at: Sequence[float]) -> ModeCost:
    """A pass for each input, whose tangent is 1 while the others have none."""
    columns, counts = [], []
    for index in range(len(at)):
        with forward_ad.dual_level():
            xs = [torch.tensor(x, dtype=torch.float64) for x in at]
            xs[index] = _dual_number(xs[index])
            with OperationCounter() as counter:
                results = network(xs)
            counts.append(counter.count)
            duals = [forward_ad.unpack_dual(y) for y in results]  # type: ignore[no-untyped-call]
            columns.append([dual.tangent.item() for dual in duals])
    return _mode_cost("forward mode", counts, list(zip(*columns, strict=True)))


def _dual_number(x: Tensor) -> Any:
    """`x` with the tangent 1."""
    with warnings.catch_warnings():
        # The first call makes PyTorch compile code that its own compiler deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        return forward_ad.make_dual(x, torch.ones_like(x))  # type: ignore[no-untyped-call]


def _reverse_mode(network: Network, at: Sequence[float], outputs: int) -> ModeCost:
    """A pass for each output: the network is evaluated, and then `backward` runs from there."""
    rows, counts = [], []
    for index in range(outputs):
        leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in at]
        with OperationCounter() as counter:
            gradients = torch.autograd.grad(network(leaves)[index], leaves)
        counts.append(counter.count)
        rows.append([gradient.item() for gradient in gradients])
    return _mode_cost("reverse mode", counts, rows)


def _mode_cost(mode: str, counts: Sequence[int], slopes: Sequence[Sequence[float]]) -> ModeCost:
    """`counts` are the operations of each pass."""
    return ModeCost(
        mode,
        tuple(
            (
                Quantity(k, f"passes of {mode}"),
                Quantity(count, f"operations counted in {k} passes of {mode}"),
            )
            for k, count in enumerate(accumulate(counts), start=1)
        ),
        tuple(
            tuple(
                Quantity(slope, f"slope of output {j} by input {i}, {mode}")
                for i, slope in enumerate(row)
            )
            for j, row in enumerate(slopes)
        ),
    )
