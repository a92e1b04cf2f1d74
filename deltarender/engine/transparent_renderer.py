"""Manim's Cairo renderer for transparent videos, with colors not premultiplied by alpha."""

from __future__ import annotations

from typing import Any

from deltarender.encoding.unpremultiply import unpremultiply
from deltarender.engine.skip_aware_renderer import SkipAwareRenderer


def clear_background(camera: Any) -> None:
    """Set a camera's background to transparent black.

    Manim keeps the background's color at alpha 0, and would mix it into half-transparent pixels.
    """
    camera.background[...] = 0


class TransparentRenderer(SkipAwareRenderer):
    """Converts every frame with `unpremultiply` before it is written."""

    _finished = False

    def update_frame(self, *args: Any, **kwargs: Any) -> None:
        """Draw a frame on a transparent background."""
        clear_background(self.camera)
        super().update_frame(*args, **kwargs)

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """Write a frame with colors not premultiplied."""
        pixels: Any = unpremultiply(frame)
        super().add_frame(pixels, num_frames)

    def get_frame(self) -> Any:
        """A copy of the current frame; after the last play, as it is saved to a PNG."""
        pixels: Any = super().get_frame()
        # Before the end, Manim draws over copies of frames, which must stay premultiplied.
        return unpremultiply(pixels) if self._finished else pixels

    def scene_finished(self, scene: Any) -> None:
        """Complete the video, or save the last frame."""
        self._finished = True
        super().scene_finished(scene)
