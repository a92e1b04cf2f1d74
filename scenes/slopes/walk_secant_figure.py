"""The secant of a program's numerical derivative, on the curve and under a lens."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    AnimationGroup,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    LaggedStart,
    Line,
    Square,
    VGroup,
)

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, fit_into
from gradreel.draw.text import text
from gradreel.draw.walkthrough.picture import heights
from gradreel.scenes.slopes.secant_figure import Lens
from gradreel.scenes.slopes.walk_curve_figure import FUNCTION, CurvePicture
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors
from gradreel.trace.moment import Moment

SPOT = 0.3  # the side of the square that marks what the lens shows, frame units


@dataclass(frozen=True, slots=True)
class ProgramSecant:
    """The secant that the program computes."""

    h: Quantity
    here: Quantity
    rise: Quantity
    slope: Quantity


class SecantPicture(CurvePicture):
    """Two points a step h apart: they are one on the curve, and two under the lens below it."""

    x_range = (0.5, 3.5)
    # The difference of the heights and the ratio are then right in each of their digits.
    digits: ClassVar = {"there": 17, "rise": 9}

    def build(self) -> None:
        """The lens and the ratio are placed below the plane."""
        _, lens, self.foot = self._rows()
        super().build()
        secant = ProgramSecant(*(self.result(name) for name in ("h", "here", "rise", "slope")))
        x = self.result("x")
        self.lens = Lens(
            self.plane, x, lambda: secant, lambda xs: heights(FUNCTION, xs), secant.slope, lens
        )
        rise = text("rise", font_size=FontSize.code, mono=True, color=colors.local)
        rise.set_z_index(3)
        self.lens.rise_label = rise.move_to(self.lens.rise_label, aligned_edge=LEFT)
        self.ratio, self.exact = self._results(secant.slope, self.result("exact"))
        self.besides = VGroup()  # what no other scene shows

    def _rows(self) -> list[Rect]:
        return self.area.rows(2.1, 2.55, 0.95, gap=0.12)

    def _results(self, slope: Quantity, exact: Quantity) -> list[LabelledNumber]:
        """The ratio and, below it, the slope by the rule, with their equals signs in a column."""
        tones = (colors.gradient, colors.value)
        names = ('"rise" \\/ "run"', "2 x + 3")
        rows = [
            LabelledNumber(name, number, color=tone, places=8, font_size=FontSize.body)
            for name, number, tone in zip(names, (slope, exact), tones, strict=True)
        ]
        both = VGroup(*rows).arrange(DOWN, buff=0.2)
        rows[1].shift((rows[0].readout.get_left() - rows[1].readout.get_left())[0] * RIGHT)
        fit_into(both, self.foot)
        return rows

    def plane_area(self) -> Rect:
        """Above the lens."""
        return self._rows()[0]

    def leave(self, carried: Collection[str]) -> list[Any]:
        """All but the curve and its point fades, so that no part is left where they were."""
        return [FadeOut(self.plane), FadeOut(self.besides)]

    def least_seconds(self, moment: Moment) -> float:
        """The parts come one after the other."""
        seconds = {"there": 1.5, "rise": 0.9, "slope": 1.2}
        return max((seconds.get(name, 0.0) for name in moment.changed), default=0.0)

    def advance(self, moment: Moment) -> list[Any]:
        """What some lines of the program add."""
        if "there" in moment.changed:
            points = AnimationGroup(*self.shows_points())
            return [LaggedStart(self.opens_lens(), points, lag_ratio=0.7)]
        if "rise" in moment.changed:
            return self.shows_triangle()
        if "slope" in moment.changed:
            return self.shows_secant(moment)
        if "x" in moment.changed:
            return self.marks_x(moment.value("x"))
        return self.shows_exact() if "exact" in moment.changed else []

    def marks_x(self, x: Quantity) -> list[Any]:
        """x on its axis, and a line from there up to the point."""
        low = Dot(self.plane.point(x, self.plane.y_range[0]), radius=0.12, color=colors.leaf)
        rise = DashedLine(low.get_center(), self.dot.get_center(), stroke_color=colors.muted)
        self.besides.add(rise.set_stroke(width=StrokeWidth.axis), low)
        return [GrowFromCenter(low), Create(rise)]

    def shows_exact(self) -> list[Any]:
        """Below the ratio, what the rule gives."""
        self.besides.add(self.exact)
        return [FadeIn(self.exact)]

    def concludes(self) -> list[Any]:
        """A line below the last digit of ratio and rule."""
        marks = VGroup()
        for number in (self.ratio.readout, self.exact.readout):
            digit = number.width / 9.4  # nine digits, and a decimal point
            end = number.get_corner(DOWN + RIGHT) + 0.08 * DOWN
            marks.add(Line(end + digit * LEFT, end, stroke_color=colors.accent))
        self.besides.add(marks.set_stroke(width=StrokeWidth.curve))
        return [*map(Create, marks)]

    def opens_lens(self) -> FadeIn:
        """The lens below the point, and lines that lead from the point to it."""
        lens = self.lens
        spot = Square(SPOT).set_stroke(colors.muted, StrokeWidth.axis).move_to(self.dot)
        corners = ((DOWN + LEFT, UP + LEFT), (DOWN - LEFT, UP - LEFT))
        sides = VGroup(
            *(
                Line(spot.get_corner(a), lens.frame.get_corner(b), stroke_color=colors.faint)
                for a, b in corners
            )
        ).set_stroke(width=StrokeWidth.axis)
        opened = VGroup(sides, spot, lens.frame, lens.curve)
        self.besides.add(opened)
        return FadeIn(opened)

    def shows_points(self) -> list[Any]:
        """Both points under the lens, by the names that the program gives them."""
        names = []
        for dot, name, side in zip(
            self.lens.dots, ("here", "there"), (UP, UP + 0.6 * LEFT), strict=True
        ):
            label = text(name, font_size=FontSize.code, mono=True)
            names.append(FadeIn(label.next_to(dot, side, buff=0.18)))
            self.besides.add(dot, label)
        return [*(GrowFromCenter(dot) for dot in self.lens.dots), *names]

    def shows_triangle(self) -> list[Any]:
        """Run, then rise, each with its number."""
        lens = self.lens
        labels = VGroup(lens.behind_label, lens.rise_label)
        self.besides.add(lens.run_label, labels, lens.run, lens.rise)
        run = AnimationGroup(Create(lens.run), FadeIn(lens.run_label))
        rise = AnimationGroup(Create(lens.rise), FadeIn(labels))
        return [LaggedStart(run, rise, lag_ratio=0.7)]

    def shows_secant(self, moment: Moment) -> list[Any]:
        """The line through both points, and its slope below the lens."""
        lens = self.lens
        x, y, slope = moment.value("x"), moment.value("here"), moment.value("slope")
        line = self.tangent_line(x, y, slope, 2.6).set_color(colors.gradient)
        self.besides.add(lens.line, line, self.ratio)
        secant = AnimationGroup(Create(lens.line), GrowFromCenter(line))
        return [LaggedStart(secant, FadeIn(self.ratio), lag_ratio=0.7)]
