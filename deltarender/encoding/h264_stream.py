"""The pictures of our own H.264 encoder (_native/h264), whose cost is that of the changed area.

x264 examines all macroblocks of a picture (2 ms at 1080p) even if nothing in it changed.
A drawing changes in few macroblocks, and these contain lines, letters and uniform areas.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from deltarender._native import H264Encoder
from deltarender.encoding.rect import Rect
from deltarender.encoding.stretch import CodedPicture
from deltarender.encoding.video_stream import KEYFRAME_INTERVAL_S
from deltarender.encoding.yuv_frame import Pixels

AT_REST, OF_KEYFRAMES = 24, 21  # quantizers of macroblocks
# Of few macroblocks that are in motion. Pictures that are seen for longer are quantized finer, as
# x264's constant rate factor does.
IN_MOTION, IN_SLOW_MOTION = 35, 33
SLOW = 45  # frames per second: below, pictures are seen for long
MAX_RATE_DENOMINATOR = 100_000  # H.264 stores numerator and denominator in 32 bits


class DeltaStretch:
    """Implements Stretch: every frame is coded as its difference to the last one."""

    def __init__(self, coder: H264Encoder, rate: Fraction, first: int, *, reset: bool) -> None:
        self._coder = coder
        self._first, self._reset = first, reset
        self._keyframe_interval = max(round(KEYFRAME_INTERVAL_S * rate), 1)

    def update_rect(self, rect: Rect, samples: Pixels) -> None:
        """Replace a rectangle of the current picture."""
        self._coder.update_rect(rect, samples)

    def encode(self, index: int) -> Iterable[CodedPicture]:
        """The current picture as frame number `index`."""
        is_first = index == self._first
        is_keyframe = (index - self._first) % self._keyframe_interval == 0
        data = self._coder.encode(is_keyframe, is_first and self._reset)
        return [CodedPicture(data, index, is_keyframe)]

    def finish(self) -> Iterable[CodedPicture]:
        """Nothing: every frame is returned by `encode`."""
        return ()


def create_coder(size: tuple[int, int], rate: Fraction) -> H264Encoder:
    """An encoder for pictures of `size` (width, height) at `rate` frames per second."""
    coded_rate = rate.limit_denominator(MAX_RATE_DENOMINATOR)
    quantizers = AT_REST, OF_KEYFRAMES, IN_SLOW_MOTION if rate < SLOW else IN_MOTION
    return H264Encoder(*size, coded_rate.numerator, coded_rate.denominator, quantizers)
