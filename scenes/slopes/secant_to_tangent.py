"""A derivative is the limit of secants.

A secant through f(x) and f(x + h) has the slope rise over run. While h shrinks by powers of ten,
the slope converges to the derivative that autograd gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10

from manim import Create, FadeIn, GrowFromCenter, ReplacementTransform, ValueTracker

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.number_table import NumberTable
from gradreel.draw.plane import Curve, Plane, curve_range
from gradreel.draw.tangent import Tangent
from gradreel.draw.text import math
from gradreel.functions.function import Function, Point
from gradreel.functions.require_finite import finite_point_at
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lecture.touch import Drag
from gradreel.params import SceneParams, UserFunction, param
from gradreel.scenes.slopes.secant_experiment import (
    Secant,
    require_finite_secant,
    secant,
    secants,
)
from gradreel.scenes.slopes.secant_figure import Lens, SecantOnPlane
from gradreel.theme import FLAT, colors


class SecantToTangent(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("x**2+3*x+2", "a function of x, such as x**3 or sin(x)")
        x: float = param(2.0, "where the slope is wanted", ge=-100, le=100)
        h: float = param(1.0, "how far the second point is at first", ge=0.01, le=10)
        rows: int = param(4, "how many secants the table lists, each a tenth as wide", ge=2, le=5)

    touch = (
        Drag(
            "h",
            "log_width",
            lambda p: log10(p.h) - p.rows,
            lambda p: log10(p.h),
            log=True,
            opens_at="a lens",
        ),
    )

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function)
        limit = finite_point_at(f, p.x)
        rows = secants(f, p.x, [p.h / 10**k for k in range(p.rows)])
        for row in rows:
            require_finite_secant(f, p.x, row)
        self.log_width = ValueTracker(log10(p.h))

        def current() -> Secant:
            return secant(f, p.x, 10 ** self.log_width.get_value())

        self.build_layout(f, limit, rows, current)
        names = {"h": "h", "slope": "rise / run", "error": "error"}
        self.sweep = ScrubTrack(current, names, decimals=4)

        with self.beat("one point", ALONE, plays=3):
            self.play(FadeIn(self.plane), FadeIn(self.formula))
            self.play(Create(self.curve))
            self.play(GrowFromCenter(self.secant.dots[0]))
        with self.beat("a secant", SECANT, plays=2, h=rows[0].h, slope=rows[0].slope):
            self.play(GrowFromCenter(self.secant.dots[1]), Create(self.secant.line))
            self.add(self.secant)
            self.play(Create(self.secant.run), Create(self.secant.rise), FadeIn(self.slope))
        with self.beat("a lens", LENS, plays=3):
            self.play(Create(self.lens.spot))
            self.play(FadeIn(self.lens, target_position=self.lens.spot), run_time=1.5)
            self.play(FadeIn(self.table), self.table.row_appears(0, {1: self.slope.readout}))
        for k, row in enumerate(rows[1:], start=1):
            with self.beat(f"h is {row.h.text}", caption_narrower(k, row), plays=2,
                           h=row.h, slope=row.slope, miss=row.abs_error):  # fmt: skip
                self.play(self.log_width.animate.set_value(log10(row.h)))
                self.play(self.table.row_appears(k, {1: self.slope.readout}))
        with self.beat("the limit", LIMIT, plays=2, slope=limit.slope):
            self.play(ReplacementTransform(self.slope, self.limit))
            self.play(FadeIn(self.tangent), self.secant.dots[0].animate.scale(1.3))

    def build_layout(
        self, f: Function, limit: Point, rows: Sequence[Secant], current: Callable[[], Secant]
    ) -> None:
        """The plane on the left; lens and table on the right."""
        p = self.params
        left, right = content_area().columns(1.2, 1, gap=0.6)
        lens, below = right.rows(1.15, 1, gap=0.25)
        picture, foot = left.rows(6, 1, gap=0.1)
        samples = f.sample(p.x - 1.3 * p.h, p.x + 1.5 * p.h, 301)
        span = (samples.xs[0], samples.xs[-1])
        points = [limit.value, *(row.there for row in rows)]
        heights = curve_range(samples.values, include=points)
        self.plane = Plane(span, heights, picture, y_name="f(x)")
        self.curve = Curve(self.plane, samples.xs, samples.values)
        self.secant = SecantOnPlane(self.plane, p.x, current)
        self.lens = Lens(
            self.plane, p.x, current, lambda xs: f.sample_at(xs).values, limit.slope, lens
        )
        self.formula = math(f"f(x) = {f.typst()}")
        self.slope = LabelledNumber(
            '"rise" / "run"', lambda: current().slope, color=colors.gradient, places=4
        )
        halves = foot.columns(1, 1, gap=0.2)
        fit_into(self.formula, halves[0])
        fit_into(self.slope, halves[1])
        self.limit = LabelledNumber(
            f"f'({limit.x.text})", limit.slope, color=colors.accent, places=None
        )
        fit_into(self.limit.scale(0.8), halves[1])
        self.tangent = Tangent(self.plane, lambda: limit, length=5)
        self.table = NumberTable(
            ("h", '"rise" \\/ "run"', '"error"'), [(row.h, row.slope, row.error) for row in rows],
            below, roles=("leaf", "gradient", "muted"), weights=(0.9, 1.25, 1),
        )  # fmt: skip


def caption_narrower(row: int, narrower: Secant) -> str:
    """The caption for the secant in this row of the table."""
    if narrower.abs_error < FLAT:
        return "The second point comes closer, h = {h}, and the slope is {slope}: nothing is off."
    if row == 1:
        return "The second point comes closer. With h = {h} the slope is {slope}."
    if row == 2:
        return "Rise and run both shrink; their ratio does not. It is {slope} now, {miss} off."
    return "In the lens the curve looks straight: the secant with h = {h} is off by only {miss}."


ALONE = "One point has no slope. For a slope we need a second one."
SECANT = "A second point, h = {h} further on: rise over run gives the slope of the secant, {slope}."
LENS = "A lens that is always h wide shows the same triangle, however small it gets."
LIMIT = "Rise and run were never zero, yet their ratio has a limit: the derivative, {slope}."
