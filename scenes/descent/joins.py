"""The pictures that scenes of this chapter share: a curve, or a map, with a ball on it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from manim import Dot, Mobject

from gradreel.draw.layout import Rect, content_area
from gradreel.draw.plane import Curve, Floats, Plane, curve_range
from gradreel.functions.function import Function
from gradreel.lecture.join import Join
from gradreel.theme import colors

HILL = "(x-3)**2"  # the function that the film follows
HILL_START, HILL_MINIMUM = 0.0, 3.0
HILL_ROWS = (6.0, 0.9)  # heights of the curve and of the formula below it
MARGIN = 0.1  # of the reach of a descent, shown on both sides of it


def ball_at(position: Floats, color: str = "") -> Dot:
    """A ball at a position on screen."""
    ball = Dot(position, radius=0.13, color=color or colors.accent)
    return ball.set_stroke(colors.background, width=2)


def hill_area() -> Rect:
    """Where the curve of a descent is drawn: the left of the content area, above a formula."""
    left, _ = content_area().columns(1.25, 1, gap=0.5)
    picture, _ = left.rows(*HILL_ROWS, gap=0.1)
    return picture


def hill_plane(f: Function, low: float, high: float, losses: Floats, area: Rect) -> Plane:
    """A plane on which a descent in one variable between `low` and `high` is drawn."""
    reach = high - low or 1.0
    span = (low - MARGIN * reach, high + MARGIN * reach)
    values = f.sample(*span, 301).values
    return Plane(span, curve_range(values, MARGIN, include=losses), area, y_name='"loss"')


def hill_curve(f: Function, plane: Plane) -> Curve:
    """The curve of `f` over the whole plane."""
    samples = f.sample(*plane.x_range, 301)
    return Curve(plane, samples.xs, samples.values)


def _curve_and_ball(x: float) -> Mapping[str, Mobject]:
    f = Function.parse(HILL)
    start = f.point_at(HILL_START)
    # As far as the arrow of the first slope reaches, to the other side of the parabola.
    far = HILL_START - float(start.slope)
    plane = hill_plane(f, HILL_START, far, np.array([start.value]), hill_area())
    ball = ball_at(plane.point(x, float(f.point_at(x).value)))
    return {"curve": hill_curve(f, plane), "ball": ball}


CURVE_AND_BALL = Join("the curve with a ball at the start", lambda: _curve_and_ball(HILL_START))
BALL_AT_REST = Join("the curve with a ball in the minimum", lambda: _curve_and_ball(HILL_MINIMUM))
