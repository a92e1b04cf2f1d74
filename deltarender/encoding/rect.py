"""Rectangles of pixels: (left, top, right, bottom), right and bottom excluded, origin top left."""

from __future__ import annotations

Rect = tuple[int, int, int, int]


def full_rect(width: int, height: int) -> Rect:
    """The rectangle of a whole frame."""
    return (0, 0, width, height)
