"""Cards in rows within an area, and the ways of the arrows between them."""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, UP, VGroup

from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.layout import Rect, point
from gradreel.draw.modules.row_routes import (
    LANE,
    Lane,
    Link,
    Route,
    RowRoutes,
    is_straight,
    pack_rows,
    places,
)
from gradreel.draw.plane import Floats

MOST_ROWS = 4
LEAST_GAP, MOST_GAP = 0.45, 1.2  # between cards of a row
SPREAD = 0.5  # more height for each gap between rows, where there is space


class RowLayout:
    """Moves `cards`, in reading order, to places in as few rows of `area` as possible.

    `links` are pairs of their numbers, from an input to its user. `fits` is whether there is space
    for all of them.
    """

    def __init__(self, cards: Sequence[OpCard], links: Sequence[Link], area: Rect) -> None:
        self.cards, self.links, self.area = list(cards), list(links), area
        self.fits = any(self._place_in(count) for count in range(1, MOST_ROWS + 1))

    def arrows(self) -> dict[Link, list[Floats]]:
        """The corners of the arrow of each link; none if the cards do not fit."""
        if not self.fits:
            return {}
        return {route.link: self._points(route) for route in self.routes.routes}

    def _place_in(self, count: int) -> bool:
        rows = pack_rows([card.width for card in self.cards], count, LEAST_GAP)
        return rows is not None and self._place(rows)

    def _place(self, rows: list[int]) -> bool:
        """Place each card in its row; False if they do not fit."""
        area = self.area
        cards = self.cards
        lines = [
            [c for c, r in zip(cards, rows, strict=True) if r == k] for k in range(max(rows) + 1)
        ]
        far = {start for start, end, _ in self.links if rows[end] > rows[start] + 1}
        margin = LANE * len(far)
        free = [area.width - margin - sum(card.width for card in line) for line in lines]
        gaps = [f / max(len(line) - 1, 1) for f, line in zip(free, lines, strict=True)]
        if min(free) < 0 or any(
            len(line) > 1 and g < LEAST_GAP for line, g in zip(lines, gaps, strict=True)
        ):
            return False
        for line, gap in zip(lines, gaps, strict=True):
            VGroup(*line).arrange(RIGHT, buff=min(gap, MOST_GAP))
        widest = max(VGroup(*line).width for line in lines)
        left = area.center[0] - (widest - margin) / 2
        for line in lines:
            row = VGroup(*line)
            row.shift((left - row.get_left()[0]) * RIGHT)
        self.routes = RowRoutes(rows, *self._port_positions(rows), left - LANE)
        heights = [max(card.height for card in line) for line in lines]
        between = [self.routes.gap_height(gap) for gap in range(len(lines))]
        spare = area.height - sum(heights) - sum(between)
        if spare < 0:
            return False
        more = min(spare / len(lines), SPREAD)
        between = [gap + (more if k else 0.0) for k, gap in enumerate(between)]
        top = area.center[1] + (sum(heights) + sum(between)) / 2
        self._lane_middles = []
        for line, height, gap in zip(lines, heights, between, strict=True):
            self._lane_middles.append(top - gap / 2)
            top -= gap + height
            for card in line:
                # Boxes of one row stand at one height, with or without sheets behind them.
                middle = top + max(c.box.height for c in line) / 2
                card.shift((middle - card.box.get_center()[1]) * UP)
        return True

    def _port_positions(self, rows: list[int]) -> tuple[dict[Link, float], dict[Link, float]]:
        """The x at which each arrow leaves its card, and enters the other one.

        Those that are not straight leave on the right half of a card and enter on the left half.
        They leave a card as one line on each side, its top and its bottom.
        """
        starts: dict[Link, float] = {}
        ends: dict[Link, float] = {}
        boxes = [card.box for card in self.cards]
        middles = [float(box.get_center()[0]) for box in boxes]
        for k, box in enumerate(boxes):
            left, width = float(box.get_left()[0]), float(box.width)
            out = [link for link in self.links if link[0] == k and not is_straight(link, rows)]
            out.sort(key=lambda link: (rows[link[1]], middles[link[1]], link))
            into = [link for link in self.links if link[1] == k and not is_straight(link, rows)]
            into.sort(key=lambda link: (middles[link[0]], link))
            is_above = [rows[link[1]] == rows[k] for link in out]
            for n, link in enumerate(out):
                share = 0.75 if len(set(is_above)) == 1 else 0.65 + 0.2 * is_above[n]
                starts[link] = left + width * share
            for n, link in enumerate(into):
                ends[link] = left + width * (0.05 + 0.4 * (n + 1) / (len(into) + 1))
            for link in (link for link in self.links if link[1] == k and is_straight(link, rows)):
                starts[link], ends[link] = float(boxes[k - 1].get_right()[0]), left
        return starts, ends

    def _points(self, route: Route) -> list[Floats]:
        """The corners of an arrow, from input to user."""
        link, routes = route.link, self.routes
        source, user = (self.cards[k] for k in link[:2])
        start, end = routes.starts[link], routes.ends[link]
        if not route.lanes:
            beside = [one for one in self.links if one[:2] == link[:2]]
            offset = ((len(beside) - 1) / 2 - beside.index(link)) * 0.24
            y = float(user.box.get_center()[1]) + offset
            return [point(start, y), point(end, y)]
        leaves, enters = route.lanes[0], route.lanes[-1]
        is_above = routes.rows[link[0]] == leaves.gap
        side = source.get_top() if is_above else source.box.get_bottom()
        y = self._lane_y(leaves)
        points = [point(start, float(side[1])), point(start, y)]
        if len(route.lanes) == 3:
            x = routes.margin_x - route.lanes[1].place * LANE
            y = self._lane_y(enters)
            points += [point(x, points[-1][1]), point(x, y)]
        return [*points, point(end, y), point(end, float(user.get_top()[1]))]

    def _lane_y(self, lane: Lane) -> float:
        """The height of a lane in the gap above a row."""
        count = places(self.routes.gaps[lane.gap])
        return float(self._lane_middles[lane.gap] + ((count - 1) / 2 - lane.place) * LANE)
