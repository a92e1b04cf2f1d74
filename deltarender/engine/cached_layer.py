"""A layer of pixels that is updated by drawing again only what changed.

    layer.update(camera, mobjects, backdrop, backdrop_changed)

`_native` keeps a snapshot of everything that the drawing of each mobject depends on. At the next
update, a mobject that differs from its snapshot marks its old and its new extent as changed. Only
there the mobjects are drawn, with the calls that the camera's own methods would make, so that every
pixel equals Manim's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cairo
import numpy as np
import numpy.typing as npt
from manim import Camera, Mobject

from deltarender.engine.class_traits import (
    custom_drawing_test,
    mobjects_to_display,
    new_display_list,
    uses_stock_drawing,
    view_parameters,
)
from deltarender.engine.dirty_tiles import TILE, DirtyTiles, mark_difference
from deltarender.engine.projection3d import ProjectionCache, uses_stock_projection

Pixels = npt.NDArray[Any]  # of uint8; Manim's own annotation has another type

MARGIN_ROWS = 16  # drawn above and below a change and discarded: cairo rounds differently at a clip


class CachedLayer:
    """Mobjects drawn over a backdrop. `pixels` is (height, width, 4), RGBA.

    `changed` accumulates what changed until the owner clears it. `background` is the array that
    the owner last used as backdrop.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.pixels: Pixels = pixels
        height, width = pixels.shape[:2]
        self.changed = DirtyTiles(width, height)
        self.background: Pixels | None = None
        self._display_list = new_display_list()
        self._projection = ProjectionCache()

    def invalidate(self) -> None:
        """Draw everything again at the next update."""
        self._display_list.valid = False

    def update(
        self,
        camera: Camera,
        mobjects: Sequence[Mobject],
        backdrop: Pixels,
        backdrop_changed: DirtyTiles,
    ) -> None:
        """Make `pixels` show `mobjects`, in this order, over the pixels `backdrop`.

        `backdrop_changed` is where `backdrop` differs from the backdrop of the last update.
        """
        stale = DirtyTiles(self.changed.width, self.changed.height)
        redraw_all: bool | None = None
        drawable = (
            self._drawable(camera, mobjects) if is_compatible(self.pixels, backdrop) else None
        )
        if drawable is not None:
            view = view_parameters(camera)
            redraw_all = self._display_list.take_snapshots(drawable[1], view, stale.marks, TILE)
            stale.invalidate()
        if drawable is None or redraw_all is None:
            self.invalidate()
            self._draw_with_camera(camera, mobjects, backdrop)
            return
        if redraw_all:
            stale.mark_all()
        else:
            stale.add(backdrop_changed)
        if stale:
            self._draw_rects(camera, drawable[0], backdrop, stale, view)
        # Only after drawing: an exception must not leave half-drawn pixels that count as valid.
        self._display_list.valid = True
        self.changed.add(stale)

    def _drawable(
        self, camera: Camera, mobjects: Sequence[Mobject]
    ) -> tuple[list[Any], list[Any]] | None:
        """The mobjects to draw, in order, and the objects whose state is to be compared.

        These are the same in 2D and projections in 3D. None if the camera or a mobject draws in
        another way than Manim's.
        """
        if uses_stock_drawing(camera):
            displayed = mobjects_to_display(camera, mobjects)
            return displayed, displayed
        if uses_stock_projection(camera):
            projected = self._projection.project(camera, mobjects_to_display(camera, mobjects))
            if projected is not None:
                return [item.mobject for item in projected], projected
        return None

    def _draw_rects(
        self,
        camera: Camera,
        displayed: list[Any],
        backdrop: Pixels,
        stale: DirtyTiles,
        view: tuple[float, ...],
    ) -> None:
        scratch, draws_custom = _scratch(self.pixels.shape), custom_drawing_test(camera)
        context = _context(view, scratch)
        for rect in stale.rects():
            self._display_list.draw(
                context, rect, MARGIN_ROWS, self.pixels, backdrop, scratch, displayed, camera,
                draws_custom,
            )  # fmt: skip

    def _draw_with_camera(
        self, camera: Camera, mobjects: Sequence[Mobject], backdrop: Pixels
    ) -> None:
        """Draw everything with the camera's own methods and compare with the last pixels."""
        before = self.pixels.copy()
        camera_pixels = camera.pixel_array
        if camera_pixels is not self.pixels:
            # Manim draws into one array only, with the matrix of its first use.
            matrix = camera.get_cairo_context(camera_pixels).get_matrix()
            camera.get_cairo_context(self.pixels).set_matrix(matrix)
        camera.pixel_array = self.pixels
        try:
            if backdrop is camera.background:
                camera.reset()
            else:
                camera.set_frame_to_background(backdrop)
            camera.capture_mobjects(mobjects)
        finally:
            self.pixels = camera.pixel_array
            camera.pixel_array = camera_pixels
        if before.shape == self.pixels.shape:
            mark_difference(before, self.pixels, self.changed)
        else:
            self.changed.mark_all()


def is_compatible(pixels: Pixels, backdrop: Pixels) -> bool:
    """Whether the bytes of one array can be copied to the other: same shape, type and layout."""
    same = backdrop.shape == pixels.shape and backdrop.dtype == pixels.dtype == np.uint8
    return bool(same and pixels.flags.c_contiguous and backdrop.flags.c_contiguous)


@lru_cache(1)
def _scratch(shape: tuple[int, ...]) -> Pixels:
    """Pixels to draw on before a rectangle is copied out; shared by all layers of one size."""
    return np.empty(shape, np.uint8)


def _context(view: tuple[float, ...], pixels: Pixels) -> cairo.Context[Any]:
    """A cairo context that draws on `pixels` with the matrix of `view_parameters`."""
    height, width = pixels.shape[:2]
    surface = cairo.ImageSurface.create_for_data(pixels.data, cairo.FORMAT_ARGB32, width, height)
    context = cairo.Context(surface)
    context.set_matrix(cairo.Matrix(*view[:6]))
    return context
