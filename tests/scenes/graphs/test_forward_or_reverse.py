"""ForwardOrReverse against numbers of operations worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest

from gradreel.errors import UsageError
from tests.scenes.graphs.test_ad_modes_experiment import jacobian, operations
from tests.scenes.run_scene import dry_run, duration, numbers


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"inputs": 2, "hidden": 1},
        {"inputs": 16, "hidden": 6, "activation": "relu", "seed": 8},
        {"inputs": 5, "activation": "sigmoid"},
    ],
)
def test_every_number_follows_the_parameters(given):
    p = {"inputs": 8, "hidden": 3, "activation": "tanh", "seed": 3, **given}
    scene = dry_run("ForwardOrReverse", **given)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    n, k = p["inputs"], p["hidden"]
    _, forward, reverse = operations(n, 1, k)
    assert set(numbers(scene, beat="forward mode")) == {n, forward}
    assert set(numbers(scene, beat="reverse mode")) == {n, forward, 1, reverse}
    assert set(numbers(scene, beat="why backward")) == {n, forward, 1, reverse}
    slopes = jacobian(n, 1, k, p["activation"], p["seed"])
    lengths = [bar.get_length() for bar in scene.reverse.slopes]
    assert np.argmax(lengths) == np.argmax(np.abs(slopes))


def test_too_many_inputs_raise_an_error():
    with pytest.raises(UsageError, match="inputs"):
        dry_run("ForwardOrReverse", inputs=40)


def test_a_column_has_a_block_for_each_pass() -> None:
    blocks: dict[str, list[int]] = {}

    def count(scene, beat) -> None:
        blocks[beat.name] = [len(c.get_subpaths()) for c in scene.costs.columns]

    dry_run("ForwardOrReverse", count, inputs=7)
    assert blocks["forward mode"] == [7]
    assert blocks["reverse mode"] == [7, 1]
