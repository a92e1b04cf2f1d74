"""Which part of a picture has changed, kept as a grid of tiles.

Rectangles are (left, top, right, bottom) in pixels, right and bottom excluded, origin at the top
left. Those handed out are disjoint and lie on tile borders, except at the picture's own edge.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from deltarender._native import bounding_rects

Rect = tuple[int, int, int, int]

TILE = 16  # even, so that chroma samples never straddle a border
MOST_RECTS = 12


def whole(width: int, height: int) -> Rect:
    """The rectangle of an entire picture."""
    return (0, 0, width, height)


class DirtyTiles:
    """The changed part of a picture of `width` by `height` pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.marks = np.zeros((-(-height // TILE), -(-width // TILE)), dtype=bool)
        self._rects: list[Rect] | None = []  # None: to be found

    def mark(self, rect: Rect) -> None:
        """Count a rectangle as changed; parts outside the picture are ignored."""
        x0, y0, x1, y1 = rect
        if x1 > 0 and y1 > 0 and x0 < x1 and y0 < y1:
            self._rects = None
            self.marks[max(y0, 0) // TILE : -(-y1 // TILE), max(x0, 0) // TILE : -(-x1 // TILE)] = (
                True
            )

    def invalidate(self) -> None:
        """Heed what somebody else has written into `marks`."""
        self._rects = None

    def mark_all(self) -> None:
        """Count everything as changed."""
        self.marks[:] = True
        self._rects = [whole(self.width, self.height)]

    def clear(self) -> None:
        """Count nothing as changed."""
        self.marks[:] = False
        self._rects = []

    def add(self, other: DirtyTiles) -> None:
        """Count as changed what is changed in `other`, a grid of the same size."""
        self._rects = other._rects if self._rects == [] else None
        self.marks |= other.marks

    def __bool__(self) -> bool:
        return bool(self.marks.any())

    def rects(self) -> list[Rect]:
        """Disjoint rectangles that cover all that is changed, at most MOST_RECTS."""
        if self._rects is None:
            size = self.width, self.height
            self._rects = (
                [whole(*size)]
                if self.marks.all()
                else bounding_rects(self.marks, TILE, *size, MOST_RECTS)
            )
        return self._rects


def differ(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> bool:
    """Whether two pictures (height, width, 4) differ anywhere."""
    return not np.array_equal(old.view(np.uint32), new.view(np.uint32))


def differing(old: npt.NDArray[Any], new: npt.NDArray[Any], into: DirtyTiles) -> None:
    """Mark the rows and columns between which two pictures (height, width, 4) differ."""
    a, b = old.view(np.uint32)[..., 0], new.view(np.uint32)[..., 0]
    changed = a != b
    rows = np.flatnonzero(changed.any(axis=1))
    if len(rows):
        y0, y1 = int(rows[0]), int(rows[-1]) + 1
        columns = np.flatnonzero(changed[y0:y1].any(axis=0))
        into.mark((int(columns[0]), y0, int(columns[-1]) + 1, y1))
