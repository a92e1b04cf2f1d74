"""Shading of many mobjects at once, as ThreeDCamera shades each of them, equal to the last bit.

Manim shades a mobject by the light at two of its corners, in some forty small NumPy calls. Here the
same operations are done for all mobjects together. Elementwise operations round alike in arrays of
any size; scalar products are computed by `matmul` of stacks of rows and columns, which calls the
same BLAS function for each of them as `np.dot` does, and powers by the C library, as for scalars.
What Manim treats as a special case (coinciding or aligned neighbours of a corner) is left to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from manim import VMobject
from manim.mobject.three_d.three_d_utils import (
    get_3d_vmob_end_corner,
    get_3d_vmob_end_corner_unit_normal,
    get_3d_vmob_start_corner,
    get_3d_vmob_start_corner_unit_normal,
)
from manim.utils.color import get_shaded_rgb

Floats = npt.NDArray[np.float64]

LEAST_POINTS = 8  # with fewer, a path has two anchors, and Manim no normal
ALIGNED = 1e-6  # Manim's limit for the cross product of scaled vectors that are aligned
_METHODS = ("get_anchors", "get_num_points")  # that a class must inherit for the operations below


class Shades(NamedTuple):
    """What the light adds to the two colors of a mobject: to red, green and blue alike."""

    first: float
    last: float


def shades_of(mobjects: Sequence[Any], light: Floats) -> list[Shades]:
    """The shades of mobjects that have points, lit from `light`, shape (3,)."""
    regular = [k for k, mobject in enumerate(mobjects) if _is_regular(mobject)]
    result: list[Shades | None] = [None] * len(mobjects)
    if regular and light.dtype == np.float64:
        arrays = [mobjects[k].points for k in regular]
        for k, shades in zip(regular, _shades_of_paths(arrays, light), strict=True):
            result[k] = shades
    return [
        shades or _shades_by_manim(mobject, light)
        for mobject, shades in zip(mobjects, result, strict=True)
    ]


def shaded_colors(colors: Sequence[Floats], shades: Sequence[Shades]) -> list[Floats]:
    """`ThreeDCamera.modified_rgbas` for one array of colors of each mobject: two colors each."""
    is_plain = [rgbas.shape == (1, 4) and rgbas.dtype == np.float64 for rgbas in colors]
    plain = [rgbas for rgbas, plain in zip(colors, is_plain, strict=True) if plain]
    light = np.array([shade for shade, plain in zip(shades, is_plain, strict=True) if plain])
    shaded: Floats = np.concatenate([np.zeros((0, 4)), *plain]).repeat(2, axis=0)
    shaded[:, :3] += light.reshape(-1, 1)
    pairs = iter(shaded.reshape(-1, 2, 4))
    return [
        next(pairs) if plain else _shaded(rgbas, shade)
        for rgbas, shade, plain in zip(colors, shades, is_plain, strict=True)
    ]


def _shaded(rgbas: Floats, shades: Shades) -> Floats:
    shaded = rgbas.repeat(2, axis=0) if len(rgbas) < 2 else np.array(rgbas[:2])
    shaded[0, :3] += shades.first
    shaded[1, :3] += shades.last
    return shaded


def _shades_by_manim(mobject: Any, light: Floats) -> Shades:
    black = np.zeros(3)
    corner, normal = (
        get_3d_vmob_start_corner(mobject),
        get_3d_vmob_start_corner_unit_normal(mobject),
    )
    first = get_shaded_rgb(black, corner, normal, light)
    corner, normal = get_3d_vmob_end_corner(mobject), get_3d_vmob_end_corner_unit_normal(mobject)
    return Shades(float(first[0]), float(get_shaded_rgb(black, corner, normal, light)[0]))


def _is_regular(mobject: Any) -> bool:
    points, kind = mobject.points, cast(Any, type(mobject))
    return (
        _has_stock_methods(kind)
        and len(points) >= LEAST_POINTS
        and len(points) % 4 == 0
        and points.dtype == np.float64
        and mobject.n_points_per_cubic_curve == 4
        and not any(name in vars(mobject) for name in _METHODS)
    )


@cache
def _has_stock_methods(kind: Any) -> bool:
    return all(getattr(kind, name) is getattr(VMobject, name) for name in _METHODS)


def _shades_of_paths(arrays: Sequence[Floats], light: Floats) -> list[Shades | None]:
    """The shades of paths, each (n, 3); None where Manim has a special case."""
    points = np.concatenate(arrays)
    counts = np.array([len(array) for array in arrays])
    starts = np.cumsum(counts) - counts
    ends = (counts - 1) // 6 * 3
    first = _light_at(points, starts, starts + 3, starts + counts - 4, light)
    before = np.where(ends > 2, ends - 3, counts - 4)
    after = np.where(ends < counts - 3, ends + 3, 3)
    last = _light_at(points, starts + ends, starts + after, starts + before, light)
    return [
        None if a is None or b is None else Shades(a, b) for a, b in zip(first, last, strict=True)
    ]


def _light_at(
    points: Floats, at: Any, after: Any, before: Any, light: Floats
) -> list[float | None]:
    """Manim's `get_unit_normal` and `get_shaded_rgb` at corners, given by their indices."""
    corners = points[at]
    v1, v2 = points[after] - corners, points[before] - corners
    with np.errstate(all="ignore"):
        div1, div2 = np.abs(v1).max(axis=1), np.abs(v2).max(axis=1)
        u1, u2 = v1 / div1[:, None], v2 / div2[:, None]
        normals = np.stack(
            [
                u1[:, 1] * u2[:, 2] - u1[:, 2] * u2[:, 1],
                u1[:, 2] * u2[:, 0] - u1[:, 0] * u2[:, 2],
                u1[:, 0] * u2[:, 1] - u1[:, 1] * u2[:, 0],
            ],
            axis=1,
        )
        size = np.sqrt(_dots(normals, normals))
        normals = normals / size[:, None]
        to_light = light - corners
        distance = np.sqrt(_dots(to_light, to_light))
        cosines = _dots(normals, to_light / distance[:, None])
    # Also false for what is not a number.
    regular = (div1 > 0) & (div2 > 0) & (size > ALIGNED) & (distance > 0) & np.isfinite(cosines)
    return [
        _light_of(cosine) if is_regular else None
        for cosine, is_regular in zip(cosines.tolist(), regular.tolist(), strict=True)
    ]


def _light_of(cosine: float) -> float:
    light: float = 0.5 * cosine**3
    return light * 0.5 if light < 0 else light


def _dots(a: Floats, b: Floats) -> Floats:
    """`np.dot` of each row of `a` with that of `b`."""
    products: Floats = np.matmul(a[:, None, :], b[:, :, None])[:, 0, 0]
    return products
