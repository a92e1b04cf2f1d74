"""Descents on the surfaces against gradients written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.scenes.rehearse import length, rehearse

# start, learning rate, loss, gradient
LANDS = {
    "bowl": ((-1.6, 1.2), 0.08, lambda x, y: x**2 + y**2, lambda x, y: (2 * x, 2 * y)),
    "valley": (
        (-1.8, 1.2), 0.6, lambda x, y: 0.15 * x**2 + 1.5 * y**2, lambda x, y: (0.3 * x, 3 * y)
    ),
    "saddle": ((-1.7, 0.02), 0.08, lambda x, y: x**2 - y**2, lambda x, y: (2 * x, -2 * y)),
    "minima": (
        (-0.3, 0.2), 0.02, lambda x, y: (x**2 - 1.2) ** 2 + (y**2 - 1.2) ** 2 + 0.4 * x,
        lambda x, y: (4 * x * (x**2 - 1.2) + 0.4, 4 * y * (y**2 - 1.2)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "params",
    [{}, {"surface": "saddle", "rate": 0.5, "steps": 12, "turn": 10}, {"surface": "valley"}],
)
def test_every_ball_ends_where_the_gradient_leads(params):
    scene = rehearse("LossSurface", **params)
    assert scene.faults == []
    assert 15 <= length(scene) <= 90
    steps, rate = params.get("steps", 30), params.get("rate", 1.0)
    shown = {row["name"]: row["numbers"] for row in scene.score()["beats"]}
    names = [params["surface"]] if "surface" in params else list(LANDS)
    for name in names:
        place, lr, loss, gradient = LANDS[name]
        at = np.array(place)
        for _ in range(steps):
            at = at - lr * rate * np.array(gradient(*at))
        assert shown[f"down the {name}"][-1]["value"] == pytest.approx(loss(*at), rel=1e-9) or (
            shown[f"down the {name}"][-2]["value"] == pytest.approx(loss(*at), rel=1e-9)
        )
