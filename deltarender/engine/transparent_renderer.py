"""The renderer for transparent videos, with colors not premultiplied by alpha."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deltarender.encoding.rect import Rect, full_rect
from deltarender.encoding.unpremultiply import unpremultiply
from deltarender.engine.cached_layer import Pixels
from deltarender.engine.incremental_renderer import IncrementalRenderer


def clear_background(camera: Any) -> None:
    """Set a camera's background to transparent black.

    Manim keeps the background's color at alpha 0, and would mix it into half-transparent pixels.
    """
    camera.background[...] = 0


class TransparentRenderer(IncrementalRenderer):
    """Converts what changed in every frame with `unpremultiply` before it is written."""

    _finished = False
    _cleared: Pixels | None = None
    _straight: Pixels | None = None

    def update_frame(self, *args: Any, **kwargs: Any) -> None:
        """Draw a frame on a transparent background."""
        if self._cleared is not self.camera.background:
            self._clear_background()
        super().update_frame(*args, **kwargs)

    def save_static_frame_data(self, *args: Any, **kwargs: Any) -> Pixels | None:
        """Draw the static mobjects of the next play on a transparent background."""
        self._clear_background()  # a scene may have changed it in place
        return super().save_static_frame_data(*args, **kwargs)

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """Write a frame with colors not premultiplied."""
        super().add_frame(unpremultiply(frame), num_frames)

    def get_frame(self) -> Any:
        """A copy of the current frame; after the last play, as it is saved to a PNG."""
        pixels: Any = super().get_frame()
        # Before the end, Manim draws over copies of frames, which must stay premultiplied.
        return unpremultiply(pixels) if self._finished else pixels

    def scene_finished(self, scene: Any) -> None:
        """Complete the video, or save the last frame."""
        self._finished = True
        super().scene_finished(scene)

    def _clear_background(self) -> None:
        clear_background(self.camera)
        self._cleared = self.camera.background

    def _pixels_to_write(self, pixels: Pixels, rects: Sequence[Rect]) -> Pixels:
        if self._straight is None or self._straight.shape != pixels.shape:
            self._straight = np.empty_like(pixels)
            rects = [full_rect(pixels.shape[1], pixels.shape[0])]
        for left, top, right, bottom in rects:
            self._straight[top:bottom, left:right] = unpremultiply(pixels[top:bottom, left:right])
        return self._straight
