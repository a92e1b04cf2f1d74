"""Stretches that x264 encodes within a video of our own encoder.

Slices of both refer to one SPS, that of our encoder. x264 is set so that what its slices need of
an SPS is the same (`x264_pps` checks it); it has a PPS of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import Any

import av
from av.codec.context import Flags

from deltarender.encoding.h264_level import MAX_KILOBITS
from deltarender.encoding.h264_stream import create_coder
from deltarender.encoding.rect import Rect
from deltarender.encoding.stretch import CodedPicture
from deltarender.encoding.video_stream import KEYFRAME_INTERVAL_S
from deltarender.encoding.yuv_frame import Pixels, YuvFrame

# About stock Manim's likeness (preset medium, crf 23). Without B-frames, frames are stored in the
# order in which they are shown, as those of our encoder. A stretch is one GOP. With x264's own
# aq-strength of 1, even areas take a quarter of the bits of gradients and images, to no effect.
# Choosing modes by their bits and errors (subme=6) saves up to a quarter; what it costs is
# mostly saved by the smaller diamond, by whole macroblocks, and by a shorter lookahead.
OPTIONS = {
    "preset": "veryfast", "crf": "20.2", "bf": "0", "refs": "1", "profile": "high", "threads": "1",
    "x264-params": "scenecut=0:keyint=infinite:force-cfr=1:aq-strength=0.4:trellis=1:subme=6:"
    "psy-rd=0,0:me=dia:partitions=i4x4,i8x8:rc-lookahead=5",
}  # fmt: skip
_START_CODE = b"\0\0\0\1"
_IDR_SLICE = b"\0\0\1\x65"


class X264Stretch:
    """Implements Stretch. `picture` is the current picture, which the caller updates."""

    def __init__(self, picture: YuvFrame, rate: Fraction, first: int) -> None:
        self._picture, self._rate, self._first = picture, rate, first
        self._keyframe_interval = max(round(KEYFRAME_INTERVAL_S * rate), 1)
        self._context = _create_context((picture.frame.width, picture.frame.height), rate)

    def update_rect(self, rect: Rect, samples: Pixels) -> None:
        """Do nothing: `picture` is updated by its owner."""

    def encode(self, index: int) -> Iterable[CodedPicture]:
        """Encode `picture` as frame number `index`; x264 returns pictures some frames later."""
        return self._coded(self._context.encode(self._picture.at(index, self._rate)))

    def finish(self) -> Iterable[CodedPicture]:
        """The pictures that x264 still holds."""
        return self._coded(self._context.encode(None))

    def _coded(self, packets: Iterable[Any]) -> Iterable[CodedPicture]:
        for packet in packets:
            data = bytes(packet)
            if packet.is_keyframe:  # before it stands x264's description of itself
                data = b"\0" + data[data.index(_IDR_SLICE) :]
            yield CodedPicture(data, packet.pts, packet.is_keyframe)


@cache
def x264_pps(size: tuple[int, int], rate: Fraction) -> bytes:
    """The PPS of x264's slices; empty if x264 cannot encode stretches of such a video."""
    columns, rows = ((side + 15) // 16 for side in size)
    # With an odd number of macroblocks, x264's lookahead reads memory that was not set, and
    # two runs may differ.
    if columns * rows % 2:
        return b""
    try:
        context = _create_context(size, rate)
        context.open()
    except (av.FFmpegError, ValueError):
        return b""
    own = _sps(size, rate)
    units = (context.extradata or b"").split(_START_CODE)
    if len(units) < 3 or _slice_syntax(units[1]) != _slice_syntax(own):
        return b""
    return _START_CODE + units[2]


def _sps(size: tuple[int, int], rate: Fraction) -> bytes:
    return create_coder(size, rate).parameter_sets().split(_START_CODE)[1]


def _slice_syntax(sps: bytes) -> bytes:
    """The bytes of an SPS up to the number of reference frames, which precedes the picture size.

    Without the level, on which the syntax of slices does not depend.
    """
    return sps[:3] + sps[4:6]


def _create_context(size: tuple[int, int], rate: Fraction) -> Any:
    context: Any = av.CodecContext.create("libx264", "w")
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.framerate, context.time_base = rate, 1 / rate
    # Our encoder names the level by size and rate. Noise in motion would exceed its bits.
    limit = MAX_KILOBITS[_sps(size, rate)[3]]
    limits = f":vbv-maxrate={limit}:vbv-bufsize={limit}"
    context.options = {**OPTIONS, "x264-params": OPTIONS["x264-params"] + limits}
    context.flags |= Flags.global_header
    return context
