"""ForwardOrReverse against the slopes of the network by hand and the operations on paper."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gradreel.scenes.whole_machine.ad_modes_experiment import compare
from tests.scenes.run_scene import duration, numbers, dry_run

BENDS = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
}


def by_hand(n, m, k, activation, seed):
    """The Jacobian by the chain rule, with the same lots."""
    lots = torch.Generator().manual_seed(seed)
    first, second, at = (
        2 * torch.rand(*shape, generator=lots, dtype=torch.float64).numpy() - 1
        for shape in ((k, n), (m, k), (n,))
    )
    return second @ np.diag(BENDS[activation][1](first @ at)) @ first


def on_paper(n, m, k):
    """Operations of the values, of n dual passes, and of one forward and m backward passes."""
    plain = 2 * n * k + m * (2 * k - 1)
    # A tangent goes through k products, k bends and the second layer; the first has none to add.
    tangent = 2 * k + m * (2 * k - 1)
    # Back through k products and k bends to n products each, whose parts are added at the inputs.
    back = 2 * k + n * k + n * (k - 1)
    return plain, n * (plain + tangent), plain + m * back


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize(("n", "m", "k"), [(1, 1, 1), (5, 1, 3), (1, 6, 2), (3, 4, 5)])
def test_slopes_and_operations(n, m, k, activation):
    found = compare(n, m, k, activation, seed=11)
    slopes = by_hand(n, m, k, activation, 11)
    assert np.allclose(found.forward.slopes, slopes, rtol=1e-12)
    assert np.allclose(found.reverse.slopes, slopes, rtol=1e-12)
    assert found.difference < 1e-15
    counted = (found.plain, found.forward.operations, found.reverse.operations)
    assert counted == on_paper(n, m, k)
    assert (found.forward.passes, found.reverse.passes) == (n, m)
    steps = [float(operations) for _, operations in found.forward.steps]
    assert np.allclose(np.diff([0, *steps]), on_paper(n, m, k)[1] / n)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"inputs": 2, "outputs": 3, "hidden": 1},
        {"inputs": 16, "outputs": 2, "hidden": 6, "activation": "relu", "seed": 8},
        {"inputs": 5, "outputs": 16, "activation": "sigmoid"},
    ],
)
def test_every_number_follows_the_parameters(given):
    p = {"inputs": 12, "outputs": 12, "hidden": 3, "activation": "tanh", "seed": 3, **given}
    scene = dry_run("ForwardOrReverse", **given)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    n, m, k = p["inputs"], p["outputs"], p["hidden"]
    plain, forward, reverse = on_paper(n, 1, k)
    assert set(numbers(scene, beat="forward mode")) == {n, forward}
    assert set(numbers(scene, beat="reverse mode")) == {n, forward, 1, reverse, plain}
    _, forward_out, reverse_out = on_paper(1, m, k)
    assert set(numbers(scene, beat="the other way round")) == {1, m, forward_out, reverse_out}
    assert set(numbers(scene, beat="why backward")) == {1, reverse}
    slopes = by_hand(n, 1, k, p["activation"], p["seed"])
    lengths = [bar.get_length() for bar in scene.back.slopes]
    assert np.argmax(lengths) == np.argmax(np.abs(slopes))


def test_values_too_far_out_are_refused():
    from gradreel.errors import UsageError

    with pytest.raises(UsageError, match="inputs"):
        dry_run("ForwardOrReverse", inputs=40)
