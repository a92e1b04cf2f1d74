"""h can be too small.

The error of a forward difference against h, on logarithmic axes. It falls with h until rounding
dominates: f(x + h) and f(x) then differ in their last digits only, and the division by h magnifies
the rounding error. A format with fewer digits turns at a larger h.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, log10

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
    ValueTracker,
    VGroup,
    linear,
)

from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import Rect, content_area
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.plane import Floats, padded_range
from gradreel.draw.text import math, text
from gradreel.draw.text_background import text_background
from gradreel.functions.function import Function
from gradreel.functions.require_finite import finite_point_at
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, UserFunction, param
from gradreel.scenes.slopes.curve_planes_figure import curve_point, secant_plane
from gradreel.scenes.slopes.joins import FORMULA, GUEST
from gradreel.scenes.slopes.rounding_figure import Digits, Guide, Inset, Turns, toward_smaller_h
from gradreel.scenes.slopes.secant_experiment import (
    Secant,
    most_accurate_secant,
    require_error_minimum,
    secants,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

PER_DECADE = 8  # widths between a power of ten and the next
# Significant decimal digits that are shown; those of float64 distinguish all its numbers.
MOST_PLACES = 12  # decimals of rise / h
DIGITS = {"float64": 17, "float32": 7, "float16": 3}


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
        self.widths = 10 ** np.linspace(0, -p.smallest, PER_DECADE * p.smallest + 1)
        self.fine = fine = secants(f, p.x, self.widths)
        self.coarse = secants(f, p.x, self.widths, p.other)
        best, best_coarse = most_accurate_secant(fine), most_accurate_secant(self.coarse)
        require_error_minimum(f, fine, best)
        self.index = ValueTracker(0)
        self.build_layout(f, fine.index(best))
        names = {"h": "h", "slope": "rise / h", "error": "error"}
        self.sweep = ScrubTrack(self.current, names, decimals=None)
        self.ask(f.point_at(p.x).x)
        with self.beat("smaller is better", BETTER, LEAST, h=best.h.rounded(2)) as said:
            self.play(Create(self.falling), self.move_to(fine.index(best)), rate_func=linear)
            said.next()
            self.play(Indicate(self.error, scale_factor=1.05, color=colors.accent))
        self.explain()
        with self.beat("until it is not", GROWS, COMES_OUT, h=fine[-1].h,
                       slope=fine[-1].slope) as said:  # fmt: skip
            self.play(Create(self.rising), self.move_to(len(fine) - 1), rate_func=linear)
            said.next()
            self.play(Indicate(self.slope, scale_factor=1.05, color=colors.accent))
        with self.beat(f"the same in {p.other}", OTHER[p.other], SOONER, plays=2,
                       h=best_coarse.h.rounded(2)) as said:  # fmt: skip
            # They are those of float64.
            self.play(FadeOut(self.digits, self.h, self.slope, self.error), run_time=0.4)
            self.play(Create(self.coarse_curve), FadeIn(self.turns, self.coarse_digits))
            said.next()
            self.play(*map(GrowFromCenter, self.rings), FadeIn(self.names))
        with self.beat("the best h", BALANCE, WITHOUT) as said:
            self.play(self.move_to(fine.index(best)))
            said.next()
            self.play(Indicate(self.formula, scale_factor=1.05, color=colors.accent))
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
            self.play(GrowFromCenter(self.dot), FadeIn(self.guide, self.narrower))

    def explain(self) -> None:
        """The digits of f(x + h) and f(x): what both share is struck out, and leaves the rise."""
        digits = self.digits
        with self.beat("digits cancel", KEEPS, CANCEL) as said:
            self.play(FadeOut(self.inset), run_time=0.5)
            self.play(FadeIn(digits.heights), run_time=0.6)
            said.next(plays=2)
            self.play(digits.struck.animate.set_value(1))
            self.play(FadeIn(digits.difference))
            self.add(digits)

    def current(self) -> Secant:
        """The secant that the dot shows."""
        return self.fine[round(self.index.get_value())]

    def move_to(self, index: int) -> Animation:
        """Move the dot to the secant of this index."""
        return ApplyMethod(self.index.set_value, index, rate_func=linear)

    def build_layout(self, f: Function, turn: int) -> None:
        """The error on logarithmic axes and, beside it, the numbers; it is smallest at `turn`."""
        p, widths = self.params, self.widths
        picture, side = content_area().columns(1.2, 1, gap=0.4)
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
        self.guide = Guide(self.plane, self.dot)
        self.narrower = toward_smaller_h(self.plane)
        self.rings = [self.ring(most_accurate_secant(r)) for r in (self.fine, self.coarse)]
        self.names = VGroup(*map(self.name_at, self.rings, *zip(*self.formats(), strict=True)))
        box, rows = side.rows(1, 1.8, gap=0.25)
        self.build_numbers(f, box, rows)

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
        self.h = self.labelled("h", lambda: self.current().h.rounded(2), colors.leaf)
        self.slope = self.labelled(
            '"rise" \\/ h',
            lambda: self.current().slope,
            colors.gradient,
            places=self.slope_places(),
        )
        self.error = self.labelled(
            '"error"', lambda: self.current().abs_error.rounded(2), colors.warning
        )
        panel(rows, self.formula, self.fixed, self.h, self.slope, self.error, gap=0.33)
        self.digits = self.digits_in(self.current, "float64", colors.value, box)
        best = [most_accurate_secant(found) for found in (self.fine, self.coarse)]
        self.coarse_digits = self.digits_in(
            lambda: best[1], self.params.other, colors.gradient, box
        )
        self.coarse_digits.struck.set_value(1)
        self.coarse_digits.update()
        below = Rect(rows.left, rows.right, rows.bottom, float(self.h.get_top()[1]) + 0.2)
        self.turns = Turns(
            [
                (*name, row.h.rounded(2), row.abs_error.rounded(2))
                for name, row in zip(self.formats(), best, strict=True)
            ],
            below,
        )

    def formats(self) -> tuple[tuple[str, str], ...]:
        """Both formats of numbers with their colors."""
        return ("float64", colors.value), (self.params.other, colors.gradient)

    def slope_places(self) -> int:
        """As many decimals of rise / h as show its smallest error, within the digits of float64."""
        error, size = (
            abs(float(q)) for q in (most_accurate_secant(self.fine).abs_error, self.fine[0].slope)
        )
        wanted = ceil(-log10(error)) + 1 if error else 6
        return max(0, min(max(wanted, 6), MOST_PLACES - floor(log10(max(size, 1.0)))))

    def digits_in(
        self, current: Callable[[], Secant], dtype: str, color: str, area: Rect
    ) -> Digits:
        """The heights of a secant with as many decimals as `dtype` distinguishes at f(x)."""
        size = max(abs(self.fine[-1].here), 1e-6)
        return Digits(current, max(DIGITS[dtype] - 1 - floor(log10(size)), 0), color, area)

    def labelled(
        self, label: str, source: Callable[[], Quantity], color: str, places: int | None = None
    ) -> LabelledNumber:
        """A number of the current secant with its label."""
        return LabelledNumber(label, source, color=color, places=places, font_size=FontSize.label)

    def ring(self, row: Secant) -> Circle:
        """A ring around a secant's point on the plane."""
        circle = Circle(radius=0.24, stroke_color=colors.accent, stroke_width=StrokeWidth.curve)
        return circle.move_to(self.point_of(row))

    def name_at(self, ring: Circle, name: str, tone: str) -> VGroup:
        """The name of a format left of the ring on its curve, at the plane's edge right of it."""
        words = text(name, font_size=FontSize.label, color=tone)
        words.next_to(ring, LEFT, buff=0.4).shift(0.22 * DOWN)
        if words.get_left()[0] < self.plane.plot_area.left:
            words.next_to(ring, RIGHT, buff=0.4).shift(0.22 * DOWN)
        return VGroup(text_background(words, margin=0.03), words)

    def point_of(self, row: Secant) -> Floats:
        """The point of a secant on the plane; an error of zero is at the lower edge."""
        low, high = self.plane.y_range
        height = log10_or_nan([row.abs_error])[0]
        return self.plane.point(log10(row.h), min(high, height) if np.isfinite(height) else low)


ASK = "Is the slope at x = {x} more exact, the smaller h is?"
BETTER = "At first, yes: the error shrinks along with h."
LEAST = "It falls down to about h = {h}."
KEEPS = "float64 keeps only so many digits."
CANCEL = "Those that both heights share cancel in the rise."
GROWS = "The smaller h is, the fewer are left, and the error grows."
COMES_OUT = "With h = {h}, the slope comes out as {slope}."
OTHER = {
    "float32": "float32 has only seven digits.",
    "float16": "float16 has only three digits.",
}
SOONER = "Its error turns sooner, at h = {h}."
BALANCE = "So h must be small, but not too small."
WITHOUT = "Could we do without any h?"
