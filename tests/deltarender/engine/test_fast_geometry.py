"""Lengths of curves and rotations are Manim's, to the last bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from manim import (
    OUT,
    RIGHT,
    UP,
    Arc,
    Circle,
    CurvesAsSubmobjects,
    Line,
    Mobject,
    Square,
    Text,
    VMobject,
)  # fmt: skip
from manim.utils import space_ops
from scipy.spatial.transform import Rotation

from deltarender.engine import manim_patches
from deltarender.engine.fast_geometry import matrix_of_rotation_vector

ORIGINALS = {patch.attribute: patch.original for patch in manim_patches.PATCHES}
PROPORTIONS = [0, 0.0, 1e-9, 0.25, 1 / 3, 0.5, np.float64(0.7), np.float32(0.3), 0.999, 1, True]


@pytest.fixture(autouse=True)
def patched_manim() -> Iterator[None]:
    manim_patches.install()
    yield
    manim_patches.remove()


class TwiceAsLong(VMobject):
    """A class with lengths of its own."""

    def get_nth_curve_length_pieces(self, n: int, sample_points: int | None = None) -> Any:
        return 2 * super().get_nth_curve_length_pieces(n, sample_points) + n


def paths() -> list[VMobject]:
    """Paths of all kinds: long, of curves without length, with incomplete or strange points."""
    rng = np.random.default_rng(1)
    long = VMobject().set_points_smoothly(rng.normal(size=(40, 3)) * 10.0 ** rng.integers(-5, 5))
    standing = VMobject().set_points(np.repeat(rng.normal(size=(2, 3)), [8, 4], axis=0))
    own, cut, single, strided = TwiceAsLong(), Square(), VMobject(), Circle()
    with_nan, integers = Square(), Square()
    own.set_points(Circle().points)
    cut.points = cut.points[:-1]
    single.points = np.array([[1.0, 2.0, 3.0]])
    strided.points = np.repeat(strided.points, 2, axis=0)[::2]
    with_nan.points[5] = np.nan
    integers.points = integers.points.astype(int)
    return [
        long, standing, own, cut, single, strided, with_nan, integers, Line(), Arc(), VMobject(),
        Text("e")[0], CurvesAsSubmobjects(Circle()),
    ]  # fmt: skip


def outcome(function: Any, *arguments: Any) -> tuple[type, Any]:
    """What a function returns, with its type; or the exception that it raises."""
    try:
        value = function(*arguments)
    except Exception as error:
        return type(error), str(error)
    bits = value.tobytes() if isinstance(value, (np.ndarray, np.generic)) else value
    return type(value), bits


@pytest.mark.parametrize("path", paths(), ids=lambda path: type(path).__name__)
def test_lengths_equal_manims(path: VMobject) -> None:
    cases = [("get_arc_length", n) for n in (None, 10, 2, 33, 1, 2.5)]
    cases += [("get_nth_curve_length_pieces", n) for n in (0, 1, -1, 500, np.int64(0))]
    for name, argument in cases:
        ours = outcome(getattr(path, name), argument)
        manim_patches.remove()
        assert ours == outcome(getattr(path, name), argument)
        manim_patches.install()


@pytest.mark.parametrize("path", paths(), ids=lambda path: type(path).__name__)
def test_points_on_a_path_equal_manims(path: VMobject) -> None:
    for alpha in (*PROPORTIONS, -0.1, 1.5):
        ours = outcome(path.point_from_proportion, alpha)
        manim_patches.remove()
        assert ours == outcome(path.point_from_proportion, alpha)
        manim_patches.install()


@pytest.mark.parametrize("angle", [0, 0.0, -0.0, 1, 0.3, np.float64(-2), np.float32(0.1), 1e-5])
@pytest.mark.parametrize(
    "axis", [OUT, [0, 0, 1], -OUT, (1, 2, 3), [0.0, -0.0, 0], UP + RIGHT, [0, 1], [1, 2, 3, 4]]
)
def test_rotations_equal_manims(angle: Any, axis: Any) -> None:
    for _ in range(2):
        ours = outcome(space_ops.rotation_matrix, angle, axis)
        assert ours == outcome(ORIGINALS["rotation_matrix"], angle, axis)
    homogeneous = outcome(space_ops.rotation_matrix, angle, axis, True)
    assert homogeneous == outcome(ORIGINALS["rotation_matrix"], angle, axis, True)


def test_a_matrix_that_was_given_out_may_be_changed() -> None:
    space_ops.rotation_matrix(0.5, OUT)[:] = 7
    assert space_ops.rotation_matrix(0.5, OUT).max() <= 1
    assert Mobject().rotate(0.5).points.shape == (0, 3)


def test_matrices_of_rotation_vectors_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    vectors = [rng.normal(size=3) * 10.0 ** rng.uniform(-6, 2) for _ in range(2000)]
    vectors += [angle * axis for angle in (-0.0, 1e-3, np.pi, 2 * np.pi) for axis in np.eye(3)]
    for vector in vectors:
        expected = Rotation.from_rotvec(vector).as_matrix()
        assert matrix_of_rotation_vector(*vector.tolist()).tobytes() == expected.tobytes()
