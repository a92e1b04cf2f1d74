"""The curve of a program's function beside the program, with its secant or its tangent."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Circle,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    GrowFromCenter,
    Line,
    Mobject,
    VGroup,
)

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, point
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
X_RANGE = (-4.8, 4.0)
POINT = ("x", "y", "here")
"""The variables that hold the point: x, and the height of the curve there."""
LENS = 1.05  # radius, frame units
STEP_ON_SCREEN = 0.62  # the width of h in the lens


class CurvePicture(ProgramPicture):
    """The curve on a plane, and the point on it."""

    def build(self) -> None:
        """The plane with its curve is there from the start."""
        x = np.linspace(*X_RANGE, 160)
        y = heights(FUNCTION, x)
        self.plane = Plane(X_RANGE, padded_range(y, 0.08), self.plane_area(), tick_count=(5, 3))
        self.curve = Curve(self.plane, x, y)
        self.dot = Dot(radius=0.11, color=colors.accent).set_stroke(colors.background, 2)
        self.add(self.plane, self.curve)

    def parts(self) -> dict[str, Mobject]:
        """The curve, and the point at the program's x."""
        values = self.trace.final
        x, y = (float(v.value) for v in values if v.name in POINT and isinstance(v.value, float))
        return {"curve": self.curve, "point": self.dot.move_to(self.plane.point(x, y))}

    def plane_area(self) -> Rect:
        """The part of the area for the plane."""
        return self.area

    def marks_point(self, x: Quantity, y: Quantity) -> list[Any]:
        """Lead from x on the axis up to the curve, and put the point there."""
        low = self.plane.point(x, 0.0)
        position = self.plane.point(x, y)
        rise = DashedLine(low, position, stroke_color=colors.muted, stroke_width=StrokeWidth.axis)
        if "point" in self.carried:
            return [Create(rise)]
        return [Create(rise), GrowFromCenter(self.dot.move_to(position))]

    def tangent_line(self, x: Quantity, y: Quantity, slope: Quantity, length: float) -> Line:
        """The line of this slope through a point of the plane."""
        along = direction(self.plane, slope) * length / 2
        middle = self.plane.point(x, y)
        color = colors.sign(slope)
        return Line(middle - along, middle + along, stroke_width=StrokeWidth.curve, color=color)


class TangentPicture(CurvePicture):
    """The point appears with `y`, the tangent with `x.grad`; the formula stands in a corner."""

    def build(self) -> None:
        """The formula is there from the start as well."""
        super().build()
        markup = f"f(x) = {parse(FUNCTION).typst()}"
        self.formula = math(markup, font_size=FontSize.small, color=colors.value)
        corner = self.plane.point(self.plane.x_range[0], self.plane.y_range[1])
        self.formula.move_to(corner + point(0.15, -0.1), aligned_edge=UP + LEFT)
        self.add(self.formula)

    def parts(self) -> dict[str, Mobject]:
        """The formula as well."""
        return {**super().parts(), "formula": self.formula}

    def advance(self, moment: Moment) -> list[Any]:
        """What a line of the program adds."""
        if "x" in moment.changed and not moment.passes:
            low = self.plane.point(moment.value("x"), 0.0)
            self.on_axis = Dot(low, radius=0.1, color=colors.leaf)
            return [GrowFromCenter(self.on_axis)]
        if "y" in moment.changed:
            return self.marks_point(moment.value("x"), moment.value("y"))
        if not moment.passes:
            return []
        x, y, slope = moment.value("x"), moment.value("y"), moment.grad("x")
        line = self.tangent_line(x, y, slope, 2.6)
        number = LabelledNumber('"slope"', slope, color=colors.gradient, places=None,
                                font_size=FontSize.body)  # fmt: skip
        number.next_to(line.get_end(), LEFT, buff=0.35)
        # It may reach beyond the y axis.
        return [GrowFromCenter(line), FadeIn(VGroup(text_background(number), number))]


class SecantPicture(CurvePicture):
    """Two points a step h apart: they are one on the curve, and two under a lens."""

    def plane_area(self) -> Rect:
        """The lens is to the right of the plane."""
        return self.area.columns(1.25, 1.0, gap=0.3)[0]

    def advance(self, moment: Moment) -> list[Any]:
        """What a line of the program adds."""
        changed = moment.changed
        if "here" in changed:
            return [*self.marks_point(moment.value("x"), moment.value("here")), self.opens_lens()]
        if "there" in changed:
            return [self.shows_step()]
        if "rise" in changed:
            return [self.shows_rise(moment.value("rise"))]
        if "slope" in changed:
            return self.shows_secant(moment)
        return []

    def opens_lens(self) -> FadeIn:
        """A lens at the point: the circle, and two lines that lead to it."""
        column = self.area.columns(1.25, 1.0, gap=0.3)[1]
        self.middle = point(column.center[0], column.center[1] - 0.1)
        self.lens = Circle(LENS, color=colors.muted, stroke_width=StrokeWidth.axis)
        self.lens.move_to(self.middle)
        small = Circle(0.16, color=colors.muted, stroke_width=StrokeWidth.axis).move_to(self.dot)
        sides = VGroup(
            *(
                Line(
                    small.get_center() + side * 0.16, self.middle + side * LENS,
                    stroke_color=colors.faint, stroke_width=StrokeWidth.axis,
                )
                for side in (UP, DOWN)
            )
        )  # fmt: skip
        self.first, self.second = self.in_lens()
        dot = Dot(self.first, radius=0.11, color=colors.accent)
        return FadeIn(VGroup(sides, small, self.lens, dot))

    def in_lens(self) -> tuple[Floats, Floats]:
        """Where both points are in the lens: as far apart as it has room for, about its middle."""
        final = {v.name: v.value for v in self.trace.final if isinstance(v.value, float)}
        (x0, x1), (y0, y1) = self.plane.x_range, self.plane.y_range
        area = self.plane.plot_area
        along = point(
            final["h"] * area.width / (x1 - x0),
            (final["there"] - final["here"]) * area.height / (y1 - y0),
        )
        along *= min(STEP_ON_SCREEN / abs(along[0]), 1.3 * LENS / float(np.linalg.norm(along)))
        return self.middle - along / 2, self.middle + along / 2

    def shows_step(self) -> FadeIn:
        """The second point, and the run between the two."""
        corner = point(self.second[0], self.first[1])
        run = Line(self.first, corner, color=colors.value, stroke_width=StrokeWidth.arrow)
        name = math("h", font_size=FontSize.label, color=colors.value)
        name.next_to(run, DOWN, buff=0.12)
        self.corner = corner
        return FadeIn(VGroup(run, name, Dot(self.second, radius=0.11, color=colors.accent)))

    def shows_rise(self, rise: Quantity) -> FadeIn:
        """The rise between the two points."""
        line = Line(self.corner, self.second, color=colors.gradient)
        line.set_stroke(width=StrokeWidth.arrow)
        name = math('#"rise"', font_size=FontSize.label, color=colors.gradient)
        return FadeIn(VGroup(line, name.next_to(line, RIGHT, buff=0.12)))

    def shows_secant(self, moment: Moment) -> list[Any]:
        """The line through both points, in the lens and on the curve."""
        along = (self.second - self.first) / np.linalg.norm(self.second - self.first)
        ends = (self.chord_end(-along), self.chord_end(along))
        lens = Line(*ends, color=colors.local, stroke_width=StrokeWidth.curve)
        x, y, slope = moment.value("x"), moment.value("here"), moment.value("slope")
        line = self.tangent_line(x, y, slope, 2.2).set_color(colors.local)
        return [Create(lens), GrowFromCenter(line)]

    def chord_end(self, along: Floats) -> Floats:
        """Where a ray from the first point leaves the lens."""
        offset = self.first - self.middle
        middle = float(offset @ along)
        reach = -middle + float(np.sqrt(middle**2 - offset @ offset + LENS**2))
        end: Floats = self.first + along * (reach - 0.03)
        return end
