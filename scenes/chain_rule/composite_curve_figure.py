"""The curve of a composition beside its lenses: x on the axis, the point above it, its tangent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from manim import Animation, Create, Dot, FadeIn, GrowFromCenter, Line, ReplacementTransform, VGroup

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Curve, Plane, curve_range
from gradreel.draw.tangent import SlidingPoint, Tangent
from gradreel.theme import StrokeWidth, colors

if TYPE_CHECKING:
    from gradreel.functions.function import Function, Point

TICKS = (3, 3)
MARGIN = 0.15  # of the range of x, on both sides of it: for the tangents at its ends


class CompositeCurve:
    """The curve of `f` over `xs` in `area`, with a point at `current_x()`.

    A stem connects the point with x on the axis. The tangent has the color of a gradient, since
    its slope is the product of the local slopes.
    """

    def __init__(
        self, f: Function, xs: Sequence[float], current_x: Callable[[], float], area: Rect
    ) -> None:
        margin = MARGIN * (xs[-1] - xs[0])
        samples = f.sample(xs[0] - margin, xs[-1] + margin, len(xs))
        x_range = (float(samples.xs[0]), float(samples.xs[-1]))
        self.plane = Plane(x_range, curve_range(samples.values), area, tick_count=TICKS)
        self.curve = Curve(self.plane, samples.xs, samples.values)

        def at() -> Point:
            return f.point_at(current_x())

        self.stem = VGroup(self._stem(at), self._input(at))
        self.tangent = Tangent(self.plane, at, length=2.2, color=colors.gradient)
        self.dot = SlidingPoint(self.plane, at, color=colors.value)
        self.tangent.set_z_index(1)
        self.dot.set_z_index(2)

    def _stem(self, at: Callable[[], Point]) -> Line:
        line = Line(stroke_color=colors.leaf, stroke_width=StrokeWidth.axis)

        def follow(stem: Any) -> None:
            here = at()
            inside = self.plane.contains(here.value)
            top = here.value if inside else self.plane.y_range[0]
            ends = [self.plane.point(here.x, y) for y in (self.plane.y_range[0], top)]
            stem.set_points_as_corners(ends)

        return line.add_updater(follow, call_updater=True)

    def _input(self, at: Callable[[], Point]) -> Dot:
        dot = Dot(radius=0.09, color=colors.leaf)
        low = self.plane.y_range[0]
        return dot.add_updater(
            lambda d: d.move_to(self.plane.point(at().x, low)), call_updater=True
        )

    def appears(self, before: CompositeCurve | None) -> list[Animation]:
        """The plane and the curve come, the latter out of the curve `before` if there is one."""
        curve = (
            ReplacementTransform(before.curve, self.curve)
            if before is not None
            else Create(self.curve)
        )
        return [FadeIn(self.plane), curve]

    def shows_point(self) -> list[Animation]:
        """The point at x, and x below it."""
        return [FadeIn(self.stem), GrowFromCenter(self.dot)]
