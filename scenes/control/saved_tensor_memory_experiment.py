"""Memory held by a network's saved tensors, layer by layer, in forward and in backward.

PyTorch's saved_tensors_hooks hand every tensor that an operation saves for backward to a `_Handle`,
which is deleted together with the node that holds it. The storages of the living handles are the
memory held. Parameters and the input are not counted: they exist in any case.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from gradreel.measure.activations import ACTIVATIONS
from gradreel.tape import Quantity

GradMode = Literal["tracked", "no_grad"]
DTYPES = {"float32": torch.float32, "float64": torch.float64}
# What the course quotes, without measuring it, of the graph of a model of GPT's size.
QUOTED_GIGABYTES = (Quantity(10, "quoted", "GB"), Quantity(100, "quoted", "GB"))
QUOTED_PERCENT_SAVED = (Quantity(50, "quoted", "%"), Quantity(75, "quoted", "%"))
UNITS = (("MB", 10**6), ("kB", 10**3), ("B", 1))


@dataclass(frozen=True)
class NetworkSpec:
    """`depth` layers of a `width` x `width` matrix and an activation, on `rows` examples."""

    depth: int
    rows: int
    width: int
    activation: str = "tanh"
    dtype: str = "float32"


@dataclass(frozen=True)
class MemorySample:
    """The memory held after a layer in forward, or before it in backward.

    `layers` are the bytes held by each layer, first to last; `total` is their sum in the unit of
    the SavedTensorMemory.
    """

    layer: int
    in_backward: bool
    layers: tuple[int, ...]
    total: Quantity


@dataclass(frozen=True)
class SavedTensorMemory:
    """The samples of a run: before it, after each layer, and in backward before each layer.

    `unit` is B, kB or MB.
    """

    samples: tuple[MemorySample, ...]
    unit: str

    @property
    def peak(self) -> Quantity:
        """The largest total of all samples."""
        return max((sample.total for sample in self.samples), key=float)

    @property
    def peak_bytes(self) -> int:
        """The same in bytes."""
        return max(sum(sample.layers) for sample in self.samples)


class _Handle:
    """Stands for one saved tensor; it is deleted when the node that saved the tensor frees it."""

    def __init__(self, tensor: Tensor, layer: int) -> None:
        self.tensor, self.layer = tensor.detach(), layer


class _SavedTensors:
    """The living handles.

    A saved tensor is counted for `layer`, the one that is computed; or for the layer before it if
    its storage is `layer_input`.
    """

    def __init__(self, exempt: list[Tensor]) -> None:
        self.layer, self.layer_input = 0, 0
        self._exempt = {_storage(tensor) for tensor in exempt}
        self._handles: weakref.WeakSet[_Handle] = weakref.WeakSet()

    def pack(self, tensor: Tensor) -> _Handle:
        handle = _Handle(tensor, self.layer - (_storage(tensor) == self.layer_input))
        self._handles.add(handle)
        return handle

    @staticmethod
    def unpack(handle: _Handle) -> Tensor:
        return handle.tensor

    def bytes_by_layer(self, depth: int) -> tuple[int, ...]:
        """The bytes held for each layer; a storage that is saved twice counts once."""
        held = {
            _storage(handle.tensor): (handle.layer, handle.tensor.untyped_storage().nbytes())
            for handle in list(self._handles)
            if _storage(handle.tensor) not in self._exempt
        }
        return tuple(
            sum(size for layer, size in held.values() if layer == k) for k in range(1, depth + 1)
        )


@dataclass(frozen=True)
class _RawSample:
    """A MemorySample without its total."""

    layer: int
    in_backward: bool
    layers: tuple[int, ...]


class _Run:
    """One forward and backward of a network."""

    def __init__(self, network: NetworkSpec, seed: int) -> None:
        self.network = network
        generator = torch.Generator().manual_seed(seed)
        dtype, width = DTYPES[network.dtype], network.width
        self.weights = [
            (torch.randn(width, width, generator=generator, dtype=dtype) * width**-0.5)
            .requires_grad_()
            for _ in range(network.depth)
        ]  # fmt: skip
        self.inputs = torch.randn(network.rows, width, generator=generator, dtype=dtype)
        self.saved = _SavedTensors([*self.weights, self.inputs])
        self.samples: list[_RawSample] = []

    def sample(self, layer: int, in_backward: bool) -> None:
        """Record the memory held now."""
        layers = self.saved.bytes_by_layer(self.network.depth)
        self.samples.append(_RawSample(layer, in_backward, layers))

    def forward(self) -> Tensor:
        """Compute layer after layer, with a sample after each."""
        activation = ACTIVATIONS[self.network.activation]
        h = self.inputs
        self.sample(0, False)
        for layer, weight in enumerate(self.weights, start=1):
            self.saved.layer, self.saved.layer_input = layer, _storage(h)
            h = activation(h @ weight)
            if h.requires_grad and layer < self.network.depth:
                # The hook runs with the finished gradient: later layers have freed theirs by then.
                h.register_hook(self._backward_hook(layer))  # type: ignore[no-untyped-call]
            self.sample(layer, False)
        return h

    def backward(self, result: Tensor) -> None:
        """Go backward, with a sample before each layer and one at the end."""
        result.backward(torch.ones_like(result))  # type: ignore[no-untyped-call]
        self.sample(0, True)

    def _backward_hook(self, layer: int) -> Callable[[Tensor], None]:
        return lambda _: self.sample(layer, True)


def saved_tensor_memory(network: NetworkSpec, mode: GradMode, seed: int = 0) -> SavedTensorMemory:
    """Run `network` forward and, where it can be, backward, and measure what is saved.

    `seed` is that of the weights.
    """
    run = _Run(network, seed)
    saved = run.saved
    with saved_tensors_hooks(saved.pack, saved.unpack), torch.set_grad_enabled(mode != "no_grad"):
        result = run.forward()
        if result.requires_grad:
            run.backward(result)
    return _in_unit(run.samples, network, mode)


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _in_unit(samples: list[_RawSample], network: NetworkSpec, mode: GradMode) -> SavedTensorMemory:
    """The samples with totals in the largest unit that the network's results fill."""
    size = network.rows * network.width * DTYPES[network.dtype].itemsize
    unit, divisor = next((u, d) for u, d in UNITS if size * network.depth >= d)
    directions = ("forward", "back")
    return SavedTensorMemory(
        tuple(
            MemorySample(
                raw.layer, raw.in_backward, raw.layers,
                Quantity(
                    sum(raw.layers) / divisor,
                    f"{unit} held by saved tensors at layer {raw.layer}, "
                    f"{directions[raw.in_backward]}, {mode}",
                ),
            )
            for raw in samples
        ),
        unit,
    )  # fmt: skip
