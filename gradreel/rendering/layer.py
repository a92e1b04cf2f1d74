"""A picture that is brought up to date by drawing again only what has changed.

    layer.show(camera, mobjects, over=background, changed_below=None)

Every mobject drawn is remembered by everything its drawing depends on. At the next call those that
differ mark the place where they were and where they are; only there is the picture wiped and
drawn, by what the camera's own methods would call, so that every pixel is the one of Manim.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cairo
import numpy.typing as npt
from manim import Camera, Mobject

from gradreel.rendering.family import displayed
from gradreel.rendering.looks import Drawn, View, described, predictable, sketch, view_of
from gradreel.rendering.tiles import Rect, Tiles, differing

Pixels = npt.NDArray[Any]  # of bytes; Manim's own annotation says otherwise

RIM = 16  # rows drawn above and below a change and not kept, for what a clip does beside its edge


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
        self._view: View = ()

    def forget(self) -> None:
        """Take nothing about the picture for granted the next time."""
        self._drawn = None

    def show(
        self, camera: Camera, mobjects: Sequence[Mobject], below: Pixels, below_changed: Tiles
    ) -> None:
        """Make `pixels` show `mobjects`, in this order, over the picture `below`.

        `below_changed` is where `below` differs from what it was at the last call.
        """
        view = view_of(camera)
        drawn = None
        if predictable(camera):
            listed = displayed(camera, mobjects)
            known = self._drawn if view == self._view and self._drawn is not None else {}
            drawn = described(listed, view, known)
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
        sketch(camera, listed, drawn)
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
        touched, wide = _reached(rect, mobjects, drawn, *self.pixels.shape[1::-1])
        x0, y0, x1, y1 = wide
        kept = [(area, self.pixels[area].copy()) for area in _rim(rect, wide)]
        self.pixels[y0:y1, x0:x1] = below[y0:y1, x0:x1]
        context = _context(self._view, self.pixels)
        matrix = context.get_matrix()
        context.identity_matrix()
        context.rectangle(x0, y0, x1 - x0, y1 - y0)
        context.clip()
        context.set_matrix(matrix)
        multiple = camera.cairo_line_width_multiple
        for mobject in touched:
            sketched = drawn[id(mobject)].sketch
            if sketched is None:
                camera.display_vectorized(mobject, context)
            else:
                sketched.draw(context, multiple)
        for area, pixels in kept:
            self.pixels[area] = pixels

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


def _reached(
    rect: Rect, mobjects: Sequence[Any], drawn: dict[int, Drawn], width: int, height: int
) -> tuple[list[Any], Rect]:
    """The mobjects that reach into a rectangle, and where to draw them for its pixels' sake.

    That is from the left of the leftmost to the right of the rightmost: where an edge crosses the
    side of a clip, cairo parts it there and samples its whole row of pixels in another way.
    """
    left, y0, right, y1 = rect
    y0, y1 = max(y0 - RIM, 0), min(y1 + RIM, height)
    touched = []
    for mobject in mobjects:
        x_low, y_low, x_high, y_high = drawn[id(mobject)].place
        if x_low < rect[2] and rect[0] < x_high and y_low < y1 and y0 < y_high:
            touched.append(mobject)
            left, right = min(left, x_low), max(right, x_high)
    return touched, (max(left, 0), y0, min(right, width), y1)


def _rim(rect: Rect, wide: Rect) -> list[tuple[slice, slice]]:
    """The parts of `wide` outside `rect`, as places in an array."""
    (x0, y0, x1, y1), (left, top, right, bottom) = rect, wide
    return [
        (slice(top, y0), slice(left, right)),
        (slice(y1, bottom), slice(left, right)),
        (slice(y0, y1), slice(left, x0)),
        (slice(y0, y1), slice(x1, right)),
    ]


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


def _context(view: View, pixels: Pixels) -> cairo.Context[Any]:
    """A cairo context on `pixels` with a camera's view, made anew so that clips never pile up."""
    height, width = pixels.shape[:2]
    surface = cairo.ImageSurface.create_for_data(pixels.data, cairo.FORMAT_ARGB32, width, height)
    context = cairo.Context(surface)
    context.set_matrix(cairo.Matrix(*view[:6]))
    return context
