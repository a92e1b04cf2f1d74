"""h can be too small.

A forward difference with a smaller h is nearer to the derivative, until rounding takes over: the
two values differ only in their last digits, and dividing by a tiny h blows up what is wrong there.
"""

from __future__ import annotations

from math import floor, log10

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Circle,
    Create,
    Dot,
    FadeIn,
    GrowFromCenter,
    ShowPassingFlash,
    ValueTracker,
    VGroup,
)

from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import content_area
from gradreel.draw.log_plane import LogPlane, logged
from gradreel.draw.plane import padded
from gradreel.draw.text import math, text
from gradreel.functions.finite_points import finite_point_at
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, UserFunction, param
from gradreel.scenes.slopes.secant_experiment import best, must_bend, secants
from gradreel.theme import FontSize, StrokeWidth, colors


class HowSmallIsSmall(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("x**3", "a function of x, such as exp(x) or sin(x)")
        x: float = param(2.0, "where the slope is wanted", ge=-100, le=100)
        smallest: int = param(16, "h goes down to 10 to the minus this", ge=8, le=18)
        other: Literal["float32", "float16"] = param("float32", "the format to compare with")

    def construct(self):
        p = self.params
        f = load_function(p.function)
        exact = finite_point_at(f, p.x).slope
        self.exponents = np.linspace(0, -p.smallest, 8 * p.smallest + 1)
        fine = secants(f, p.x, 10**self.exponents)
        rough = secants(f, p.x, 10**self.exponents, p.other)
        low, low_rough = best(fine), best(rough)
        must_bend(f, fine, low)
        self.now = ValueTracker(0)
        self.set_the_stage(f, fine, rough)
        readings = {"h": "h", "slope": "rise / h", "error": "error"}
        self.sweep = ScrubTrack(self.here_now, readings, decimals=None)

        with self.beat("the question", ASK, plays=2):
            self.play(FadeIn(self.plane), FadeIn(self.formula))
            self.play(GrowFromCenter(self.dot), FadeIn(self.h, self.slope, self.error))
        with self.beat("smaller is better", BETTER, h=low.h, error=low.miss):
            self.play(Create(self.falling), self.goes_to(fine.index(low)), rate_func=lambda t: t)
        say = WORSE + (USELESS if fine[-1].miss > abs(exact) / 2 else NO_USE)
        with self.beat("until it is not", say, h=fine[-1].h, error=fine[-1].miss):
            self.play(Create(self.rising), self.goes_to(len(fine) - 1), rate_func=lambda t: t)
        with self.beat("why", WHY, plays=3):
            self.play(FadeIn(self.here, self.there))
            self.play(self.goes_to(fine.index(low)))
            self.play(self.goes_to(len(fine) - 17))
        with self.beat(f"the same in {p.other}", OTHER, h=low_rough.h, error=low_rough.miss):
            self.play(Create(self.rough), FadeIn(self.names))
        with self.beat("the best h", BEST, plays=2, h=low.h, exact=exact):
            self.play(*(GrowFromCenter(ring) for ring in self.rings), self.goes_to(fine.index(low)))
            self.play(*(ShowPassingFlash(line.copy().set_stroke(colors.accent), time_width=0.4)
                        for line in (self.falling, self.rough)))  # fmt: skip

    def goes_to(self, index):
        """The dot travels to a width of the list."""
        return self.now.animate(rate_func=lambda t: t).set_value(index)

    def set_the_stage(self, f, fine, rough):
        """Everything that is drawn, still behind the curtain."""
        p, widths = self.params, 10**self.exponents
        picture, side = content_area().columns(1.4, 1, gap=0.4)
        sizes = logged([row.miss for row in (*fine, *rough) if row.miss < 1e8])
        self.plane = LogPlane(
            (-p.smallest, 0.3), padded(sizes, 0.06), picture,
            x_name="h", y_name='"error"', tick_count=(5, 6),
        )  # fmt: skip
        turn, errors = fine.index(best(fine)), [row.error for row in fine]
        curve = self.plane.curve
        self.falling = curve(widths[: turn + 1], errors[: turn + 1], colors.value)
        self.rising = curve(widths[turn:], errors[turn:], colors.value)
        self.rough = curve(widths, [row.error for row in rough], colors.gradient)
        self.here_now = lambda: fine[round(self.now.get_value())]
        self.dot = Dot(radius=0.11, color=colors.accent).set_stroke(colors.background, 2)
        self.dot.add_updater(lambda d: d.move_to(self.place(self.here_now())), call_updater=True)
        self.rings = [self.ring(best(rows)) for rows in (fine, rough)]
        self.formula = math(f"f(x) = {f.typst()}", font_size=FontSize.body)
        self.h = self.reading("h", "h", colors.leaf)
        self.slope = self.reading('"rise" \\/ h', "slope", colors.gradient)
        self.error = self.reading('"error"', "error", colors.warning)
        # As many decimals as the format can tell apart, and one more.
        places = max(16 - floor(log10(max(abs(fine[-1].here), 1e-6))), 0)
        self.here = self.reading("f(x)", "here", colors.value, places)
        self.there = self.reading("f(x+h)", "there", colors.value, places)
        panel(side, self.formula, self.h, self.slope, self.error, self.there, self.here, gap=0.42)
        self.here.shift(RIGHT * (self.there.readout.get_left() - self.here.readout.get_left()))
        self.names = VGroup(
            text("float64", font_size=FontSize.label, color=colors.value),
            text(p.other, font_size=FontSize.label, color=colors.gradient),
        ).arrange(DOWN, buff=0.15, aligned_edge=LEFT)
        self.into_a_free_corner(self.names)

    def into_a_free_corner(self, names):
        """Names go to the first corner of the plane that no curve and no ring comes near to."""
        drawn = (self.falling, self.rising, self.rough, *self.rings)
        points = np.concatenate([line.points for line in drawn])
        for corner in (DOWN + LEFT, DOWN + RIGHT, UP + RIGHT, UP + LEFT):
            x = self.plane.x_range[int(corner[0] > 0)]
            y = self.plane.y_range[int(corner[1] > 0)]
            names.move_to(self.plane.point(x, y) - 0.3 * corner, aligned_edge=corner)
            away = np.abs(points - names.get_center())[:, :2]
            if not (away < [names.width / 2 + 0.25, names.height / 2 + 0.25]).all(axis=1).any():
                return

    def reading(self, label, part, color, places=None):
        """A part of the secant at the dot."""
        source = lambda: getattr(self.here_now(), part)  # noqa: E731
        return LabelledNumber(label, source, color=color, places=places, font_size=FontSize.label)

    def ring(self, row):
        """A ring around the best width."""
        circle = Circle(radius=0.24, stroke_color=colors.accent, stroke_width=StrokeWidth.curve)
        return circle.move_to(self.place(row))

    def place(self, row):
        """Where a width stands on the plane; an error of zero at its foot."""
        low, high = self.plane.y_range
        height = logged([row.miss])[0]
        return self.plane.point(log10(row.h), min(high, height) if np.isfinite(height) else low)


ASK = "The smaller h, the better? Here is the error of rise over run, for many widths h."
BETTER = "At first yes: the error shrinks along with h, down to {error} at h = {h}."
WORSE = "Then it grows again. With h = {h} the error is {error}"
USELESS = ", as large as the slope: useless."
NO_USE = ": shrinking h further only does harm."
WHY = "f(x+h) and f(x) agree in almost all digits. Their difference is made of rounding."
OTHER = "With fewer digits the turn comes sooner: at h = {h}, with an error of {error}."
BEST = "So h must be small, but not too small. Autograd has no h at all: it gives {exact}."
