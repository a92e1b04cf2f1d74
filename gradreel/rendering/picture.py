"""The picture that an encoder sees, in its own colour format, changed rectangle by rectangle.

Colours are converted as Manim converts them: BT.601, limited range.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

from gradreel.rendering.buffers import Buffers
from gradreel.rendering.tiles import Rect

Pixels = npt.NDArray[Any]
Patch = tuple[Rect, Rect, Pixels]  # what has changed, that with its surroundings, their pixels

REACH = 4  # pixels beyond a change that share chroma with it
CONTEXT = 8  # pixels around those that their chroma may depend on
STEP = 64  # pixels; widths and heights that are converted are multiples of it, so that few occur
MOST_CONVERTERS = 64


def patch_of(pixels: Pixels, rect: Rect, buffers: Buffers) -> Patch:
    """A copy of a changed rectangle with its surroundings, because drawing goes on meanwhile."""
    size = pixels.shape[1], pixels.shape[0]
    rect = _grown(rect, REACH, size)
    wide = _widened(_grown(rect, CONTEXT, size), size)
    return rect, wide, buffers.copy(pixels[wide[1] : wide[3], wide[0] : wide[2]])


class Picture:
    """The frame that the encoder sees, changed in place.

    That is safe because x264 takes its own copy of a picture before `encode` returns.
    """

    def __init__(self, width: int, height: int) -> None:
        self.frame = av.VideoFrame(width, height, "yuv420p")
        tag(self.frame)
        self.planes = [plane_of(plane) for plane in self.frame.planes]
        # Setting one up takes longer than most conversions: one for each size is kept.
        self._converters: dict[Any, Any] = {}

    def put(self, rect: Rect, wide: Rect, patch: Pixels) -> None:
        """Convert `patch`, the pixels of `wide`, and take over its part `rect`."""
        source = av.VideoFrame.from_numpy_buffer(patch, format="rgba")
        if len(self._converters) >= MOST_CONVERTERS:
            self._converters.clear()
        converter = self._converters.setdefault(patch.shape, VideoReformatter())
        converted = converter.reformat(
            source,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.MPEG,
        )
        x, y = rect[0] - wide[0], rect[1] - wide[1]
        for plane, target in zip(converted.planes, self.planes, strict=True):
            half = 1 if target is self.planes[0] else 2
            x0, y0, x1, y1 = (edge // half for edge in rect)
            if half == 2:
                x1, y1 = -(-rect[2] // 2), -(-rect[3] // 2)
            part = plane_of(plane)[y // half :, x // half :]
            target[y0:y1, x0:x1] = part[: y1 - y0, : x1 - x0]

    def at(self, index: int, rate: Fraction, key: bool = False) -> av.VideoFrame:
        """The picture as frame number `index`; with `key`, one that stands alone."""
        self.frame.pict_type = PictureType.I if key else PictureType.NONE
        self.frame.pts = index
        self.frame.time_base = 1 / rate
        return self.frame


def _grown(rect: Rect, by: int, size: tuple[int, int]) -> Rect:
    x0, y0, x1, y1 = rect
    return max(x0 - by, 0), max(y0 - by, 0), min(x1 + by, size[0]), min(y1 + by, size[1])


def _widened(rect: Rect, size: tuple[int, int]) -> Rect:
    """A rectangle enlarged to the next multiples of STEP, within the picture."""
    x0, y0, x1, y1 = rect
    left, right = _stretched(x0, x1, size[0])
    top, bottom = _stretched(y0, y1, size[1])
    return left, top, right, bottom


def _stretched(low: int, high: int, most: int) -> tuple[int, int]:
    length = min(-(-(high - low) // STEP) * STEP, most)
    low = min(low, most - length)
    return low, low + length


def tag(target: Any) -> None:
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
