"""Pictures that one can see through, as files want them.

Cairo keeps colours multiplied by their alpha; PNG, WebM and MOV keep them as they are. Written as
cairo has them, whatever is half seen through would be too dark, and so would every smooth rim.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from manim.renderer.cairo_renderer import CairoRenderer


def unpremultiply(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """RGBA of shape (..., 4) with colours no longer multiplied by alpha."""
    alpha: Any = pixels[..., 3:]
    clear = np.maximum(alpha, 1).astype(np.uint16)
    colours = (pixels[..., :3].astype(np.uint16) * 255 + clear // 2) // clear
    return np.concatenate([np.minimum(colours, 255).astype(np.uint8), alpha], axis=-1)


class TransparentRenderer(CairoRenderer):
    """Manim's renderer for films that one can see through, with the colours as they are."""

    def update_frame(self, *args: Any, **kwargs: Any) -> None:
        """Draw over nothing: Manim keeps the background's colour there, and would mix it in."""
        camera: Any = self.camera
        camera.background[...] = 0
        super().update_frame(*args, **kwargs)

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        """Write a frame as files want it."""
        pixels: Any = unpremultiply(frame)
        super().add_frame(pixels, num_frames)

    def scene_finished(self, scene: Any) -> None:
        """End the film, or keep its last picture, as files want it too."""
        writer: Any = self.file_writer
        save = writer.save_image
        writer.save_image = lambda pixels: save(unpremultiply(pixels))
        super().scene_finished(scene)
