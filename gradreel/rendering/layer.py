"""A picture that is brought up to date by drawing again only what has changed.

    layer.show(camera, mobjects, over=background, changed_below=None)

Every mobject drawn is remembered by everything its drawing depends on. At the next call those that
differ mark the place where they were and where they are; only there is the picture wiped and
drawn, by the camera's own methods, so that every pixel is the one Manim would have made.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import cairo
import numpy as np
import numpy.typing as npt
from manim import Camera, Mobject, MovingCamera, PMobject, VMobject
from manim.constants import LineJointType
from manim.mobject.types.image_mobject import AbstractImageMobject

from gradreel.rendering.family import displayed
from gradreel.rendering.tiles import Rect, Tiles, differing

Pixels = npt.NDArray[Any]  # of bytes; Manim's own annotation says otherwise

MITER_LIMIT = 10.0  # cairo's default: how far a sharp corner may stand out, in half line widths
RIM = 16  # pixels
NOWHERE: Rect = (0, 0, 0, 0)

# What a camera or mobject may not redefine if its drawing is to be predictable.
CAMERA_METHODS = (
    "display_multiple_vectorized_mobjects", "display_multiple_non_background_colored_vmobjects",
    "display_vectorized", "set_cairo_context_path", "set_cairo_context_color", "apply_fill",
    "apply_stroke", "get_stroke_rgbas", "get_fill_rgbas", "transform_points_pre_display",
    "get_mobjects_to_display", "reset", "set_frame_to_background", "set_pixel_array",
    "type_or_raise",
)  # fmt: skip
MOBJECT_METHODS = (
    "get_fill_rgbas", "get_stroke_rgbas", "get_stroke_width", "get_background_image",
    "get_gradient_start_and_end_points", "get_subpath_split_indices_from_points",
    "consider_points_equals_2d", "get_sheen_direction",
)  # fmt: skip


class Drawn(NamedTuple):
    """A mobject as it was drawn: what its drawing depended on, and where it is in the picture."""

    looks: tuple[Any, ...]
    place: Rect


class Layer:
    """A picture over a background. `pixels` is (height, width, 4), RGBA.

    `changed` collects what has changed since it was last cleared by its owner; `background` is
    what its owner last drew it over.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.pixels: Pixels = pixels
        height, width = pixels.shape[:2]
        self.changed = Tiles(width, height)
        self.background: Pixels | None = None
        self._drawn: dict[int, Drawn] | None = None
        self._view: tuple[float, ...] = ()

    def forget(self) -> None:
        """Take nothing about the picture for granted the next time."""
        self._drawn = None

    def show(
        self, camera: Camera, mobjects: Sequence[Mobject], below: Pixels, below_changed: Tiles
    ) -> None:
        """Make `pixels` show `mobjects`, in this order, over the picture `below`.

        `below_changed` is where `below` differs from what it was at the last call.
        """
        view = _view(camera)
        drawn = None
        kind: Any = type(camera)
        if predictable_camera(kind):
            listed = displayed(camera, mobjects)
            known = self._drawn if view == self._view and self._drawn is not None else {}
            drawn = _described(listed, view, known)
        if drawn is None:
            self._drawn = None
            self._draw_whole(camera, mobjects, below)
            return
        fresh = Tiles(self.changed.width, self.changed.height)
        if self._drawn is None or view != self._view or not _same_order(self._drawn, drawn):
            fresh.mark_all()
        else:
            fresh.add(below_changed)
            _mark_differences(self._drawn, drawn, fresh)
        self._view = view
        # A fault while drawing must not leave a picture that is taken for finished.
        self._drawn = None
        for rect in fresh.rects():
            self._draw_part(camera, listed, drawn, below, rect)
        self._drawn = drawn
        self.changed.add(fresh)

    def _draw_part(
        self,
        camera: Camera,
        mobjects: Sequence[Any],
        drawn: dict[int, Drawn],
        below: Pixels,
        rect: Rect,
    ) -> None:
        x0, y0, x1, y1 = wide = _grown(rect, *self.pixels.shape[1::-1])
        kept = [(area, self.pixels[area].copy()) for area in _rim(rect, wide)]
        self.pixels[y0:y1, x0:x1] = below[y0:y1, x0:x1]
        context = _context(camera, self.pixels)
        matrix = context.get_matrix()
        context.identity_matrix()
        context.rectangle(x0, y0, x1 - x0, y1 - y0)
        context.clip()
        context.set_matrix(matrix)
        for mobject in mobjects:
            left, top, right, bottom = drawn[id(mobject)].place
            if left < x1 and x0 < right and top < y1 and y0 < bottom:
                camera.display_vectorized(mobject, context)
        for area, pixels in kept:
            self.pixels[area] = pixels

    def _draw_whole(self, camera: Camera, mobjects: Sequence[Mobject], below: Pixels) -> None:
        """Let the camera draw everything its own way and look afterwards for what changed."""
        before = self.pixels.copy()
        own = camera.pixel_array
        camera.pixel_array = self.pixels
        try:
            if below is camera.background:
                camera.reset()
            else:
                camera.set_frame_to_background(below)
            camera.capture_mobjects(mobjects)
        finally:
            self.pixels = camera.pixel_array
            camera.pixel_array = own
        if before.shape == self.pixels.shape:
            differing(before, self.pixels, self.changed)
        else:
            self.changed.mark_all()


@cache
def predictable_camera(kind: Any) -> bool:
    """Whether a camera draws vector mobjects one by one as Manim's flat cameras do."""
    if not issubclass(kind, Camera):
        return False
    flat = getattr(kind, "capture_mobjects", None) in (
        Camera.capture_mobjects,
        MovingCamera.capture_mobjects,
    )
    # A camera may say of its own methods that they keep to this, too.
    kept = getattr(kind, "DRAWN_BY_LOOKS", ())
    return flat and all(m in kept or getattr(kind, m) is getattr(Camera, m) for m in CAMERA_METHODS)


@cache
def _predictable_mobject(kind: Any) -> bool:
    return issubclass(kind, VMobject) and all(
        getattr(kind, m) is getattr(VMobject, m) for m in MOBJECT_METHODS
    )


@cache
def _draws_nothing(kind: Any) -> bool:
    """Whether cameras pass over it, as over a ValueTracker."""
    return not issubclass(kind, (VMobject, PMobject, AbstractImageMobject))


def _view(camera: Camera) -> tuple[float, ...]:
    """Everything of a flat camera that the place of a point in the picture depends on."""
    x, y = camera.frame_center[0], camera.frame_center[1]
    return (
        float(x), float(y), float(camera.frame_width), float(camera.frame_height),
        camera.pixel_width, camera.pixel_height, camera.cairo_line_width_multiple,
    )  # fmt: skip


def _described(
    mobjects: Sequence[Any], view: tuple[float, ...], known: dict[int, Drawn]
) -> dict[int, Drawn] | None:
    """Each mobject by what its drawing depends on; None if one cannot be predicted.

    `known` is how they were drawn before, in the same view.
    """
    result: dict[int, Drawn] = {}
    for mobject in mobjects:
        kind: Any = type(mobject)
        if _draws_nothing(kind):
            result[id(mobject)] = Drawn((), NOWHERE)
            continue
        if not _predictable_mobject(kind) or mobject.background_image is not None:
            return None
        result[id(mobject)] = _described_one(mobject, view, known.get(id(mobject)))
    return result


def _described_one(mobject: Any, view: tuple[float, ...], before: Drawn | None) -> Drawn:
    fill, stroke = mobject.get_fill_rgbas(), mobject.get_stroke_rgbas()
    behind = mobject.get_stroke_rgbas(True)
    width, width_behind = mobject.stroke_width, mobject.background_stroke_width
    points = mobject.points
    looks: tuple[Any, ...] = (
        points.tobytes(), fill.tobytes(), stroke.tobytes(), behind.tobytes(),
        float(width), float(width_behind), mobject.joint_type, mobject.cap_style,
    )  # fmt: skip
    if len(fill) > 1 or len(stroke) > 1 or len(behind) > 1:
        looks += tuple(p.tobytes() for p in mobject.get_gradient_start_and_end_points())
    if before is not None and before.looks == looks:
        return before
    return Drawn(looks, _place(mobject, max(float(width), float(width_behind), 0.0), view))


def _place(mobject: Any, line_width: float, view: tuple[float, ...]) -> Rect:
    """A rectangle of pixels outside which the mobject draws nothing."""
    points = mobject.points
    if not len(points):
        return NOWHERE
    low, high = points.min(axis=0), points.max(axis=0)
    x0, y0, x1, y1 = float(low[0]), float(low[1]), float(high[0]), float(high[1])
    if not np.isfinite(x0 + y0 + x1 + y1):
        # Manim draws nothing for such points, or with another axis only: be on the safe side.
        return (0, 0, int(view[4]), int(view[5]))
    cx, cy, frame_width, frame_height, pixel_width, pixel_height, multiple = view
    reach = line_width * multiple / 2
    reach *= MITER_LIMIT if mobject.joint_type in _MITERED else 1.5
    sx, sy = pixel_width / frame_width, pixel_height / frame_height
    limit = 1e6
    return (
        int(max((x0 - reach - cx) * sx + pixel_width / 2 - 2, -limit)),
        int(max((cy - y1 - reach) * sy + pixel_height / 2 - 2, -limit)),
        int(min((x1 + reach - cx) * sx + pixel_width / 2 + 3, limit)),
        int(min((cy - y0 + reach) * sy + pixel_height / 2 + 3, limit)),
    )


def _grown(rect: Rect, width: int, height: int) -> Rect:
    """A rectangle with a rim: where a clip cuts a line, cairo rounds the pixels beside the cut."""
    x0, y0, x1, y1 = rect
    return max(x0 - RIM, 0), max(y0 - RIM, 0), min(x1 + RIM, width), min(y1 + RIM, height)


def _rim(rect: Rect, wide: Rect) -> list[tuple[slice, slice]]:
    """The parts of `wide` outside `rect`, as places in an array."""
    (x0, y0, x1, y1), (left, top, right, bottom) = rect, wide
    return [
        (slice(top, y0), slice(left, right)),
        (slice(y1, bottom), slice(left, right)),
        (slice(y0, y1), slice(left, x0)),
        (slice(y0, y1), slice(x1, right)),
    ]


_MITERED = (LineJointType.AUTO, LineJointType.MITER)


def _same_order(old: dict[int, Drawn], new: dict[int, Drawn]) -> bool:
    """Whether the mobjects that stay are still in the same order."""
    if old.keys() == new.keys():
        return list(old) == list(new)
    return [key for key in old if key in new] == [key for key in new if key in old]


def _mark_differences(old: dict[int, Drawn], new: dict[int, Drawn], into: Tiles) -> None:
    for key, now in new.items():
        before = old.get(key)
        if before is None:
            into.mark(now.place)
        elif before is not now:
            into.mark(before.place)
            into.mark(now.place)
    for key, before in old.items():
        if key not in new:
            into.mark(before.place)


def _context(camera: Camera, pixels: Pixels) -> cairo.Context[Any]:
    """A cairo context on `pixels` with the camera's view, made anew so that clips never pile up."""
    height, width = pixels.shape[:2]
    surface = cairo.ImageSurface.create_for_data(pixels.data, cairo.FORMAT_ARGB32, width, height)
    context = cairo.Context(surface)
    sx, sy = width / camera.frame_width, height / camera.frame_height
    x, y = camera.frame_center[0], camera.frame_center[1]
    context.set_matrix(cairo.Matrix(sx, 0, 0, -sy, width / 2 - x * sx, height / 2 + y * sy))
    return context
