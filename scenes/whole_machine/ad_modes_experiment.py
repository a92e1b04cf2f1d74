"""What all slopes of a small network cost: forward mode and reverse mode, by counting.

Both are done by PyTorch: reverse mode is `backward`, once for each output; forward mode carries
dual numbers (`torch.autograd.forward_ad`), once for each input. The network is computed number by
number, so that each operation that is counted is one multiplication, addition or the like.
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
from torch.utils._python_dispatch import TorchDispatchMode

from gradreel.record.skip_dynamo import mark_dynamo_disabled
from gradreel.tape import Quantity

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
}
# What PyTorch calls as well, and what is no arithmetic.
_IDLE = {
    "detach", "alias", "view", "clone", "ones_like", "zeros_like", "empty_like", "new_zeros", "to",
    "_to_copy", "lift_fresh", "copy_", "expand", "_efficientzerotensor", "is_same_size",
    "_has_same_storage_numel",
}  # fmt: skip

Rows = list[list[Tensor]]


@dataclass(frozen=True)
class Cost:
    """One mode: passes and operations so far after each pass, and the slopes it found.

    `slopes[j][i]` is the derivative of output j by input i.
    """

    steps: tuple[tuple[Quantity, Quantity], ...]
    slopes: tuple[tuple[Quantity, ...], ...]

    @property
    def passes(self) -> Quantity:
        """How many passes it took."""
        return self.steps[-1][0]

    @property
    def operations(self) -> Quantity:
        """How many operations in all."""
        return self.steps[-1][1]


@dataclass(frozen=True)
class Comparison:
    """Both modes on one network; `plain` is what its values alone cost.

    `difference` is the largest between slopes of the two.
    """

    inputs: Quantity
    outputs: Quantity
    plain: Quantity
    forward: Cost
    reverse: Cost
    difference: Quantity


class Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the arithmetic that PyTorch does meanwhile, that of its backward included."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    @mark_dynamo_disabled
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Count, and go on.

        A tangent that is not there is a zero without memory; of what is done to it only the shape
        is worked out, on a meta tensor. Neither is arithmetic.
        """
        absent = any(isinstance(a, Tensor) and (a._is_zerotensor() or a.is_meta) for a in args)
        self.count += func.overloadpacket.__name__ not in _IDLE and not absent
        return func(*args, **(kwargs or {}))


@lru_cache(maxsize=128)
def compare(inputs: int, outputs: int, hidden: int, activation: str, seed: int) -> Comparison:
    """All slopes of a network of one hidden layer, by both modes, in float64."""
    first, second, at = _network(inputs, outputs, hidden, seed)
    bend = ACTIVATIONS[activation]

    def run(xs: Sequence[Tensor]) -> list[Tensor]:
        middle = [bend(_weighted(row, xs)) for row in first]
        return [_weighted(row, middle) for row in second]

    with Counting() as counting:
        run([torch.tensor(x, dtype=torch.float64) for x in at])
    plain = counting.count
    ahead, back = _forward(run, at), _reverse(run, at)
    gaps = [
        abs(a - b)
        for x, y in zip(ahead.slopes, back.slopes, strict=True)
        for a, b in zip(x, y, strict=True)
    ]
    return Comparison(
        Quantity(inputs, "inputs of the network", "n"),
        Quantity(outputs, "outputs of the network", "m"),
        Quantity(plain, "operations counted in one evaluation"),
        ahead,
        back,
        Quantity(max(gaps), "largest difference between slopes of the two modes"),
    )


def _network(inputs: int, outputs: int, hidden: int, seed: int) -> tuple[Rows, Rows, list[float]]:
    """Weights of both layers and the inputs, between -1 and 1."""
    lots = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return 2 * torch.rand(*shape, generator=lots, dtype=torch.float64) - 1

    first, second, at = draw(hidden, inputs), draw(outputs, hidden), draw(inputs)
    return [list(row) for row in first], [list(row) for row in second], at.tolist()


def _weighted(weights: Sequence[Tensor], values: Sequence[Tensor]) -> Tensor:
    return reduce(add, [w * v for w, v in zip(weights, values, strict=True)])


def _forward(run: Callable[..., list[Tensor]], at: Sequence[float]) -> Cost:
    """A pass for each input: its tangent is 1, the others have none."""
    columns, counts = [], []
    for index in range(len(at)):
        with forward_ad.dual_level():
            xs = [torch.tensor(x, dtype=torch.float64) for x in at]
            xs[index] = _nudged(xs[index])
            with Counting() as counting:
                results = run(xs)
            counts.append(counting.count)
            duals = [forward_ad.unpack_dual(y) for y in results]  # type: ignore[no-untyped-call]
            columns.append([dual.tangent.item() for dual in duals])
    return _cost("forward mode", counts, list(zip(*columns, strict=True)))


def _nudged(x: Tensor) -> Any:
    """A dual number with the tangent 1."""
    with warnings.catch_warnings():
        # The first one makes PyTorch compile what its own compiler no longer likes.
        warnings.simplefilter("ignore", DeprecationWarning)
        return forward_ad.make_dual(x, torch.ones_like(x))  # type: ignore[no-untyped-call]


def _reverse(run: Callable[..., list[Tensor]], at: Sequence[float]) -> Cost:
    """One forward pass, counted with the first of the backward passes, one for each output."""
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in at]
    with Counting() as counting:
        results = run(leaves)
    rows: list[tuple[Tensor, ...]] = []
    counts = []
    for output in results:
        with counting if not rows else Counting() as counting:
            rows.append(torch.autograd.grad(output, leaves, retain_graph=True))
        counts.append(counting.count)
    return _cost("reverse mode", counts, [[g.item() for g in row] for row in rows])


def _cost(mode: str, counts: Sequence[int], slopes: Sequence[Sequence[float]]) -> Cost:
    """`counts` are the operations of each pass."""
    return Cost(
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
