"""Faster versions of Manim methods that take most of the time of a frame, with identical results.

Each calls the original where a class, an object or an argument is not the usual one. They are
installed by manim_patches.py.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import cairo
import numpy as np
from manim import Camera, ManimColor, Mobject, VMobject
from manim.utils import bezier
from PIL import Image

from deltarender import _native
from deltarender._native import DEFAULT_DRAWING
from deltarender.engine.class_traits import CLASS_TRAITS

STYLE_ATTRIBUTES = (
    "fill_rgbas", "stroke_rgbas", "background_stroke_rgbas", "stroke_width",
    "background_stroke_width", "sheen_direction", "sheen_factor",
)  # fmt: skip

# The originals, read before anything is replaced.
_get_family: Any = Mobject.get_family
_family_members_with_points: Any = Mobject.family_members_with_points
_generate_rgbas_array: Any = VMobject.generate_rgbas_array
_get_points_defining_boundary: Any = VMobject.get_points_defining_boundary
_get_critical_point: Any = Mobject.get_critical_point
_get_extremum_along_dim: Any = Mobject.get_extremum_along_dim
_interpolate: Any = bezier.interpolate
_overlay_image: Any = Camera.overlay_PIL_image
_set_cairo_context_path: Any = Camera.set_cairo_context_path

_updater_takes_dt: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


def get_family(self: Any, recurse: bool = True) -> Any:
    """Manim's `Mobject.get_family`."""
    family: Any = _native.family(self, False, CLASS_TRAITS)
    return _get_family(self, recurse) if family is None else family


def family_members_with_points(self: Any) -> Any:
    """Manim's `Mobject.family_members_with_points`."""
    family: Any = _native.family(self, True, CLASS_TRAITS)
    return _family_members_with_points(self) if family is None else family


def get_points_defining_boundary(self: Any) -> Any:
    """Manim's `VMobject.get_points_defining_boundary`."""
    points = _native.curve_anchors(self.get_family(), CLASS_TRAITS)
    return _get_points_defining_boundary(self) if points is None else points


def get_critical_point(self: Any, direction: Any) -> Any:
    """Manim's `Mobject.get_critical_point`."""
    is_usual = type(self).get_extremum_along_dim is _get_extremum_along_dim
    if is_usual and self.dim == len(direction) == 3:
        point = _native.critical_point(self.get_points_defining_boundary(), tuple(direction))
        if point is not None:
            return point
    return _get_critical_point(self, direction)


def update(self: Any, dt: float = 0, recursive: bool = True) -> Any:
    """Manim's `Mobject.update`."""
    _native.update(self, dt, recursive, CLASS_TRAITS, _takes_dt)
    return self


def _takes_dt(updater: Any) -> bool:
    """Whether an updater has a parameter `dt`.

    Reading a signature takes longer than most updaters do. Only a plain function's answer is kept:
    it is the only callable whose signature cannot change.
    """
    is_plain = type(updater) is FunctionType and not hasattr(updater, "__signature__")
    takes_dt = _updater_takes_dt.get(updater) if is_plain else None
    if takes_dt is None:
        takes_dt = "dt" in inspect.signature(updater).parameters
        if is_plain:
            _updater_takes_dt[updater] = takes_dt
    return takes_dt


def interpolate(start: Any, end: Any, alpha: Any) -> Any:
    """Manim's `bezier.interpolate`."""
    value = _native.interpolate(start, end, alpha)
    return _interpolate(start, end, alpha) if value is NotImplemented else value


def interpolate_mobject(
    self: Any, mobject1: Any, mobject2: Any, alpha: float, path_func: Any = _interpolate
) -> Any:
    """Manim's `Mobject.interpolate`."""
    path = interpolate if path_func is _interpolate else path_func
    self.points = path(mobject1.points, mobject2.points, alpha)
    self.interpolate_color(mobject1, mobject2, alpha)
    return self


def interpolate_color(self: Any, mobject1: Any, mobject2: Any, alpha: float) -> Any:
    """Manim's `VMobject.interpolate_color`."""
    for name in STYLE_ATTRIBUTES:
        value = getattr(mobject2, name)
        if alpha != 1.0:
            value = interpolate(getattr(mobject1, name), value, alpha)
        elif isinstance(value, np.ndarray):
            value = value.copy()
        setattr(self, name, value)
    return self


def generate_rgbas_array(self: Any, color: Any, opacity: Any) -> Any:
    """Manim's `VMobject.generate_rgbas_array`."""
    is_single_color = color is None or type(color) in (ManimColor, str)
    if (
        not is_single_color
        or not (opacity is None or isinstance(opacity, (int, float)))
        or self.get_sheen_factor() != 0
    ):
        return _generate_rgbas_array(self, color, opacity)
    rgbas = np.zeros((1, 4))
    if color is not None:
        rgbas[0] = _parse_color(color) if type(color) is str else color._internal_value
    rgbas[0, 3] = 0.0 if opacity is None else opacity
    return rgbas


@lru_cache(256)
def _parse_color(color: str) -> tuple[float, ...]:
    return tuple(ManimColor(color)._internal_value.tolist())


def overlay_image(self: Any, pixel_array: Any, image: Any) -> None:
    """Manim's `Camera.overlay_PIL_image`, restricted to the bounding box of the image.

    Manim composites the whole frame, but fully transparent pixels leave it unchanged.
    """
    size = pixel_array.shape[1::-1]
    is_usual = type(self).get_image is Camera.get_image and self.image_mode == image.mode == "RGBA"
    if not is_usual or pixel_array.dtype != np.uint8 or image.size != size:
        _overlay_image(self, pixel_array, image)
        return
    box = image.getbbox()
    if box is not None:
        left, top, right, bottom = box
        part = pixel_array[top:bottom, left:right]
        backdrop = Image.fromarray(np.ascontiguousarray(part))
        part[...] = np.asarray(Image.alpha_composite(backdrop, image.crop(box)))


def set_cairo_context_path(
    camera: Camera, context: cairo.Context[Any], mobject: VMobject
) -> Camera:
    """Manim's `Camera.set_cairo_context_path`, with one call for all curves."""
    points: Any = camera.transform_points_pre_display(mobject, mobject.points)
    if (
        len(points)
        and isinstance(context, cairo.Context)
        and CLASS_TRAITS[type(mobject)] & DEFAULT_DRAWING
        and _native.set_path(context, points, mobject.tolerance_for_point_equality)
    ):
        return camera
    result: Camera = _set_cairo_context_path(camera, context, mobject)
    return result
