"""How much memory a network's saved tensors hold: layer by layer on the way forward and back.

Whatever an operation keeps for its backward goes through PyTorch's saved-tensor hooks. They give it
a ticket, which dies with the node that holds it; the storages of the living tickets are the memory
held. Parameters and the input are left out: they are there in any case.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from gradreel.tape import Quantity

Way = Literal["tracked", "no_grad", "detach"]
DTYPES = {"float32": torch.float32, "float64": torch.float64}
BENDS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "gelu": torch.nn.functional.gelu,
}


@dataclass(frozen=True)
class Network:
    """`depth` layers, each a matrix `width` x `width` and a bend, on `rows` examples at once."""

    depth: int
    rows: int
    width: int
    bend: str = "tanh"
    dtype: str = "float32"


@dataclass(frozen=True)
class MemorySample:
    """What is held at one moment: bytes kept by each layer, first to last, and all together.

    `total` is in `Held.unit`; `layer` is the one just computed, or on the way back reached.
    """

    layer: int
    back: bool
    layers: tuple[int, ...]
    total: Quantity


@dataclass(frozen=True)
class SavedTensorMemory:
    """A run as moments: before it, after each layer, and on the way back before each layer.

    `most` is the largest total of all; `reached` how many layers the gradient came through.
    """

    moments: tuple[MemorySample, ...]
    unit: str

    @property
    def most(self) -> Quantity:
        """The most that was held at any moment."""
        return max((moment.total for moment in self.moments), key=float)

    @property
    def ahead(self) -> tuple[MemorySample, ...]:
        """The moments of the way forward."""
        return tuple(moment for moment in self.moments if not moment.back)

    @property
    def behind(self) -> tuple[MemorySample, ...]:
        """The moments of the way back; none where there was nothing to go back from."""
        return tuple(moment for moment in self.moments if moment.back)


class _Ticket:
    """Stands for one saved tensor, and is gone when the node that saved it lets go."""

    def __init__(self, tensor: Tensor, layer: int) -> None:
        self.tensor, self.layer = tensor.detach(), layer


class _Ledger:
    """The living tickets.

    A saved tensor belongs to `layer`, the one at work, unless it is `entering`, which came from the
    layer before.
    """

    def __init__(self, exempt: list[Tensor]) -> None:
        self.layer, self.entering = 0, 0
        self._exempt = {_place(tensor) for tensor in exempt}
        self._tickets: weakref.WeakSet[_Ticket] = weakref.WeakSet()

    def pack(self, tensor: Tensor) -> _Ticket:
        ticket = _Ticket(tensor, self.layer - (_place(tensor) == self.entering))
        self._tickets.add(ticket)
        return ticket

    @staticmethod
    def unpack(ticket: _Ticket) -> Tensor:
        return ticket.tensor

    def bytes_by_layer(self, depth: int) -> tuple[int, ...]:
        """Bytes kept of what each layer has computed; a storage saved twice counts once."""
        owned = {
            _place(ticket.tensor): (ticket.layer, ticket.tensor.untyped_storage().nbytes())
            for ticket in list(self._tickets)
            if _place(ticket.tensor) not in self._exempt
        }
        return tuple(
            sum(size for layer, size in owned.values() if layer == k) for k in range(1, depth + 1)
        )


def saved_tensor_memory(network: Network, way: Way, cut: int, seed: int = 0) -> SavedTensorMemory:
    """Run `network` once and, where that can be done, its backward, and watch what is kept.

    With `detach`, the result of layer number `cut` is detached before it goes on.
    """
    lots = torch.Generator().manual_seed(seed)
    dtype = DTYPES[network.dtype]
    drawn = {"generator": lots, "dtype": dtype}
    scale = network.width**-0.5
    weights = [
        (torch.randn(network.width, network.width, **drawn) * scale).requires_grad_()  # type: ignore[call-overload]
        for _ in range(network.depth)
    ]
    given = torch.randn(network.rows, network.width, **drawn)  # type: ignore[call-overload]
    ledger = _Ledger([*weights, given])
    seen: list[tuple[int, bool, tuple[int, ...]]] = []

    def note(layer: int, back: bool) -> None:
        seen.append((layer, back, ledger.bytes_by_layer(network.depth)))

    with saved_tensors_hooks(ledger.pack, ledger.unpack), torch.set_grad_enabled(way != "no_grad"):
        result = _forward(network, weights, given, ledger, note, cut if way == "detach" else 0)
        if result.requires_grad:
            result.backward(torch.ones_like(result))  # type: ignore[no-untyped-call]
            note(cut if way == "detach" else 0, True)
    return _told(seen, network, way)


def _forward(
    network: Network,
    weights: list[Tensor],
    given: Tensor,
    ledger: _Ledger,
    note: Callable[[int, bool], None],
    cut: int,
) -> Tensor:
    """Layer after layer; `cut` is 0 for none."""
    bend = BENDS[network.bend]
    h = given
    note(0, False)
    for layer, weight in enumerate(weights, start=1):
        ledger.layer, ledger.entering = layer, _place(h)
        h = bend(h @ weight)
        if layer == cut:
            h = h.detach()
        elif h.requires_grad and layer < network.depth:
            # Called with the finished gradient: all later layers have let go by then.
            h.register_hook(lambda _, layer=layer: note(layer, True))  # type: ignore[no-untyped-call]
        note(layer, False)
    return h


def _place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _told(
    seen: list[tuple[int, bool, tuple[int, ...]]], network: Network, way: Way
) -> SavedTensorMemory:
    size = network.rows * network.width * DTYPES[network.dtype].itemsize
    unit, divisor = next((u, d) for u, d in _UNITS if size * network.depth >= d)
    ways = ("forward", "back")
    return SavedTensorMemory(
        tuple(
            MemorySample(
                layer, back, layers,
                Quantity(
                    sum(layers) / divisor,
                    f"{unit} held by saved tensors at layer {layer}, {ways[back]}, {way}",
                ),
            )
            for layer, back, layers in seen
        ),
        unit,
    )  # fmt: skip


_UNITS = (("MiB", 2**20), ("KiB", 2**10), ("B", 1))
