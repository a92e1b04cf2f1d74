"""A bucket that stands for a leaf's .grad: gradients flow in and add up, zero_grad tips it out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    AnimationGroup,
    ApplyMethod,
    ArcBetweenPoints,
    Line,
    ManimColor,
    ShowPassingFlash,
    ValueTracker,
    VGroup,
    VMobject,
    interpolate_color,
    linear,
    smooth,
)

from gradreel.draw.convex_area import Corners, area_of, below, level_of_area
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors

NARROW = 0.74  # width at the bottom, relative to the width at the top
BRIM = 0.94  # of the height: where the level of `capacity` is
MOST_BANDS = 6
MOST_CORNERS = 8  # of a band
SEAM = 2.0  # stroke width of the line between two bands
EMPTY_TILT = 1.9  # radians, at which nothing is left inside
WIDEST_STREAM = 34.0  # stroke width of the stream that brings `capacity`


class Bucket(VGroup):
    """A bucket whose level is the magnitude of a gradient, `capacity` at most, from 0.

    What each addition brought is a band of its own, in its own color. Everything is drawn in
    relation to `base`, an invisible line along the bottom, so the bucket can be moved and scaled.
    `level` is the number that it holds; `tilt` is in radians, positive to the right.
    """

    def __init__(self, capacity: float, *, width: float = 1.6, height: float = 1.6) -> None:
        super().__init__()
        self.capacity = abs(capacity) or 1.0
        self.top, self.tall = width / 2, height
        self.level, self.tilt = ValueTracker(0.0), ValueTracker(0.0)
        self.bounds: list[float] = []  # the levels at which the bands end, but for the last one
        self.past_zero: tuple[float, str] | None = None  # sign and color of what comes below 0
        self.base = Line(LEFT * width / 2, RIGHT * width / 2, stroke_opacity=0)
        self.base.shift(DOWN * height / 2)
        self.bands = VGroup(*(_liquid() for _ in range(MOST_BANDS)))
        self.spill = _liquid()
        self.handle = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.axis)
        self.pail = VMobject(stroke_color=colors.text, stroke_width=StrokeWidth.curve)
        self.add(self.base, self.handle, self.bands, self.spill, self.pail)
        self.add_updater(_redraw, call_updater=True)

    @property
    def is_even(self) -> bool:
        """Whether nothing that came in took anything away: then its bands add up to the level."""
        return self.bounds == sorted(self.bounds) and abs(self.level.get_value()) >= (
            self.bounds[-1] if self.bounds else 0.0
        )

    @property
    def mouth(self) -> Floats:
        """The middle of the opening."""
        middle: Floats = self._placed(np.array([[0.0, self.tall]]))[0]
        return middle

    def at_level(self, number: float, side: float = 0.0) -> Floats:
        """The point at the level of a number; `side` is -1 at the left wall and 1 at the right."""
        y = self._height_of(abs(number))
        half = self.top * (NARROW + (1 - NARROW) * y / self.tall)
        position: Floats = self._placed(np.array([[side * half, y]]))[0]
        return position

    # Animations

    def receives(self, total: float, source: Floats | None = None, color: str = "") -> Animation:
        """The level changes to `total`; a stream falls from `source` if that is given.

        What comes in is a band of its own in `color`, that of gradients by default.
        """
        now = self.level.get_value()
        self._add_band(now, total, color)
        rises = ApplyMethod(self.level.set_value, total, rate_func=_late if source is not None
                            else smooth)  # fmt: skip
        if source is None:
            return rises
        share = math.sqrt(min(abs(total - now) / self.capacity, 1.0))
        stream = Line(source, self.at_level(now)).set_stroke(
            color or colors.gradient_fill, max(WIDEST_STREAM * share, StrokeWidth.curve)
        )
        return AnimationGroup(rises, ShowPassingFlash(stream, time_width=1.0, rate_func=linear))

    def _add_band(self, now: float, total: float, color: str) -> None:
        """A band for what brings the level from `now` to `total`; none if that is less.

        Bands above the level are empty. Past 0 there is one band in all, from then on.
        """
        self.bounds = [bound for bound in self.bounds if bound < abs(now)]
        if now * total < 0:
            self.past_zero = (math.copysign(1.0, total), color)
        elif abs(total) >= abs(now):
            if abs(now) > 0 and len(self.bounds) < MOST_BANDS - 1:
                self.bounds.append(abs(now))
            self.bands[len(self.bounds)].set_fill(color or colors.gradient_fill)

    def _pass_zero(self) -> None:
        """Begin with a single band once the level has changed its sign."""
        if self.past_zero is not None and self.past_zero[0] * self.level.get_value() > 0:
            self.bands[0].set_fill(self.past_zero[1] or colors.gradient_fill)
            self.bounds, self.past_zero = [], None

    def holds(self, total: float, color: str = "") -> None:
        """The level is `total` at once; what comes in is a band, as with `receives`."""
        self._add_band(self.level.get_value(), total, color)
        self.level.set_value(total)
        self.redraw()

    def recolors(self, color: str, count: int = MOST_BANDS) -> Animation:
        """The lowest `count` bands take on one color, as what was there before."""
        return _Recolors(self, color, count)

    def tips_out(self, begins: float = 0.0) -> Animation:
        """The bucket is tipped over to the right until it is empty, and set upright again.

        It begins to move at the share `begins` of the time.
        """
        return _TipsOut(self, rate_func=lambda share: max(share - begins, 0.0) / (1 - begins))

    def empty(self) -> None:
        """Take everything out."""
        self.level.set_value(0.0)
        self.bounds, self.past_zero = [], None

    # Geometry: first in the bucket's own units, the middle of the bottom at the origin

    def _height_of(self, number: float) -> float:
        return BRIM * self.tall * min(number / self.capacity, 1.0 / BRIM)

    def _inside(self) -> Corners:
        low, top = self.top * NARROW, self.top
        return np.array([[-low, 0.0], [low, 0.0], [top, self.tall], [-top, self.tall]])

    def _tilted(self, corners: Corners) -> Corners:
        """Turned clockwise by the tilt, about the middle of the bucket."""
        angle, pivot = self.tilt.get_value(), np.array([0.0, self.tall / 2])
        cos, sin = math.cos(angle), math.sin(angle)
        turned: Corners = (corners - pivot) @ np.array([[cos, -sin], [sin, cos]]) + pivot
        return turned

    def _placed(self, corners: Corners) -> Floats:
        """Points of the scene, from points in the bucket's own units."""
        left, right = self.base.get_start(), self.base.get_end()
        unit = float(np.linalg.norm(right - left)) / (2 * self.top)
        flat = np.column_stack([corners, np.zeros(len(corners))])
        placed: Floats = flat * unit + (left + right) / 2
        return placed

    def redraw(self) -> None:
        """Bring all parts up to date with level and tilt."""
        inside = self._tilted(self._inside())
        low, top, lip = self.top * NARROW, self.top, 0.09 * self.top
        wall = np.array([[-top - lip, self.tall], [-top, self.tall], [-low, 0.0], [low, 0.0],
                         [top, self.tall], [top + lip, self.tall]])  # fmt: skip
        self.pail.set_points_as_corners(self._placed(self._tilted(wall)))
        ends = self._placed(self._tilted(np.array([[-top, self.tall], [top, self.tall]])))
        self.handle.points = ArcBetweenPoints(ends[1], ends[0], angle=1.5).points
        self._redraw_bands(inside)

    def _redraw_bands(self, inside: Corners) -> None:
        """What is left of each band: no more than the bucket can hold at its tilt."""
        self._pass_zero()
        upright, level = self._inside(), abs(self.level.get_value())
        full = area_of(below(upright, self._height_of(level)))
        rim = float(inside[2:, 1].min())
        left = min(full, area_of(below(inside, rim)))
        ends = [area_of(below(upright, self._height_of(b))) for b in self.bounds] + [full]
        lower = float(inside[:, 1].min())
        for k, band in enumerate(self.bands):
            upper = lower
            if k < len(ends) and left > 1e-6:
                upper = level_of_area(inside, min(ends[k], left))
            slice_ = below(below(inside, upper), -lower, flipped=True)
            self._fill(band, slice_ if upper - lower > 1e-6 else slice_[:0])
            lower = max(lower, upper)
        self._redraw_spill(inside, rim, left / full if full > 1e-9 else 1.0)

    def _redraw_spill(self, inside: Corners, rim: float, share: float) -> None:
        """A stream from the lower lip while the rest, a `share` of all, flows out."""
        lip = inside[2:][int(np.argmin(inside[2:, 1]))]
        depth = max(rim + 0.25 * self.tall, 0.0) * min((1 - share) * 3, 1.0)
        half = 0.24 * self.top * math.sqrt(share)
        flows = self.tilt.get_value() > 0 and 0.01 < share < 0.99
        stream = np.array([[-half, 0.0], [half, 0.0], [half * 0.2, -depth], [-half * 0.2, -depth]])
        self._fill(self.spill, stream + lip if flows else stream[:0])

    def _fill(self, liquid: VMobject, corners: Corners) -> None:
        """Give a part its outline: one point where it is empty, so that it can be morphed."""
        if len(corners) < 3:
            corners = np.zeros((1, 2))
        corners = np.append(corners, [corners[-1]] * (MOST_CORNERS - len(corners)), axis=0)
        points = self._placed(corners)
        liquid.set_points_as_corners([*points, points[0]])


class _Recolors(Animation):
    """The bands change their color; of the bucket, so that it stays whole on stage."""

    def __init__(self, bucket: Bucket, color: str, count: int, **kwargs: Any) -> None:
        self.bands = [(band, band.get_fill_color()) for band in bucket.bands[:count]]
        self.color = ManimColor(color)
        super().__init__(bucket, suspend_mobject_updating=False, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Mix the colors."""
        share = self.rate_func(alpha)
        for band, old in self.bands:
            band.set_fill(interpolate_color(old, self.color, share))


class _TipsOut(Animation):
    """Tilts a bucket until it is empty, then sets it upright. Moves its trackers."""

    def __init__(self, bucket: Bucket, **kwargs: Any) -> None:
        self.bucket = bucket
        super().__init__(bucket.tilt, **kwargs)

    def begin(self) -> None:
        """The stream has the color of what is on top."""
        top = self.bucket.bands[len(self.bucket.bounds)]
        self.bucket.spill.set_fill(top.get_fill_color())
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Over in the first two thirds, back in the last one."""
        share = self.rate_func(alpha)
        over = share < 2 / 3
        share = smooth(share * 1.5, 4) if over else 1 - smooth(share * 3 - 2)
        if not over:
            self.bucket.empty()
        self.bucket.tilt.set_value(EMPTY_TILT * share)


def _late(share: float) -> float:
    """The level rises from the time when the stream arrives to that when it ends."""
    return float(smooth(min(max(share - 0.4, 0.0) / 0.6, 1.0), 4))


def _liquid() -> VMobject:
    liquid = VMobject(fill_color=colors.gradient_fill, fill_opacity=1)
    return liquid.set_stroke(colors.background, SEAM)


def _redraw(bucket: Any) -> None:
    bucket.redraw()
