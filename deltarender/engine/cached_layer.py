"""A picture that is brought up to date by drawing again only what has changed.

    layer.show(camera, mobjects, below, below_changed)

Every mobject drawn is remembered by everything its drawing depends on (`_native`). At the next call
those that differ mark the place where they were and where they are; only there is the picture
drawn, by what the camera's own methods would call, so that every pixel is the one of Manim.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cairo
import numpy as np
import numpy.typing as npt
from manim import Camera, Mobject

from deltarender.engine.class_traits import canvas, displayed, painted, predictable, view_of
from deltarender.engine.dirty_tiles import TILE, DirtyTiles, differing
from deltarender.engine.projection3d import Space, sees_space

Pixels = npt.NDArray[Any]  # of bytes; Manim's own annotation says otherwise

RIM = 16  # rows drawn above and below a change and not kept, for what a clip does beside its edge


class CachedLayer:
    """A picture over a background. `pixels` is (height, width, 4), RGBA.

    `changed` collects what has changed since it was last cleared by its owner; `background` is
    what its owner last drew it over.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.pixels: Pixels = pixels
        height, width = pixels.shape[:2]
        self.changed = DirtyTiles(width, height)
        self.background: Pixels | None = None
        self._canvas = canvas()
        self._space = Space()

    def forget(self) -> None:
        """Take nothing about the picture for granted the next time."""
        self._canvas.valid = False

    def show(
        self, camera: Camera, mobjects: Sequence[Mobject], below: Pixels, below_changed: DirtyTiles
    ) -> None:
        """Make `pixels` show `mobjects`, in this order, over the picture `below`.

        `below_changed` is where `below` differs from what it was at the last call.
        """
        listed: list[Any] = []
        anew: bool | None = None
        fresh = DirtyTiles(self.changed.width, self.changed.height)
        seen = self._seen(camera, mobjects) if alike(self.pixels, below) else None
        if seen is not None:
            listed, looks = seen
            view = view_of(camera)
            anew = self._canvas.take_snapshots(looks, view, fresh.marks, TILE)
            fresh.invalidate()
        if anew is None:
            self.forget()
            self._draw_whole(camera, mobjects, below)
            return
        if anew:
            fresh.mark_all()
        else:
            fresh.add(below_changed)
        if fresh:
            sheet, paints = _sheet(self.pixels.shape), painted(camera)
            context = _context(view, sheet)
            for rect in fresh.rects():
                self._canvas.draw(
                    context, rect, RIM, self.pixels, below, sheet, listed, camera, paints
                )
        # Only now: a fault while drawing must not leave a picture that is taken for finished.
        self._canvas.valid = True
        self.changed.add(fresh)

    def _seen(
        self, camera: Camera, mobjects: Sequence[Mobject]
    ) -> tuple[list[Any], list[Any]] | None:
        """What is drawn, in order, and what each looks like; None if that cannot be told."""
        if predictable(camera):
            listed = displayed(camera, mobjects)
            return listed, listed
        if sees_space(camera):
            flats = self._space.look(camera, displayed(camera, mobjects))
            if flats is not None:
                return [flat.mobject for flat in flats], flats
        return None

    def _draw_whole(self, camera: Camera, mobjects: Sequence[Mobject], below: Pixels) -> None:
        """Let the camera draw everything its own way and look afterwards for what changed."""
        before = self.pixels.copy()
        own = camera.pixel_array
        if own is not self.pixels:
            # Manim draws into one array only, with the view of its first use.
            view = camera.get_cairo_context(own).get_matrix()
            camera.get_cairo_context(self.pixels).set_matrix(view)
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


def alike(pixels: Pixels, below: Pixels) -> bool:
    """Whether one picture can be copied into the other byte by byte."""
    ours, theirs = pixels.flags, below.flags
    same = below.shape == pixels.shape and below.dtype == pixels.dtype == np.uint8
    return bool(same and ours.c_contiguous and theirs.c_contiguous)


@lru_cache(1)
def _sheet(shape: tuple[int, ...]) -> Pixels:
    """A picture to draw on, more than is kept of it; one for all layers of a size."""
    return np.empty(shape, np.uint8)


def _context(view: tuple[float, ...], pixels: Pixels) -> cairo.Context[Any]:
    """A cairo context on `pixels` with a camera's view."""
    height, width = pixels.shape[:2]
    surface = cairo.ImageSurface.create_for_data(pixels.data, cairo.FORMAT_ARGB32, width, height)
    context = cairo.Context(surface)
    context.set_matrix(cairo.Matrix(*view[:6]))
    return context
