"""h can be too small.

The error of a forward difference against h = 1, 0.1, 0.01 …, on logarithmic axes. It falls with h
until rounding dominates: f(x + h) and f(x) then differ in their last digits only, and the
division by h magnifies the rounding error. A format with fewer digits turns at a larger h.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    UP,
    Animation,
    ApplyMethod,
    Circle,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    Indicate,
    ValueTracker,
    VGroup,
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
from gradreel.scenes.slopes.rounding_figure import (
    Digits,
    ErrorTrail,
    Guide,
    Inset,
    in_steps,
    toward_smaller_h,
)
from gradreel.scenes.slopes.secant_experiment import (
    Secant,
    most_accurate_secant,
    require_error_minimum,
    secants,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

MOST_PLACES = 12  # decimals of rise / h
FALL = 2.0  # seconds in which that of the other format shrinks
RISE = 4.5  # seconds in which the error grows
# Significant decimal digits that are shown: so many distinguish all numbers of a format. With
# fewer, the rise that is shown would not be that of which rise / h is computed.
DIGITS = {"float64": 17, "float32": 9, "float16": 5}


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
        self.widths = [float(f"1e-{k}") for k in range(p.smallest + 1)]
        self.fine = fine = secants(f, p.x, self.widths)
        # The smallest widths are zero in a format with a short exponent.
        self.coarse = [row for row in secants(f, p.x, self.widths, p.other) if row.h > 0]
        best, best_coarse = most_accurate_secant(fine), most_accurate_secant(self.coarse)
        require_error_minimum(f, fine, best)
        self.index, self.coarse_index = ValueTracker(0), ValueTracker(0)
        self.build_layout(f)
        names = {"h": "h", "slope": "rise / h", "error": "error"}
        self.sweep = ScrubTrack(self.current, names, decimals=None)
        self.ask(f.point_at(p.x).x)
        with self.beat("smaller is better", BETTER, LEAST, h=best.h.rounded(2)) as said:
            self.play(step_to(self.index, fine.index(best)))
            said.next()
            self.play(Indicate(self.numbers[-1], scale_factor=1.05, color=colors.accent))
        self.explain()
        with self.beat("until it is not", GROWS, COMES_OUT, slope=fine[-1].slope) as said:
            self.play(step_to(self.index, len(fine) - 1), run_time=RISE)
            said.next()
            self.play(Indicate(self.numbers[1], scale_factor=1.05, color=colors.accent))
        self.compare(self.coarse.index(best_coarse))
        with self.beat("the best h", BALANCE, WITHOUT) as said:
            stale = self.coarse_digits, self.coarse_numbers, self.coarse_trail.dot
            self.play(FadeOut(*stale), *map(GrowFromCenter, self.rings))
            said.next()
            self.play(Indicate(self.formula, scale_factor=1.05, color=colors.accent))
        self.close(formula=self.formula)

    def ask(self, x: Quantity) -> None:
        """The point of the scene before; then the dot whose h will shrink, on the error's axes."""
        inset = self.inset
        with self.beat("the question", ASK, plays=3, x=x):
            self.play(
                FadeIn(inset.frame), self.carry("curve", inset.curve),
                self.carry("point", inset.spot), FadeIn(self.formula, self.exact), run_time=1,
            )  # fmt: skip
            self.add(inset.frame, inset.curve, inset.spot)
            self.play(
                FadeIn(self.plane), FadeIn(self.numbers),
                FadeIn(inset.secant), GrowFromCenter(inset.there),
            )  # fmt: skip
            self.add(inset)
            self.add(self.trail)
            self.play(GrowFromCenter(self.trail.dot), FadeIn(self.guide, self.narrower))

    def explain(self) -> None:
        """The digits of f(x + h) and f(x): what both share is struck out, and leaves the rise."""
        digits = self.digits
        with self.beat("digits cancel", KEEPS, CANCEL) as said:
            self.play(FadeOut(self.inset), run_time=0.5)
            self.play(FadeIn(digits.heights, self.names[0]), run_time=0.6)
            said.next(plays=2)
            self.play(digits.struck.animate.set_value(1))
            self.play(FadeIn(digits.difference))
            self.add(digits)

    def compare(self, turn: int) -> None:
        """The same steps with fewer digits, until none is left."""
        other, index = self.params.other, self.coarse_index
        with self.beat(f"the same in {other}", OTHER[other], SOONER) as said:
            self.play(FadeOut(self.digits, self.numbers, self.trail.dot, self.guide), run_time=0.4)
            self.add(self.coarse_trail)
            self.play(
                FadeIn(self.coarse_digits, self.coarse_numbers, self.names[1]),
                GrowFromCenter(self.coarse_trail.dot), run_time=0.5,
            )  # fmt: skip
            self.play(step_to(index, turn), run_time=FALL)
            said.next()
            last = next((k for k in range(turn, len(self.coarse)) if not self.coarse[k].rise), -1)
            self.play(step_to(index, last % len(self.coarse)))

    def current(self) -> Secant:
        """The secant in float64 that the dot shows."""
        return self.fine[round(self.index.get_value())]

    def current_coarse(self) -> Secant:
        """The secant in the other format that its dot shows."""
        return self.coarse[round(self.coarse_index.get_value())]

    def build_layout(self, f: Function) -> None:
        """The error on logarithmic axes and, beside it, the numbers."""
        p = self.params
        picture, side = content_area().columns(1.2, 1, gap=0.4)
        sizes = [float(row.abs_error) for row in (*self.fine, *self.coarse)]
        y_range = padded_range(log10_or_nan([size for size in sizes if size < 1e8]), 0.06)
        self.plane = LogPlane(
            (-p.smallest, 0.3), y_range, picture, x_name="h", y_name='"error"', tick_count=(5, 6)
        )  # fmt: skip
        self.trail = self.trail_of(self.fine, self.index, colors.value)
        self.coarse_trail = self.trail_of(self.coarse, self.coarse_index, colors.gradient)
        self.guide = Guide(self.plane, self.trail.dot)
        self.narrower = toward_smaller_h(self.plane)
        self.rings = [self.ring(most_accurate_secant(r)) for r in (self.fine, self.coarse)]
        formats = ("float64", colors.value), (p.other, colors.gradient)
        self.names = VGroup(*map(self.name_at, self.rings, *zip(*formats, strict=True)))
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
        self.exact = VGroup(*fixed).arrange(RIGHT, buff=0.6)
        # On one baseline: the equals signs are equally high.
        fixed[1].shift(UP * (fixed[0].label[-1].get_y() - fixed[1].label[-1].get_y()))
        self.numbers = self.numbers_of(self.current, self.slope_places())
        panel(rows, self.formula, self.exact, *self.numbers, gap=0.33)
        self.coarse_numbers = self.numbers_of(self.current_coarse, DIGITS[self.params.other] - 1)
        for number, below in zip(self.coarse_numbers, self.numbers, strict=True):
            number.scale(below.height / number.height).move_to(below, aligned_edge=LEFT)
        self.digits = self.digits_in(self.current, "float64", colors.value, box)
        self.coarse_digits = self.digits_in(
            self.current_coarse, self.params.other, colors.gradient, box
        )
        self.coarse_digits.struck.set_value(1)
        self.coarse_digits.update()

    def numbers_of(self, current: Callable[[], Secant], places: int) -> VGroup:
        """The width of the current secant, its slope and its error."""
        sources = (
            ("h", lambda: current().h.rounded(2), colors.leaf, None),
            ('"rise" \\/ h', lambda: current().slope, colors.gradient, places),
            ('"error"', lambda: current().abs_error.rounded(2), colors.warning, None),
        )
        return VGroup(
            *(
                LabelledNumber(label, source, color=color, places=p, font_size=FontSize.label)
                for label, source, color, p in sources
            )
        )

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

    def trail_of(self, rows: Sequence[Secant], index: ValueTracker, color: str) -> ErrorTrail:
        """The errors of `rows` on the plane, as far as `index`."""
        return ErrorTrail(np.array([self.point_of(row) for row in rows]), index, color)

    def ring(self, row: Secant) -> Circle:
        """A ring around a secant's point on the plane."""
        circle = Circle(radius=0.24, stroke_color=colors.accent, stroke_width=StrokeWidth.curve)
        return circle.move_to(self.point_of(row))

    def name_at(self, ring: Circle, name: str, tone: str) -> VGroup:
        """The name of a format right of the ring on its curve, below the part that falls."""
        words = text(name, font_size=FontSize.label, color=tone)
        words.next_to(ring, RIGHT, buff=0.12)
        return VGroup(text_background(words, margin=0.03), words)

    def point_of(self, row: Secant) -> Floats:
        """The point of a secant on the plane; an error of zero is at the lower edge."""
        low, high = self.plane.y_range
        height = log10_or_nan([row.abs_error])[0]
        return self.plane.point(log10(row.h), min(high, height) if np.isfinite(height) else low)


def step_to(index: ValueTracker, end: int) -> Animation:
    """Step from one measured secant to the next, up to number `end`."""
    steps = max(abs(end - round(index.get_value())), 1)
    return ApplyMethod(index.set_value, end, rate_func=in_steps(steps))


ASK = "Is the slope at x = {x} more exact, the smaller h is?"
BETTER = "At first, yes: ten times smaller, and so is the error."
LEAST = "It is smallest at h = {h}."
KEEPS = "float64 keeps only so many digits."
CANCEL = "Those that both share cancel in the rise."
GROWS = "With each step one digit more is lost, and the error grows."
COMES_OUT = "In the end, the slope is {slope}."
OTHER = {
    "float32": "float32 has fewer digits to lose.",
    "float16": "float16 has fewer digits to lose.",
}
SOONER = "So its error turns sooner."
BALANCE = "So h must be small, but not too small."
WITHOUT = "Could we do without any h?"
