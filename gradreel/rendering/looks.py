"""What the drawing of a mobject depends on, and the drawing itself, made of nothing else.

    drawn = described(mobjects, view_of(camera), known=before)
    sketch(camera, mobjects, drawn)
    drawn[id(mobject)].sketch.draw(context, line_width_multiple)

Manim asks a mobject for its outline and colours each time it is drawn. Here they are taken once
and kept for as long as the mobject looks the same; the outlines of all that have changed are laid
out together. cairo gets the same operations in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import cairo
import numpy as np
from manim import Camera, MovingCamera, PMobject, VMobject
from manim.camera.camera import CAP_STYLE_MAP, LINE_JOIN_MAP
from manim.constants import LineJointType
from manim.mobject.types.image_mobject import AbstractImageMobject

from gradreel.rendering import paths
from gradreel.rendering.tiles import Rect

MITER_LIMIT = 10.0  # cairo's default: how far a sharp corner may stand out, in half line widths
NOWHERE: Rect = (0, 0, 0, 0)
View = tuple[float, ...]

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
    "get_gradient_start_and_end_points", "get_subpath_split_indices_from_points",
    "consider_points_equals_2d", "get_sheen_direction",
)  # fmt: skip
PLAIN = 8  # the number of looks of a mobject without gradients


@dataclass(slots=True, eq=False)
class Drawn:
    """A mobject as it was drawn: what its drawing depended on, and where it is in the picture.

    `sketch` draws it again, unless only the camera can.
    """

    looks: tuple[Any, ...]
    place: Rect = NOWHERE
    sketch: Sketch | None = None


class Sketch:
    """An outline with its colours, drawn as Manim's `Camera.display_vectorized` draws it."""

    __slots__ = ("_append", "_fill", "_path", "_strokes")

    def __init__(self, path: paths.Laid, looks: tuple[Any, ...]) -> None:
        _, fill, stroke, behind, width, width_behind, joint, cap = looks
        self._append, self._path = paths.append(), path
        self._fill = _color(fill)
        style = LINE_JOIN_MAP[joint], CAP_STYLE_MAP[cap]
        self._strokes = [
            (color, lines, *style) if lines > 0 and color is not None else None
            for color, lines in ((_color(behind), width_behind), (_color(stroke), width))
        ]

    def draw(self, context: cairo.Context[Any], multiple: float) -> None:
        """Draw it; lines are `multiple` times their stroke width wide."""
        behind, stroke = self._strokes
        if self._fill is None and behind is None and stroke is None:
            return
        context.new_path()
        self._append(context, self._path[0])
        if behind is not None:
            _draw_line(context, behind, multiple)
        if self._fill is not None:
            context.set_source_rgba(*self._fill)
            context.fill_preserve()
        if stroke is not None:
            _draw_line(context, stroke, multiple)


def _draw_line(context: cairo.Context[Any], stroke: tuple[Any, ...], multiple: float) -> None:
    color, width, joint, cap = stroke
    context.set_source_rgba(*color)
    context.set_line_width(width * multiple)
    context.set_line_join(joint)
    context.set_line_cap(cap)
    context.stroke_preserve()


def _color(raw: bytes) -> tuple[float, float, float, float] | None:
    """A colour as Manim hands it to cairo, blue first; None if nothing of it can be seen."""
    red, green, blue, alpha = np.frombuffer(raw).tolist()
    return (blue, green, red, alpha) if alpha > 0 else None


def sketch(camera: Camera, mobjects: Iterable[Any], drawn: dict[int, Drawn]) -> None:
    """Sketch those that are new and can be: in one colour each, with places that are finite."""
    plain = _plain(camera)
    if paths.append() is None or plain is None:
        return
    new = [
        (m, d)
        for m in mobjects
        if (d := drawn[id(m)]).sketch is None and _sketchable(m, d) and plain(m)
    ]
    outlines = [np.frombuffer(known.looks[0]).reshape(-1, 3) for _, known in new]
    laid = paths.lay_out(outlines, [mobject.tolerance_for_point_equality for mobject, _ in new])
    for (_, known), path in zip(new, laid, strict=True):
        known.sketch = Sketch(path, known.looks)


def _plain(camera: Camera) -> Callable[[Any], bool] | None:
    """Which mobjects a camera draws in Manim's own way; None if that cannot be told."""
    kind: Any = type(camera)
    if kind.display_vectorized is Camera.display_vectorized:
        return lambda _: True
    paints = getattr(kind, "paints", None)
    return None if paints is None else lambda mobject: not paints(mobject)


def _sketchable(mobject: Any, known: Drawn) -> bool:
    if len(known.looks) != PLAIN or not len(mobject.points) or len(mobject.points) % 4:
        return False
    # Whole numbers, or single precision, would be read as something else.
    arrays = mobject.points, mobject.get_fill_rgbas(), *map(mobject.get_stroke_rgbas, (False, True))
    if any(array.dtype != np.float64 for array in arrays):
        return False
    outline, *colors = known.looks[:4]
    sizes = len(outline) == 24 * len(mobject.points) and all(len(c) == 32 for c in colors)
    return sizes and bool(np.isfinite(mobject.points).all())


def predictable(camera: Camera) -> bool:
    """Whether a camera draws vector mobjects one by one as Manim's flat cameras do."""
    kind: Any = type(camera)
    return _predictable_camera(kind)


@cache
def _predictable_camera(kind: Any) -> bool:
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


def view_of(camera: Camera) -> View:
    """Everything of a flat camera that the place of a point in the picture depends on.

    First come the six numbers of the matrix from scene units to pixels. Manim's ordinary camera
    makes it once and draws with it even when its frame is set anew; one that moves, every time.
    """
    matrix: Any = camera.get_cairo_context(camera.pixel_array).get_matrix()
    return (
        *matrix, camera.pixel_width, camera.pixel_height, camera.cairo_line_width_multiple,
    )  # fmt: skip


def described(
    mobjects: Sequence[Any], view: View, known: dict[int, Drawn]
) -> dict[int, Drawn] | None:
    """Each mobject by what its drawing depends on; None if one cannot be predicted.

    `known` is how they were drawn before, in the same view.
    """
    result: dict[int, Drawn] = {}
    new: list[tuple[Any, Drawn]] = []
    for mobject in mobjects:
        kind: Any = type(mobject)
        if _draws_nothing(kind):
            result[id(mobject)] = Drawn(())
            continue
        if not _predictable_mobject(kind) or mobject.background_image is not None:
            return None
        looks, before = _looks(mobject), known.get(id(mobject))
        if before is None or before.looks != looks:
            before = Drawn(looks)
            if len(mobject.points):
                new.append((mobject, before))
        result[id(mobject)] = before
    _place(new, view)
    return result


def _looks(mobject: Any) -> tuple[Any, ...]:
    fill, stroke = mobject.get_fill_rgbas(), mobject.get_stroke_rgbas()
    behind = mobject.get_stroke_rgbas(True)
    looks: tuple[Any, ...] = (
        mobject.points.tobytes(), fill.tobytes(), stroke.tobytes(), behind.tobytes(),
        float(mobject.stroke_width), float(mobject.background_stroke_width),
        mobject.joint_type, mobject.cap_style,
    )  # fmt: skip
    if len(fill) == len(stroke) == len(behind) == 1:
        return looks
    return looks + tuple(p.tobytes() for p in mobject.get_gradient_start_and_end_points())


def _place(drawn: Sequence[tuple[Any, Drawn]], view: View) -> None:
    """Find for each mobject a rectangle of pixels outside which it draws nothing."""
    if not drawn:
        return
    outlines = [mobject.points for mobject, _ in drawn]
    starts = np.cumsum([0, *(len(outline) for outline in outlines[:-1])])
    points = np.concatenate(outlines)[:, :2]
    low = np.minimum.reduceat(points, starts).tolist()
    high = np.maximum.reduceat(points, starts).tolist()
    sx, _, _, sy, left, top, pixel_width, pixel_height, multiple = view
    limit = 1e6
    for (mobject, known), (x0, y0), (x1, y1) in zip(drawn, low, high, strict=True):
        if not math.isfinite(x0 + y0 + x1 + y1):
            # Manim draws nothing for such points, or with another axis only: be on the safe side.
            known.place = (0, 0, int(pixel_width), int(pixel_height))
            continue
        reach = max(known.looks[4], known.looks[5], 0.0) * multiple / 2
        reach *= MITER_LIMIT if mobject.joint_type in _MITERED else 1.5
        known.place = (
            int(max((x0 - reach) * sx + left - 2, -limit)),
            int(max((y1 + reach) * sy + top - 2, -limit)),
            int(min((x1 + reach) * sx + left + 3, limit)),
            int(min((y0 - reach) * sy + top + 3, limit)),
        )


_MITERED = (LineJointType.AUTO, LineJointType.MITER)
