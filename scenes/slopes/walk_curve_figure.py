"""The curve of a program's function beside the program, and its tangent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    GrowFromCenter,
    GrowFromPoint,
    Line,
    Mobject,
    VGroup,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect
from gradreel.draw.plane import Curve, Floats, Plane, padded_range
from gradreel.draw.tangent import direction
from gradreel.draw.text import math
from gradreel.draw.text_background import text_background
from gradreel.draw.walkthrough.picture import ProgramPicture, heights
from gradreel.expression import parse
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors
from gradreel.trace.moment import Moment

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


class TangentPicture(CurvePicture):
    """x appears on its axis, the point with `y`, and the tangent with `x.grad`."""

    def build(self) -> None:
        """The formula is there from the start: it names the vertical axis."""
        super().build()
        self.formula = math(f"f(x) = {parse(FUNCTION).typst()}", color=colors.value)
        names = self.plane.names
        self.formula.move_to(names[1], aligned_edge=LEFT + DOWN)
        names.remove(names[1])
        self.add(self.formula)

    def parts(self) -> dict[str, Mobject]:
        """The formula as well."""
        return {**super().parts(), "formula": self.formula}

    def stages(self, moment: Moment) -> Sequence[Callable[[], list[Any]]]:
        """A pass goes back from y to x before it leaves the slope."""
        if not moment.passes:
            return super().stages(moment)
        return [lambda: [self.goes_back(moment)], lambda: self.shows_tangent(moment)]

    def least_seconds(self, moment: Moment) -> float:
        """The way back, and the tangent."""
        return 1.8 if moment.passes else 0.0

    def advance(self, moment: Moment) -> list[Any]:
        """What some lines of the program add."""
        if "y" in moment.changed:
            return self.marks_point(moment.value("x"), moment.value("y"))
        return self.marks_x(moment.value("x")) if "x" in moment.changed else []

    def marks_x(self, x: Quantity) -> list[Any]:
        """x on its axis."""
        low = Dot(self.plane.point(x, 0.0), radius=0.12, color=colors.leaf)
        name = _label("x", x, colors.leaf).next_to(low, UP + RIGHT, buff=0.1)
        return [GrowFromCenter(low), FadeIn(VGroup(text_background(name), name))]

    def marks_point(self, x: Quantity, y: Quantity) -> list[Any]:
        """Lead from x on the axis up to the curve, and put the point there."""
        low, position = self.plane.point(x, 0.0), self.plane.point(x, y)
        rise = DashedLine(low, position, stroke_color=colors.muted, stroke_width=StrokeWidth.axis)
        name = _label("y", y, colors.value).next_to(position + 0.3 * DOWN, RIGHT, buff=0.2)
        self.decisive = (name,)
        named = FadeIn(VGroup(text_background(name), name))
        return [Create(rise), GrowFromCenter(self.dot.move_to(position)), named]

    def goes_back(self, moment: Moment) -> Travel:
        """A pulse from the point on the curve down to x on its axis."""
        x, y = moment.value("x"), moment.value("y")
        way = CompactArrow([self.plane.point(x, 0.0), self.plane.point(x, y)])
        return Travel(pulse(colors.gradient), way, back=True)

    def shows_tangent(self, moment: Moment) -> list[Any]:
        """The tangent, with the slope that the pass left."""
        x, y, slope = moment.value("x"), moment.value("y"), moment.grad("x")
        line = self.tangent_line(x, y, slope, 3.6)
        number = LabelledNumber(
            '"slope"', slope, color=colors.gradient, places=None, font_size=FontSize.formula
        )
        upper = max(line.get_start_and_end(), key=lambda end: float(end[1]))
        number.next_to(upper, LEFT if slope > 0 else RIGHT, buff=0.25)
        self.clear_curve(number, LEFT if slope > 0 else RIGHT)
        self.decisive = (number,)
        # It grows: a fading background would not hide the axis behind the letters.
        named = GrowFromPoint(VGroup(text_background(number), number), upper)
        return [GrowFromCenter(line), named]

    def clear_curve(self, number: LabelledNumber, side: Floats) -> None:
        """Move a number to this side of the part of the curve at its height."""
        offset = self.curve.points - self.dot.get_center()
        across = -side[0] * offset[:, 0]
        level = self.curve.points[:, 1] - number.get_y()
        beside = (np.abs(level) < number.height / 2 + CLEAR) & (across > 0)
        if beside.any():
            edge = self.dot.get_center() - side * float(across[beside].min())
            number.next_to(np.array([edge[0], number.get_y(), 0.0]), side, buff=CLEAR)


def _label(name: str, number: Quantity, color: str) -> LabelledNumber:
    return LabelledNumber(name, number, color=color, places=None, font_size=FontSize.body)
