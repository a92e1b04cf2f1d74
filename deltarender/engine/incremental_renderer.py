"""Manim's Cairo renderer, drawing only what changed since the last frame.

It keeps two layers: the static mobjects of the current play, and the whole frame drawn over them.
Manim decides which mobjects are static and which are drawn twice; that is followed exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Any

from manim import Mobject, Scene
from manim.utils.iterables import list_update

from deltarender.encoding.rect import Rect
from deltarender.engine import manim_patches
from deltarender.engine.cached_layer import CachedLayer, Pixels, is_compatible
from deltarender.engine.dirty_tiles import DirtyTiles, mark_difference, pixels_differ
from deltarender.engine.pixel_access import may_write_pixels
from deltarender.engine.skip_aware_renderer import SkipAwareRenderer


class IncrementalRenderer(SkipAwareRenderer):
    """Passes each frame to the file writer together with the rectangles that changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manim_patches.install()
        self.seconds = {"draw": 0.0, "wait": 0.0}
        self._frame: CachedLayer | None = None
        self._static: CachedLayer | None = None
        self._last_backdrop: Pixels | None = None
        self._last_background: Pixels | None = None
        self._pixels_are_accessed = False

    def init_scene(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Create the file writer of the scene."""
        super().init_scene(scene, *args, **kwargs)
        self._pixels_are_accessed = may_write_pixels(type(scene))

    def update_frame(
        self,
        scene: Scene,
        mobjects: Iterable[Mobject] | None = None,
        include_submobjects: bool = True,
        ignore_skipping: bool = True,
        **kwargs: Any,
    ) -> None:
        """Draw the frame as Manim would; see `CairoRenderer.update_frame`."""
        if self.skip_animations and not ignore_skipping or not self._needs_frame():
            return
        if kwargs or not include_submobjects:
            super().update_frame(scene, mobjects, include_submobjects, ignore_skipping, **kwargs)
            self._invalidate_layers()
            return
        start = perf_counter()
        shown = list(mobjects or ()) or list_update(scene.mobjects, scene.foreground_mobjects)
        frame = self._frame_layer()
        if self._pixels_are_accessed:
            frame.invalidate()
        backdrop, backdrop_changed = self._backdrop(frame)
        frame.update(self.camera, shown, backdrop, backdrop_changed)
        if self.camera.pixel_array is not frame.pixels:
            self.camera.pixel_array = frame.pixels
        self.seconds["draw"] += perf_counter() - start

    def save_static_frame_data(
        self, scene: Scene, static_mobjects: Iterable[Mobject]
    ) -> Pixels | None:
        """Draw the static mobjects of the next play; None if there are none."""
        self.static_image = None
        if not self._needs_frame():
            return None
        if getattr(self.file_writer, "at_keyframe", False):
            # A line that is drawn in several pieces may differ by rounding from the same line
            # drawn at once. Frames after a keyframe must not depend on earlier drawing.
            self._invalidate_layers()
        self._check_background()
        mobjects = list(static_mobjects or ())
        if not mobjects:
            return None
        start = perf_counter()
        layer = self._static_layer()
        background: Any = self.camera.background
        if layer.background is not background:
            layer.invalidate()
            layer.background = background
        unchanged = DirtyTiles(layer.changed.width, layer.changed.height)
        layer.update(self.camera, mobjects, background, unchanged)
        self.static_image = layer.pixels
        self.seconds["draw"] += perf_counter() - start
        return layer.pixels

    def render(
        self, scene: Scene, time: float, moving_mobjects: Iterable[Mobject] | None = None
    ) -> None:
        """Draw a frame and pass it to the file writer."""
        self.update_frame(scene, moving_mobjects)
        self._write(1)

    def draw_end(self, scene: Scene) -> None:
        """Draw the scene as its animations have left it."""
        self.static_image = None
        self.update_frame(scene)

    def freeze_current_frame(self, duration: float) -> None:
        """Pass the current frame to the file writer for `duration` seconds."""
        self._write(int(duration / (1 / self.camera.frame_rate)))

    def add_frame(self, frame: Pixels, num_frames: int = 1) -> None:
        """Pass a frame that was drawn elsewhere to the file writer."""
        if self.skip_animations:
            return
        self.time += num_frames * (1 / self.camera.frame_rate)
        self.file_writer.write_frame(frame, repeat=num_frames)
        self._invalidate_layers()

    def _write(self, count: int) -> None:
        if self.skip_animations:
            return
        # The same arithmetic as Manim's: scenes read the rounded sum.
        self.time += count * (1 / self.camera.frame_rate)
        frame = self._frame_layer()
        start = perf_counter()
        rects = frame.changed.rects()
        pixels = self._pixels_to_write(frame.pixels, rects)
        write_changes = getattr(self.file_writer, "write_changes", None)
        if write_changes is None:  # a file writer of the scene's own, which may keep the pixels
            self.file_writer.write_frame(pixels.copy(), repeat=count)
            frame.changed.clear()
        elif write_changes(pixels, rects, count):
            frame.changed.clear()
        self.seconds["wait"] += perf_counter() - start

    def _pixels_to_write(self, pixels: Pixels, rects: Sequence[Rect]) -> Pixels:
        """A frame as it is written, given that only `rects` changed since the last one."""
        return pixels

    def _needs_frame(self) -> bool:
        """Whether the file writer needs the next frame: not those before its frame range."""
        return getattr(self.file_writer, "needs_frame", True)

    def _frame_layer(self) -> CachedLayer:
        pixels = self.camera.pixel_array
        if self._frame is None or self._frame.pixels is not pixels:
            self._frame = CachedLayer(pixels)
            self._frame.changed.mark_all()
            self._last_backdrop = None
        return self._frame

    def _static_layer(self) -> CachedLayer:
        shape = self.camera.pixel_array.shape
        if self._static is None or self._static.pixels.shape != shape:
            self._static = CachedLayer(self.camera.pixel_array.copy())
        return self._static

    def _backdrop(self, frame: CachedLayer) -> tuple[Pixels, DirtyTiles]:
        """The pixels under the frame layer, and where they changed since it was last drawn."""
        backdrop: Any = self.camera.background if self.static_image is None else self.static_image
        changed = DirtyTiles(frame.changed.width, frame.changed.height)
        static, last = self._static, self._last_backdrop
        if static is not None and (backdrop is static.pixels or last is static.pixels):
            changed.add(static.changed)
            static.changed.clear()
        if backdrop is not last:
            if last is not None and last.shape == backdrop.shape:
                mark_difference(last, backdrop, changed)
            else:
                changed.mark_all()
            self._last_backdrop = backdrop
        return backdrop, changed

    def _check_background(self) -> None:
        """Detect that the scene changed the camera's background in place since the last play."""
        background: Any = self.camera.background
        last = self._last_background
        if last is None or not is_compatible(last, background) or pixels_differ(last, background):
            self._last_background = background.copy()
            self._invalidate_layers()

    def _invalidate_layers(self) -> None:
        for layer in (self._frame, self._static):
            if layer is not None:
                layer.invalidate()
                layer.changed.mark_all()
