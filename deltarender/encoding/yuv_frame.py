"""The picture that an encoder sees, in its own colour format, changed rectangle by rectangle.

Colours are what Manim's own films have: BT.601, limited range.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc

from deltarender._native import rgba_to_yuv420p
from deltarender.encoding.buffer_pool import BufferPool
from deltarender.engine.dirty_tiles import Rect

KEY_SECONDS = 5  # there is a picture to seek to at least so often

Pixels = npt.NDArray[Any]
Patch = tuple[Rect, Pixels]  # what has changed, and its samples: three planes, one after the other


def patch_of(pixels: Pixels, rect: Rect, buffers: BufferPool) -> Patch:
    """The samples of a changed rectangle; its edges are even. Drawing goes on meanwhile."""
    x0, y0, x1, y1 = rect
    samples = buffers.take((x1 - x0) * (y1 - y0) * 3 // 2)
    rgba_to_yuv420p(pixels, rect, samples)
    return rect, samples


class YuvFrame:
    """The frame that the encoder sees, changed in place.

    That is safe because x264 takes its own copy of a picture before `encode` returns.
    """

    def __init__(self, width: int, height: int) -> None:
        self.frame = av.VideoFrame(width, height, "yuv420p")
        set_color_metadata(self.frame)
        self.planes = [plane_of(plane) for plane in self.frame.planes]

    def put(self, rect: Rect, samples: Pixels) -> None:
        """Take over the samples of a patch."""
        start = 0
        for plane, fine in zip(self.planes, (1, 2, 2), strict=True):
            x0, y0, x1, y1 = (edge // fine for edge in rect)
            end = start + (x1 - x0) * (y1 - y0)
            plane[y0:y1, x0:x1] = samples[start:end].reshape(y1 - y0, x1 - x0)
            start = end

    def at(self, index: int, rate: Fraction) -> av.VideoFrame:
        """The picture as frame number `index`."""
        self.frame.pts = index
        self.frame.time_base = 1 / rate
        return self.frame


def set_color_metadata(target: Any) -> None:
    """Say which colours these are."""
    target.colorspace = 5 if isinstance(target, av.VideoFrame) else 6
    target.color_range = ColorRange.MPEG
    if not isinstance(target, av.VideoFrame):
        target.color_primaries = ColorPrimaries.BT709
        target.color_trc = ColorTrc.BT709


def plane_of(plane: Any) -> Pixels:
    """A plane as an array of its visible pixels, sharing memory."""
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]
