"""A descent on a curve: the ball, its footprints, and the steps it took along the floor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from manim import Dot, Line, Mobject, VGroup, VMobject

from gradreel.draw.plane import Floats, Plane
from gradreel.tape import Quantity
from gradreel.theme import StrokeWidth, colors


class CurvePoint(Protocol):
    """Where a descent stood after so many steps."""

    @property
    def inputs(self) -> Sequence[Quantity]: ...
    @property
    def value(self) -> Quantity: ...


class Ball(Dot):
    """The ball at time `now()`, counted in steps: between two visits it follows the curve."""

    def __init__(
        self,
        plane: Plane,
        visits: Sequence[CurvePoint],
        height: Callable[[float], float],
        now: Callable[[], float],
        *,
        color: str = "",
        radius: float = 0.13,
    ) -> None:
        super().__init__(radius=radius, color=color or colors.accent)
        self.set_stroke(colors.background, width=2)
        xs = np.array([float(visit.inputs[0]) for visit in visits])

        def follow(dot: Mobject) -> None:
            x = float(np.interp(now(), np.arange(len(xs)), xs))
            y = height(x)
            seen = plane.contains(y) and plane.x_range[0] <= x <= plane.x_range[1]
            dot.set_opacity(1.0 if seen else 0.0)
            if seen:
                dot.move_to(plane.point(x, y))

        self.add_updater(follow, call_updater=True)


class Footprints(VGroup):
    """A mark on the curve for each visit up to now, and its step as a stroke on the floor.

    The strokes take turns between two heights, so that one can see where each ends.
    """

    def __init__(
        self,
        plane: Plane,
        visits: Sequence[CurvePoint],
        now: Callable[[], float],
        *,
        color: str = "",
    ) -> None:
        super().__init__()
        tint = color or colors.gradient
        places = [(float(v.inputs[0]), float(v.value)) for v in visits]
        floor = float(plane.point(plane.x_range[0], plane.y_range[0])[1])
        for k, (x, y) in enumerate(places):
            inside = plane.contains(y) and plane.x_range[0] <= x <= plane.x_range[1]
            if not inside:
                continue
            self.add(self._mark(plane.point(x, y), k, now, tint))
            if k + 1 < len(places) and plane.x_range[0] <= places[k + 1][0] <= plane.x_range[1]:
                ends = [np.array([plane.point(a, 0)[0], floor + 0.14 + 0.12 * (k % 2), 0])
                        for a in (x, places[k + 1][0])]  # fmt: skip
                self.add(self._step(ends, k, now, tint))

    def _mark(self, place: Floats, k: int, now: Callable[[], float], tint: str) -> Dot:
        dot = Dot(place, radius=0.07, color=tint)
        return dot.add_updater(lambda d: d.set_opacity(float(now() >= k)), call_updater=True)

    def _step(self, ends: list[Floats], k: int, now: Callable[[], float], tint: str) -> Line:
        line = Line(stroke_color=tint, stroke_width=StrokeWidth.curve + 2)

        def follow(stroke_: Mobject) -> None:
            share = min(max(now() - k, 0.0), 1.0)
            tip = ends[0] + (ends[1] - ends[0]) * max(share, 1e-4)
            if isinstance(stroke_, VMobject):
                stroke_.set_points_as_corners(np.array([ends[0], tip]))
                stroke_.set_stroke(opacity=float(share > 0))

        return line.add_updater(follow, call_updater=True)
