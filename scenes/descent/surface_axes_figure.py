"""What makes a surface in 3D readable: its axes, and the curve that it is a slice of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import Line, VGroup, VMobject

from gradreel.draw.plane import Floats
from gradreel.draw.text import math
from gradreel.draw.text_background import text_background
from gradreel.scenes.descent.surface_figure import TILT, HeightField
from gradreel.theme import FontSize, StrokeWidth, colors

LABEL_DISTANCE = 1.16  # of a name from the middle of the floor, whose edges are at 1
SHARPNESS = 6.0  # with which an axis changes to the other edge of the floor as the field turns


class FieldAxes(VGroup):
    """The names x and y at the front edges of the floor, in the look of the map's axes.

    Each axis has two edges, of which the one in front is shown.
    """

    def __init__(self, field: HeightField, opacity: Callable[[], float]) -> None:
        super().__init__()
        # Name, and the two ends of the edge on the floor.
        edges = [
            (name, (along, side)) for name, along in (("x", 0), ("y", 1)) for side in (-1.0, 1.0)
        ]
        for name, _ in edges:
            line = Line(stroke_color=colors.muted, stroke_width=StrokeWidth.axis)
            label = math(name, font_size=FontSize.label, color=colors.muted)
            self.add(VGroup(line, text_background(label, 0.03), label))

        def follow(group: Any) -> None:
            angle = field.angle()
            for (_, (along, side)), (line, background, label) in zip(edges, group, strict=True):
                # The edge whose distance from the viewer is the smaller one.
                away = side * (np.cos(angle) if along == 0 else np.sin(angle))
                visible = float(np.clip(0.5 - SHARPNESS * away, 0, 1)) * opacity()
                ends = np.full((2, 2), side)
                ends[:, along] = (-1.0, 1.0)
                line.set_points_by_ends(*field.project(ends[:, 0], ends[:, 1], 0.0))
                line.set_stroke(opacity=visible)
                middle = np.full(2, side * LABEL_DISTANCE)
                middle[along] = 0.0
                for part in (background, label):
                    part.move_to(field.project(middle[0], middle[1], 0.0)).set_fill(opacity=visible)

        self.add_updater(follow, call_updater=True)


class SliceLine(VMobject):
    """The curve in which the field is cut along u through its middle; gone once it is tilted.

    Seen from the side it is the curve of a function of one variable.
    """

    def __init__(self, field: HeightField) -> None:
        super().__init__(stroke_color=colors.value, stroke_width=StrokeWidth.curve)

        def follow(line: Any) -> None:
            heights = field.heights()
            middle = heights[:, len(heights) // 2]
            points: Floats = field.project(np.linspace(-1, 1, len(middle)), 0.0, middle)
            finite = points[np.isfinite(points).all(axis=-1)]
            line.set_points_as_corners(finite if len(finite) > 1 else np.zeros((2, 3)))
            line.set_stroke(opacity=float(np.clip(2 - 2.5 * field.tilt() / TILT, 0, 1)))

        self.add_updater(follow, call_updater=True)
