"""h can be too small.

The error of a forward difference against h, on logarithmic axes. It falls with h until rounding
dominates: f(x + h) and f(x) then differ in their last digits only, and the division by h magnifies
the rounding error. A format with fewer digits turns at a larger h.
"""

from __future__ import annotations

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
    GrowFromCenter,
    ShowPassingFlash,
    ValueTracker,
    VGroup,
    linear,
)

from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import content_area
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.plane import Floats, padded_range
from gradreel.draw.text import math, text
from gradreel.functions.function import Function
from gradreel.functions.require_finite import finite_point_at
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, UserFunction, param
from gradreel.scenes.slopes.secant_experiment import (
    Secant,
    most_accurate_secant,
    require_error_minimum,
    secants,
)
from gradreel.theme import FontSize, StrokeWidth, colors


class HowSmallIsSmall(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("x**3", "a function of x, such as exp(x) or sin(x)")
        x: float = param(2.0, "where the slope is wanted", ge=-100, le=100)
        smallest: int = param(16, "h goes down to 10 to the minus this", ge=8, le=18)
        other: Literal["float32", "float16"] = param("float32", "the format to compare with")

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function)
        exact = finite_point_at(f, p.x).slope
        self.widths = 10 ** np.linspace(0, -p.smallest, 8 * p.smallest + 1)
        self.fine = fine = secants(f, p.x, self.widths)
        self.coarse = secants(f, p.x, self.widths, p.other)
        best, best_coarse = most_accurate_secant(fine), most_accurate_secant(self.coarse)
        require_error_minimum(f, fine, best)
        self.index = ValueTracker(0)
        self.build_layout(f, fine.index(best))
        names = {"h": "h", "slope": "rise / h", "error": "error"}
        self.sweep = ScrubTrack(self.current, names, decimals=None)

        with self.beat("the question", ASK, plays=2):
            self.play(FadeIn(self.plane), FadeIn(self.formula))
            self.play(GrowFromCenter(self.dot), FadeIn(self.h, self.slope, self.error))
        with self.beat("smaller is better", BETTER, h=best.h, error=best.abs_error):
            self.play(Create(self.falling), self.move_to(fine.index(best)), rate_func=linear)
        say = WORSE + (USELESS if fine[-1].abs_error > abs(exact) / 2 else NO_USE)
        with self.beat("until it is not", say, h=fine[-1].h, error=fine[-1].abs_error):
            self.play(Create(self.rising), self.move_to(len(fine) - 1), rate_func=linear)
        with self.beat("why", WHY, plays=3):
            self.play(FadeIn(self.here, self.there))
            self.play(self.move_to(fine.index(best)))
            self.play(self.move_to(len(fine) - 17))
        with self.beat(f"the same in {p.other}", OTHER,
                       h=best_coarse.h, error=best_coarse.abs_error):  # fmt: skip
            self.play(Create(self.coarse_curve), FadeIn(self.legend))
        with self.beat("the best h", BEST, plays=2, h=best.h, exact=exact):
            rings = (GrowFromCenter(ring) for ring in self.rings)
            self.play(*rings, self.move_to(fine.index(best)))
            self.play(*(ShowPassingFlash(line.copy().set_stroke(colors.accent), time_width=0.4)
                        for line in (self.falling, self.coarse_curve)))  # fmt: skip

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
        self.build_numbers(math(f"f(x) = {f.typst()}", font_size=FontSize.body))
        panel(side, self.formula, self.h, self.slope, self.error, self.there, self.here, gap=0.42)
        self.here.shift(RIGHT * (self.there.readout.get_left() - self.here.readout.get_left()))
        self.legend = VGroup(
            text("float64", font_size=FontSize.label, color=colors.value),
            text(p.other, font_size=FontSize.label, color=colors.gradient),
        ).arrange(DOWN, buff=0.15, aligned_edge=LEFT)
        self.place_in_free_corner(self.legend)

    def build_numbers(self, formula: VGroup) -> None:
        """The formula and the numbers of the current secant."""
        self.formula = formula
        self.h = self.labelled("h", "h", colors.leaf)
        self.slope = self.labelled('"rise" \\/ h', "slope", colors.gradient)
        self.error = self.labelled('"error"', "error", colors.warning)
        # As many decimals as float64 distinguishes at this value, and one more.
        places = max(16 - floor(log10(max(abs(self.fine[-1].here), 1e-6))), 0)
        self.here = self.labelled("f(x)", "here", colors.value, places)
        self.there = self.labelled("f(x+h)", "there", colors.value, places)

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
        self, label: str, field: str, color: str, places: int | None = None
    ) -> LabelledNumber:
        """A field of the current secant with its label."""
        return LabelledNumber(
            label, lambda: getattr(self.current(), field), color=color, places=places,
            font_size=FontSize.label,
        )  # fmt: skip

    def ring(self, row: Secant) -> Circle:
        """A ring around a secant's point on the plane."""
        circle = Circle(radius=0.24, stroke_color=colors.accent, stroke_width=StrokeWidth.curve)
        return circle.move_to(self.point_of(row))

    def point_of(self, row: Secant) -> Floats:
        """The point of a secant on the plane; an error of zero is at the lower edge."""
        low, high = self.plane.y_range
        height = log10_or_nan([row.abs_error])[0]
        return self.plane.point(log10(row.h), min(high, height) if np.isfinite(height) else low)


ASK = "The smaller h, the better? Here is the error of rise over run, for many widths h."
BETTER = "At first yes: the error shrinks along with h, down to {error} at h = {h}."
WORSE = "Then it grows again. With h = {h} the error is {error}"
USELESS = ", as large as the slope: useless."
NO_USE = ": shrinking h further only does harm."
WHY = "f(x+h) and f(x) agree in almost all digits. Their difference is made of rounding."
OTHER = "With fewer digits the turn comes sooner: at h = {h}, with an error of {error}."
BEST = "So h must be small, but not too small. Autograd has no h at all: it gives {exact}."
