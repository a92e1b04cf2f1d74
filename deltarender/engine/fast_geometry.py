"""Faster lengths of curves and matrices of rotation, with Manim's results to the last bit.

Each calls the original where a class, an object or an argument is not the usual one. They are
installed by manim_patches.py.
"""

from __future__ import annotations

import math
import struct
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from manim import VMobject
from manim.utils import space_ops

Floats = npt.NDArray[np.float64]

DEFAULT_SAMPLES = 10  # of a curve, for its length
MAX_SAMPLES = 1000
# Methods that a class must inherit unchanged for the lengths of its curves to be those below.
CURVE_METHODS = (
    "get_nth_curve_points", "get_nth_curve_function", "get_nth_curve_length_pieces",
    "get_nth_curve_function_with_length", "get_num_curves", "get_curve_functions_with_lengths",
    "throw_error_if_no_points",
)  # fmt: skip

_get_nth_curve_length_pieces: Any = VMobject.get_nth_curve_length_pieces
_get_arc_length: Any = VMobject.get_arc_length
_point_from_proportion: Any = VMobject.point_from_proportion
_rotation_matrix: Any = space_ops.rotation_matrix


def get_nth_curve_length_pieces(self: Any, n: int, sample_points: int | None = None) -> Any:
    """Manim's `VMobject.get_nth_curve_length_pieces`."""
    if type(n) is int and n >= 0 and _has_usual_points(self) and 4 * n + 4 <= len(self.points):
        samples = _sample_count(sample_points)
        if samples:
            return _length_pieces(self.points[4 * n : 4 * n + 4], samples)[0]
    return _get_nth_curve_length_pieces(self, n, sample_points)


def get_arc_length(self: Any, sample_points_per_curve: int | None = None) -> Any:
    """Manim's `VMobject.get_arc_length`."""
    samples = _sample_count(sample_points_per_curve)
    if samples and _has_usual_curves(self) and _has_usual_points(self):
        # Added one by one, as Manim does: NumPy's sum is rounded differently.
        return sum(_curve_lengths(self.points, samples))
    return _get_arc_length(self, sample_points_per_curve)


def point_from_proportion(self: Any, alpha: float) -> Any:
    """Manim's `VMobject.point_from_proportion`."""
    is_usual = isinstance(alpha, (int, float)) and 0 <= alpha < 1
    if is_usual and _has_usual_curves(self) and _has_usual_points(self):
        lengths = _curve_lengths(self.points, DEFAULT_SAMPLES)
        ends = np.add.accumulate(lengths)
        if len(ends) and np.isfinite(ends[-1]):
            target = alpha * ends[-1]
            n = int(np.searchsorted(ends, target))
            if n < len(ends):
                start = ends[n - 1] if n else 0
                residue = (target - start) / lengths[n] if lengths[n] != 0 else 0
                return self.get_nth_curve_function(n)(residue)
    return _point_from_proportion(self, alpha)


def _has_usual_points(mobject: Any) -> bool:
    points = mobject.points
    is_array = type(points) is np.ndarray and points.dtype == np.float64
    return is_array and points.shape[1:] == (3,) and mobject.n_points_per_cubic_curve == 4


def _has_usual_curves(mobject: Any) -> bool:
    mobject_class: Any = type(mobject)
    return _class_has_usual_curves(mobject_class)


@cache
def _class_has_usual_curves(cls: Any) -> bool:
    replaced = {"get_nth_curve_length_pieces": get_nth_curve_length_pieces}
    return all(
        getattr(cls, name) in (getattr(VMobject, name), replaced.get(name))
        for name in CURVE_METHODS
    )


def _sample_count(samples: int | None) -> int:
    """How many points of each curve to take; 0 if the original has to be asked."""
    if samples is None:
        return DEFAULT_SAMPLES
    return samples if type(samples) is int and 2 <= samples <= MAX_SAMPLES else 0


def _curve_lengths(points: Floats, samples: int) -> Floats:
    count = len(points) // 4
    return np.asarray(np.add.reduce(_length_pieces(points[: 4 * count], samples), axis=1))


def _length_pieces(points: Floats, samples: int) -> Floats:
    """The lengths (n, samples - 1) of straight pieces of n curves (4 n, 3)."""
    first, second, third, fourth = np.ascontiguousarray(points).reshape(-1, 4, 1, 3).swapaxes(0, 1)
    a, b, c, d = _weights(samples)
    on_curves = a * first + b * second + c * third + d * fourth
    steps = on_curves[:, 1:] - on_curves[:, :-1]
    return np.asarray(np.sqrt(np.add.reduce(steps * steps, axis=2)))


@lru_cache(16)
def _weights(samples: int) -> tuple[Floats, Floats, Floats, Floats]:
    """The weights (samples, 1) of the four points of a curve, computed as `bezier` does."""
    t = np.linspace(0, 1, samples)[:, None]
    t2, mt = t * t, 1 - t
    mt2 = mt * mt
    return mt2 * mt, 3 * t * mt2, 3 * t2 * mt, t2 * t


def rotation_matrix(angle: float, axis: Any, homogeneous: bool = False) -> Any:
    """Manim's `rotation_matrix`, which takes 0.1 ms; the same few angles come again and again."""
    if not homogeneous and type(angle) in (float, int, np.float64):
        numbers = axis.tolist() if type(axis) is np.ndarray else axis
        if type(numbers) in (list, tuple) and len(numbers) == 3:
            try:
                key = struct.pack("4d", angle, *numbers)  # tells 0.0 from -0.0
            except (struct.error, OverflowError):
                return _rotation_matrix(angle, axis, homogeneous)
            return _cached_rotation_matrix(key).copy()
    return _rotation_matrix(angle, axis, homogeneous)


@lru_cache(4096)
def _cached_rotation_matrix(key: bytes) -> Any:
    angle, *axis = struct.unpack("4d", key)
    vector = angle * space_ops.normalize(np.array(axis))
    if not np.isfinite(vector).all():
        return _rotation_matrix(angle, np.array(axis))
    return matrix_of_rotation_vector(*vector.tolist())


def matrix_of_rotation_vector(x: float, y: float, z: float) -> Floats:
    """SciPy's `Rotation.from_rotvec([x, y, z]).as_matrix()`, to the last bit.

    By way of the unit quaternion (x, y, z, w). SciPy need not be imported for it.
    """
    angle = math.sqrt(x * x + y * y + z * z)
    if angle <= 1e-3:  # where sin(angle / 2) / angle loses digits
        square = angle * angle
        scale = 0.5 - square / 48 + square * square / 3840
    else:
        scale = math.sin(angle / 2) / angle
    x, y, z, w = x * scale, y * scale, z * scale, math.cos(angle / 2)
    x2, y2, z2, w2 = x * x, y * y, z * z, w * w
    xy, zw, xz, yw, yz, xw = x * y, z * w, x * z, y * w, y * z, x * w
    return np.array([
        [x2 - y2 - z2 + w2, 2 * (xy - zw), 2 * (xz + yw)],
        [2 * (xy + zw), -x2 + y2 - z2 + w2, 2 * (yz - xw)],
        [2 * (xz - yw), 2 * (yz + xw), -x2 - y2 + z2 + w2],
    ])  # fmt: skip
