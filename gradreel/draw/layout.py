"""The stage: which part of the frame belongs to the scene, and fitting things into it.

The frame's height is 8 units whatever the resolution; its width follows from the picture's shape,
so a scene that lays itself out on the stage fills 4:3 as well as 16:9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from manim import Mobject, config

MARGIN = 0.45
HEADER_HEIGHT = 0.75
CAPTION_HEIGHT = 1.25


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in frame units."""

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
    def center(self) -> np.ndarray:
        """The middle, as a point of the scene."""
        return np.array([(self.left + self.right) / 2, (self.bottom + self.top) / 2, 0.0])

    def columns(self, *weights: float, gap: float = 0.4) -> list[Rect]:
        """This area cut into columns of these relative widths, from left to right."""
        free = self.width - gap * (len(weights) - 1)
        areas, left = [], self.left
        for weight in weights:
            right = left + free * weight / sum(weights)
            areas.append(Rect(left, right, self.bottom, self.top))
            left = right + gap
        return areas

    def rows(self, *weights: float, gap: float = 0.3) -> list[Rect]:
        """This area cut into rows of these relative heights, from the top down."""
        free = self.height - gap * (len(weights) - 1)
        areas, top = [], self.top
        for weight in weights:
            bottom = top - free * weight / sum(weights)
            areas.append(Rect(self.left, self.right, bottom, top))
            top = bottom - gap
        return areas


def point(x: float, y: float) -> np.ndarray:
    """The point (x, y) of the picture, in the form in which Manim takes points."""
    return np.array([x, y, 0.0])


def frame_area() -> Rect:
    """The whole picture."""
    half_width, half_height = config.frame_width / 2, config.frame_height / 2
    return Rect(-half_width, half_width, -half_height, half_height)


def safe_area() -> Rect:
    """Where text may stand: the picture without its outermost margin."""
    whole = frame_area()
    return Rect(
        whole.left + MARGIN, whole.right - MARGIN, whole.bottom + MARGIN / 2, whole.top - MARGIN / 2
    )


def content_area() -> Rect:
    """What a scene may fill: between the claim above and the caption below."""
    area = safe_area()
    return Rect(area.left, area.right, area.bottom + CAPTION_HEIGHT, area.top - HEADER_HEIGHT)


def fit_into(mobject: Mobject, area: Rect, *, grow: bool = False) -> Mobject:
    """Move `mobject` into the middle of `area` and shrink it (or with `grow` enlarge it) to fit."""
    factor = min(area.width / max(mobject.width, 1e-9), area.height / max(mobject.height, 1e-9))
    if factor < 1 or grow:
        mobject.scale(factor)
    return mobject.move_to(area.center)
