"""An arrow along horizontal and vertical lines, with rounded corners."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Polygon, VGroup, VMobject

from gradreel.draw.graph.edge_arrow import TIP_LENGTH, EdgeArrow
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors

CORNER = 0.12  # frame units


class RoutedArrow(EdgeArrow):
    """A line through `points`, straight between them, with its tip at the last."""

    def __init__(self, points: Sequence[Floats]) -> None:
        VGroup.__init__(self)
        route = _without_doubles(points)
        self.start, self.end = route[0], route[-1]
        ahead = self.end - route[-2]
        reach = float(np.linalg.norm(ahead))
        ahead = ahead / max(reach, 1e-9)
        length = min(TIP_LENGTH, 0.6 * reach)
        self.line = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.arrow)
        self._draw_line([*route[:-1], self.end - 0.8 * length * ahead])
        half, back = 0.42 * length * np.array([-ahead[1], ahead[0], 0.0]), self.end - length * ahead
        self.tip = Polygon(
            self.end, back + half, back - half,
            stroke_width=0, fill_color=colors.muted, fill_opacity=1,
        )  # fmt: skip
        self.add(self.line, self.tip)

    def _draw_line(self, route: Sequence[Floats]) -> None:
        line = self.line
        line.start_new_path(route[0])
        for before, corner, after in zip(route, route[1:], route[2:], strict=False):
            arrive, leave = _toward(corner, before), _toward(corner, after)
            line.add_line_to(arrive)
            line.add_quadratic_bezier_curve_to(corner, leave)
        line.add_line_to(route[-1])


def _toward(corner: Floats, other: Floats) -> Floats:
    """The point CORNER away from a corner on the way to `other`, at most half way."""
    distance = float(np.linalg.norm(other - corner))
    point: Floats = corner + (other - corner) * min(CORNER / max(distance, 1e-9), 0.5)
    return point


def _without_doubles(points: Sequence[Floats]) -> list[Floats]:
    route = [np.asarray(points[0], dtype=float)]
    for point in points[1:]:
        if np.linalg.norm(point - route[-1]) > 1e-3:
            route.append(np.asarray(point, dtype=float))
    return route
