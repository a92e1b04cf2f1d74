"""The current picture as YUV 4:2:0 (limited range), updated in rectangles.

The matrix is that which players assume if they ignore tags: BT.709 for HD, BT.601 for less.
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
from deltarender.encoding.rect import Rect

Pixels = npt.NDArray[Any]
RectSamples = tuple[Rect, Pixels]  # a changed rectangle and its samples: planes Y, U, V in sequence

_SUBSAMPLING = (1, 2, 2)  # pixels per sample along each axis, for Y, U, V
MIN_HD_HEIGHT = 720  # pixels; as in _native/native.h
# FFmpeg's AVColorSpace values. BT.601 has two: frames are tagged BT470BG, streams SMPTE170M.
_BT709, _BT470BG, _SMPTE170M = 1, 5, 6


def convert_rect(pixels: Pixels, rect: Rect, buffers: BufferPool) -> RectSamples:
    """Convert a rectangle with even edges to YUV.

    The samples are a copy in a buffer from `buffers`, so `pixels` may change afterwards.
    """
    x0, y0, x1, y1 = rect
    samples = buffers.acquire((x1 - x0) * (y1 - y0) * 3 // 2)
    rgba_to_yuv420p(pixels, rect, samples)
    return rect, samples


class YuvFrame:
    """One PyAV frame that is changed in place and encoded again and again.

    This is safe because x264 copies a frame before `encode` returns.
    """

    def __init__(self, width: int, height: int) -> None:
        self.frame = av.VideoFrame(width, height, "yuv420p")
        set_color_metadata(self.frame)
        self.planes = [plane_array(plane) for plane in self.frame.planes]

    def update_rect(self, rect: Rect, samples: Pixels) -> None:
        """Copy the samples of a rectangle into the frame."""
        start = 0
        for plane, subsampling in zip(self.planes, _SUBSAMPLING, strict=True):
            x0, y0, x1, y1 = (edge // subsampling for edge in rect)
            end = start + (x1 - x0) * (y1 - y0)
            plane[y0:y1, x0:x1] = samples[start:end].reshape(y1 - y0, x1 - x0)
            start = end

    def at(self, index: int, rate: Fraction) -> av.VideoFrame:
        """The frame with the timestamp of frame number `index` at `rate` frames per second."""
        self.frame.pts = index
        self.frame.time_base = 1 / rate
        return self.frame


def is_hd(height: int) -> bool:
    """Whether pictures of this height in pixels have the matrix of BT.709, not of BT.601."""
    return height >= MIN_HD_HEIGHT


def set_color_metadata(target: Any) -> None:
    """Tag a frame or a codec context, whose height is known, with its matrix and limited range."""
    is_frame = isinstance(target, av.VideoFrame)
    bt601 = _BT470BG if is_frame else _SMPTE170M
    target.colorspace = _BT709 if is_hd(target.height) else bt601
    target.color_range = ColorRange.MPEG
    target.color_primaries = ColorPrimaries.BT709
    target.color_trc = ColorTrc.BT709


def plane_array(plane: Any) -> Pixels:
    """The visible samples of a PyAV plane as an array (height, width) that shares its memory."""
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]
