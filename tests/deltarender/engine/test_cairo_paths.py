"""Paths that are built in one call equal the paths that Manim builds curve by curve."""

from __future__ import annotations

import cairo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import Axes, Camera, Circle, Line, Square, Star, ThreeDCamera, VMobject

from deltarender.engine import fast_methods


def path_of(set_path: object, camera: Camera, mobject: VMobject) -> str:
    context = cairo.Context(cairo.ImageSurface(cairo.FORMAT_ARGB32, 64, 64))
    set_path(camera, context, mobject)
    return str(context.copy_path())


def assert_same_path(mobject: VMobject, camera: Camera | None = None) -> None:
    camera = camera or Camera()
    expected = path_of(fast_methods._set_cairo_context_path, camera, mobject)
    assert path_of(fast_methods.set_cairo_context_path, camera, mobject) == expected


COORDINATE = st.sampled_from([0.0, 1.0, 1.0 + 1e-7, 1.0 + 1e-5, -2.5, 3.25])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=4, max_size=240))
def test_any_path_equals_manims(points: list[tuple[float, float]]) -> None:
    mobject = VMobject()
    mobject.points = np.array([(x, y, 0.0) for x, y in points[: len(points) // 4 * 4]])
    assert_same_path(mobject)


@pytest.mark.parametrize("mobject", [Circle(), Line(), Square(), Star(9), VMobject()])
def test_shapes(mobject: VMobject) -> None:
    assert_same_path(mobject)


def test_a_long_curve_with_a_3d_camera() -> None:
    curve = Axes().plot(np.sin)
    assert_same_path(curve, ThreeDCamera())


@pytest.mark.parametrize("points_kind", ["nan", "integer", "float32", "strided", "incomplete"])
def test_unusual_points_are_left_to_manim(points_kind: str) -> None:
    mobject = Circle()
    points = mobject.points
    if points_kind == "nan":
        points[3] = np.nan
    elif points_kind == "integer":
        mobject.points = np.round(points * 10).astype(int)
    elif points_kind == "float32":
        mobject.points = points.astype(np.float32)
    elif points_kind == "strided":
        mobject.points = np.repeat(points, 2, axis=0)[::2]
    else:
        mobject.points = points[:-1]
    assert_same_path(mobject)
