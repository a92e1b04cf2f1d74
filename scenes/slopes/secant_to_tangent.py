"""A derivative is the limit of secants.

Two points of a curve make a line whose slope is rise over run. The second point comes closer: rise
and run shrink together, never to nothing, and their ratio settles on the derivative.
"""

from __future__ import annotations

from math import log10

from manim import Create, FadeIn, GrowFromCenter, ReplacementTransform, ValueTracker

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.number_table import NumberTable
from gradreel.draw.plane import Curve, Plane, padded
from gradreel.draw.tangent import Tangent
from gradreel.draw.text import math
from gradreel.functions.finite_points import finite_point_at
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, UserFunction, param
from gradreel.scenes.slopes.secant_experiment import secant, secants
from gradreel.scenes.slopes.secant_figure import Lens, SecantOnPlane
from gradreel.theme import FLAT, colors


class SecantToTangent(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("x**2+3*x+2", "a function of x, such as x**3 or sin(x)")
        x: float = param(2.0, "where the slope is wanted", ge=-100, le=100)
        h: float = param(1.0, "how far the second point is at first", ge=0.01, le=10)
        rows: int = param(4, "how many secants the table lists, each a tenth as wide", ge=2, le=5)

    def construct(self):
        p = self.params
        f = load_function(p.function)
        target = finite_point_at(f, p.x)
        cuts = secants(f, p.x, [p.h / 10**k for k in range(p.rows)])
        width = ValueTracker(log10(p.h))
        now = lambda: secant(f, p.x, 10 ** width.get_value())  # noqa: E731
        self.set_the_stage(f, target, cuts, now)
        self.sweep = ScrubTrack(
            now, {"h": "h", "slope": "rise / run", "error": "error"}, decimals=4
        )

        with self.beat("one point", ALONE, plays=3):
            self.play(FadeIn(self.plane), FadeIn(self.formula))
            self.play(Create(self.curve))
            self.play(GrowFromCenter(self.secant.dots[0]))
        with self.beat("a secant", SECANT, plays=2, h=cuts[0].h, slope=cuts[0].slope):
            self.play(GrowFromCenter(self.secant.dots[1]), Create(self.secant.line))
            self.add(self.secant)
            self.play(Create(self.secant.run), Create(self.secant.rise), FadeIn(self.slope))
        with self.beat("a lens", LENS, plays=3):
            self.play(Create(self.lens.spot))
            self.play(FadeIn(self.lens, target_position=self.lens.spot), run_time=1.5)
            self.play(FadeIn(self.table), self.table.row_appears(0, {1: self.slope.readout}))
        for k, cut in enumerate(cuts[1:], start=1):
            said = {"h": cut.h, "slope": cut.slope, "miss": cut.miss}
            with self.beat(f"h is {cut.h.text}", told(k, cut), plays=2, **said):
                self.play(width.animate.set_value(log10(cut.h)))
                self.play(self.table.row_appears(k, {1: self.slope.readout}))
        with self.beat("the limit", LIMIT, plays=2, slope=target.slope):
            self.play(ReplacementTransform(self.slope, self.limit))
            self.play(FadeIn(self.tangent), self.secant.dots[0].animate.scale(1.3))

    def set_the_stage(self, f, target, cuts, now):
        """Everything that is drawn, still behind the curtain."""
        p = self.params
        left, right = content_area().columns(1.2, 1, gap=0.6)
        lens, below = right.rows(1.15, 1, gap=0.25)
        picture, foot = left.rows(6, 1, gap=0.1)
        sweep = f.sample(p.x - 1.3 * p.h, p.x + 1.5 * p.h, 301)
        span = (sweep.xs[0], sweep.xs[-1])
        self.plane = Plane(span, padded(sweep.values), picture, y_name="f(x)")
        self.curve = Curve(self.plane, sweep.xs, sweep.values)
        self.secant = SecantOnPlane(self.plane, p.x, now)
        self.lens = Lens(
            self.plane, p.x, now, lambda xs: f.sample_at(xs).values, target.slope, lens
        )
        self.formula, self.slope = math(f"f(x) = {f.typst()}"), self.reading(now)
        halves = foot.columns(1, 1, gap=0.2)
        fit_into(self.formula, halves[0])
        fit_into(self.slope, halves[1])
        self.limit = LabelledNumber(
            f"f'({target.x.text})", target.slope, color=colors.accent, places=None
        )
        fit_into(self.limit.scale(0.8), halves[1])
        self.tangent = Tangent(self.plane, lambda: target, length=5)
        rows = [(cut.h, cut.slope, cut.error) for cut in cuts]
        heads = ("h", '"rise" \\/ "run"', '"error"')
        roles = ("leaf", "gradient", "muted")
        self.table = NumberTable(heads, rows, below, roles=roles, weights=(0.9, 1.25, 1))

    def reading(self, now) -> LabelledNumber:
        """The slope of the secant as it is at this moment."""
        return LabelledNumber(
            '"rise" / "run"', lambda: now().slope, color=colors.gradient, places=4
        )


ALONE = "One point has no slope. For a slope we need a second one."
SECANT = "A second point, h = {h} further on: rise over run gives the slope of the secant, {slope}."
LENS = "A lens that is always h wide shows the same triangle, however small it gets."
LIMIT = "Rise and run were never zero, yet their ratio has a limit: the derivative, {slope}."


def told(row: int, cut) -> str:
    """What to say of a narrower secant."""
    if cut.miss < FLAT:
        return "The second point comes closer, h = {h}, and the slope is {slope}: nothing is off."
    if row == 1:
        return "The second point comes closer. With h = {h} the slope is {slope}."
    if row == 2:
        return "Rise and run both shrink; their ratio does not. It is {slope} now, {miss} off."
    return "In the lens the curve looks straight: the secant with h = {h} is off by only {miss}."
