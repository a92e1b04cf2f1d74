"""A video stream of x264, for files as small as Manim's or smaller."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import av
from av.codec.context import Flags

from deltarender.encoding.rect import Rect
from deltarender.encoding.video_stream import KEYFRAME_INTERVAL_S
from deltarender.encoding.yuv_frame import Pixels, YuvFrame, set_color_metadata

SMALL = MappingProxyType({"preset": "medium", "crf": "23"})
REORDERED = 2
"""By how many frames a B-frame may be decoded later than shown: x264's reference pyramid."""


def x264_options(settings: Mapping[str, str], fps: float) -> dict[str, str]:
    """`settings` with one thread (scenes run in parallel) and the longest keyframe interval."""
    return {**settings, "threads": "1", "g": str(max(round(KEYFRAME_INTERVAL_S * fps), 1))}


class X264Stream:
    """Implements VideoStream. At a forced keyframe a new x264 encoder is created (9 ms, 1080p)."""

    def __init__(self, out: Any, size: tuple[int, int], rate: Fraction) -> None:
        self._out, self._size, self._rate = out, size, rate
        self._options = x264_options(SMALL, float(rate))
        self._stream = out.add_stream("libx264", rate=rate, options=self._options)
        self._codec_context = self._configure(self._stream.codec_context)
        self._picture = YuvFrame(*size)
        self._frames = self._packets = 0

    def update_rect(self, rect: Rect, samples: Pixels) -> None:
        """Replace a rectangle of the current picture."""
        self._picture.update_rect(rect, samples)

    def add_frame(self, force_keyframe: bool = False) -> None:
        """Append the current picture as one frame."""
        if force_keyframe and self._frames:
            self.finish()
            self._codec_context = self._configure(av.CodecContext.create("libx264", "w"))
        self._mux(self._codec_context.encode(self._picture.at(self._frames, self._rate)))
        self._frames += 1

    def finish(self) -> None:
        """Write the frames that x264 still holds."""
        self._mux(self._codec_context.encode(None))

    def correct_level(self, video: Path) -> None:
        """Do nothing: x264 chooses the level for what it writes."""

    def _mux(self, packets: list[av.Packet[Any]]) -> None:
        for packet in packets:
            packet.stream = self._stream
            # x264 starts a stretch of one or two frames without the delay of longer ones, and the
            # stretch after it would begin before its end.
            packet.dts = self._packets - REORDERED
            self._packets += 1
            self._out.mux(packet)

    def _configure(self, context: Any) -> Any:
        context.width, context.height = self._size
        context.pix_fmt = "yuv420p"
        context.framerate = self._rate
        context.time_base = 1 / self._rate
        context.options = self._options
        context.flags |= Flags.global_header
        set_color_metadata(context)
        return context
