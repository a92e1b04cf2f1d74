"""Ways for arrows between cards that stand in rows: through the gaps, never over a card.

An arrow to the next card of a row is straight. Any other leaves its card at the top or the bottom,
runs along a lane in the gap between two rows and enters the other card from above; over more than
one row it goes down in the margin left of the rows. Lanes that would overlap lie beside each other,
except those of one card: they are one line with branches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LANE = 0.13  # between lanes, frame units
CLEAR = 0.22  # between a lane and the card that its arrow enters
LEAST_GAP = 0.34  # between rows
LANE_MARGIN = 0.12  # between the ends of lanes in one place

Link = tuple[int, int, int]
"""The numbers in reading order of an input's card and its user's card, and the input's slot."""


@dataclass(slots=True)
class Lane:
    """A line in a gap, from `low` to `high` along it, in place `place` of those beside it.

    `source` is the number of the card from which its arrow comes.
    """

    source: int
    gap: int
    low: float
    high: float
    place: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """The lanes of one arrow: none if it is straight, three if it goes through the margin."""

    link: Link
    lanes: tuple[Lane, ...] = ()


@dataclass
class RowRoutes:
    """The routes of links between cards; card k stands in row `rows[k]`.

    `starts` and `ends` are the x of each link's ends. Gap g is above row g; the margin is one gap.
    """

    rows: Sequence[int]
    starts: Mapping[Link, float]
    ends: Mapping[Link, float]
    margin_x: float
    routes: list[Route] = field(default_factory=list)
    gaps: dict[int, list[Lane]] = field(default_factory=dict)
    margin: list[Lane] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Short ones first: they get the lanes nearest to each other.
        for link in sorted(self.starts, key=lambda link: (link[1] - link[0], link)):
            self.routes.append(Route(link, self._lanes(link)))

    def gap_height(self, gap: int) -> float:
        """The height that gap `gap` of the rows needs."""
        count = places(self.gaps.get(gap, ()))
        if count:
            return (count - 1) * LANE + 2 * CLEAR
        return LEAST_GAP if gap else 0.0

    @property
    def margin_width(self) -> float:
        """The width that the lines in the margin need."""
        return places(self.margin) * LANE

    def _lanes(self, link: Link) -> tuple[Lane, ...]:
        if is_straight(link, self.rows):
            return ()
        row, end_row = self.rows[link[0]], self.rows[link[1]]
        start, end = self.starts[link], self.ends[link]
        source, above = link[0], self._in_gap(end_row)
        if end_row <= row + 1:
            return (_add_lane(above, Lane(source, end_row, *_ends(start, end))),)
        down = _add_lane(self.margin, Lane(source, 0, *_ends(row + 1, end_row)))
        leaves = _add_lane(
            self._in_gap(row + 1), Lane(source, row + 1, *_ends(self.margin_x, start))
        )
        enters = _add_lane(above, Lane(source, end_row, *_ends(self.margin_x, end)))
        return leaves, down, enters

    def _in_gap(self, gap: int) -> list[Lane]:
        return self.gaps.setdefault(gap, [])


def _ends(one: float, other: float) -> tuple[float, float]:
    return min(one, other) - LANE_MARGIN, max(one, other) + LANE_MARGIN


def _add_lane(lanes: list[Lane], lane: Lane) -> Lane:
    """The lane in the first place that no lane of another card has there."""
    used = {
        o.place
        for o in lanes
        if o.source != lane.source and o.low < lane.high and lane.low < o.high
    }
    lane.place = next(k for k in range(len(used) + 1) if k not in used)
    lanes.append(lane)
    return lane


def is_straight(link: Link, rows: Sequence[int]) -> bool:
    """Whether a link leads to the next card of the same row."""
    return link[1] == link[0] + 1 and rows[link[0]] == rows[link[1]]


def places(lanes: Sequence[Lane]) -> int:
    """How many lanes are beside each other."""
    return 1 + max((lane.place for lane in lanes), default=-1)


def pack_rows(widths: Sequence[float], rows: int, gap: float) -> list[int] | None:
    """The row of each card, so that the widest row is narrow; None for more rows than cards."""
    if rows > len(widths):
        return None
    low, high = max(widths), sum(widths) + gap * len(widths)
    for _ in range(24):
        middle = (low + high) / 2
        if len(set(_fill(widths, middle, gap))) > rows:
            low = middle
        else:
            high = middle
    return _fill(widths, high, gap)


def _fill(widths: Sequence[float], most: float, gap: float) -> list[int]:
    row, used = 0, 0.0
    numbers = []
    for width in widths:
        if used and used + gap + width > most + 1e-9:
            row, used = row + 1, 0.0
        used += width + (gap if used else 0.0)
        numbers.append(row)
    return numbers
