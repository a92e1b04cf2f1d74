"""What is drawn on the floor of a relief: arrows, thin lines, the right angle to a contour line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import Line, VGroup, VMobject

from gradreel.draw.contours import LiveArrow
from gradreel.draw.plane import Floats
from gradreel.scenes.autograd_api.relief_figure import Relief
from gradreel.theme import StrokeWidth, colors


class FloorArrow(LiveArrow):
    """An arrow on the floor from `start()`, with the vector `along()` times `scale`."""

    def __init__(
        self, relief: Relief, start: Callable[[], Sequence[float]],
        along: Callable[[], Sequence[float]], *, color: str, scale: float,
    ) -> None:  # fmt: skip
        def ends() -> tuple[Floats, Floats]:
            x, y = start()
            dx, dy = along()
            return relief.at(x, y), relief.at(x + dx * scale, y + dy * scale)

        super().__init__(ends, color=color)
        self.set_z_index(1)


class FloorLine(Line):
    """A thin line on the floor, or between floor and surface, between two points of `ends()`.

    Each is (x, y, height), with None for the height of the floor.
    """

    def __init__(
        self, relief: Relief,
        ends: Callable[[], Sequence[tuple[float, float, float | None]]],
    ) -> None:  # fmt: skip
        super().__init__(stroke_color=colors.muted, stroke_width=StrokeWidth.axis)

        def follow(line: Any) -> None:
            begin, end = ends()
            line.set_points_by_ends(relief.at(*begin), relief.at(*end))

        self.add_updater(follow, call_updater=True)


class RightAngle(VGroup):
    """A piece of the contour line's tangent at `start()`, and the right angle with `along()`.

    Both are shorter where the arrow `along()` is short, and none where it is zero.
    """

    def __init__(
        self, relief: Relief, start: Callable[[], tuple[float, float]],
        along: Callable[[], Sequence[float]],
    ) -> None:  # fmt: skip
        self.tangent = Line(stroke_color=colors.text, stroke_width=StrokeWidth.axis)
        self.corner = VMobject(stroke_color=colors.text, stroke_width=StrokeWidth.axis)
        super().__init__(self.tangent, self.corner)

        def follow(_: Any) -> None:
            (x, y), (dx, dy) = start(), along()
            middle, way = relief.at(x, y), relief.at(x + dx, y + dy) - relief.at(x, y)
            length = float(np.linalg.norm(way))
            ahead = way / max(length, 1e-9)
            aside = np.array([-ahead[1], ahead[0], 0.0])
            reach, leg = min(0.8, length), min(0.2, length / 4)
            self.tangent.set_points_by_ends(middle - reach * aside, middle + reach * aside)
            corners = [middle + leg * way for way in (aside, aside + ahead, ahead)]
            self.corner.set_points_as_corners(corners)

        self.add_updater(follow, call_updater=True)
