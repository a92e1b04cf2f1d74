"""A video stream of our own H.264 encoder (_native/h264), whose cost is that of the changed area.

x264 examines all macroblocks of a picture (2 ms at 1080p) even if nothing in it changed.
A drawing changes in few macroblocks, and these contain lines, letters and uniform areas.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av

from deltarender._native import H264Encoder
from deltarender.encoding.rect import Rect
from deltarender.encoding.video_stream import KEYFRAME_INTERVAL_S
from deltarender.encoding.yuv_frame import Pixels

QUANTIZERS = (24, 21, 26)  # of changed macroblocks, of keyframes, of moving macroblocks
MAX_RATE_DENOMINATOR = 100_000  # H.264 stores numerator and denominator in 32 bits


class DeltaH264Stream:
    """Implements VideoStream: every frame is coded as its difference to the last one."""

    def __init__(self, out: Any, size: tuple[int, int], rate: Fraction) -> None:
        self._out, self._rate = out, rate
        self._coder = _encoder(size, rate)
        self._keyframe_interval = max(round(KEYFRAME_INTERVAL_S * rate), 1)
        self._frames = self._last_keyframe = 0
        self._stream: Any = None

    def update_rect(self, rect: Rect, samples: Pixels) -> None:
        """Replace a rectangle of the current picture."""
        self._coder.update_rect(rect, samples)

    def add_frame(self, force_keyframe: bool = False) -> None:
        """Append the current picture as one frame."""
        reset = force_keyframe or not self._frames
        is_keyframe = reset or self._frames - self._last_keyframe >= self._keyframe_interval
        nal_units = self._coder.encode(is_keyframe, reset)
        if self._stream is None:
            self._stream = self._create_stream(nal_units)
        if is_keyframe:
            self._last_keyframe = self._frames
        packet = av.Packet(nal_units)
        packet.pts = packet.dts = self._frames
        packet.time_base = 1 / self._rate
        packet.duration = 1
        packet.is_keyframe = is_keyframe
        packet.stream = self._stream
        self._out.mux(packet)
        self._frames += 1

    def finish(self) -> None:
        """Do nothing: every frame is written by `add_frame`."""

    def _create_stream(self, first_frame: bytes) -> Any:
        """The stream of the output file. PyAV can create one only from a stream that it reads."""
        # The first zero of a start code after the parameter sets would become their last byte.
        start = self._coder.parameter_sets() + first_frame.removeprefix(b"\0")
        with av.open(io.BytesIO(start), format="h264") as source:
            stream = self._out.add_stream_from_template(source.streams.video[0], opaque=True)
        stream.time_base = 1 / self._rate
        return stream


def parameter_sets(size: tuple[int, int], rate: Fraction) -> bytes:
    """The parameter sets of a stream: streams that have the same can be joined."""
    return _encoder(size, rate).parameter_sets()


def _encoder(size: tuple[int, int], rate: Fraction) -> H264Encoder:
    coded_rate = rate.limit_denominator(MAX_RATE_DENOMINATOR)
    return H264Encoder(*size, coded_rate.numerator, coded_rate.denominator, QUANTIZERS)
