"""saved_tensor_memory against the numbers of saved tensors, worked out on paper."""

from __future__ import annotations

import pytest

from gradreel.scenes.control.saved_tensor_memory_experiment import NetworkSpec, saved_tensor_memory


def saved_tensors(depth: int, activation: str) -> tuple[list[int], list[int]]:
    """Numbers of saved tensors: after each layer in forward, then before each in backward.

    A tanh or relu saves its result, which is the next layer's input: one for each layer. A gelu
    saves its input, and the next layer its result: two for each layer, but one for the last.
    """

    def at(layers: int) -> int:
        return layers + max(layers - 1, 0) if activation == "gelu" else layers

    # The last activation has freed its tensor by then, and the input of its layer with it.
    return [at(k) for k in range(depth + 1)], [at(k) for k in range(depth - 1, -1, -1)]


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
@pytest.mark.parametrize("depth", [2, 5, 7])
@pytest.mark.parametrize(("rows", "width", "dtype"), [(3, 5, "float64"), (64, 32, "float32")])
def test_memory_of_every_layer(
    depth: int, rows: int, width: int, dtype: str, activation: str
) -> None:
    network = NetworkSpec(depth, rows, width, activation, dtype)
    size = rows * width * {"float32": 4, "float64": 8}[dtype]
    run = saved_tensor_memory(network, "tracked")
    forward, backward = saved_tensors(depth, activation)
    in_backward = [s for s in run.samples if s.in_backward]
    assert [sum(s.layers) / size for s in run.samples if not s.in_backward] == forward
    assert [sum(s.layers) / size for s in in_backward] == backward
    assert [s.layer for s in in_backward] == list(range(depth - 1, -1, -1))
    in_unit = {"B": 1, "kB": 1e3, "MB": 1e6}[run.unit]
    assert run.peak == max(forward) * size / in_unit
    untracked = saved_tensor_memory(network, "no_grad")
    assert {sum(s.layers) for s in untracked.samples} == {0}
    assert not any(s.in_backward for s in untracked.samples)
