"""The video stream of `--encode fast`: our own encoder, and x264 where much of the picture moves.

Where little changes, our encoder takes a tenth of x264's time. Where a large part changes in every
frame (cameras, turning surfaces, large gradients), x264 is as fast, and smooths blocks.
Both encode stretches of the same video: closed GOPs under one SPS.

Which one encodes a stretch depends on how much of the picture changes in the next frames: not on
the area of rectangles, in which little may differ. These frames are held back, as their changes.
Frames from a forced keyframe on are not looked at before it, so that the choice does not depend on
how a video is split among processes.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np

from deltarender.encoding.buffer_pool import BufferPool
from deltarender.encoding.h264_level import BitRateMeter, level_for, set_level
from deltarender.encoding.h264_stream import DeltaStretch, create_coder
from deltarender.encoding.rect import Rect, full_rect
from deltarender.encoding.stretch import CodedPicture, Stretch
from deltarender.encoding.video_stream import KEYFRAME_INTERVAL_S
from deltarender.encoding.x264_stretch import X264Stretch, x264_pps
from deltarender.encoding.yuv_frame import Pixels, YuvFrame

LOOKAHEAD_S = 0.2
MAX_LOOKAHEAD_BYTES = 40_000_000  # of samples that are held back
MIN_STRETCH = 4  # frames, so that keyframes do not follow each other
# Shares of the picture's macroblocks that change per frame: above the first x264 begins, below the
# second our encoder does. Fading and moving text changes 0.08 to 0.1 of them, a surface that turns
# 0.16, a camera 0.25.
MUCH, LITTLE = 0.13, 0.08
LEVEL_IN_SPS = 7  # the byte of level_idc, after the start code, the header and two more
SAMPLED = 4  # every fourth row and column is compared, to see whether a macroblock changes


@dataclass(slots=True)
class _Frame:
    """A frame that is held back: what changes in it, and whether it is a forced keyframe."""

    changes: list[tuple[Rect, Pixels]] = field(default_factory=list)
    changed_share: float = 0.0
    is_forced: bool = False


class AdaptiveH264Stream:
    """Implements VideoStream."""

    def __init__(self, out: Any, size: tuple[int, int], rate: Fraction) -> None:
        self._out, self._size, self._rate = out, size, rate
        self._coder = create_coder(size, rate)
        self._uses_x264 = bool(x264_pps(size, rate))
        self._picture = YuvFrame(*size)
        self._latest_luma = np.zeros((size[1], size[0]), np.uint8)  # of the newest frame
        self._buffers = BufferPool()
        picture_bytes = size[0] * size[1] * 3 // 2
        self._lookahead = min(
            max(round(LOOKAHEAD_S * rate), MIN_STRETCH), MAX_LOOKAHEAD_BYTES // picture_bytes
        )
        self._meter = BitRateMeter(rate)
        self._next = _Frame()
        self._held: deque[_Frame] = deque()
        self._index = self._stretch_start = 0  # of the next frame that is encoded
        self._stretch: Stretch | None = None
        self._stream: Any = None

    def update_rect(self, rect: Rect, samples: Pixels) -> None:
        """Replace a rectangle of the current picture."""
        kept = self._buffers.acquire(len(samples))
        kept[:] = samples
        self._next.changes.append((rect, kept))
        self._next.changed_share += self._changed_share(rect, kept)

    def add_frame(self, force_keyframe: bool = False) -> None:
        """Append the current picture as one frame."""
        self._next.is_forced = force_keyframe
        self._held.append(self._next)
        self._next = _Frame()
        if len(self._held) > self._lookahead:
            self._encode_next()

    def finish(self) -> None:
        """Write the frames that are held back."""
        while self._held:
            self._encode_next()
        if self._stretch is not None:
            self._mux(self._stretch.finish())

    def correct_level(self, video: Path) -> None:
        """Raise the level in the closed file of this stream if it has more bits per second."""
        usual = create_coder(self._size, self._rate).parameter_sets()[LEVEL_IN_SPS]
        level = level_for(self._meter.max_bits, usual)
        if level > usual:
            set_level(video, level)

    def _changed_share(self, rect: Rect, samples: Pixels) -> float:
        """The share of the picture's macroblocks that a change of a rectangle affects."""
        left, top, right, bottom = rect
        before = self._latest_luma[top:bottom, left:right]
        after = samples[: before.size].reshape(before.shape)
        changed = before[::SAMPLED, ::SAMPLED] != after[::SAMPLED, ::SAMPLED]
        before[...] = after
        for axis in (0, 1):
            starts = np.arange(0, changed.shape[axis], 16 // SAMPLED)
            changed = np.logical_or.reduceat(changed, starts, axis=axis)
        return float(changed.sum()) * 256 / self._latest_luma.size

    def _encode_next(self) -> None:
        """Encode the oldest frame that is held back."""
        reset = not self._index or self._held[0].is_forced
        ahead = self._ahead()
        frame = self._held.popleft()
        for rect, samples in frame.changes:
            self._picture.update_rect(rect, samples)
        kind = self._kind(ahead, reset=reset)
        if reset or kind is not type(self._stretch) or self._is_due(ahead):
            self._begin_stretch(kind, reset=reset)
        else:
            for rect, samples in frame.changes:
                self._stretch_now.update_rect(rect, samples)
        for _, samples in frame.changes:
            self._buffers.release(samples)
        self._mux(self._stretch_now.encode(self._index))
        self._index += 1

    @property
    def _stretch_now(self) -> Stretch:
        assert self._stretch is not None
        return self._stretch

    def _ahead(self) -> list[float]:
        """The changed shares of the oldest frame and of those after it up to a forced keyframe."""
        shares = [self._held[0].changed_share]
        for frame in islice(self._held, 1, None):
            if frame.is_forced:
                break
            shares.append(frame.changed_share)
        return shares

    def _kind(self, ahead: list[float], *, reset: bool) -> type[Any]:
        """Which encoder is the better one for the oldest frame."""
        now: type[Any] = DeltaStretch if reset or self._stretch is None else type(self._stretch)
        if not self._uses_x264 or len(ahead) < MIN_STRETCH:
            return now
        # At a reset all of the picture is said to change.
        usual = float(np.median(ahead[1:] if reset else ahead))
        if now is DeltaStretch and usual > MUCH and (reset or ahead[0] > MUCH):
            return X264Stretch
        if now is X264Stretch and usual < LITTLE and ahead[0] < LITTLE:
            return DeltaStretch
        return now

    def _is_due(self, ahead: list[float]) -> bool:
        """Whether a stretch of x264, which is one GOP, has become too long for seeking."""
        length = self._index - self._stretch_start
        return (
            isinstance(self._stretch, X264Stretch)
            and length >= KEYFRAME_INTERVAL_S * self._rate
            and len(ahead) >= MIN_STRETCH
        )

    def _begin_stretch(self, kind: type[Any], *, reset: bool) -> None:
        if self._stretch is not None:
            self._mux(self._stretch.finish())
        self._stretch_start = self._index
        if kind is X264Stretch:
            self._stretch = X264Stretch(self._picture, self._rate, self._index)
            return
        self._stretch = DeltaStretch(self._coder, self._rate, self._index, reset=reset)
        samples = np.concatenate([plane.ravel() for plane in self._picture.planes])
        self._stretch.update_rect(full_rect(*self._size), samples)

    def _mux(self, pictures: Iterable[CodedPicture]) -> None:
        for picture in pictures:
            self._meter.add_frame(len(picture.data))
            if self._stream is None:
                self._stream = self._create_stream(picture.data)
            packet = av.Packet(picture.data)
            packet.pts = packet.dts = picture.number
            packet.time_base = 1 / self._rate
            packet.duration = 1
            packet.is_keyframe = picture.is_keyframe
            packet.stream = self._stream
            self._out.mux(packet)

    def _create_stream(self, first_frame: bytes) -> Any:
        """The stream of the output file. PyAV can create one only from a stream that it reads."""
        # The first zero of a start code after the parameter sets would become their last byte.
        start = parameter_sets(self._size, self._rate) + first_frame.removeprefix(b"\0")
        with av.open(io.BytesIO(start), format="h264") as source:
            stream = self._out.add_stream_from_template(source.streams.video[0], opaque=True)
        stream.time_base = 1 / self._rate
        return stream


def parameter_sets(size: tuple[int, int], rate: Fraction) -> bytes:
    """The parameter sets of a stream: streams that have the same can be joined."""
    return create_coder(size, rate).parameter_sets() + x264_pps(size, rate)
