"""Films of our own coder (native/h264): only what has changed costs anything.

x264 walks through all macroblocks of a picture, 2 ms at 1080p, also where it is told that nothing
has changed. What is drawn changes in a few of them, and those are lines, letters and plain areas.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av

from deltarender._native import H264Encoder
from deltarender.encoding.yuv_frame import KEY_SECONDS, Pixels
from deltarender.engine.dirty_tiles import Rect

QUANTIZERS = (24, 21, 26)  # of what changes, of keys, of what moves


class DeltaH264Stream:
    """A film that is being written to `out`; its pictures are the last one, changed."""

    def __init__(self, out: Any, size: tuple[int, int], rate: Fraction) -> None:
        self._out, self._rate = out, rate
        told = rate.limit_denominator(100_000)  # its numbers have 32 bits
        self._coder = H264Encoder(*size, told.numerator, told.denominator, QUANTIZERS)
        self._every = max(round(KEY_SECONDS * rate), 1)
        self._frames = self._key = 0
        self._stream: Any = None

    def put(self, rect: Rect, samples: Pixels) -> None:
        """Take over the samples of a part that has changed."""
        self._coder.update_rect(rect, samples)

    def add(self, cut: bool = False) -> None:
        """Show the picture for one more frame; at a cut it owes nothing to those before."""
        first = cut or not self._frames
        key = first or self._frames - self._key >= self._every
        coded = self._coder.encode(key, first)
        if self._stream is None:
            self._stream = self._begin(coded)
        if key:
            self._key = self._frames
        packet = av.Packet(coded)
        packet.pts = packet.dts = self._frames
        packet.time_base = 1 / self._rate
        packet.duration = 1
        packet.is_keyframe = key
        packet.stream = self._stream
        self._out.mux(packet)
        self._frames += 1

    def end(self) -> None:
        """Nothing is held back that would have to be written."""

    def _begin(self, first: bytes) -> Any:
        """A stream of such pictures: read from the first, since PyAV makes none by hand."""
        with av.open(io.BytesIO(self._coder.parameter_sets() + first), format="h264") as source:
            stream = self._out.add_stream_from_template(source.streams.video[0], opaque=True)
        stream.time_base = 1 / self._rate
        return stream
