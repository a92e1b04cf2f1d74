"""Draws a scene to an SVG or PDF file, with Manim's cairo camera on a vector surface of cairo.

Raster mobjects (images, point clouds) are embedded as bitmaps, at their place in the drawing order.
Text consists of outlines, so the file needs no fonts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import cairo
import numpy as np
from manim import Camera, ManimColor, Scene, VMobject
from manim.utils.iterables import list_update

POINTS_PER_PIXEL = 0.75  # a PDF point is 1/72 inch, a pixel 1/96 inch as in CSS


class BgrContext(cairo.Context):  # type: ignore[type-arg]
    """A cairo context for Manim's camera, which passes colors in the order blue, green, red.

    Manim does this because it reads cairo's BGRA pixels as RGBA. A vector surface needs the real
    colors, so red and blue are swapped back.
    """

    _source_visible = True  # False while the source color has alpha 0

    def set_source_rgba(self, red: float, green: float, blue: float, alpha: float = 1.0) -> None:
        """Set a color, of which the camera has swapped red and blue."""
        self._source_visible = alpha > 0
        super().set_source_rgba(blue, green, red, alpha)

    def set_source(self, source: Any) -> None:
        """Set a linear gradient, of which the camera has swapped red and blue."""
        swapped = cairo.LinearGradient(*source.get_linear_points())
        for offset, red, green, blue, alpha in source.get_color_stops_rgba():
            swapped.add_color_stop_rgba(offset, blue, green, red, alpha)
        self._source_visible = True
        super().set_source(swapped)

    def fill_preserve(self) -> None:
        """Fill the path, unless the color is transparent: that would only enlarge the file."""
        if self._source_visible:
            super().fill_preserve()

    def stroke_preserve(self) -> None:
        """Stroke the path, unless the color is transparent."""
        if self._source_visible:
            super().stroke_preserve()


def write_vector(
    scene: Scene, path: Path, *, transparent: bool, title: str = "", description: str = ""
) -> None:
    """Draw `scene` in its present state to `path`, an .svg or .pdf of the camera's pixel size.

    `title` and `description` are for screen readers, and are the metadata of a PDF.
    """
    camera: Any = scene.renderer.camera
    surface = _create_surface(path, camera.pixel_width, camera.pixel_height)
    if path.suffix == ".pdf":
        surface.set_metadata(cairo.PDFMetadata.TITLE, title)
        surface.set_metadata(cairo.PDFMetadata.SUBJECT, description)
    context = BgrContext(surface)
    if not transparent:
        red, green, blue = ManimColor.parse(camera.background_color).to_rgb()
        context.set_source_rgba(blue, green, red, camera.background_opacity)
        context.paint()
    set_view(context, camera)
    mobjects = list_update(scene.mobjects, scene.foreground_mobjects)
    displayed = camera.get_mobjects_to_display(mobjects)
    for mobject_type, group in groupby(displayed, camera.type_or_raise):
        _draw_group(camera, mobject_type, list(group), context)
    surface.finish()
    if path.suffix == ".svg":
        _describe_svg(path, title, description)


def _describe_svg(path: Path, title: str, description: str) -> None:
    """Put title and description into a finished SVG, where screen readers look for them."""
    texts = {"title": title, "desc": description}
    elements = "".join(f"<{tag}>{escape(text)}</{tag}>\n" for tag, text in texts.items() if text)
    if not elements:
        return
    drawing = path.read_text(encoding="utf-8")
    start = drawing.index("<svg")
    end = drawing.index(">", start) + 1
    opening = drawing[start:end].replace("<svg", '<svg role="img"', 1)
    path.write_text(f"{drawing[:start]}{opening}\n{elements}{drawing[end:]}", encoding="utf-8")


def _create_surface(path: Path, width: int, height: int) -> Any:
    """A cairo surface of `width` by `height` pixels, of the kind that the suffix names."""
    if path.suffix == ".pdf":
        pdf = cairo.PDFSurface(str(path), width * POINTS_PER_PIXEL, height * POINTS_PER_PIXEL)
        pdf.set_device_scale(POINTS_PER_PIXEL, POINTS_PER_PIXEL)
        return pdf
    svg = cairo.SVGSurface(str(path), width, height)
    svg.set_document_unit(cairo.SVGUnit.PX)
    return svg


def _draw_group(
    camera: Any, mobject_type: type, mobjects: Sequence[Any], context: BgrContext
) -> None:
    """Draw consecutive mobjects of one type, as vectors if possible, else as a bitmap."""
    if mobject_type is VMobject and not any(m.get_background_image() for m in mobjects):
        for mobject in mobjects:
            context.new_path()  # the path of the previous mobject is still set
            camera.display_vectorized(mobject, context)
        return
    pixels = np.zeros((camera.pixel_height, camera.pixel_width, 4), np.uint8)
    camera.display_funcs[mobject_type](mobjects, pixels)
    camera.pixel_array_to_cairo_context.pop(id(pixels), None)
    _embed_bitmap(pixels, context)


def _embed_bitmap(pixels: Any, context: BgrContext) -> None:
    """Paint the non-transparent bounding box of RGBA pixels (height, width, 4) of the frame."""
    rows, columns = (np.flatnonzero(pixels[..., 3].any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return
    top, left = int(rows[0]), int(columns[0])
    part = pixels[top : rows[-1] + 1, left : columns[-1] + 1].astype(float)
    # Cairo needs BGRA, premultiplied by alpha.
    part[..., :3] = part[..., 2::-1] * part[..., 3:] / 255
    part = np.ascontiguousarray(part.round().astype(np.uint8))
    size = part.shape[1], part.shape[0]
    bitmap = cairo.ImageSurface.create_for_data(part.data, cairo.FORMAT_ARGB32, *size)
    context.save()
    context.identity_matrix()
    context.set_source_surface(bitmap, left, top)
    context.paint()
    context.restore()


def set_view(context: cairo.Context[Any], camera: Camera) -> None:
    """Set the matrix from scene units to pixels, as the camera does for its own pixels."""
    scale_x = camera.pixel_width / camera.frame_width
    scale_y = camera.pixel_height / camera.frame_height
    x, y = camera.frame_center[0], camera.frame_center[1]
    context.set_matrix(
        cairo.Matrix(
            scale_x, 0, 0, -scale_y,
            camera.pixel_width / 2 - x * scale_x, camera.pixel_height / 2 + y * scale_y,
        )
    )  # fmt: skip
