"""The hill of the opening with the lights on, and a ball that comes down on it to rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, Dot, FadeOut, LaggedStart, ValueTracker, VGroup, VMobject

from gradreel.draw.hill import (
    LIGHT_RADIUS,
    MESH_RADIUS,
    Ground,
    Heights,
    HillCurve,
    HillView,
)
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
    """The ground of a hill in one light at `spot`, a point on it; then it is lit all over.

    The tracker `cut` goes from 0 to 1 between the two; nothing is cut off.
    """

    def __init__(self, view: HillView, values: Heights, spot: Floats) -> None:
        super().__init__(view, values)
        lit = self.face_light[0], self.line_light[0]
        self.face_light, self.line_light = (
            (all_over * _near(parts, spot, radius), all_over)
            for all_over, parts, radius in zip(
                lit, (self.corners, self.edges), (LIGHT_RADIUS, MESH_RADIUS), strict=True
            )
        )

    def _brightness(self, parts: Floats, radius: float) -> Floats:
        return super()._brightness(parts, BRIGHTER * radius)


def _near(parts: Floats, spot: Floats, radius: float) -> Floats:
    """How bright a light at `spot` makes parts (n, k, 3), from 0 to 1."""
    distance = np.linalg.norm(parts.mean(axis=1) - spot, axis=1) / radius
    bright: Floats = np.nan_to_num(np.exp(-(distance**2)))
    return bright / max(float(bright.max(initial=0.0)), 1e-9)


class LitHill(VGroup):
    """The hill over the curve `values`, in `area`, and a ball at step `clock` of a descent.

    `tangent` lies under the ball, as steep as `slopes` says. `xs` are the positions of the descent;
    it is seen from where that ends. `light` is a tracker from 0 (dark) to 1, `spread` one from 0
    (lit around the ball at its start) to 1 (lit all over).
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
        first = plane.point(start, float(values(np.array([start]))[0]))
        self.ground = LitGround(self.view, values, first)
        self.light, self.spread = self.ground.light, self.ground.cut
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
