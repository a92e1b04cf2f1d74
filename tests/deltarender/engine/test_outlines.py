"""Outlines made in one call: cairo must get the very path that Manim walks."""

from __future__ import annotations

import cairo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import Axes, Camera, Circle, Line, Square, Star, ThreeDCamera, VMobject

from deltarender.engine import class_traits


def drawn(draw: object, camera: Camera, mobject: VMobject) -> str:
    context = cairo.Context(cairo.ImageSurface(cairo.FORMAT_ARGB32, 64, 64))
    draw(camera, context, mobject)
    return str(context.copy_path())


def same(mobject: VMobject, camera: Camera | None = None) -> None:
    camera = camera or Camera()
    wanted = drawn(class_traits._walk, camera, mobject)
    assert drawn(class_traits.set_path, camera, mobject) == wanted


COORDINATE = st.sampled_from([0.0, 1.0, 1.0 + 1e-7, 1.0 + 1e-5, -2.5, 3.25])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=4, max_size=240))
def test_any_outline_is_the_one_that_manim_walks(points: list[tuple[float, float]]) -> None:
    mobject = VMobject()
    mobject.points = np.array([(x, y, 0.0) for x, y in points[: len(points) // 4 * 4]])
    same(mobject)


@pytest.mark.parametrize("mobject", [Circle(), Line(), Square(), Star(9), VMobject()])
def test_shapes(mobject: VMobject) -> None:
    same(mobject)


def test_a_long_curve_in_space() -> None:
    curve = Axes().plot(np.sin)
    same(curve, ThreeDCamera())


@pytest.mark.parametrize("oddity", ["not a number", "whole", "single", "every other", "ragged"])
def test_points_of_another_kind_are_left_to_manim(oddity: str) -> None:
    mobject = Circle()
    points = mobject.points
    if oddity == "not a number":
        points[3] = np.nan
    elif oddity == "whole":
        mobject.points = np.round(points * 10).astype(int)
    elif oddity == "single":
        mobject.points = points.astype(np.float32)
    elif oddity == "every other":
        mobject.points = np.repeat(points, 2, axis=0)[::2]
    else:
        mobject.points = points[:-1]
    same(mobject)
