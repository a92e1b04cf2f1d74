"""Outlines handed to cairo in one call each, instead of one call a curve.

Manim walks through every curve of every mobject in Python, frame after frame. Here the same path
is laid out by numpy as cairo's own array of path data and appended whole; a mobject that is drawn
again where something else moved over it keeps its array. Cairo gets the same operations in the
same order, so every pixel stays what it was.
"""

from __future__ import annotations

import ctypes
import sys
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import cairo
import numpy as np
import numpy.typing as npt
from manim import Camera, VMobject

Floats = npt.NDArray[np.float64]

MOST = 4096  # outlines kept
SHORT = 120  # points up to which walking is quicker than laying out
_MOVE, _CURVE, _CLOSE = 0, 2, 3
_RELATIVE = 1.0e-5  # of numpy.isclose, which decides whether two ends meet

_walk: Any = Camera.set_cairo_context_path


class _CairoPath(ctypes.Structure):
    """cairo_path_t."""

    _fields_ = (
        ("status", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("count", ctypes.c_int),
    )


def install() -> None:
    """Let Manim's cameras build paths so, where this machine's cairo can be called."""
    if append() is not None:
        Camera.set_cairo_context_path = set_path  # type: ignore[assignment,method-assign]


def set_path(camera: Camera, context: cairo.Context[Any], mobject: VMobject) -> Camera:
    """Manim's `Camera.set_cairo_context_path`."""
    call = append()
    points: Any = camera.transform_points_pre_display(mobject, mobject.points)
    kind: Any = type(mobject)
    path = None
    if call is not None and _plain(kind) and len(points) and len(points) % 4 == 0:
        path = _kept(mobject, points)
    if path is None:
        walked: Camera = _walk(camera, context, mobject)
        return walked
    context.new_path()
    call(context, path[0])
    return camera


@cache
def _plain(kind: type[VMobject]) -> bool:
    """Whether a kind of mobject leaves it to Manim where its outline is parted and closed."""
    named: Any = ("get_subpath_split_indices_from_points", "consider_points_equals_2d")
    return all(getattr(kind, name) is getattr(VMobject, name) for name in named)


Laid = tuple[_CairoPath, Floats]  # the second holds what the first points to
_paths: OrderedDict[int, tuple[Floats, Laid | None]] = OrderedDict()


def _kept(mobject: VMobject, points: Floats) -> Laid | None:
    """The path of a mobject as laid out before, if its points are still the same.

    None where walking is quicker: a short outline that moves is never laid out.
    """
    known = _paths.get(id(mobject))
    same = known is not None and np.array_equal(known[0], points)
    if known is not None and same and known[1] is not None:
        return known[1]
    path = None
    if (same or len(points) > SHORT) and np.isfinite(points).all():
        path = lay_out([points], [mobject.tolerance_for_point_equality])[0]
    _paths[id(mobject)] = points.copy(), path
    if len(_paths) > MOST:
        _paths.popitem(last=False)
    return path


def lay_out(outlines: Sequence[Floats], tolerances: Sequence[float]) -> list[Laid]:
    """The outlines through points, each (4 n, 3) with n > 0, as paths that `append` takes.

    Where they part and close is what Manim's get_subpath_split_indices_from_points and
    consider_points_equals_2d say of finite points. They lie in one array of cairo_path_data_t, two
    floats an element.
    """
    if not outlines:
        return []
    curves = np.array([len(points) // 4 for points in outlines])
    owners = np.concatenate(([0], np.cumsum(curves)))
    flat = np.concatenate([points[:, :2] for points in outlines])
    tolerance = np.repeat(tolerances, curves)
    parted = ~_meet(flat[3:-1:4], flat[4::4], tolerance[1:, None])
    parted[owners[1:-1] - 1] = True
    starts = np.concatenate(([0], np.flatnonzero(parted) + 1))
    ends = np.append(starts[1:], owners[-1])
    closed = _meet(flat[4 * starts], flat[4 * ends - 1], tolerance[starts, None])
    heads = np.concatenate(([0], np.cumsum(2 + 4 * (ends - starts) + closed)))
    data = _elements(flat, starts, closed, heads)
    bounds = heads[np.searchsorted(starts, owners)].tolist()
    first = data.ctypes.data
    return [(_CairoPath(0, first + 16 * low, high - low), data) for low, high in pairwise(bounds)]


def _elements(flat: Floats, starts: Any, closed: Any, heads: Any) -> Floats:
    """The array itself: for each part a start, its curves and, where it closes, an end."""
    first, last = heads[:-1], heads[1:][closed] - 1
    rest = np.ones(int(heads[-1]), np.bool_)
    rest[first] = rest[first + 1] = rest[last] = False
    data = np.empty((len(rest), 2))
    data[rest] = flat
    data[first + 1] = flat[4 * starts]
    kinds = data.view(np.int32)  # a header holds a kind and a length
    # A curve's own first point gives way to its header: the pen is there already.
    kinds[np.flatnonzero(rest)[::4], :2] = _CURVE, 4
    kinds[first, :2] = _MOVE, 2
    kinds[last, :2] = _CLOSE, 1
    return data


def _meet(first: Floats, last: Floats, tolerance: Floats) -> npt.NDArray[np.bool_]:
    """Which of the points (n, 2) are close, as numpy.isclose has it."""
    near: npt.NDArray[np.bool_] = np.abs(first - last) <= tolerance + _RELATIVE * np.abs(last)
    return near[:, 0] & near[:, 1]


@cache
def append() -> Any:
    """cairo_append_path on a context of pycairo; None where it cannot be called with certainty."""
    library = _cairo_library()
    if library is None:
        return None
    call = library.cairo_append_path
    call.argtypes, call.restype = (ctypes.c_void_p, ctypes.c_void_p), None
    # pycairo's header promises that the pointer follows what every object begins with.
    offset = object.__basicsize__

    def appended(context: cairo.Context[Any], path: _CairoPath) -> None:
        call(ctypes.c_void_p.from_address(id(context) + offset), ctypes.byref(path))

    return appended if _works(appended) else None


def _cairo_library() -> Any:
    """The very library that pycairo calls."""
    if not sys.platform.startswith("linux") or sys.implementation.name != "cpython":
        return None
    try:
        loaded = Path("/proc/self/maps").read_text().split()
    except OSError:
        return None
    for name in loaded:
        if name.rpartition("/")[2].startswith("libcairo.so"):
            return ctypes.CDLL(name)
    return None


def _works(append: Any) -> bool:
    context = cairo.Context(cairo.ImageSurface(cairo.FORMAT_ARGB32, 8, 8))
    mobject = VMobject()
    mobject.set_points_as_corners([(0, 0, 0), (3, 1, 0), (1, 4, 0), (0, 0, 0)])
    (path, _), *_ = lay_out([mobject.points], [mobject.tolerance_for_point_equality])
    append(context, path)
    ours = str(context.copy_path())
    _walk(Camera(), context, mobject)
    return ours == str(context.copy_path()) != ""
