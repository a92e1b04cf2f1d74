"""Methods of Manim's mobjects that take most of a frame, with the same results sooner.

Families are listed, updaters called and states mixed for every mobject in every frame; colours are
parsed anew each time they are set; for a corner or a centre all points become objects of Python.
What a class or an object has redefined is left to it.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from manim import Camera, ManimColor, Mobject, VMobject
from manim.mobject.types import vectorized_mobject
from manim.utils import bezier
from PIL import Image

from deltarender import _native
from deltarender.engine.class_traits import CLASS_TRAITS

_STATE = (
    "fill_rgbas", "stroke_rgbas", "background_stroke_rgbas", "stroke_width",
    "background_stroke_width", "sheen_direction", "sheen_factor",
)  # fmt: skip

_get_family: Any = Mobject.get_family
_family_members_with_points: Any = Mobject.family_members_with_points
_generate_rgbas_array: Any = VMobject.generate_rgbas_array
_get_points_defining_boundary: Any = VMobject.get_points_defining_boundary
_get_critical_point: Any = Mobject.get_critical_point
_get_extremum: Any = Mobject.get_extremum_along_dim
_interpolate: Any = bezier.interpolate
_overlay: Any = Camera.overlay_PIL_image
_wants: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


def install() -> None:
    """Let Manim's mobjects use them."""
    quick: dict[Any, dict[str, Any]] = {
        Mobject: {
            "get_family": get_family, "family_members_with_points": family_members_with_points,
            "update": update, "interpolate": interpolate_mobject,
            "get_critical_point": get_critical_point,
        },
        VMobject: {
            "interpolate_color": interpolate_color, "generate_rgbas_array": generate_rgbas_array,
            "get_points_defining_boundary": get_points_defining_boundary,
        },
        Camera: {"overlay_PIL_image": overlay_image},
    }  # fmt: skip
    for kind, methods in quick.items():
        for name, method in methods.items():
            setattr(kind, name, method)
    vars(vectorized_mobject)["interpolate"] = interpolate


def get_family(self: Any, recurse: bool = True) -> Any:
    """Manim's `Mobject.get_family`."""
    found: Any = _native.family(self, False, CLASS_TRAITS)
    return _get_family(self, recurse) if found is None else found


def family_members_with_points(self: Any) -> Any:
    """Manim's `Mobject.family_members_with_points`."""
    found: Any = _native.family(self, True, CLASS_TRAITS)
    return _family_members_with_points(self) if found is None else found


def get_points_defining_boundary(self: Any) -> Any:
    """Manim's `VMobject.get_points_defining_boundary`."""
    found = _native.curve_anchors(self.get_family(), CLASS_TRAITS)
    return _get_points_defining_boundary(self) if found is None else found


def get_critical_point(self: Any, direction: Any) -> Any:
    """Manim's `Mobject.get_critical_point`."""
    usual = type(self).get_extremum_along_dim is _get_extremum
    if usual and self.dim == len(direction) == 3:
        found = _native.critical_point(self.get_points_defining_boundary(), tuple(direction))
        if found is not None:
            return found
    return _get_critical_point(self, direction)


def update(self: Any, dt: float = 0, recursive: bool = True) -> Any:
    """Manim's `Mobject.update`."""
    _native.update(self, dt, recursive, CLASS_TRAITS, _takes_dt)
    return self


def _takes_dt(updater: Any) -> bool:
    """Whether an updater takes dt: Manim looks at its signature in every frame.

    That takes longer than most updaters; only of a plain function the answer can never change.
    """
    plain = type(updater) is FunctionType and not hasattr(updater, "__signature__")
    known = _wants.get(updater) if plain else None
    if known is None:
        known = "dt" in inspect.signature(updater).parameters
        if plain:
            _wants[updater] = known
    return known


def interpolate(start: Any, end: Any, alpha: Any) -> Any:
    """Manim's `bezier.interpolate`."""
    found = _native.interpolate(start, end, alpha)
    return _interpolate(start, end, alpha) if found is NotImplemented else found


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
    for name in _STATE:
        value = getattr(mobject2, name)
        if alpha != 1.0:
            value = interpolate(getattr(mobject1, name), value, alpha)
        elif isinstance(value, np.ndarray):
            value = value.copy()
        setattr(self, name, value)
    return self


def generate_rgbas_array(self: Any, color: Any, opacity: Any) -> Any:
    """Manim's `VMobject.generate_rgbas_array`."""
    plain = color is None or type(color) in (ManimColor, str)
    if (
        not plain
        or not (opacity is None or isinstance(opacity, (int, float)))
        or self.get_sheen_factor() != 0
    ):
        return _generate_rgbas_array(self, color, opacity)
    rgbas = np.zeros((1, 4))
    if color is not None:
        rgbas[0] = _parsed(color) if type(color) is str else color._internal_value
    rgbas[0, 3] = 0.0 if opacity is None else opacity
    return rgbas


@lru_cache(256)
def _parsed(color: str) -> tuple[float, ...]:
    return tuple(ManimColor(color)._internal_value.tolist())


def overlay_image(self: Any, pixel_array: Any, image: Any) -> None:
    """Manim's `Camera.overlay_PIL_image`: an image laid over the picture, where there is any of it.

    Manim mixes all pixels, though what is quite clear leaves them as they are.
    """
    size = pixel_array.shape[1::-1]
    usual = type(self).get_image is Camera.get_image and self.image_mode == image.mode == "RGBA"
    if not usual or pixel_array.dtype != np.uint8 or image.size != size:
        _overlay(self, pixel_array, image)
        return
    box = image.getbbox()
    if box is not None:
        left, top, right, bottom = box
        part = pixel_array[top:bottom, left:right]
        below = Image.fromarray(np.ascontiguousarray(part))
        part[...] = np.asarray(Image.alpha_composite(below, image.crop(box)))
