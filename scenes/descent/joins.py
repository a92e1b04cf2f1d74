"""The pictures that scenes of this chapter share: a curve, or a map, with a ball on it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from manim import Dot, Ellipse, Mobject, VGroup

from gradreel.draw.contours import Contours, contour_levels, square_plane_area
from gradreel.draw.layout import Rect, content_area
from gradreel.draw.plane import Curve, Floats, Plane, curve_range
from gradreel.functions.function import Function
from gradreel.lecture.join import Join
from gradreel.scenes.descent.loss_surface_experiment import surface_named
from gradreel.scenes.descent.surface_figure import color_by_height
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


def surface_areas() -> tuple[Rect, Rect, Rect, Rect]:
    """Where a surface, its formula, its map and the numbers of a descent are drawn."""
    left, right = content_area().columns(1.25, 1, gap=0.3)
    head, surface = left.rows(0.67, 5.2, gap=0.35)  # above the surface, so that the map is large
    picture, foot = right.rows(5.7, 0.65, gap=0)
    return surface, head, square_plane_area(picture), foot


def _map_and_ball() -> Mapping[str, Mobject]:
    surface = surface_named("valley", 1.0, 1)
    x_range, y_range = surface.ranges
    plane = Plane(x_range, y_range, surface_areas()[2], tick_count=(4, 4))
    xs, ys = surface.axes(61)
    losses = surface.function.grid(xs, ys)[0]
    contours = Contours(plane, xs, ys, losses, levels := contour_levels(losses))
    color_by_height(contours, surface.height(levels))
    x, y = surface.descents[0].positions[0]
    return {"map": plane, "contours": contours, "ball": ball_at(plane.point(x, y))}


def _minimum_and_ball() -> Mapping[str, Mobject]:
    center = content_area().center
    rings = VGroup(
        *(
            Ellipse(width=2.2 * size, height=0.8 * size, stroke_width=2.2, color=colors.value)
            for size in (0.5, 1.0, 1.5)
        )
    )
    return {"rings": rings.move_to(center), "ball": ball_at(center)}


MAP_AND_BALL = Join("the map of a valley with a ball at the start", _map_and_ball)
MINIMUM_AND_BALL = Join("a minimum with a ball in it", _minimum_and_ball)
