"""saved_tensor_memory against the numbers of saved tensors, worked out on paper."""

from __future__ import annotations

from typing import Literal

import pytest

from gradreel.scenes.control.saved_tensor_memory_experiment import NetworkSpec, saved_tensor_memory


def saved_tensors(depth: int, cut: int, activation: str) -> tuple[list[int], list[int]]:
    """Numbers of saved tensors: after each layer in forward, then before each in backward.

    A tanh or relu saves its result, which is the next layer's input: one for each layer. A gelu
    saves its input, and the next layer its result: two for each layer, but one for the last.
    """

    def saved(first: int, last: int, first_input_counts: bool) -> int:
        """By the layers after number `first` up to `last`."""
        layers = last - first
        if layers == 0:
            return 0
        return layers + first_input_counts + (layers - 1 if activation == "gelu" else 0)

    def at(k: int) -> int:
        return saved(0, k, False) if k < cut or not cut else saved(cut, k, True)

    forward = [at(k) for k in range(depth + 1)]
    if cut:
        # Before its result is detached, the last layer before the cut has saved as any other.
        forward.insert(cut, saved(0, cut, False))
        return forward, [0 if k == cut else at(k) for k in range(depth - 1, cut - 1, -1)]
    # The last activation has freed its tensor by then, and the input of its layer with it.
    return forward, [at(k) for k in range(depth - 1, -1, -1)]


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
@pytest.mark.parametrize(("depth", "cut"), [(2, 1), (5, 2), (7, 6)])
@pytest.mark.parametrize(("rows", "width", "dtype"), [(3, 5, "float64"), (64, 32, "float32")])
def test_memory_of_every_layer(
    depth: int, cut: int, activation: str, rows: int, width: int, dtype: str
) -> None:
    network = NetworkSpec(depth, rows, width, activation, dtype)
    size = rows * width * {"float32": 4, "float64": 8}[dtype]
    modes: list[tuple[Literal["tracked", "detach"], int]] = [("tracked", 0), ("detach", cut)]
    for mode, where in modes:
        run = saved_tensor_memory(network, mode, cut)
        forward, backward = saved_tensors(depth, where, activation)
        in_backward = [s for s in run.samples if s.in_backward]
        assert [sum(s.layers) / size for s in run.samples if not s.in_backward] == forward
        assert [sum(s.layers) / size for s in in_backward] == backward
        assert [s.layer for s in in_backward] == list(range(depth - 1, where - 1, -1))
        in_unit = {"B": 1, "kB": 1e3, "MB": 1e6}[run.unit]
        assert run.peak == max(forward) * size / in_unit
    untracked = saved_tensor_memory(network, "no_grad", cut)
    assert {sum(s.layers) for s in untracked.samples} == {0}
    assert not any(s.in_backward for s in untracked.samples)
