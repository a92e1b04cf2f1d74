"""Stations around an ellipse, and values that are carried along arrows from one to the next."""

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

from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.theme import FontSize, StrokeWidth, colors

TIP = 0.22
MAX_ASPECT = 0.8  # height of the ellipse, as a share of its width


class CycleDiagram(VGroup):
    """`stations` clockwise around an ellipse in `area`, the first one at the top.

    Arrow k leads from station k to the next one; `inner` is the free area inside the ellipse.
    """

    def __init__(self, stations: Sequence[str], tones: Sequence[str], area: Rect) -> None:
        super().__init__()
        self.stations = [_station(words, tone) for words, tone in zip(stations, tones, strict=True)]
        sector = 2 * np.pi / len(stations)
        self.angles = [np.pi / 2 - k * sector for k in range(len(stations))]
        # Only the stations at the sides limit the width of the ellipse.
        sides = [abs(np.cos(angle)) > 0.5 for angle in self.angles]
        width = max(s.width for s, aside in zip(self.stations, sides, strict=True) if aside)
        height = self.stations[0].height
        self._middle = area.center
        self._radii = np.array([(area.width - width) / 2, (area.height - height) / 2 - 0.1])
        self._radii[1] = min(self._radii[1], self._radii[0] * MAX_ASPECT)
        inner_width, inner_height = 2 * self._radii - [width + 0.5, height + 0.6]
        x, y = self._middle[:2]
        self.inner = Rect(
            x - inner_width / 2, x + inner_width / 2, y - inner_height / 2, y + inner_height / 2
        )
        for station, angle in zip(self.stations, self.angles, strict=True):
            station.move_to(self._point_at(angle))
        self.arrows = [self._arrow(k, sector) for k in range(len(stations))]
        self.add(*self.arrows, *self.stations)

    def _point_at(self, angle: float) -> Floats:
        position: Floats = self._middle + np.array(
            [self._radii[0] * np.cos(angle), self._radii[1] * np.sin(angle), 0.0]
        )
        return position

    def _arrow(self, index: int, sector: float) -> CycleArrow:
        """Along the ellipse between the boxes of two stations."""
        start, end = self.stations[index], self.stations[(index + 1) % len(self.stations)]
        shares = np.linspace(0, 1, 61)
        points = [self._point_at(self.angles[index] - share * sector) for share in shares]
        return CycleArrow([p for p in points if not (_covers(start, p) or _covers(end, p))])

    # Animations

    def appears(self) -> Animation:
        """Station by station, each with the arrow to the next."""
        pairs = [
            AnimationGroup(FadeIn(station, scale=0.8), Create(arrow.line), FadeIn(arrow.tip))
            for station, arrow in zip(self.stations, self.arrows, strict=True)
        ]
        return LaggedStart(*pairs, lag_ratio=0.5)

    def flashes(self, index: int) -> Animation:
        """A flash runs around the frame of a station."""
        frame = self.stations[index][1]
        flash = frame.copy().set_stroke(colors.accent, StrokeWidth.frame * 2)
        return ShowPassingFlash(flash, time_width=0.7)

    def carries(self, index: int, color: str) -> Animation:
        """A glowing dot travels along arrow `index`, from one station to the next."""
        return Travel(pulse(color), self.arrows[index])


class CycleArrow(VGroup):
    """A curved arrow through `points`."""

    def __init__(self, points: Sequence[Floats]) -> None:
        super().__init__()
        end = points[-1]
        direction = end - points[-4]
        direction = direction / np.linalg.norm(direction)
        side = np.array([-direction[1], direction[0], 0.0]) * TIP * 0.45
        base = end - direction * TIP
        self.line = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.arrow)
        self.line.set_points_smoothly([*points[:-4], base])
        self.tip = Polygon(
            end, base + side, base - side, stroke_width=0, fill_color=colors.muted, fill_opacity=1
        )
        self.add(self.line, self.tip)

    def point_at(self, share: float) -> Floats:
        """The point at `share` of the arrow's length, from 0 to 1."""
        # Manim's point_from_proportion integrates all curves of the line, 0.3 ms per frame. These
        # curves are short, so chords are as good as arc lengths.
        curves = self.line.points.reshape(-1, 4, 3)
        ends = np.cumsum(np.linalg.norm(curves[:, 3] - curves[:, 0], axis=1))
        distance = share * ends[-1]
        index = min(int(np.searchsorted(ends, distance)), len(ends) - 1)
        start = ends[index - 1] if index else 0.0
        position: Floats = bezier(curves[index])((distance - start) / (ends[index] - start))
        return position


def _station(words: str, tone: str) -> VGroup:
    label = text(words, font_size=FontSize.code, color=colors.text, mono=True)
    box = RoundedRectangle(
        corner_radius=0.2, width=label.width + 0.5, height=0.75,
        stroke_width=0, fill_color=colors.panel, fill_opacity=1,
    )  # fmt: skip
    frame = box.copy().set_fill(opacity=0).set_stroke(tone, StrokeWidth.frame)
    return VGroup(box, frame, label.move_to(box).shift(0.02 * UP))


def _covers(station: VGroup, position: Floats) -> bool:
    """Whether a point is in a station's box or within 0.1 of it."""
    distance = np.abs(position - station.get_center())
    return bool(distance[0] < station.width / 2 + 0.1 and distance[1] < station.height / 2 + 0.1)
