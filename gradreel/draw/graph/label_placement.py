"""Places for the labels of a graph: near what they belong to, apart from everything else.

A label never lies on a card or on another label. It crosses an arrow only where the caller allows
that, because a background behind the letters hides the arrow.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from manim import Mobject

from gradreel.draw.graph.edge_arrow import ArrowKey
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats

CLEARANCE = 0.06  # between labels, cards and arrows
WORD_GAP = 0.3  # between two labels side by side, which would be read as one
OUTSIDE_MARGIN = 0.05  # by which a label may extend beyond the area
BLOCKED = 100.0  # cost of a card, a label or the edge of the area
CROSSING = 40.0  # cost of an arrow under the label


class Candidate(NamedTuple):
    """A position for a label's center; its cost without regard to anything else.

    `on_line` marks one on the label's own arrow, which it hides there.
    """

    cost: float
    center: Floats
    on_line: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A center for a label; whether it is free of cards and labels, and also of arrows."""

    center: Floats
    is_free: bool
    is_clear: bool


class LabelPlacement:
    """The occupied parts of a graph's area: `cards` and `lines` for good, labels by their keys.

    `lines` are points along the arrows, by the arrow's key.
    """

    def __init__(self, area: Rect, cards: Iterable[Rect], lines: Mapping[ArrowKey, Floats]) -> None:
        self.area = area
        self._cards = _rows(cards)
        self._labels: dict[Hashable, Floats] = {}
        self._keys = list(lines)
        self._points = np.concatenate([*lines.values(), np.zeros((0, 3))])[:, :2]
        self._owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines.values()])

    def reserve(self, key: Hashable, label: Mobject) -> None:
        """Occupy the box of a label where it is now."""
        width = label.width + 2 * (WORD_GAP - CLEARANCE)
        self._labels[key] = _box(label.get_center(), width, label.height)

    def release(self, key: Hashable) -> None:
        """Free what a label occupied."""
        self._labels.pop(key, None)

    def place(
        self, key: Hashable, label: Mobject, candidates: Sequence[Candidate],
        own_line: ArrowKey | None = None,
    ) -> Place:  # fmt: skip
        """Move `label` to the best of the candidates, and reserve the place if it is free.

        A candidate on its `own_line` may cover that.
        """
        self.release(key)
        centers = np.array([candidate.center[:2] for candidate in candidates])
        half = np.array([label.width, label.height]) / 2 + CLEARANCE
        boxes = np.concatenate([centers - half, centers + half], axis=1)
        blocked = self._blocked(boxes)
        on_line = np.array([candidate.on_line for candidate in candidates])
        crossed = np.where(on_line, self._crossed(boxes, own_line), self._crossed(boxes, None))
        costs = np.array([candidate.cost for candidate in candidates])
        best = int(np.argmin(costs + BLOCKED * blocked + CROSSING * crossed))
        place = Place(np.array([*centers[best], 0.0]), not blocked[best], not crossed[best])
        label.move_to(place.center)
        if place.is_free:
            self.reserve(key, label)
        return place

    def _blocked(self, boxes: Floats) -> Floats:
        """For each box, with how much it collides: cards, labels, the edge of the area."""
        others = np.concatenate([self._cards, *(row[None] for row in self._labels.values())])
        a, b = boxes[:, None], others[None]
        hits = (a[..., :2] < b[..., 2:]).all(axis=-1) & (b[..., :2] < a[..., 2:]).all(axis=-1)
        area, free = self.area, CLEARANCE - OUTSIDE_MARGIN
        low = boxes[:, :2] + free < [area.left, area.bottom]
        high = boxes[:, 2:] - free > [area.right, area.top]
        count: Floats = hits.sum(axis=1) + (low | high).any(axis=1)
        return count

    def _crossed(self, boxes: Floats, own_line: ArrowKey | None) -> Floats:
        """For each box, 1 if an arrow runs through it that is not `own_line`, else 0."""
        own = self._keys.index(own_line) if own_line is not None else -1
        points = self._points[self._owner != own]
        low, high = boxes[:, None, :2], boxes[:, None, 2:]
        inside = ((points > low) & (points < high)).all(axis=-1)
        crossed: Floats = inside.any(axis=1).astype(float)
        return crossed


def around(card: Rect, width: float, height: float) -> list[Candidate]:
    """Centers for a label of this size around a card, those closest under it first."""
    x, y = (card.left + card.right) / 2, (card.bottom + card.top) / 2
    slack = (card.right - card.left - width) / 2
    far = 0.4 * (card.right - card.left + width)
    shifts = (0.0, slack, -slack, *np.linspace(-far, far, 41))
    found: list[Candidate] = []
    for gap in (0.1, 0.2, 0.35, 0.5):
        for shift in shifts:
            reach = (card.top - card.bottom + height) / 2 + gap
            cost = gap + 0.2 * abs(float(shift))
            found.append(Candidate(cost, np.array([x + shift, y - reach, 0.0])))
            found.append(Candidate(cost + 0.2, np.array([x + shift, y + reach, 0.0])))
    for side in (-1, 1):
        reach = (card.right - card.left + width) / 2 + 0.12
        found.append(Candidate(0.8, np.array([x + side * reach, y, 0.0])))
    return found


def along(line: Floats, width: float, height: float, *, on_line: float) -> list[Candidate]:
    """Centers for a label of this size beside a line (n, 3), and on it at the cost `on_line`."""
    found: list[Candidate] = []
    for share in np.linspace(0.15, 0.85, 15):
        k = round(share * (len(line) - 1))
        tangent = line[min(k + 1, len(line) - 1)] - line[max(k - 1, 0)]
        normal = np.array([-tangent[1], tangent[0], 0.0]) / (np.linalg.norm(tangent) or 1.0)
        off_middle = abs(share - 0.5)
        found.append(Candidate(on_line + off_middle, line[k], on_line=True))
        reach = abs(normal[0]) * width / 2 + abs(normal[1]) * height / 2 + CLEARANCE
        for gap in (0.1, 0.18, 0.3):
            for side in (1, -1):
                center = line[k] + side * (reach + gap) * normal
                found.append(Candidate(off_middle + 2 * gap, center))
    return found


def _rows(rects: Iterable[Rect]) -> Floats:
    return np.array([[r.left, r.bottom, r.right, r.top] for r in rects]).reshape(-1, 4)


def _box(center: Floats, width: float, height: float) -> Floats:
    half = np.array([width, height]) / 2
    return np.concatenate([center[:2] - half, center[:2] + half])
