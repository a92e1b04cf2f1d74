"""What may be drawn from its looks alone: which cameras and mobjects keep to Manim's own ways.

A scene is free to redefine anything. Where it does, its own methods are called; where it does not,
what a mobject draws depends on its points, colours, widths and styles, which `_native` compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import cairo
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
    Canvas,
)
from deltarender.errors import SetupError

# What a camera or mobject may not redefine if its drawing is to be predictable.
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

_walk: Any = Camera.set_cairo_context_path


def install() -> None:
    """Let Manim's cameras make a path in one call instead of one a curve.

    Raises SetupError where pycairo, whose contexts are drawn on, calls another cairo.
    """
    theirs, ours = cairo.cairo_version_string(), _native.CAIRO_VERSION
    if theirs != ours:
        raise SetupError(
            f"pycairo draws with cairo {theirs}, this renderer with {ours}.",
            hint="Delete .venv and run `make setup`, which builds both for the cairo that is here.",
        )
    Camera.set_cairo_context_path = set_path  # type: ignore[assignment,method-assign]


def set_path(camera: Camera, context: cairo.Context[Any], mobject: VMobject) -> Camera:
    """Manim's `Camera.set_cairo_context_path`."""
    points: Any = camera.transform_points_pre_display(mobject, mobject.points)
    if not (
        len(points)
        and isinstance(context, cairo.Context)
        and CLASS_TRAITS[type(mobject)] & DEFAULT_DRAWING
        and _native.set_path(context, points, mobject.tolerance_for_point_equality)
    ):
        walked: Camera = _walk(camera, context, mobject)
        return walked
    return camera


class _ClassTraits(dict[type, int]):
    """What is known of a class of mobjects, in bits; found when first asked for."""

    def __missing__(self, kind: type) -> int:
        found = DEFAULT_FAMILY if _own(kind, Mobject, FAMILY_METHODS) else 0
        if not issubclass(kind, (VMobject, PMobject, AbstractImageMobject)):
            found |= NOT_DRAWN  # cameras pass over it, as over a ValueTracker
        elif issubclass(kind, VMobject) and _own(kind, VMobject, MOBJECT_METHODS):
            found |= DEFAULT_DRAWING
        if _own(kind, Mobject, ("update",)):
            found |= DEFAULT_UPDATE
        if issubclass(kind, VMobject) and _own(kind, VMobject, ANCHOR_METHODS):
            found |= DEFAULT_ANCHORS
        self[kind] = found
        return found


CLASS_TRAITS = _ClassTraits()


def _own(kind: Any, base: Any, names: tuple[str, ...]) -> bool:
    """Whether a class leaves methods of `base` as they are."""
    return all(getattr(kind, name, None) is getattr(base, name) for name in names)


def canvas() -> Canvas:
    """An empty canvas for Manim's mobjects."""
    return Canvas(CLASS_TRAITS, LINE_JOIN_MAP, CAP_STYLE_MAP)


def displayed(camera: Camera, mobjects: Iterable[Mobject]) -> list[Any]:
    """What `Camera.get_mobjects_to_display(camera, mobjects)` gives."""
    listed = list(mobjects)
    found = _native.mobjects_to_display(listed, camera.use_z_index, CLASS_TRAITS)
    return Camera.get_mobjects_to_display(camera, listed) if found is None else found


def predictable(camera: Camera) -> bool:
    """Whether a camera draws vector mobjects one by one as Manim's flat cameras do."""
    kind: Any = type(camera)
    return _predictable(kind)


@cache
def _predictable(kind: Any) -> bool:
    if not issubclass(kind, Camera):
        return False
    flat = getattr(kind, "capture_mobjects", None) in (
        Camera.capture_mobjects,
        MovingCamera.capture_mobjects,
    )
    # A camera may say of its own methods that they keep to this, too.
    kept = getattr(kind, "DRAWN_BY_LOOKS", ())
    return flat and all(m in kept or getattr(kind, m) is getattr(Camera, m) for m in CAMERA_METHODS)


def painted(camera: Camera) -> Callable[[Any], bool] | None:
    """Which mobjects a camera draws in a way of its own; None if there are none."""
    kind: Any = type(camera)
    if kind.display_vectorized is Camera.display_vectorized:
        return None
    return getattr(kind, "paints", lambda _: True)


def view_of(camera: Camera) -> tuple[float, ...]:
    """Everything of a flat camera that the place of a point in the picture depends on.

    First come the six numbers of the matrix from scene units to pixels. Manim's ordinary camera
    makes it once and draws with it even when its frame is set anew; one that moves, every time.
    """
    matrix: Any = camera.get_cairo_context(camera.pixel_array).get_matrix()
    return (
        *matrix, camera.pixel_width, camera.pixel_height, camera.cairo_line_width_multiple,
    )  # fmt: skip
