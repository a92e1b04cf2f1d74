"""The curve of a program's function beside the program."""

from __future__ import annotations

import numpy as np
from manim import (
    Dot,
    Line,
    Mobject,
)

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Curve, Plane, padded_range
from gradreel.draw.tangent import direction
from gradreel.draw.walkthrough.picture import ProgramPicture, heights
from gradreel.tape import Quantity
from gradreel.theme import StrokeWidth, colors

FUNCTION = "x**2 + 3*x + 2"
CLEAR = 0.3  # frame units between a number and the curve
POINT = ("x", "y", "here")
"""The variables that hold the point: x, and the height of the curve there."""


class CurvePicture(ProgramPicture):
    """The curve on a plane, and the point on it."""

    x_range = (-4.8, 4.0)

    def build(self) -> None:
        """The plane with its curve is there from the start."""
        x = np.linspace(*self.x_range, 160)
        y = heights(FUNCTION, x)
        self.plane = Plane(
            self.x_range, padded_range(y, 0.08), self.plane_area(), tick_count=(5, 3)
        )
        self.curve = Curve(self.plane, x, y)
        self.dot = Dot(radius=0.13, color=colors.accent).set_stroke(colors.background, 2)
        self.dot.set_z_index(2)
        self.add(self.plane, self.curve)

    def parts(self) -> dict[str, Mobject]:
        """The curve, and the point at the program's x."""
        values = self.trace.final
        x, y = (float(v.value) for v in values if v.name in POINT and isinstance(v.value, float))
        return {"curve": self.curve, "point": self.dot.move_to(self.plane.point(x, y))}

    def plane_area(self) -> Rect:
        """The part of the area for the plane."""
        return self.area

    def tangent_line(self, x: Quantity, y: Quantity, slope: Quantity, length: float) -> Line:
        """The line of this slope through a point of the plane."""
        along = direction(self.plane, slope) * length / 2
        middle = self.plane.point(x, y)
        color = colors.sign(slope)
        return Line(middle - along, middle + along, stroke_width=StrokeWidth.curve, color=color)
