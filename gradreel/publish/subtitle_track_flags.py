"""Clears the "enabled" flag of an MP4's subtitle tracks, so that players show them on request only.

FFmpeg enables the first track of every kind, whatever its disposition says. Where captions are
drawn on the picture, viewers would see them twice. The flag is one bit of the track header box
(ISO/IEC 14496-12, 8.3.2), which is changed in place.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from deltarender.encoding.mp4_boxes import boxes, tracks

TRACK_ENABLED = 1
SUBTITLE_HANDLERS = (b"sbtl", b"subt", b"text")


def disable_subtitle_tracks(film: Path) -> None:
    """Clear the flag "track enabled" of every subtitle track of `film`."""
    with open(film, "r+b") as file:
        for track in tracks(file):
            header = next(boxes(file, b"tkhd", *track))
            if _handler_type(file, track) in SUBTITLE_HANDLERS:
                # One byte of version, then three bytes of flags.
                file.seek(header[0] + 3)
                flags = file.read(1)[0]
                file.seek(header[0] + 3)
                file.write(bytes([flags & ~TRACK_ENABLED]))


def _handler_type(file: BinaryIO, track: tuple[int, int]) -> bytes:
    """The four-character code of a track's media handler, such as b"vide"."""
    media = next(boxes(file, b"mdia", *track))
    handler = next(boxes(file, b"hdlr", *media))
    file.seek(handler[0] + 8)
    return file.read(4)
