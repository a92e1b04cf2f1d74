"""Which part of a picture has changed, kept as a grid of tiles.

Rectangles are (left, top, right, bottom) in pixels, right and bottom excluded, origin at the top
left. Those handed out are disjoint and lie on tile borders, except at the picture's own edge.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage  # type: ignore[import-untyped]

Rect = tuple[int, int, int, int]

TILE = 16  # even, so that chroma samples never straddle a border
MOST_RECTS = 12
CORNERS_TOO = np.ones((3, 3), dtype=bool)  # tiles that meet at a corner belong together


def whole(width: int, height: int) -> Rect:
    """The rectangle of an entire picture."""
    return (0, 0, width, height)


class Tiles:
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

    def mark_all(self) -> None:
        """Count everything as changed."""
        self.marks[:] = True
        self._rects = [whole(self.width, self.height)]

    def clear(self) -> None:
        """Count nothing as changed."""
        self.marks[:] = False
        self._rects = []

    def add(self, other: Tiles) -> None:
        """Count as changed what is changed in `other`, a grid of the same size."""
        self._rects = other._rects if self._rects == [] else None
        self.marks |= other.marks

    def __bool__(self) -> bool:
        return bool(self.marks.any())

    def rects(self) -> list[Rect]:
        """Disjoint rectangles that cover all that is changed, at most MOST_RECTS."""
        if self._rects is None:
            self._rects = self._found()
        return self._rects

    def _found(self) -> list[Rect]:
        if not self:
            return []
        if self.marks.all():
            return [whole(self.width, self.height)]
        labels, _ = ndimage.label(self.marks, CORNERS_TOO)
        boxes = _disjoint(
            (s[1].start, s[0].start, s[1].stop, s[0].stop) for s in ndimage.find_objects(labels)
        )
        while len(boxes) > MOST_RECTS:
            boxes = _disjoint(_without_cheapest_pair(boxes))
        return [
            (x0 * TILE, y0 * TILE, min(x1 * TILE, self.width), min(y1 * TILE, self.height))
            for x0, y0, x1, y1 in boxes
        ]


def differing(old: npt.NDArray[Any], new: npt.NDArray[Any], into: Tiles) -> None:
    """Mark the rows and columns between which two pictures (height, width, 4) differ."""
    a, b = old.view(np.uint32)[..., 0], new.view(np.uint32)[..., 0]
    changed = a != b
    rows = np.flatnonzero(changed.any(axis=1))
    if len(rows):
        y0, y1 = int(rows[0]), int(rows[-1]) + 1
        columns = np.flatnonzero(changed[y0:y1].any(axis=0))
        into.mark((int(columns[0]), y0, int(columns[-1]) + 1, y1))


def _joined(a: Rect, b: Rect) -> Rect:
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))


def _disjoint(boxes: Iterable[Rect]) -> list[Rect]:
    """`boxes` with those that overlap joined, until none do."""
    done: list[Rect] = []
    left = list(boxes)
    while left:
        box = left.pop()
        for other in done:
            if box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]:
                done.remove(other)
                left.append(_joined(box, other))
                break
        else:
            done.append(box)
    return done


def _without_cheapest_pair(boxes: list[Rect]) -> list[Rect]:
    """`boxes` with the two joined whose common box adds the least area."""
    corners = np.array(boxes)
    low = np.minimum(corners[:, None, :2], corners[:, :2])
    wide, high = np.moveaxis(np.maximum(corners[:, None, 2:], corners[:, 2:]) - low, -1, 0)
    own = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    added = (wide * high - own[:, None] - own).astype(float)
    np.fill_diagonal(added, np.inf)
    i, j = divmod(int(added.argmin()), len(boxes))
    return [box for k, box in enumerate(boxes) if k not in (i, j)] + [_joined(boxes[i], boxes[j])]
