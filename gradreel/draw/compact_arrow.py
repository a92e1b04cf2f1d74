"""The arrow of a compact graph: a polyline with a tip."""

from __future__ import annotations

import numpy as np
from manim import Polygon, VGroup, VMobject

from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors

TIP = 0.18


class CompactArrow(VGroup):
    """A polyline through `points` with a tip at its end."""

    def __init__(self, points: list[Floats]) -> None:
        super().__init__()
        direction = points[-1] - points[-2]
        direction = direction / (np.linalg.norm(direction) or 1.0)
        side = np.array([-direction[1], direction[0], 0.0]) * TIP * 0.42
        back = points[-1] - direction * TIP
        self.line = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.arrow)
        self.line.set_points_as_corners([*points[:-1], back])
        self.tip = Polygon(
            points[-1], back + side, back - side,
            stroke_width=0, fill_color=colors.muted, fill_opacity=1,
        )  # fmt: skip
        self.add(self.line, self.tip)

    def point_at(self, share: float) -> Floats:
        """The point at `share` of the line's length, from input to op."""
        position: Floats = self.line.point_from_proportion(share)
        return position
