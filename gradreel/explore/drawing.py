"""The picture of a state as outlines and colors, recorded in the scene's process.

Every visible mobject becomes an `Item`: an outline in units of 1 / UNITS pixels, relative to its
first point, and how it is painted. Equal outlines at other places, such as glyphs, are equal
bytes, so that a page stores them once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cairo
import numpy as np
from manim import Mobject, VMobject
from manim.utils.iterables import list_update

from deltarender.encoding.vector_export import set_view
from deltarender.engine.class_traits import custom_drawing_test, uses_stock_drawing
from gradreel.errors import GradreelError
from gradreel.explore.live_hooks import read

UNITS = 16  # per pixel of the recorded size: finer than the eye on a screen of twice the density

_outlines: dict[tuple[type, bytes], tuple[tuple[int, int], bytes]] = {}  # of this process
MOST_OUTLINES = 20_000

Paint = tuple[Any, ...]  # () for none, (r, g, b, a), or ("gradient", x0, y0, x1, y1, colors...)


NO_STROKES: tuple[tuple[Paint, float], tuple[Paint, float]] = (((), 0.0), ((), 0.0))


@dataclass(frozen=True, slots=True)
class Item:
    """A painted outline: `outline` is int32 numbers, `x` and `y` where its first point is.

    The numbers are cairo's commands, each with its coordinates: 0 move (2), 1 line (2),
    2 curve (6), 3 close (0).

    `strokes` are (paint, width in pixels): the background stroke, under the fill, and the stroke.
    `join` and `cap` are the names of the Canvas API.
    """

    outline: bytes
    x: int
    y: int
    fill: Paint
    strokes: tuple[tuple[Paint, float], tuple[Paint, float]]
    join: str
    cap: str


def read_drawing(scene: Any) -> dict[str, Any]:
    """A hook of deltarender.live: what `read` gives, and the items of the picture, in order.

    Raises GradreelError for a scene that draws more than filled and stroked outlines.
    """
    return {**read(scene), "items": list(_items(scene))}


def _items(scene: Any) -> Iterator[Item]:
    camera: Any = scene.renderer.camera
    if not uses_stock_drawing(camera):
        raise _cannot_record(type(camera).__name__)
    draws_custom = custom_drawing_test(camera) or (lambda _: False)
    context = cairo.Context(cairo.ImageSurface(cairo.FORMAT_A8, 1, 1))
    set_view(context, camera)
    matrix = context.get_matrix()
    shown = list_update(scene.mobjects, scene.foreground_mobjects)
    for mobject in camera.get_mobjects_to_display(shown):
        if camera.type_or_raise(mobject) is Mobject:
            continue  # such as a ValueTracker, which cameras do not draw
        if draws_custom(mobject) and hasattr(mobject, "polygons"):
            yield from _polygons(mobject, matrix)
            continue
        plain = isinstance(mobject, VMobject) and camera.type_or_raise(mobject) is VMobject
        if not plain or draws_custom(mobject) or mobject.get_background_image():
            raise _cannot_record(type(mobject).__name__)
        if not len(mobject.points):
            continue
        item = _item(camera, mobject, _outline_of(camera, mobject, context), matrix)
        if item is not None:
            yield item


def _outline_of(
    camera: Any, mobject: VMobject, context: cairo.Context[Any]
) -> tuple[tuple[int, int], bytes]:
    """Where an outline begins, and its commands; most are those of the state before."""
    key = (type(mobject), mobject.points.tobytes())
    known = _outlines.get(key)
    if known is None:
        context.new_path()
        camera.set_cairo_context_path(context, mobject)
        first, numbers = _outline(context.copy_path(), context.get_matrix())
        known = first, np.array(numbers, np.int32).tobytes()
        if len(_outlines) < MOST_OUTLINES:
            _outlines[key] = known
    return known


def _polygons(mobject: Any, matrix: cairo.Matrix) -> Iterator[Item]:
    """What a mobject paints itself, as filled polygons: `polygons()` gives corners and RGBA."""
    for corners, color in mobject.polygons():
        points = [matrix.transform_point(x, y) for x, y in corners]
        x0, y0 = points[0]
        numbers: list[int] = []
        for kind, (x, y) in enumerate(points):
            numbers += min(kind, 1), round((x - x0) * UNITS), round((y - y0) * UNITS)
        outline = np.array([*numbers, 3], np.int32).tobytes()
        rgba = tuple(round(255 * float(share)) for share in color)
        yield Item(
            outline, round(x0 * UNITS), round(y0 * UNITS), rgba, NO_STROKES, "miter", "butt"
        )  # fmt: skip


def _cannot_record(what: str) -> GradreelError:
    return GradreelError(
        f"this scene draws with a {what}, which cannot be recorded as outlines.",
        hint="Use the studio for it, or a film.",
    )


def _item(
    camera: Any, mobject: Any, placed: tuple[tuple[int, int], bytes], matrix: cairo.Matrix
) -> Item | None:
    first, outline = placed
    fill = _paint(camera.get_fill_rgbas(mobject), mobject, matrix)
    per_unit = abs(matrix.xx) * camera.cairo_line_width_multiple
    strokes = tuple(
        (
            _paint(camera.get_stroke_rgbas(mobject, background=background), mobject, matrix),
            round(float(mobject.get_stroke_width(background)) * per_unit, 3),
        )
        for background in (True, False)
    )
    strokes = tuple((paint, width) if paint and width else ((), 0.0) for paint, width in strokes)
    if not outline or not (fill or any(paint for paint, _ in strokes)):
        return None
    join, cap = mobject.joint_type.name.lower(), mobject.cap_style.name.lower()
    return Item(
        outline, *first, fill, strokes,  # type: ignore[arg-type]
        "miter" if join == "auto" else join, "butt" if cap == "auto" else cap,
    )  # fmt: skip


def _outline(path: Any, matrix: cairo.Matrix) -> tuple[tuple[int, int], list[int]]:
    """The first point of a cairo path, and its commands with coordinates relative to it."""
    numbers: list[int] = []
    start: tuple[float, float] | None = None
    for kind, points in path:
        numbers.append(int(kind))
        for k in range(0, len(points), 2):
            x, y = matrix.transform_point(points[k], points[k + 1])
            start = start or (x, y)
            numbers += round((x - start[0]) * UNITS), round((y - start[1]) * UNITS)
    if start is None:
        return (0, 0), []
    return (round(start[0] * UNITS), round(start[1] * UNITS)), numbers


def _paint(rgbas: Any, mobject: Any, matrix: cairo.Matrix) -> Paint:
    colors = [tuple(round(float(v) * 255) for v in rgba[:4]) for rgba in rgbas]
    if all(color[3] == 0 for color in colors):
        return ()
    if len(set(colors)) == 1:
        return colors[0]
    ends = mobject.get_gradient_start_and_end_points()
    places = [round(v * UNITS) for end in ends for v in matrix.transform_point(end[0], end[1])]
    return ("gradient", *places, *colors)
