"""The hill of the opening with the lights on, and a ball that comes down on it to rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, Dot, FadeOut, LaggedStart, ValueTracker, VGroup, VMobject

from gradreel.draw.hill import Ground, Heights, HillCurve, HillView
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats, Plane, padded_range
from gradreel.theme import StrokeWidth, colors

BRIGHTER = 2.4  # the lights reach so much farther than the one light of the opening
PLANE_WIDTH = 7.5  # frame units: the hill is lit that far
MARGIN = 0.2  # of the way of the ball, to both sides of it and of its mirror image
ABOVE = 0.5  # of the curve's height that is free above and below it
RING_COUNT, RING_RADIUS, SMALLEST = 3, 1.3, 0.05  # at the end; a ring starts that small
HALF_TANGENT = 0.95  # frame units
NEAR = 0.01  # of its way from the end, the ball counts as at rest


class LitGround(Ground):
    """The ground of a hill, lit all over."""

    def _brightness(self, parts: Floats, radius: float) -> Floats:
        return super()._brightness(parts, BRIGHTER * radius)


class LitHill(VGroup):
    """The hill over the curve `values`, in `area`, and a ball at step `clock` of a descent.

    `tangent` lies under the ball, as steep as `slopes` says. `xs` are the positions of the descent;
    it is seen from where that ends. `light` is a tracker from 0 (dark) to 1.
    """

    def __init__(self, values: Heights, slopes: Heights, xs: Floats, area: Rect) -> None:
        super().__init__()
        start, end = float(xs[0]), float(xs[-1])
        way = end - start or 1.0
        low, high = sorted((start - MARGIN * way, end + (1 + MARGIN) * way))
        across = np.linspace(low, high, 301)
        center = area.center
        stage = Rect(
            center[0] - PLANE_WIDTH / 2, center[0] + PLANE_WIDTH / 2, area.bottom, area.top
        )
        plane = Plane((low, high), padded_range(values(across), ABOVE), stage)
        rest = float(values(np.array([end]))[0])
        self.view = HillView(plane, area, (end, rest), -way)
        self.view.yaw = 0.0  # seen from the side, the lowest point is the lowest in the picture
        self.ground = LitGround(self.view, values)
        self.light = self.ground.light
        self.clock = ValueTracker(0.0)
        self.steps_to_rest = int(np.flatnonzero(np.abs(xs - end) > NEAR * abs(way)).max()) + 1
        self.curve = HillCurve(self.view, across, values(across), self.position_of(xs))
        self.curve.reach.set_value(1.0)
        at = self.position_of(xs)
        self.ball = Dot(radius=0.15, color=colors.accent).set_stroke(colors.background, 2)

        def follow(ball: Any) -> None:
            x = at()
            ball.move_to(self.view.point(x, float(values(np.array([x]))[0])))

        self.ball.add_updater(follow, call_updater=True)
        self.tangent = VMobject(stroke_color=colors.text, stroke_width=StrokeWidth.curve)

        def lie(tangent: Any) -> None:
            x = at()
            height, slope = (float(f(np.array([x]))[0]) for f in (values, slopes))
            near = 1e-3 * way
            here, there = (self.view.point(x + dx, height + slope * dx) for dx in (0.0, near))
            along = HALF_TANGENT * (there - here) / (np.linalg.norm(there - here) or 1.0)
            tangent.set_points_as_corners([here - along, here + along])

        self.tangent.add_updater(lie, call_updater=True)
        self.tangent.set_z_index(1)  # in front of the curve, and the ball in front of both
        self.ball.set_z_index(2)

    def position_of(self, xs: Floats) -> Any:
        """A function that gives the x of the ball: the steps of the descent, interpolated."""
        steps = np.arange(len(xs))
        return lambda: float(np.interp(self.clock.get_value(), steps, xs))

    def rings(self) -> Animation:
        """Rings spread on the ground around the place where the ball comes to rest."""
        turn = np.linspace(0, 2 * np.pi, 61)
        circle = RING_RADIUS * np.stack([np.cos(turn), 0 * turn, np.sin(turn)], axis=-1)
        ring = VMobject(stroke_color=colors.accent, stroke_width=StrokeWidth.arrow)
        ring.set_points_as_corners(self.view.project(self.view.spot + circle))
        middle = self.view.project(self.view.spot)
        spread = [
            FadeOut(ring.copy().scale(SMALLEST, about_point=middle), scale=1 / SMALLEST)
            for _ in range(RING_COUNT)
        ]
        return LaggedStart(*spread, lag_ratio=0.35)
