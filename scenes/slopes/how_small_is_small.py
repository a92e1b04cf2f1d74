"""h can be too small.

The error of a forward difference against h, on logarithmic axes. It falls with h until rounding
dominates: f(x + h) and f(x) then differ in their last digits only, and the division by h magnifies
the rounding error. A format with fewer digits turns at a larger h.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor, log10

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    ApplyMethod,
    Circle,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    Indicate,
    ShowPassingFlash,
    ValueTracker,
    VGroup,
    linear,
)

from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import Rect, content_area, fit_into
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.plane import Floats, padded_range
from gradreel.draw.text import math, text
from gradreel.functions.function import Function
from gradreel.functions.require_finite import finite_point_at
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, UserFunction, param
from gradreel.scenes.slopes.curve_planes_figure import curve_point, secant_plane
from gradreel.scenes.slopes.joins import FORMULA, GUEST
from gradreel.scenes.slopes.rounding_figure import Digits, Inset, Turns
from gradreel.scenes.slopes.secant_experiment import (
    Secant,
    most_accurate_secant,
    require_error_minimum,
    rounded,
    secants,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors


class HowSmallIsSmall(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("x**2+3*x+2", "a function of x, such as exp(x) or sin(x)")
        x: float = param(2.0, "where the slope is wanted", ge=-100, le=100)
        smallest: int = param(16, "h goes down to 10 to the minus this", ge=8, le=18)
        other: Literal["float32", "float16"] = param("float32", "the format to compare with")

    begins_with, ends_with = GUEST, FORMULA

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function)
        finite_point_at(f, p.x)
        self.widths = 10 ** np.linspace(0, -p.smallest, 8 * p.smallest + 1)
        self.fine = fine = secants(f, p.x, self.widths)
        self.coarse = secants(f, p.x, self.widths, p.other)
        best, best_coarse = most_accurate_secant(fine), most_accurate_secant(self.coarse)
        require_error_minimum(f, fine, best)
        self.index = ValueTracker(0)
        self.build_layout(f, fine.index(best))
        names = {"h": "h", "slope": "rise / h", "error": "error"}
        self.sweep = ScrubTrack(self.current, names, decimals=None)
        self.ask(f.point_at(p.x).x)
        with self.beat("smaller is better", BETTER, LEAST, h=rounded(best.h)) as said:
            self.play(Create(self.falling), self.move_to(fine.index(best)), rate_func=linear)
            said.next()
            self.play(Indicate(self.error, scale_factor=1.05, color=colors.accent))
        with self.beat("until it is not", GROWS, COMES_OUT, h=fine[-1].h,
                       slope=fine[-1].slope) as said:  # fmt: skip
            self.play(Create(self.rising), self.move_to(len(fine) - 1), rate_func=linear)
            said.next()
            self.play(Indicate(self.slope, scale_factor=1.05, color=colors.accent))
        self.explain()
        with self.beat(f"the same in {p.other}", OTHER[p.other], SOONER, plays=2,
                       h=rounded(best_coarse.h)) as said:  # fmt: skip
            # They are those of float64.
            numbers = (self.h, self.slope, self.error)
            self.play(FadeOut(self.digits), FadeIn(self.legend), FadeOut(*numbers))
            self.play(Create(self.coarse_curve))
            said.next(plays=2)
            self.play(FadeIn(self.turns), run_time=0.6)
            self.play(*map(GrowFromCenter, self.rings))
        with self.beat("the best h", BALANCE, WITHOUT) as said:
            lines = (self.falling, self.coarse_curve)
            flashes = (line.copy().set_stroke(colors.accent) for line in lines)
            self.play(*(ShowPassingFlash(line, time_width=0.4) for line in flashes),
                      self.move_to(fine.index(best)))  # fmt: skip
            said.next()
            self.play(*(FadeIn(number.update()) for number in numbers))
        self.close(formula=self.formula)

    def ask(self, x: Quantity) -> None:
        """The point of the scene before; then the dot whose h will shrink, on the error's axes."""
        inset, fixed = self.inset, self.fixed
        with self.beat("the question", ASK, plays=3, x=x):
            self.play(
                FadeIn(inset.frame), self.carry("curve", inset.curve),
                self.carry("point", inset.spot), FadeIn(self.formula, fixed), run_time=1,
            )  # fmt: skip
            self.add(inset.frame, inset.curve, inset.spot)
            self.play(
                FadeIn(self.plane), FadeIn(self.h, self.slope, self.error),
                FadeIn(inset.secant), GrowFromCenter(inset.there),
            )  # fmt: skip
            self.add(inset)
            self.play(GrowFromCenter(self.dot))

    def explain(self) -> None:
        """The digits of f(x + h) and f(x): h grows a little, until the last of them differ."""
        with self.beat("why", DIGITS, ROUNDING, plays=2) as said:
            self.play(FadeOut(self.inset))
            self.play(FadeIn(self.digits), self.move_to(len(self.fine) - 17))
            said.next()
            self.play(Indicate(self.error, scale_factor=1.05, color=colors.accent))

    def current(self) -> Secant:
        """The secant that the dot shows."""
        return self.fine[round(self.index.get_value())]

    def move_to(self, index: int) -> Animation:
        """Move the dot to the secant of this index."""
        return ApplyMethod(self.index.set_value, index, rate_func=linear)

    def build_layout(self, f: Function, turn: int) -> None:
        """The error on logarithmic axes and, beside it, the numbers; it is smallest at `turn`."""
        p, widths = self.params, self.widths
        picture, side = content_area().columns(1.4, 1, gap=0.4)
        sizes = [float(row.abs_error) for row in (*self.fine, *self.coarse)]
        y_range = padded_range(log10_or_nan([size for size in sizes if size < 1e8]), 0.06)
        self.plane = LogPlane(
            (-p.smallest, 0.3), y_range, picture, x_name="h", y_name='"error"', tick_count=(5, 6)
        )  # fmt: skip
        errors = np.array([float(row.error) for row in self.fine])
        coarse_errors = np.array([float(row.error) for row in self.coarse])
        self.falling = self.plane.curve(widths[: turn + 1], errors[: turn + 1], colors.value)
        self.rising = self.plane.curve(widths[turn:], errors[turn:], colors.value)
        self.coarse_curve = self.plane.curve(widths, coarse_errors, colors.gradient)
        self.dot = Dot(radius=0.11, color=colors.accent).set_stroke(colors.background, 2)
        self.dot.add_updater(
            lambda dot: dot.move_to(self.point_of(self.current())), call_updater=True
        )
        self.rings = [self.ring(most_accurate_secant(r)) for r in (self.fine, self.coarse)]
        box, rows = side.rows(1, 2.1, gap=0.3)
        self.build_numbers(f, box, rows)
        names = (("float64", colors.value), (p.other, colors.gradient))
        self.legend = VGroup(
            *(text(name, font_size=FontSize.label, color=color) for name, color in names)
        ).arrange(DOWN, buff=0.15, aligned_edge=LEFT)
        self.place_in_free_corner(self.legend)
        best = [most_accurate_secant(found) for found in (self.fine, self.coarse)]
        self.turns = Turns(
            [
                (*name, rounded(row.h), rounded(row.abs_error))
                for name, row in zip(names, best, strict=True)
            ],
            box,
        )

    def build_numbers(self, f: Function, box: Rect, rows: Rect) -> None:
        """The curve or the digits in `box`; below it the formula and the current secant."""
        x = self.params.x
        plane, curve = secant_plane(f, x, 1.0)
        self.inset = Inset(plane, curve, curve_point(plane, f, x), box, x, self.current)
        self.formula = math(f"f(x) = {f.typst()}", font_size=FontSize.body)
        exact = f.point_at(x)
        fixed = [
            LabelledNumber(name, number, places=None, font_size=FontSize.label)
            for name, number in (("x", exact.x), ("f'(x)", exact.slope))
        ]
        self.fixed = VGroup(*fixed).arrange(RIGHT, buff=0.6)
        # On one baseline: the equals signs are equally high.
        fixed[1].shift(UP * (fixed[0].label[-1].get_y() - fixed[1].label[-1].get_y()))
        self.h = self.labelled("h", lambda: rounded(self.current().h), colors.leaf)
        self.slope = self.labelled(
            '"rise" \\/ h', lambda: self.current().slope, colors.gradient, places=6
        )
        self.error = self.labelled(
            '"error"', lambda: rounded(self.current().abs_error), colors.warning
        )
        panel(rows, self.formula, self.fixed, self.h, self.slope, self.error, gap=0.33)
        # As many decimals as float64 distinguishes at this value.
        places = max(15 - floor(log10(max(abs(self.fine[-1].here), 1e-6))), 0)
        self.digits = Digits(self.current, places)
        fit_into(self.digits, box)

    def place_in_free_corner(self, legend: VGroup) -> None:
        """Move the legend to the first corner of the plane that is clear of curves and rings."""
        drawn = (self.falling, self.rising, self.coarse_curve, *self.rings)
        points = np.concatenate([line.points for line in drawn])
        for corner in (DOWN + LEFT, DOWN + RIGHT, UP + RIGHT, UP + LEFT):
            x = self.plane.x_range[int(corner[0] > 0)]
            y = self.plane.y_range[int(corner[1] > 0)]
            legend.move_to(self.plane.point(x, y) - 0.3 * corner, aligned_edge=corner)
            distances = np.abs(points - legend.get_center())[:, :2]
            clearance = [legend.width / 2 + 0.25, legend.height / 2 + 0.25]
            if not (distances < clearance).all(axis=1).any():
                return

    def labelled(
        self, label: str, source: Callable[[], Quantity], color: str, places: int | None = None
    ) -> LabelledNumber:
        """A number of the current secant with its label."""
        return LabelledNumber(label, source, color=color, places=places, font_size=FontSize.label)

    def ring(self, row: Secant) -> Circle:
        """A ring around a secant's point on the plane."""
        circle = Circle(radius=0.24, stroke_color=colors.accent, stroke_width=StrokeWidth.curve)
        return circle.move_to(self.point_of(row))

    def point_of(self, row: Secant) -> Floats:
        """The point of a secant on the plane; an error of zero is at the lower edge."""
        low, high = self.plane.y_range
        height = log10_or_nan([row.abs_error])[0]
        return self.plane.point(log10(row.h), min(high, height) if np.isfinite(height) else low)


ASK = "Is the slope at x = {x} more exact, the smaller h is?"
BETTER = "At first, yes: the error shrinks along with h."
LEAST = "It falls down to about h = {h}."
GROWS = "Then it grows again, but for lucky hits."
COMES_OUT = "With h = {h}, the slope comes out as {slope}."
DIGITS = "In float64, both heights share almost all sixteen digits."
ROUNDING = "What is left of their difference is mostly rounding."
OTHER = {
    "float32": "float32 has only seven digits.",
    "float16": "float16 has only three digits.",
}
SOONER = "Its error turns sooner, at h = {h}."
BALANCE = "So h must be small, but not too small."
WITHOUT = "Could we do without any h?"
