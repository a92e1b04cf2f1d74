"""Clears the "enabled" flag of an MP4's subtitle tracks, so that players show them on request only.

FFmpeg enables the first track of every kind, whatever its disposition says. Where captions are
drawn on the picture, viewers would see them twice. The flag is one bit of the track header box
(ISO/IEC 14496-12, 8.3.2), which is changed in place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

TRACK_ENABLED = 1
SUBTITLE_HANDLERS = (b"sbtl", b"subt", b"text")


def disable_subtitle_tracks(film: Path) -> None:
    """Clear the flag "track enabled" of every subtitle track of `film`."""
    with open(film, "r+b") as file:
        file.seek(0, 2)
        for moov in _boxes(file, b"moov", 0, file.tell()):
            for track in _boxes(file, b"trak", *moov):
                header = next(_boxes(file, b"tkhd", *track))
                if _handler_type(file, track) in SUBTITLE_HANDLERS:
                    # One byte of version, then three bytes of flags.
                    file.seek(header[0] + 3)
                    flags = file.read(1)[0]
                    file.seek(header[0] + 3)
                    file.write(bytes([flags & ~TRACK_ENABLED]))


def _handler_type(file: BinaryIO, track: tuple[int, int]) -> bytes:
    """The four-character code of a track's media handler, such as b"vide"."""
    media = next(_boxes(file, b"mdia", *track))
    handler = next(_boxes(file, b"hdlr", *media))
    file.seek(handler[0] + 8)
    return file.read(4)


def _boxes(file: BinaryIO, name: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The byte ranges of the contents of each box called `name` between `start` and `end`."""
    while start + 8 <= end:
        file.seek(start)
        size = int.from_bytes(file.read(4), "big")
        box_type, header_size = file.read(4), 8
        if size == 1:
            size, header_size = int.from_bytes(file.read(8), "big"), 16
        if box_type == name:
            yield start + header_size, start + size
        start += size or end
