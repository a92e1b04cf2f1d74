"""Which classes of mobjects and cameras keep Manim's own methods, so that drawing is predictable.

A scene may redefine any method. Where it does, its own methods are called. Where it does not, what
a mobject draws depends only on its points, colors, widths and styles, which `_native` compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from manim import Camera, Mobject, MovingCamera, PMobject, VMobject
from manim.camera.camera import CAP_STYLE_MAP, LINE_JOIN_MAP
from manim.mobject.types.image_mobject import AbstractImageMobject

from deltarender import _native
from deltarender._native import (
    DEFAULT_ANCHORS,
    DEFAULT_DRAWING,
    DEFAULT_FAMILY,
    DEFAULT_UPDATE,
    NOT_DRAWN,
    DisplayList,
)

# Methods that a class must inherit unchanged for its drawing to be predictable.
CAMERA_METHODS = (
    "display_multiple_vectorized_mobjects", "display_multiple_non_background_colored_vmobjects",
    "display_vectorized", "set_cairo_context_path", "set_cairo_context_color", "apply_fill",
    "apply_stroke", "get_stroke_rgbas", "get_fill_rgbas", "transform_points_pre_display",
    "get_mobjects_to_display", "reset", "set_frame_to_background", "set_pixel_array",
    "type_or_raise", "get_cairo_context",
)  # fmt: skip
MOBJECT_METHODS = (
    "get_fill_rgbas", "get_stroke_rgbas", "get_stroke_width", "get_background_image",
    "get_gradient_start_and_end_points", "get_sheen_direction",
    "get_subpath_split_indices_from_points", "consider_points_equals_2d",
)  # fmt: skip
FAMILY_METHODS = (
    "get_family", "_iter_family", "family_members_with_points", "get_num_points",
    "__eq__", "__hash__",
)  # fmt: skip
ANCHOR_METHODS = ("get_anchors", "get_start_anchors", "get_end_anchors")


class _ClassTraits(dict[type, int]):
    """Maps a class of mobjects to a bit set of `_native` constants, computed on first access."""

    def __missing__(self, cls: type) -> int:
        traits = DEFAULT_FAMILY if _inherits(cls, Mobject, FAMILY_METHODS) else 0
        if not issubclass(cls, (VMobject, PMobject, AbstractImageMobject)):
            traits |= NOT_DRAWN  # such as a ValueTracker, which cameras do not draw
        elif issubclass(cls, VMobject) and _inherits(cls, VMobject, MOBJECT_METHODS):
            traits |= DEFAULT_DRAWING
        if _inherits(cls, Mobject, ("update",)):
            traits |= DEFAULT_UPDATE
        if issubclass(cls, VMobject) and _inherits(cls, VMobject, ANCHOR_METHODS):
            traits |= DEFAULT_ANCHORS
        self[cls] = traits
        return traits


CLASS_TRAITS = _ClassTraits()


def _inherits(cls: Any, base: Any, names: tuple[str, ...]) -> bool:
    """Whether a class has the methods of `base` unchanged."""
    return all(getattr(cls, name, None) is getattr(base, name) for name in names)


def new_display_list() -> DisplayList:
    """An empty display list for Manim's mobjects."""
    return DisplayList(CLASS_TRAITS, LINE_JOIN_MAP, CAP_STYLE_MAP)


def mobjects_to_display(camera: Camera, mobjects: Iterable[Mobject]) -> list[Any]:
    """The result of `Camera.get_mobjects_to_display(camera, mobjects)`."""
    mobject_list = list(mobjects)
    members = _native.mobjects_to_display(mobject_list, camera.use_z_index, CLASS_TRAITS)
    return Camera.get_mobjects_to_display(camera, mobject_list) if members is None else members


def uses_stock_drawing(camera: Camera) -> bool:
    """Whether a camera draws vector mobjects one by one as Manim's 2D cameras do."""
    camera_class: Any = type(camera)
    return _class_uses_stock_drawing(camera_class)


@cache
def _class_uses_stock_drawing(camera_class: Any) -> bool:
    if not issubclass(camera_class, Camera):
        return False
    is_flat = getattr(camera_class, "capture_mobjects", None) in (
        Camera.capture_mobjects,
        MovingCamera.capture_mobjects,
    )
    # A camera may declare that its own versions of some methods draw from the same state only.
    declared = getattr(camera_class, "STATE_ONLY_METHODS", ())
    return is_flat and all(
        name in declared or getattr(camera_class, name) is getattr(Camera, name)
        for name in CAMERA_METHODS
    )


def custom_drawing_test(camera: Camera) -> Callable[[Any], bool] | None:
    """A predicate for mobjects that `camera` draws with its own method; None if there are none."""
    camera_class: Any = type(camera)
    if camera_class.display_vectorized is Camera.display_vectorized:
        return None
    return getattr(camera_class, "draws_custom", lambda _: True)


def view_parameters(camera: Camera) -> tuple[float, ...]:
    """Everything of a 2D camera that the pixel position of a point depends on.

    The first six numbers are the matrix from scene units to pixels, as cairo has it. Manim's
    Camera creates its context once and keeps that matrix even if its frame changes; MovingCamera
    creates it for every frame.
    """
    matrix: Any = camera.get_cairo_context(camera.pixel_array).get_matrix()
    return (
        *matrix, camera.pixel_width, camera.pixel_height, camera.cairo_line_width_multiple,
    )  # fmt: skip
