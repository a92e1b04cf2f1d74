"""The changed region of a frame, kept as a grid of tiles and returned as rectangles.

The rectangles returned are disjoint and lie on tile borders, except at the edge of the frame.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from deltarender._native import bounding_rects
from deltarender.encoding.rect import Rect, full_rect

TILE = 16  # pixels; even, so that a chroma sample belongs to one tile
MAX_RECTS = 12


class DirtyTiles:
    """The changed region of a frame of `width` by `height` pixels.

    `marks` is a boolean array (rows, columns) of tiles. Call `invalidate` after writing to it.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.marks = np.zeros((-(-height // TILE), -(-width // TILE)), dtype=bool)
        self._rects: list[Rect] | None = []  # None: to be computed from `marks`

    def mark(self, rect: Rect) -> None:
        """Mark a rectangle as changed; the part outside the frame is ignored."""
        x0, y0, x1, y1 = rect
        if x1 > 0 and y1 > 0 and x0 < x1 and y0 < y1:
            self._rects = None
            self.marks[max(y0, 0) // TILE : -(-y1 // TILE), max(x0, 0) // TILE : -(-x1 // TILE)] = (
                True
            )

    def invalidate(self) -> None:
        """Compute the rectangles again, since `marks` was changed from outside."""
        self._rects = None

    def mark_all(self) -> None:
        """Mark the whole frame as changed."""
        self.marks[:] = True
        self._rects = [full_rect(self.width, self.height)]

    def clear(self) -> None:
        """Mark the whole frame as unchanged."""
        self.marks[:] = False
        self._rects = []

    def add(self, other: DirtyTiles) -> None:
        """Mark what is marked in `other`, a grid of the same size."""
        self._rects = other._rects if self._rects == [] else None
        self.marks |= other.marks

    def __bool__(self) -> bool:
        return bool(self.marks.any())

    def rects(self) -> list[Rect]:
        """At most MAX_RECTS disjoint rectangles that cover the changed region."""
        if self._rects is None:
            size = self.width, self.height
            self._rects = (
                [full_rect(*size)]
                if self.marks.all()
                else bounding_rects(self.marks, TILE, *size, MAX_RECTS)
            )
        return self._rects


def pixels_differ(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> bool:
    """Whether two frames (height, width, 4) of bytes differ in any pixel."""
    return not np.array_equal(old.view(np.uint32), new.view(np.uint32))


def mark_difference(old: npt.NDArray[Any], new: npt.NDArray[Any], tiles: DirtyTiles) -> None:
    """Mark in `tiles` the bounding box of the pixels in which two frames (height, width, 4) differ.

    Both are arrays of bytes.
    """
    old_pixels, new_pixels = old.view(np.uint32)[..., 0], new.view(np.uint32)[..., 0]
    changed = old_pixels != new_pixels
    rows = np.flatnonzero(changed.any(axis=1))
    if len(rows):
        y0, y1 = int(rows[0]), int(rows[-1]) + 1
        columns = np.flatnonzero(changed[y0:y1].any(axis=0))
        tiles.mark((int(columns[0]), y0, int(columns[-1]) + 1, y1))
