"""The names of the start and of the goal on the map of a race."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import DL, DOWN, DR, LEFT, RIGHT, UL, UP, UR, Animation, FadeIn, Mobject, VMobject

from gradreel.draw.exchange import at_once, comes
from gradreel.draw.layout import bounding_rect
from gradreel.draw.plane import Floats, Plane
from gradreel.draw.text import text
from gradreel.draw.text_background import text_background
from gradreel.theme import FontSize

SIDES, CORNERS = (DOWN, UP, RIGHT, LEFT), (UR, DL, UL, DR)
BALL = 0.15  # frame units, which a ball takes around its path
MARGIN = 0.05  # of the background of a name
SAMPLES = 20  # points of a path between two steps


class PlaceNames:
    """`start` at the ball and `goal` at the ring, each a background and a word, or nothing.

    They keep clear of the plane's tick labels and of `paths`, lists of screen points.
    """

    def __init__(self, plane: Plane, ball: Mobject, ring: Mobject, paths: Sequence[Floats]) -> None:
        ticks = list(plane.labels)
        points = np.vstack([_between(path) for path in paths])
        self.start = _word("start", ball, ticks, points, inside=False)
        self.goal = _word("goal", ring, [*ticks, *self.start], points, inside=True)

    @property
    def parts(self) -> list[VMobject]:
        """All that is drawn."""
        return [*self.start, *self.goal]


def appears(parts: Sequence[VMobject]) -> list[Animation]:
    """A word comes, on a background that is there before it."""
    if not parts:
        return []
    background, word = parts
    return [FadeIn(background, rate_func=at_once), comes(word)]


def _word(
    name: str, at: Mobject, others: Sequence[Mobject], points: Floats, *, inside: bool
) -> list[VMobject]:
    """The name beside `at`, or first `inside` a corner of its bounding box, where it is free."""
    word = text(name, font_size=FontSize.label)
    for corner in CORNERS if inside else ():
        word.move_to(at.get_corner(corner), aligned_edge=corner)
        if _is_free(word, others, points):
            return [text_background(word, MARGIN), word]
    for side in SIDES:
        word.next_to(at, side, buff=0.12)
        if _is_free(word, others, points):
            return [text_background(word, MARGIN), word]
    return []


def _is_free(word: VMobject, others: Sequence[Mobject], points: Floats) -> bool:
    box = bounding_rect(word)
    wide = box.width / 2 + MARGIN + BALL, box.height / 2 + MARGIN + BALL
    if (np.abs(points - box.center)[:, :2] < wide).all(axis=1).any():
        return False
    return not any(box.overlap_area(bounding_rect(other)) for other in others)


def _between(path: Floats) -> Floats:
    """Points along straight steps."""
    steps = np.arange(len(path))
    at = np.linspace(0, len(path) - 1, SAMPLES * max(len(path) - 1, 1) + 1)
    return np.column_stack([np.interp(at, steps, path[:, axis]) for axis in range(3)])
