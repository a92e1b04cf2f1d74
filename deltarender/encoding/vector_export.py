"""A picture of a scene as SVG or PDF: what Manim draws with cairo, on a vector surface of cairo's.

Mobjects that are raster (images, clouds of points) are embedded as pictures, in their place in the
order. Letters are outlines, so that no font is needed to look at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import cairo
import numpy as np
from manim import Camera, ManimColor, Scene, VMobject
from manim.utils.iterables import list_update

POINTS = 0.75  # of a PDF in a pixel, which is 1/96 inch as in CSS


class BgrContext(cairo.Context):  # type: ignore[type-arg]
    """A context for a camera whose colours are in the order of Manim's pixels: blue, green, red."""

    seen = True

    def set_source_rgba(self, red: float, green: float, blue: float, alpha: float = 1.0) -> None:
        """Take a colour given in Manim's order."""
        self.seen = alpha > 0
        super().set_source_rgba(blue, green, red, alpha)

    def set_source(self, source: Any) -> None:
        """Take a gradient whose colours are in Manim's order."""
        turned = cairo.LinearGradient(*source.get_linear_points())
        for offset, red, green, blue, alpha in source.get_color_stops_rgba():
            turned.add_color_stop_rgba(offset, blue, green, red, alpha)
        self.seen = True
        super().set_source(turned)

    def fill_preserve(self) -> None:
        """Fill, unless nobody would see it: an image forgets it, a file would not."""
        if self.seen:
            super().fill_preserve()

    def stroke_preserve(self) -> None:
        """Draw a line, unless nobody would see it."""
        if self.seen:
            super().stroke_preserve()


def draw(scene: Scene, path: Path, *, transparent: bool) -> None:
    """Write the scene as it is now to `path`, an .svg or .pdf of the camera's size in pixels."""
    camera: Any = scene.renderer.camera
    width, height = camera.pixel_width, camera.pixel_height
    if path.suffix == ".pdf":
        surface: Any = cairo.PDFSurface(str(path), width * POINTS, height * POINTS)
        surface.set_device_scale(POINTS, POINTS)
    else:
        surface = cairo.SVGSurface(str(path), width, height)
        surface.set_document_unit(cairo.SVGUnit.PX)
    context = BgrContext(surface)
    if not transparent:
        red, green, blue = ManimColor.parse(camera.background_color).to_rgb()
        context.set_source_rgba(blue, green, red, camera.background_opacity)
        context.paint()
    _view(context, camera)
    shown = list_update(scene.mobjects, scene.foreground_mobjects)
    for kind, group in groupby(camera.get_mobjects_to_display(shown), camera.type_or_raise):
        _group(camera, kind, list(group), context)
    surface.finish()


def _group(camera: Any, kind: type, mobjects: Sequence[Any], context: BgrContext) -> None:
    plain = kind is VMobject and not any(m.get_background_image() for m in mobjects)
    if plain:
        for mobject in mobjects:
            # Whatever was drawn before has left its path behind.
            context.new_path()
            camera.display_vectorized(mobject, context)
        return
    pixels = np.zeros((camera.pixel_height, camera.pixel_width, 4), np.uint8)
    camera.display_funcs[kind](mobjects, pixels)
    camera.pixel_array_to_cairo_context.pop(id(pixels), None)
    _embed(pixels, context)


def _embed(pixels: Any, context: BgrContext) -> None:
    """Put the part of an RGBA picture of the whole frame that is not clear into its place."""
    rows, columns = (np.flatnonzero(pixels[..., 3].any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return
    top, left = int(rows[0]), int(columns[0])
    part = pixels[top : rows[-1] + 1, left : columns[-1] + 1].astype(float)
    # cairo wants blue first, and colours weighed by their opacity.
    part[..., :3] = part[..., 2::-1] * part[..., 3:] / 255
    part = np.ascontiguousarray(part.round().astype(np.uint8))
    size = part.shape[1], part.shape[0]
    picture = cairo.ImageSurface.create_for_data(part.data, cairo.FORMAT_ARGB32, *size)
    context.save()
    context.identity_matrix()
    context.set_source_surface(picture, left, top)
    context.paint()
    context.restore()


def _view(context: BgrContext, camera: Camera) -> None:
    """Scene units, as the camera sets them up for its own picture."""
    sx, sy = camera.pixel_width / camera.frame_width, camera.pixel_height / camera.frame_height
    x, y = camera.frame_center[0], camera.frame_center[1]
    context.set_matrix(
        cairo.Matrix(
            sx, 0, 0, -sy, camera.pixel_width / 2 - x * sx, camera.pixel_height / 2 + y * sy
        )
    )
