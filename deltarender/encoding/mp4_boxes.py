"""The boxes of MP4 and MOV files (ISO/IEC 14496-12), so that bytes can be changed in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

ByteRange = tuple[int, int]  # of the contents of a box: first byte, end


def boxes(file: BinaryIO, name: bytes, start: int, end: int) -> Iterator[ByteRange]:
    """The contents of each box called `name` between the bytes `start` and `end`."""
    while start + 8 <= end:
        file.seek(start)
        size = int.from_bytes(file.read(4), "big")
        box_type, header_size = file.read(4), 8
        if size == 1:
            size, header_size = int.from_bytes(file.read(8), "big"), 16
        if box_type == name:
            yield start + header_size, start + size
        start += size or end


def tracks(file: BinaryIO) -> Iterator[ByteRange]:
    """The contents of each track."""
    file.seek(0, 2)
    for moov in boxes(file, b"moov", 0, file.tell()):
        yield from boxes(file, b"trak", *moov)
