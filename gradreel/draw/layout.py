"""Rectangles of the frame: which part a scene may fill, and how to divide it.

The frame is 8 units high at every resolution; its width follows from the aspect ratio. A scene
that places its parts within `content_area()` therefore fills 4:3 as well as 16:9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Mobject, config

from gradreel.errors import UsageError

MARGIN = 0.45
HEADER_HEIGHT = 0.75
CAPTION_HEIGHT = 1.25


@dataclass(frozen=True, slots=True)
class Rect:
    """An axis-aligned rectangle in frame units."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """Right minus left."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Top minus bottom."""
        return self.top - self.bottom

    @property
    def area(self) -> float:
        """Width times height."""
        return self.width * self.height

    @property
    def center(self) -> np.ndarray:
        """The center as a point of the scene, shape (3,)."""
        return np.array([(self.left + self.right) / 2, (self.bottom + self.top) / 2, 0.0])

    def columns(self, *weights: float, gap: float = 0.4) -> list[Rect]:
        """Columns with widths in the ratio of `weights`, from left to right, `gap` apart."""
        free = self.width - gap * (len(weights) - 1)
        areas, left = [], self.left
        for weight in weights:
            right = left + free * weight / sum(weights)
            areas.append(Rect(left, right, self.bottom, self.top))
            left = right + gap
        return areas

    def rows(self, *weights: float, gap: float = 0.3) -> list[Rect]:
        """Rows with heights in the ratio of `weights`, from the top down, `gap` apart."""
        free = self.height - gap * (len(weights) - 1)
        areas, top = [], self.top
        for weight in weights:
            bottom = top - free * weight / sum(weights)
            areas.append(Rect(self.left, self.right, bottom, top))
            top = bottom - gap
        return areas

    def shrunk(self, share: float) -> Rect:
        """Without the outermost `share` of its width and height on each side."""
        dx, dy = self.width * share, self.height * share
        return Rect(self.left + dx, self.right - dx, self.bottom + dy, self.top - dy)

    def contains(self, other: Rect) -> bool:
        """Whether `other` lies completely inside; shared edges count as inside."""
        return (
            self.left <= other.left
            and self.right >= other.right
            and self.bottom <= other.bottom
            and self.top >= other.top
        )

    def contains_point(self, position: np.ndarray) -> bool:
        """Whether a point lies inside, not on an edge."""
        return bool(self.left < position[0] < self.right and self.bottom < position[1] < self.top)

    def overlap_area(self, other: Rect) -> float:
        """The area of the intersection with `other`; 0 where they are apart."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(width, 0.0) * max(height, 0.0)


def point(x: float, y: float) -> np.ndarray:
    """(x, y) of the frame as Manim takes points: an array of shape (3,)."""
    return np.array([x, y, 0.0])


def frame_area() -> Rect:
    """The whole frame."""
    half_width, half_height = config.frame_width / 2, config.frame_height / 2
    return Rect(-half_width, half_width, -half_height, half_height)


def safe_area() -> Rect:
    """The frame without its margin: text stays inside it."""
    frame = frame_area()
    return Rect(
        frame.left + MARGIN,
        frame.right - MARGIN,
        frame.bottom + MARGIN / 2,
        frame.top - MARGIN / 2,
    )


def content_area() -> Rect:
    """The area for a scene's own drawings: below the header, above the caption."""
    area = safe_area()
    return Rect(area.left, area.right, area.bottom + CAPTION_HEIGHT, area.top - HEADER_HEIGHT)


def bounding_rect(mobject: Mobject) -> Rect:
    """The bounding box of a mobject with all its parts."""
    low, high = mobject.get_corner(DOWN + LEFT), mobject.get_corner(UP + RIGHT)
    return Rect(float(low[0]), float(high[0]), float(low[1]), float(high[1]))


def fit_into(mobject: Mobject, area: Rect, *, grow: bool = False) -> Mobject:
    """Center `mobject` in `area`, scaled down to fit; with `grow` also scaled up. Returns it.

    Raises UsageError for a mobject with a part that `places_itself`: what such a drawing adds
    later would stand at the old place and in the old size.
    """
    for part in mobject.get_family():
        if getattr(part, "places_itself", False):
            name = type(part).__name__
            raise UsageError(
                f"a {name} is laid out in its own area, so fit_into cannot move it.",
                hint=f"Say where it belongs when you make it: {name}(..., area=area).",
            )
    factor = min(area.width / max(mobject.width, 1e-9), area.height / max(mobject.height, 1e-9))
    if factor < 1 or grow:
        mobject.scale(factor)
    return mobject.move_to(area.center)
