"""A ring of stations: things are done at each, and a value is carried on to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import (
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    LaggedStart,
    Polygon,
    RoundedRectangle,
    ShowPassingFlash,
    VGroup,
    VMobject,
    bezier,
)

from gradreel.draw.graph.edge_arrow import Travel
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.draw.text_background import text_background
from gradreel.theme import FontSize, StrokeWidth, colors

TIP = 0.22
MOST_HEIGHT = 0.8  # of the width


class CycleDiagram(VGroup):
    """`stations` stand clockwise around an ellipse in `area`, the first at the top.

    Way k leads from station k to the next one; `inner` is the room inside the ring.
    """

    def __init__(self, stations: Sequence[str], tones: Sequence[str], area: Rect) -> None:
        super().__init__()
        self.stations = [_station(words, tone) for words, tone in zip(stations, tones, strict=True)]
        wide = max(station.width for station in self.stations)
        tall = self.stations[0].height
        self.middle = area.center
        self.reach = np.array([(area.width - wide) / 2, (area.height - tall) / 2 - 0.1])
        self.reach[1] = min(self.reach[1], self.reach[0] * MOST_HEIGHT)
        inner_width, inner_height = 2 * self.reach - [wide + 0.5, tall + 0.6]
        x, y = self.middle[:2]
        self.inner = Rect(
            x - inner_width / 2, x + inner_width / 2, y - inner_height / 2, y + inner_height / 2
        )
        share = 2 * np.pi / len(stations)
        self.angles = [np.pi / 2 - k * share for k in range(len(stations))]
        for station, angle in zip(self.stations, self.angles, strict=True):
            station.move_to(self._at(angle))
        self.ways = [self._way(k, share) for k in range(len(stations))]
        self.add(*self.ways, *self.stations)

    def _at(self, angle: float) -> Floats:
        place: Floats = self.middle + np.array(
            [self.reach[0] * np.cos(angle), self.reach[1] * np.sin(angle), 0.0]
        )
        return place

    def _way(self, index: int, share: float) -> RingWay:
        """The part of the ellipse between two stations' boxes."""
        here = self.stations[index]
        there = self.stations[(index + 1) % len(self.stations)]
        places = [self._at(self.angles[index] - part * share) for part in np.linspace(0, 1, 61)]
        free = [p for p in places if not (_in(here, p) or _in(there, p))]
        return RingWay(free)

    # Verbs

    def appears(self) -> Animation:
        """Station by station, each with the way to the next."""
        pairs = [
            AnimationGroup(FadeIn(station, scale=0.8), Create(way.line), FadeIn(way.tip))
            for station, way in zip(self.stations, self.ways, strict=True)
        ]
        return LaggedStart(*pairs, lag_ratio=0.5)

    def works(self, index: int) -> Animation:
        """The frame of a station flashes: its call is made."""
        frame = self.stations[index][1]
        flash = frame.copy().set_stroke(colors.accent, StrokeWidth.frame * 2)
        return ShowPassingFlash(flash, time_width=0.7)

    def carries(self, index: int, tag: VMobject) -> Animation:
        """A thing is carried along way `index`."""
        return Travel(VGroup(text_background(tag, margin=0.07), tag), self.ways[index])

    def runs(self) -> Animation:
        """A light runs once around."""
        flashes = [
            ShowPassingFlash(way.line.copy().set_stroke(colors.accent, StrokeWidth.curve + 2))
            for way in self.ways
        ]
        return LaggedStart(*flashes, lag_ratio=0.6)


class RingWay(VGroup):
    """A curved arrow through `places`."""

    def __init__(self, places: Sequence[Floats]) -> None:
        super().__init__()
        end = places[-1]
        way = end - places[-4]
        way = way / np.linalg.norm(way)
        side = np.array([-way[1], way[0], 0.0]) * TIP * 0.45
        back = end - way * TIP
        self.line = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.arrow)
        self.line.set_points_smoothly([*places[:-4], back])
        self.tip = Polygon(
            end, back + side, back - side, stroke_width=0, fill_color=colors.muted, fill_opacity=1
        )
        self.add(self.line, self.tip)

    def point_at(self, share: float) -> Floats:
        """The point `share` of the way."""
        # Manim's own walks along all curves of the line, 0.3 ms a frame; these are short.
        curves = self.line.points.reshape(-1, 4, 3)
        ends = np.cumsum(np.linalg.norm(curves[:, 3] - curves[:, 0], axis=1))
        at = share * ends[-1]
        index = min(int(np.searchsorted(ends, at)), len(ends) - 1)
        start = ends[index - 1] if index else 0.0
        point: Floats = bezier(curves[index])((at - start) / (ends[index] - start))
        return point


def _station(words: str, tone: str) -> VGroup:
    label = text(words, font_size=FontSize.code, color=colors.text, mono=True)
    box = RoundedRectangle(
        corner_radius=0.2, width=label.width + 0.5, height=0.75,
        stroke_width=0, fill_color=colors.panel, fill_opacity=1,
    )  # fmt: skip
    frame = box.copy().set_fill(opacity=0).set_stroke(tone, StrokeWidth.frame)
    return VGroup(box, frame, label.move_to(box).shift(0.02 * UP))


def _in(station: VGroup, place: Floats) -> bool:
    """Whether a place is in a station's box or closer to it than a little air."""
    away = np.abs(place - station.get_center())
    return bool(away[0] < station.width / 2 + 0.1 and away[1] < station.height / 2 + 0.1)
