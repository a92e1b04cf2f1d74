"""LossSurface against descents with gradients written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gradreel.errors import UsageError
from gradreel.scenes.descent.surface_figure import MAX_HEIGHT, TILT
from tests.scenes.run_scene import captions_of, dry_run, duration

# start, learning rate, loss, gradient
SURFACES = {
    "bowl": ((-1.6, 1.2), 0.06, lambda x, y: x**2 + y**2, lambda x, y: (2 * x, 2 * y)),
    "valley": (
        (-1.2, 1.8), 0.6, lambda x, y: 1.5 * x**2 + 0.15 * y**2, lambda x, y: (3 * x, 0.3 * y)
    ),
    "saddle": ((-1.7, -0.02), 0.08, lambda x, y: x**2 - y**2, lambda x, y: (2 * x, -2 * y)),
    "minima": (
        (-0.3, 0.2), 0.02, lambda x, y: (x**2 - 1.2) ** 2 + (y**2 - 1.2) ** 2 + 0.4 * x,
        lambda x, y: (4 * x * (x**2 - 1.2) + 0.4, 4 * y * (y**2 - 1.2)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "params",
    [{}, {"surface": "saddle", "rate": 0.5, "steps": 12, "turn": 10}, {"surface": "valley"}],
)
def test_every_descent_agrees_with_its_gradient(params):
    scene = dry_run("LossSurface", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    steps, rate = params.get("steps", 30), params.get("rate", 1.0)
    shown = {row["name"]: row["numbers"] for row in scene.manifest()["beats"]}
    names = [params["surface"]] if "surface" in params else list(SURFACES)
    for name in names:
        place, lr, loss, gradient = SURFACES[name]
        at = np.array(place)
        for _ in range(steps):
            at = at - lr * rate * np.array(gradient(*at))
        assert shown[f"down the {name}"][-1]["value"] == pytest.approx(loss(*at), rel=1e-9) or (
            shown[f"down the {name}"][-2]["value"] == pytest.approx(loss(*at), rel=1e-9)
        )


def descend(gradient, x, y, rate, steps):
    """The end of a descent with a gradient in closed form."""
    for _ in range(steps):
        gx, gy = gradient(x, y)
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
def test_a_user_function(params, loss, gradient, rate, ends):
    turns = {}
    scene = dry_run("LossSurface", lambda s, b: turns.update({b.name: s.field.angle()}), **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    beat = next(row for row in scene.manifest()["beats"] if row["name"] == "down the land")
    shown = [number["value"] for number in beat["numbers"]]
    steps = params.get("steps", 30)
    place = descend(gradient, params["x"], params["y"], rate, steps)
    assert shown[0] == pytest.approx(rate)
    assert shown[1] == pytest.approx(loss(*place), rel=1e-9)
    assert ends in beat["say"]
    surface = scene.surfaces[0]
    if "reach" in params:
        assert surface.half_width == params["reach"] and surface.center == (
            params["x"],
            params["y"],
        )
    else:
        inside = np.abs(np.array(place) - surface.center) <= surface.half_width
        assert inside.all()
    turned = turns["down the land"] - turns["a start on the land"]
    assert np.degrees(turned) == pytest.approx(params.get("turn", 14))


def test_a_start_without_a_loss_raises_an_error():
    with pytest.raises(UsageError, match=r"cannot start at x = -1, y = 1: the loss is nan"):
        dry_run("LossSurface", function="log(x) + y", x=-1, y=1)


def test_the_descents_of_the_lecture_are_visible():
    shares = {}

    def observe(scene, beat):
        if beat.name.startswith("down"):
            trail = scene.pictures[len(shares)].trails[0]
            heights = np.asarray(scene.field.heights())
            shares[beat.name] = np.mean(
                list(visible(heights, trail.positions, scene.field.angle()))
            )

    dry_run("LossSurface", observe)
    assert len(shares) == 4 and min(shares.values()) > 0.9


def test_the_arrow_stays_at_its_ball_and_the_film_begins_with_the_curve():
    seen = []

    def observe(scene, beat):
        picture = scene.pictures[-1]
        picture.clock.set_value(1.5)  # half way between two states
        picture.opacity.set_value(1)
        for mobject in (*picture.field_mobjects, *picture.marks):
            mobject.update()
        (on_field, on_map, trail), (mark,) = picture.field_mobjects, picture.marks
        pairs = ((trail.ball, on_field), (mark.head, on_map))
        seen.extend(
            np.linalg.norm(ball.get_center() - arrow.shaft.get_start()) for ball, arrow in pairs
        )

    scene = dry_run("LossSurface", observe, surface="valley", turn=12)
    assert scene.faults == [] and max(seen) < 0.02
    assert captions_of(scene).startswith("With two parameters, the curve becomes a surface.")


def test_left_on_the_map_is_left_on_the_surface_and_up_is_away():
    angles = []
    dry_run("LossSurface", lambda scene, beat: angles.append(scene.field.angle()))
    assert max(map(abs, angles)) < np.radians(45)


def test_each_ball_has_an_arrow_on_surface_and_map_and_its_loss():
    balls = []

    def observe(scene, beat):
        if beat.name == "down the minima":
            picture = scene.pictures[0]
            balls.append((len(picture.arrows), [n.text for n in beat.numbers]))

    dry_run("LossSurface", observe, surface="minima")
    assert balls == [(4, ["0.02", "-0.44", "0.44"])]


def visible(heights, positions, angle):
    """Whether each point is visible, by steps along the line of sight."""
    n = len(heights) - 1
    for u, v, height in positions:
        distance, free = 0.06, True
        while free and distance < 2:
            a, b = u - distance * np.sin(angle), v - distance * np.cos(angle)
            if max(abs(a), abs(b)) > 1:
                break
            surface = heights[round((a + 1) / 2 * n), round((b + 1) / 2 * n)]
            free = surface * MAX_HEIGHT <= height * MAX_HEIGHT + distance * np.tan(TILT) + 0.03
            distance += 0.02
        yield free
