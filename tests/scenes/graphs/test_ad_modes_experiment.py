"""compare_modes against the chain rule by numpy, and numbers of operations worked out on paper."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch

from gradreel.scenes.graphs.ad_modes_experiment import compare_modes

DERIVATIVES = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    "relu": lambda z: (z > 0).astype(float),
}


def jacobian(n: int, m: int, k: int, activation: str, seed: int) -> npt.NDArray[np.float64]:
    """The Jacobian by the chain rule, with the same random numbers."""
    generator = torch.Generator().manual_seed(seed)
    first, second, at = (
        2 * torch.rand(*shape, generator=generator, dtype=torch.float64).numpy() - 1
        for shape in ((k, n), (m, k), (n,))
    )
    result: npt.NDArray[np.float64] = second @ np.diag(DERIVATIVES[activation](first @ at)) @ first
    return result


def operations(n: int, m: int, k: int) -> tuple[int, int, int]:
    """Operations of an evaluation, of n dual passes, and of m passes forward and backward."""
    evaluation = 2 * n * k + m * (2 * k - 1)
    # A tangent goes through k products, k activations and the second layer; the first layer has
    # no tangents to add.
    tangent = 2 * k + m * (2 * k - 1)
    # Back through k products and k activations to n products each, whose gradients are added at
    # the inputs.
    backward = 2 * k + n * k + n * (k - 1)
    return evaluation, n * (evaluation + tangent), m * (evaluation + backward)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize(("n", "m", "k"), [(1, 1, 1), (5, 1, 3), (1, 6, 2), (3, 4, 5)])
def test_slopes_and_operations(n: int, m: int, k: int, activation: str) -> None:
    comparison = compare_modes(n, m, k, activation, seed=11)
    forward, reverse = comparison.forward, comparison.reverse
    slopes = jacobian(n, m, k, activation, 11)
    assert np.allclose(forward.slopes, slopes, rtol=1e-12)
    assert np.allclose(reverse.slopes, slopes, rtol=1e-12)
    assert comparison.difference < 1e-15
    counted = (comparison.evaluation, forward.operations, reverse.operations)
    assert counted == operations(n, m, k)
    assert (forward.passes, reverse.passes) == (n, m)
    steps = [float(count) for _, count in forward.steps]
    assert np.allclose(np.diff([0, *steps]), operations(n, m, k)[1] / n)
