"""A descent on the curve of its loss: a ball, marks where it was, and a stroke per step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from manim import Dot, Line, Mobject, VGroup, VMobject

from gradreel.draw.plane import Floats, Plane
from gradreel.scenes.descent.step_clock import landed, moved
from gradreel.tape import Quantity
from gradreel.theme import StrokeWidth, colors


class CurvePoint(Protocol):
    """The state of a descent in one variable after some step."""

    @property
    def inputs(self) -> Sequence[Quantity]: ...
    @property
    def loss(self) -> Quantity: ...


class DescentBall(Dot):
    """The ball at `clock()`, a time counted in steps; on its way it follows the curve, then rests.

    `height(x)` is the loss. The ball is hidden outside the plane.
    """

    def __init__(
        self,
        plane: Plane,
        steps: Sequence[CurvePoint],
        height: Callable[[float], float],
        clock: Callable[[], float],
        *,
        color: str = "",
        radius: float = 0.13,
    ) -> None:
        super().__init__(radius=radius, color=color or colors.accent)
        self.set_stroke(colors.background, width=2)
        xs = np.array([float(step.inputs[0]) for step in steps])

        def follow(dot: Mobject) -> None:
            x = float(np.interp(moved(clock()), np.arange(len(xs)), xs))
            y = height(x)
            visible = _contains(plane, x, y)
            dot.set_opacity(1.0 if visible else 0.0)
            if visible:
                dot.move_to(plane.point(x, y))

        self.add_updater(follow, call_updater=True)


class DescentMarks(VGroup):
    """A mark on the curve for each state up to `clock()`, and a stroke below for each step.

    The strokes alternate between two heights, so that their ends can be told apart.
    """

    def __init__(
        self,
        plane: Plane,
        steps: Sequence[CurvePoint],
        clock: Callable[[], float],
        *,
        color: str = "",
    ) -> None:
        super().__init__()
        tone = color or colors.gradient
        points = [(float(step.inputs[0]), float(step.loss)) for step in steps]
        bottom = float(plane.point(plane.x_range[0], plane.y_range[0])[1])
        for k, (x, y) in enumerate(points):
            if not _contains(plane, x, y):
                continue
            self.add(self._mark(plane.point(x, y), k, clock, tone))
            if k + 1 < len(points) and plane.x_range[0] <= points[k + 1][0] <= plane.x_range[1]:
                height = bottom + 0.14 + 0.12 * (k % 2)
                ends = [np.array([plane.point(a, 0)[0], height, 0]) for a in (x, points[k + 1][0])]
                self.add(self._stroke(ends, k, clock, tone))

    def _mark(self, position: Floats, k: int, clock: Callable[[], float], tone: str) -> Dot:
        dot = Dot(position, radius=0.07, color=tone)

        def follow(mark: Mobject) -> None:
            mark.set_opacity(float(landed(clock()) >= k))

        return dot.add_updater(follow, call_updater=True)

    def _stroke(self, ends: list[Floats], k: int, clock: Callable[[], float], tone: str) -> Line:
        """The stroke of step k + 1; it grows while the step is taken."""
        line = Line(stroke_color=tone, stroke_width=StrokeWidth.curve + 2)

        def follow(stroke: Mobject) -> None:
            share = min(max(moved(clock()) - k, 0.0), 1.0)
            tip = ends[0] + (ends[1] - ends[0]) * max(share, 1e-4)
            if isinstance(stroke, VMobject):
                stroke.set_points_as_corners(np.array([ends[0], tip]))
                stroke.set_stroke(opacity=min(3 * share, 1.0))

        return line.add_updater(follow, call_updater=True)


def _contains(plane: Plane, x: float, y: float) -> bool:
    return plane.contains(y) and plane.x_range[0] <= x <= plane.x_range[1]
