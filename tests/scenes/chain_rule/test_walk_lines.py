"""The number lines beside the programs of the chain."""

from __future__ import annotations

import pytest

from tests.scenes.run_scene import dry_run


@pytest.mark.parametrize("walk", ["WalkChainByHand", "WalkChainAutograd"])
def test_beside_each_link_stands_its_factor(walk):
    scene = dry_run(walk)
    factors = {name: number.quantity for name, (_, number) in scene.drawing.factors.items()}
    u = 3 * 2.0 + 1
    assert factors == pytest.approx({"u": 3.0, "y": 2 * u})
