"""Switches the subtitle track of an MP4 off, so that players show it only when asked.

FFmpeg switches the first track of every kind on, whatever its disposition says; where captions are
drawn on the picture, they would be read twice. The flag is one bit of the track's header (ISO/IEC
14496-12, 8.3.2), changed in place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

ENABLED = 1
SUBTITLES = (b"sbtl", b"subt", b"text")


def switch_off_subtitles(film: Path) -> None:
    """Let no subtitle track of `film` be shown unless it is asked for."""
    with open(film, "r+b") as file:
        file.seek(0, 2)
        for moov in _boxes(file, b"moov", 0, file.tell()):
            for track in _boxes(file, b"trak", *moov):
                header = next(_boxes(file, b"tkhd", *track))
                if _kind(file, track) in SUBTITLES:
                    # One byte of version, then three of flags.
                    file.seek(header[0] + 3)
                    flags = file.read(1)[0]
                    file.seek(header[0] + 3)
                    file.write(bytes([flags & ~ENABLED]))


def _kind(file: BinaryIO, track: tuple[int, int]) -> bytes:
    """What a track is, as its media handler names it."""
    media = next(_boxes(file, b"mdia", *track))
    handler = next(_boxes(file, b"hdlr", *media))
    file.seek(handler[0] + 8)
    return file.read(4)


def _boxes(file: BinaryIO, name: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the contents of each box called `name` between two places begin and end."""
    while start + 8 <= end:
        file.seek(start)
        size = int.from_bytes(file.read(4), "big")
        kind, head = file.read(4), 8
        if size == 1:
            size, head = int.from_bytes(file.read(8), "big"), 16
        if kind == name:
            yield start + head, start + size
        start += size or end
