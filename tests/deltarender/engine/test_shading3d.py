"""The shades of many mobjects at once are those of Manim's camera, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from manim import Cube, Dot3D, Line3D, Square, Surface, ThreeDCamera, VMobject

from deltarender.engine import shading3d
from deltarender.engine.shading3d import shaded_colors, shades_of


def waves() -> list[Any]:
    surface: Any = Surface(
        lambda u, v: np.array([u, v, np.sin(3 * u) * np.cos(2 * v)]),
        u_range=(-3, 3), v_range=(-3, 3), resolution=(17, 13),
    )  # fmt: skip
    return list(surface)


def random_paths() -> list[Any]:
    """Paths of random points, sizes and scales."""
    random = np.random.default_rng(7)
    paths = []
    for _ in range(400):
        path = Square(shade_in_3d=True)
        scale = 10.0 ** random.integers(-4, 5)
        path.points = random.normal(size=(4 * random.integers(1, 9), 3)) * scale
        paths.append(path)
    return paths


def special_paths() -> list[Any]:
    """Corners whose neighbours coincide with them or are in a line, and other types."""
    paths = []
    for change in ("first", "both", "line", "upright", "nan", "light", "integers"):
        path = Square(shade_in_3d=True)
        if change in ("first", "both"):
            path.points[3] = path.points[0]
        if change == "both":
            path.points[-4] = path.points[0]
        if change in ("line", "upright"):
            axis = np.array([0, 0, 1] if change == "upright" else [1, 2, 0.5])
            path.points = np.arange(16)[:, None] * axis
        if change == "nan":
            path.points[0, 1] = np.nan
        if change == "light":
            path.points[0] = ThreeDCamera().light_source.points[0]
        if change == "integers":
            path.points = np.round(path.points).astype(int)
        paths.append(path)
    return paths


class Shifted(Square):
    def get_anchors(self) -> Any:
        return super().get_anchors()[:2]


GROUPS = {
    "a surface": waves,
    "random paths": random_paths,
    "special paths": special_paths,
    "other shapes": lambda: [
        part for whole in (Cube(), Dot3D(), Line3D()) for part in whole.get_family()
        if len(part.points)
    ],
    "an overridden method": lambda: [Shifted(shade_in_3d=True), Square(shade_in_3d=True)],
}  # fmt: skip


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_colors_are_those_of_manim(name: str) -> None:
    mobjects = GROUPS[name]()
    random = np.random.default_rng(3)
    colors = [random.uniform(size=(random.integers(1, 4), 4)) for _ in mobjects]
    camera = ThreeDCamera()
    shades = shades_of(mobjects, camera.light_source.points[0])
    for mobject, rgbas, ours in zip(mobjects, colors, shaded_colors(colors, shades), strict=True):
        expected = camera.modified_rgbas(mobject, rgbas)
        assert np.array_equal(ours, expected, equal_nan=True)


def test_most_faces_are_shaded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    left = []

    def by_manim(mobject: VMobject, light: Any) -> Any:
        left.append(mobject)
        return shading3d.Shades(0.0, 0.0)

    monkeypatch.setattr(shading3d, "_shades_by_manim", by_manim)
    shades_of(waves(), ThreeDCamera().light_source.points[0])
    assert not left


def test_nothing_is_shaded_without_mobjects() -> None:
    assert shades_of([], np.zeros(3)) == [] and shaded_colors([], []) == []
