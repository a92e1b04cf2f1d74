"""The level of an H.264 file: what a decoder must be able to do, by size, rate and bit rate.

Size and rate are known when a file begins, the bit rate only at its end: then the level is raised
if it does not allow as many bits (Rec. ITU-T H.264, table A-1).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from deltarender.encoding.mp4_boxes import boxes, tracks

# Bits per second that a level allows in the High profile, in thousands, by level_idc.
MAX_KILOBITS = {
    30: 12_500, 31: 17_500, 32: 25_000, 40: 25_000, 42: 62_500, 50: 168_750, 51: 300_000,
    52: 300_000, 60: 300_000, 61: 600_000, 62: 1_000_000,
}  # fmt: skip
# Where AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1), which is also the extradata of a
# stream, has the level: itself, and in its first SPS.
LEVEL_BYTES = (3, 11)
_SAMPLE_DESCRIPTION = (b"mdia", b"minf", b"stbl", b"stsd", b"avc1", b"avcC")
_FIELDS_BEFORE_BOXES = {b"stsd": 8, b"avc1": 78}  # bytes


class BitRateMeter:
    """Finds the second with the most bits in a video of `rate` frames per second."""

    def __init__(self, rate: Fraction) -> None:
        self._latest: deque[int] = deque(maxlen=max(-(-rate.numerator // rate.denominator), 1))
        self.max_bits = 0

    def add_frame(self, size: int) -> None:
        """Count a frame of `size` bytes."""
        self._latest.append(8 * size)
        self.max_bits = max(self.max_bits, sum(self._latest))


def level_for(max_bits: int, at_least: int) -> int:
    """The lowest level_idc from `at_least` on that allows `max_bits` per second."""
    fits = (
        idc for idc, kilobits in MAX_KILOBITS.items()
        if idc >= at_least and 1000 * kilobits >= max_bits
    )  # fmt: skip
    return next(fits, max(MAX_KILOBITS))


def without_level(extradata: bytes | None) -> bytes:
    """Extradata that are equal for streams of different levels, whose packets can share a file."""
    result = bytearray(extradata or b"")
    for index in LEVEL_BYTES:
        if index < len(result):
            result[index] = 0
    return bytes(result)


def highest_level(extradata: Iterable[bytes | None]) -> int:
    """The highest level_idc of streams, 0 without any."""
    return max(
        (data[LEVEL_BYTES[0]] for data in extradata if data and len(data) > LEVEL_BYTES[1]),
        default=0,
    )


def set_level(video: Path, level: int) -> None:
    """Write `level` as level_idc into an MP4 or MOV file with H.264, in place."""
    with open(video, "r+b") as file:
        for track in tracks(file):
            start, end = track
            for name in _SAMPLE_DESCRIPTION:
                start, end = next(boxes(file, name, start, end), (end, end))
                start += _FIELDS_BEFORE_BOXES.get(name, 0)
            for index in LEVEL_BYTES if start < end else ():
                file.seek(start + index)
                file.write(bytes([level]))
