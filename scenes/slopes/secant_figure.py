"""A secant on a plane, and a lens that shows its triangle at the same size however small it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from manim import DOWN, RIGHT, Dot, Line, Mobject, Rectangle, VGroup, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats, Plane, padded_range
from gradreel.draw.tangent import direction
from gradreel.draw.text import text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

Values = Callable[[Floats], Floats]


class SecantPoints(Protocol):
    """A secant as it was measured."""

    @property
    def h(self) -> Quantity: ...
    @property
    def here(self) -> Quantity: ...
    @property
    def rise(self) -> Quantity: ...
    @property
    def slope(self) -> Quantity: ...


class SecantOnPlane(VGroup):
    """The line through two points of a curve, with its run and its rise; `now()` is the secant."""

    def __init__(self, plane: Plane, x: float, now: Callable[[], SecantPoints]) -> None:
        self.line = Line(stroke_color=colors.gradient, stroke_width=StrokeWidth.curve)
        self.run = Line(stroke_color=colors.leaf, stroke_width=StrokeWidth.curve)
        self.rise = Line(stroke_color=colors.local, stroke_width=StrokeWidth.curve)
        self.dots = VGroup(*(Dot(radius=0.09, color=colors.accent) for _ in range(2)))
        super().__init__(self.line, self.run, self.rise, self.dots)

        def follow(_: Mobject) -> None:
            cut = now()
            low, high = cut.here, cut.here + cut.rise
            start, corner = plane.point(x, low), plane.point(x + cut.h, low)
            end = plane.point(x + cut.h, high)
            along = direction(plane, cut.slope)
            back, forth = plane.reach(start, along)
            self.line.set_points_by_ends(start + along * back, start + along * forth)
            self.run.set_points_by_ends(start, corner)
            self.rise.set_points_by_ends(corner, end)
            for dot, place in zip(self.dots, (start, end), strict=True):
                dot.move_to(place)

        self.add_updater(follow, call_updater=True)


class Lens(VGroup):
    """The neighbourhood of x, always `h` wide: curve, secant, run and rise enlarged to one size.

    `values(xs)` is the function; `first` the widest secant, by which the height is chosen.
    `spot` is the rectangle on the plane that the lens looks at.
    """

    def __init__(
        self,
        plane: Plane,
        x: float,
        now: Callable[[], SecantPoints],
        values: Values,
        tangent: float,
        area: Rect,
    ) -> None:
        self.x, self.now, self.values_at = x, now, values
        self.across = np.linspace(-0.35, 1.65, 81)
        first = now()
        heights = np.concatenate(
            [self._heights(first), self.across * tangent, self.across * first.slope]
        )
        self.span = padded_range(heights, 0.08)
        self.frame = Rectangle(width=area.width, height=area.height).move_to(area.center)
        self.frame.set_stroke(colors.muted, StrokeWidth.frame).set_fill(colors.panel, opacity=1)
        self.area = area
        self.spot = Rectangle(stroke_color=colors.muted, stroke_width=StrokeWidth.frame)
        self.curve = VMobject(stroke_color=colors.value, stroke_width=StrokeWidth.curve)
        self.line = Line(stroke_color=colors.gradient, stroke_width=StrokeWidth.curve)
        start, corner = self.point(0, 0), self.point(1, 0)
        self.run = Line(start, corner, stroke_color=colors.leaf, stroke_width=StrokeWidth.curve)
        self.rise = Line(stroke_color=colors.local, stroke_width=StrokeWidth.curve)
        self.dots = VGroup(*(Dot(start, radius=0.09, color=colors.accent) for _ in range(2)))
        side = DOWN if first.slope >= 0 else -DOWN
        self.run_name = text("run", font_size=FontSize.label, color=colors.leaf)
        self.run_name.next_to(self.run, side, buff=0.12)
        self.rise_name = text("rise", font_size=FontSize.label, color=colors.local)
        super().__init__(
            self.frame, self.curve, self.line, self.run, self.rise, self.dots,
            self.run_name, self.rise_name,
        )  # fmt: skip
        self._plane = plane
        self.add_updater(lambda _: self._follow(), call_updater=True)
        self.spot.add_updater(lambda _: self._aim(), call_updater=True)

    def point(self, u: float, v: float) -> Floats:
        """The place in the lens of x + u·h, f(x) + v·h."""
        place: Floats = self._places(np.array([u]), np.array([v]))[0]
        return place

    def _places(self, us: Floats, vs: Floats) -> Floats:
        """The places, shape (n, 3), of n points."""
        low, high = self.span
        across = self.area.left + (us - self.across[0]) / np.ptp(self.across) * self.area.width
        up = self.area.bottom + (vs - low) / (high - low) * self.area.height
        return np.column_stack([across, up, np.zeros(len(us))])

    def _heights(self, cut: SecantPoints) -> Floats:
        heights: Floats = (self.values_at(self.x + self.across * cut.h) - cut.here) / cut.h
        return heights

    def _follow(self) -> None:
        cut = self.now()
        heights = np.clip(self._heights(cut), *self.span)
        self.curve.set_points_as_corners(self._places(self.across, heights))
        reach = [u for u in self.across if self.span[0] <= u * cut.slope <= self.span[1]]
        ends = [self.point(u, u * cut.slope) for u in (reach[0], reach[-1])]
        self.line.set_points_by_ends(ends[0], ends[1])
        top = self.point(1, cut.slope)
        self.rise.set_points_by_ends(self.point(1, 0), top)
        self.dots[1].move_to(top)
        self.rise_name.move_to(self.point(1, cut.slope / 2))
        self.rise_name.next_to(self.rise_name.get_center(), RIGHT, buff=0.2)
        # Beside a low rise the name would lie on the line.
        low = 0.45 - abs(float(top[1] - self.point(1, 0)[1])) / 2
        self.rise_name.shift(max(low, 0.0) * (DOWN if cut.slope < 0 else -DOWN))

    def _aim(self) -> None:
        cut = self.now()
        ends = (self.x + self.across[0] * cut.h, self.x + self.across[-1] * cut.h)
        left, right = np.clip(ends, *self._plane.x_range)
        heights = (cut.here + self.span[0] * cut.h, cut.here + self.span[1] * cut.h)
        low, high = np.clip(heights, *self._plane.y_range)
        a, b = self._plane.point(left, low), self._plane.point(right, high)
        corners = np.array([a, [b[0], a[1], 0], b, [a[0], b[1], 0], a])
        self.spot.set_points_as_corners(corners)
