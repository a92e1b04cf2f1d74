"""Outlines appended whole: cairo must get the very path that Manim walks."""

from __future__ import annotations

from collections.abc import Iterator

import cairo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import Axes, Camera, Circle, Line, Square, Star, ThreeDCamera, VMobject

from gradreel.rendering import paths


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    paths._paths.clear()
    yield
    paths._paths.clear()


def drawn(draw: object, camera: Camera, mobject: VMobject) -> str:
    context = cairo.Context(cairo.ImageSurface(cairo.FORMAT_ARGB32, 64, 64))
    draw(camera, context, mobject)
    return str(context.copy_path())


def same(mobject: VMobject, camera: Camera | None = None) -> None:
    camera = camera or Camera()
    wanted = drawn(paths._walk, camera, mobject)
    for _ in range(3):  # walked, laid out, kept
        assert drawn(paths.set_path, camera, mobject) == wanted


def test_this_machine_takes_paths_whole() -> None:
    assert paths.append() is not None


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


def test_points_without_a_place_are_left_to_manim() -> None:
    mobject = Circle()
    mobject.points[3] = np.nan
    same(mobject)


def test_a_mobject_that_moves_is_followed() -> None:
    mobject = Star(50)
    same(mobject)
    mobject.shift((1, 0, 0))
    same(mobject)
    mobject.points[:] = mobject.points * 2  # in place, as updaters do
    same(mobject)


def test_another_mobject_in_the_place_of_one_that_is_gone() -> None:
    first, second = Star(50), Star(51)
    same(first)
    paths._paths[id(second)] = paths._paths[id(first)]
    same(second)


def test_no_more_are_kept_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST", 5)
    shapes = [Circle() for _ in range(9)]
    for shape in shapes:
        same(shape)
    assert len(paths._paths) == 5
