"""Manim's Cairo renderer, drawing only what changes from one frame to the next.

It keeps two layers: what stands still during a play, and the frame over it. Which mobjects belong
to which, and what is drawn twice, is Manim's choice and is followed exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import Any

from manim import Mobject, Scene
from manim.renderer.cairo_renderer import CairoRenderer
from manim.utils.iterables import list_update

from deltarender.engine import class_traits, manim_patches
from deltarender.engine.cached_layer import CachedLayer, Pixels, alike
from deltarender.engine.dirty_tiles import DirtyTiles, differ, differing


class IncrementalRenderer(CairoRenderer):
    """Hands a file writer the frame together with the rectangles that changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        class_traits.install()
        manim_patches.install()
        self.seconds = {"draw": 0.0, "wait": 0.0}
        self._frame: CachedLayer | None = None
        self._still: CachedLayer | None = None
        self._below: Pixels | None = None
        self._background: Pixels | None = None

    def update_frame(
        self,
        scene: Scene,
        mobjects: Iterable[Mobject] | None = None,
        include_submobjects: bool = True,
        ignore_skipping: bool = True,
        **kwargs: Any,
    ) -> None:
        """Draw the frame as Manim would; see `CairoRenderer.update_frame`."""
        if self.skip_animations and not ignore_skipping or not self._wanted():
            return
        if kwargs or not include_submobjects:
            super().update_frame(scene, mobjects, include_submobjects, ignore_skipping, **kwargs)
            self._forget()
            return
        start = perf_counter()
        shown = list(mobjects or ()) or list_update(scene.mobjects, scene.foreground_mobjects)
        frame = self._frame_layer()
        below, changed = self._beneath(frame)
        frame.show(self.camera, shown, below, changed)
        if self.camera.pixel_array is not frame.pixels:
            self.camera.pixel_array = frame.pixels
        self.seconds["draw"] += perf_counter() - start

    def save_static_frame_data(
        self, scene: Scene, static_mobjects: Iterable[Mobject]
    ) -> Pixels | None:
        """Draw what stands still during the next play; None if nothing does."""
        self.static_image = None
        if not self._wanted():
            return None
        if getattr(self.file_writer, "at_cut", False):
            # Drawn in parts, a line may differ by a rounding; after a cut nothing may depend on
            # what was drawn before it.
            self._forget()
        self._look_at_background()
        still = list(static_mobjects or ())
        if not still:
            return None
        start = perf_counter()
        layer = self._still_layer()
        background: Any = self.camera.background
        if layer.background is not background:
            layer.forget()
            layer.background = background
        unchanged = DirtyTiles(layer.changed.width, layer.changed.height)
        layer.show(self.camera, still, background, unchanged)
        self.static_image = layer.pixels
        self.seconds["draw"] += perf_counter() - start
        return layer.pixels

    def render(
        self, scene: Scene, time: float, moving_mobjects: Iterable[Mobject] | None = None
    ) -> None:
        """Draw a frame and hand it to the file writer."""
        self.update_frame(scene, moving_mobjects)
        self._send(1)

    def freeze_current_frame(self, duration: float) -> None:
        """Hand the frame to the file writer for `duration` seconds."""
        self._send(int(duration / (1 / self.camera.frame_rate)))

    def add_frame(self, frame: Pixels, num_frames: int = 1) -> None:
        """Hand over a picture from elsewhere."""
        if self.skip_animations:
            return
        self.time += num_frames * (1 / self.camera.frame_rate)
        self.file_writer.write_frame(frame, repeat=num_frames)
        self._forget()

    def _send(self, count: int) -> None:
        if self.skip_animations:
            return
        # Manim adds up seconds in this way; scenes read the sum.
        self.time += count * (1 / self.camera.frame_rate)
        frame = self._frame_layer()
        start = perf_counter()
        if self.file_writer.write_changes(frame.pixels, frame.changed.rects(), count):
            frame.changed.clear()
        self.seconds["wait"] += perf_counter() - start

    def _wanted(self) -> bool:
        """Whether somebody wants to see the next frame: not those before the part that is made."""
        return getattr(self.file_writer, "wanted", True)

    def _frame_layer(self) -> CachedLayer:
        pixels = self.camera.pixel_array
        if self._frame is None or self._frame.pixels is not pixels:
            self._frame = CachedLayer(pixels)
            self._frame.changed.mark_all()
            self._below = None
        return self._frame

    def _still_layer(self) -> CachedLayer:
        shape = self.camera.pixel_array.shape
        if self._still is None or self._still.pixels.shape != shape:
            self._still = CachedLayer(self.camera.pixel_array.copy())
        return self._still

    def _beneath(self, frame: CachedLayer) -> tuple[Pixels, DirtyTiles]:
        """The picture under the frame, and where it changed since the frame was last drawn."""
        below: Any = self.camera.background if self.static_image is None else self.static_image
        changed = DirtyTiles(frame.changed.width, frame.changed.height)
        still = self._still
        if still is not None and (below is still.pixels or self._below is still.pixels):
            changed.add(still.changed)
            still.changed.clear()
        if below is not self._below:
            if self._below is not None and self._below.shape == below.shape:
                differing(self._below, below, changed)
            else:
                changed.mark_all()
            self._below = below
        return below, changed

    def _look_at_background(self) -> None:
        """Notice a background that the scene has painted on, in place, since the last play."""
        background: Any = self.camera.background
        known = self._background
        if known is None or not alike(known, background) or differ(known, background):
            self._background = background.copy()
            self._forget()

    def _forget(self) -> None:
        for layer in (self._frame, self._still):
            if layer is not None:
                layer.forget()
                layer.changed.mark_all()
