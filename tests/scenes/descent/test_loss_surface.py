"""Descents on the surfaces against gradients written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gradreel.errors import UsageError
from gradreel.scenes.descent.surface_figure import TALL, TILT
from tests.scenes.run_scene import duration, dry_run

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
    scene = dry_run("LossSurface", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    steps, rate = params.get("steps", 30), params.get("rate", 1.0)
    shown = {row["name"]: row["numbers"] for row in scene.manifest()["beats"]}
    names = [params["surface"]] if "surface" in params else list(LANDS)
    for name in names:
        place, lr, loss, gradient = LANDS[name]
        at = np.array(place)
        for _ in range(steps):
            at = at - lr * rate * np.array(gradient(*at))
        assert shown[f"down the {name}"][-1]["value"] == pytest.approx(loss(*at), rel=1e-9) or (
            shown[f"down the {name}"][-2]["value"] == pytest.approx(loss(*at), rel=1e-9)
        )


def down(surface, x, y, rate, steps):
    """Where descent by the closed gradient of a land of one's own ends."""
    for _ in range(steps):
        gx, gy = surface(x, y)
        x, y = x - rate * gx, y - rate * gy
    return x, y


@pytest.mark.parametrize(
    ("params", "loss", "gradient", "rate", "ends"),
    [
        (
            {"function": "x**2/2 + 2*y**2", "x": 3, "y": -1},
            lambda x, y: x**2 / 2 + 2 * y**2, lambda x, y: (x, 4 * y), 0.2, "until it rests",
        ),
        (
            {"function": "x**4 - y", "x": 1, "y": 0, "rate": 0.5, "steps": 6, "reach": 9},
            lambda x, y: x**4 - y, lambda x, y: (4 * x**3, -1), 0.05, "still falling",
        ),
        (
            {"function": "x - y", "x": -2, "y": 1, "reach": 0.5, "turn": 5},
            lambda x, y: x - y, lambda x, y: (1, -1), 2.0, "runs off this map",
        ),
        ({"function": "x**2 + y**2", "x": 0, "y": 0}, lambda x, y: 0, lambda x, y: (0, 0), 50.0,
         "nothing moves"),
        (
            {"function": "log(x)**2 + sqrt(y)", "x": 0.4, "y": 3, "rate": 0.5},
            lambda x, y: np.log(x) ** 2 + np.sqrt(y),
            lambda x, y: (2 * np.log(x) / x, 0.5 / np.sqrt(y)), 0.025, "still falling",
        ),
    ],
)  # fmt: skip
def test_a_land_of_ones_own(params, loss, gradient, rate, ends):
    turns = {}
    scene = dry_run("LossSurface", lambda s, b: turns.update({b.name: s.field.turn()}), **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    beat = next(row for row in scene.manifest()["beats"] if row["name"] == "down the land")
    shown = [number["value"] for number in beat["numbers"]]
    steps = params.get("steps", 30)
    place = down(gradient, params["x"], params["y"], rate, steps)
    assert shown[0] == pytest.approx(rate)
    assert shown[1] == pytest.approx(loss(*place), rel=1e-9)
    assert ends in beat["say"]
    land = scene.lands[0]
    if "reach" in params:
        assert land.half == params["reach"] and land.middle == (params["x"], params["y"])
    else:
        inside = np.abs(np.array(place) - land.middle) <= land.half
        assert inside.all()
    turned = turns["down the land"] - turns["a start on the land"]
    assert np.degrees(turned) == pytest.approx(params.get("turn", 25))


def test_a_descent_starts_only_where_there_is_a_loss():
    with pytest.raises(UsageError, match=r"cannot start at x = -1, y = 1: the loss is nan"):
        dry_run("LossSurface", function="log(x) + y", x=-1, y=1)


def test_nothing_hides_the_descents_of_the_lecture():
    shares = {}

    def watch(scene, beat):
        if beat.name.startswith("down"):
            land = scene.pictures[len(shares)]
            trail = land.trails[0]
            heights = np.asarray(scene.field.heights())
            shares[beat.name] = np.mean(list(seen(heights, trail.places, scene.field.turn())))

    dry_run("LossSurface", watch)
    assert len(shares) == 4 and min(shares.values()) > 0.9


def seen(heights, places, turn):
    """Whether each point is in sight, by walking from it to the eye in small steps."""
    n = len(heights) - 1
    for u, v, height in places:
        far, free = 0.06, True
        while free and far < 2:
            a, b = u - far * np.sin(turn), v - far * np.cos(turn)
            if max(abs(a), abs(b)) > 1:
                break
            land = heights[round((a + 1) / 2 * n), round((b + 1) / 2 * n)]
            free = land * TALL <= height * TALL + far * np.tan(TILT) + 0.03
            far += 0.02
        yield free
