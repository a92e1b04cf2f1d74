"""The planes on which the curves of this chapter are drawn, where two scenes share one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import LEFT, Dot

from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.plane import Curve, Plane, curve_range, padded_range
from gradreel.theme import colors

if TYPE_CHECKING:
    from gradreel.functions.function import Function


BELOW = 0.08  # of the range of TangentLine's curve, below it


def tangent_areas() -> tuple[Rect, Rect]:
    """Of TangentLine: the plane's area, and the area of the numbers beside it."""
    picture, side = content_area().columns(2.5, 1)
    return picture, side


def tangent_plane(
    f: Function, start: float, stop: float, include: Sequence[float] = ()
) -> tuple[Plane, Curve]:
    """The plane of TangentLine, and the curve of `f` from `start` to `stop` on it.

    The values of `include` lie on the plane, whatever a pole does to its range.
    """
    samples = f.sample(min(start, stop), max(start, stop), 401)
    ends = (f.point_at(x).value for x in (start, stop))
    low, high = curve_range(samples.values, include=[*ends, *include])
    # A level tangent on the x axis could not be seen: the axis is below the curve.
    heights = (low - BELOW * (high - low), high)
    plane = Plane(
        padded_range([start, stop], 0.06), heights, tangent_areas()[0], y_name="f(x)",
        tick_count=(7, 6), at_edge=True,
    )  # fmt: skip
    return plane, Curve(plane, samples.xs, samples.values)


def secant_areas() -> tuple[Rect, Rect, Rect, Rect]:
    """Of SecantToTangent: the areas of plane, formula, lens and table."""
    left, right = content_area().columns(1.2, 1, gap=0.6)
    picture, foot = left.rows(4.2, 1, gap=0.1)
    # A parked formula reaches down to the content's top.
    _, lens, table = right.rows(0.02, 1.1, 1, gap=0.12)
    return picture, foot, lens, table


def secant_plane(
    f: Function, x: float, h: float, include: Sequence[float] = ()
) -> tuple[Plane, Curve]:
    """The plane of SecantToTangent, and the curve of `f` around `x` on it."""
    samples = f.sample(x - 1.3 * h, x + 1.5 * h, 301)
    heights = curve_range(samples.values, include=[f.point_at(x).value, *include])
    span = (float(samples.xs[0]), float(samples.xs[-1]))
    picture = secant_areas()[0]
    plane = Plane(span, heights, picture, y_name=f"f(x) = {f.typst()}")
    # The formula is the name of the y axis: it begins above the axis.
    name, left = plane.names[1], plane.plot_area.left - 0.3
    if name.width > picture.right - left:
        name.scale_to_fit_width(picture.right - left)
    name.align_to(point(left, 0), LEFT)
    return plane, Curve(plane, samples.xs, samples.values)


def curve_point(plane: Plane, f: Function, x: float) -> Dot:
    """The point of the curve at `x`, as SlidingPoint draws it."""
    dot = Dot(plane.point(x, f.point_at(x).value), radius=0.11, color=colors.accent)
    return dot.set_stroke(colors.background, width=2)
