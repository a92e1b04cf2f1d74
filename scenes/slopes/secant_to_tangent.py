"""A derivative is the limit of secants.

A secant through f(x) and f(x + h) has the slope rise over run. While h shrinks by powers of ten,
the slope converges to the derivative that autograd gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10

from manim import (
    DOWN,
    LEFT,
    UP,
    Create,
    FadeIn,
    FadeOut,
    Flash,
    GrowFromCenter,
    Indicate,
    ValueTracker,
    VGroup,
)

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, fit_into
from gradreel.draw.number_table import NumberTable
from gradreel.draw.tangent import Tangent
from gradreel.functions.function import Function, Point
from gradreel.functions.require_finite import finite_point_at
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.user_functions import load_function
from gradreel.lecture.controls import Drag
from gradreel.lecture.formula_shelf import shelf_formula
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, UserFunction, param
from gradreel.scenes.slopes.curve_planes_figure import curve_point, secant_areas, secant_plane
from gradreel.scenes.slopes.joins import CURVE, GUEST
from gradreel.scenes.slopes.secant_experiment import (
    Secant,
    require_finite_secant,
    secant,
    secants,
)
from gradreel.scenes.slopes.secant_figure import Lens, SecantOnPlane
from gradreel.theme import FLAT, FontSize, Timing, colors


class SecantToTangent(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("x**2+3*x+2", "a function of x, such as x**3 or sin(x)")
        x: float = param(2.0, "where the slope is wanted", ge=-100, le=100)
        h: float = param(1.0, "how far the second point is at first", ge=0.01, le=10)
        rows: int = param(4, "how many secants the table lists, each a tenth as wide", ge=2, le=5)

    begins_with, ends_with = CURVE, GUEST
    touch = (
        Drag(
            "h",
            "log_width",
            lambda p: log10(p.h) - p.rows,
            lambda p: log10(p.h),
            log=True,
            opens_at="run and rise",
        ),
    )

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function)
        limit = finite_point_at(f, p.x)
        rows = secants(f, p.x, [p.h / 10**k for k in range(p.rows)])
        for row in rows:
            require_finite_secant(f, p.x, row)
        self.log_width, self.lag = ValueTracker(log10(p.h)), ValueTracker(0.0)

        def current() -> Secant:
            return secant(f, p.x, 10 ** self.log_width.get_value())

        self.build_layout(f, limit, rows, current)
        names = {"h": "h", "slope": "rise / run", "abs_error": "distance"}
        self.sweep = ScrubTrack(current, names, decimals=4)

        with self.beat("one point", ANOTHER, STEEP, x=limit.x) as said:
            curve = self.carry("curve", self.curve, lambda _: Create(self.curve))
            # The old point goes first: on a straight way it would leave both curves.
            leaving = self.leave_first_picture(scale=0.1)
            if leaving:
                self.play(*leaving, run_time=Timing.leave)
            self.play(curve, FadeIn(self.plane))
            said.next()
            self.play(GrowFromCenter(self.point), FadeIn(self.x), run_time=0.7)
            self.play(Flash(self.point, color=colors.accent), run_time=0.6)
            self.play(Create(self.lens.spot), FadeIn(self.lens.opened), run_time=1)
        self.draw_secant(rows[0])
        self.name_the_parts()
        for k, row in enumerate(rows[1:], start=1):
            with self.beat(f"h is {row.h.text}", REPEATED[min(k, 3) - 1],
                           caption_narrower(k, row), h=row.h, slope=row.slope) as said:  # fmt: skip
                # The triangle shrinks in the lens; then this follows, and magnifies it.
                lag = log10(rows[k - 1].h / row.h)
                self.play(
                    self.log_width.animate.set_value(log10(row.h)),
                    self.lag.animate.set_value(lag),
                )
                said.next(plays=2)
                self.play(self.lag.animate.set_value(0.0), self.table.row_appears(k))
                self.play(Indicate(self.table.rows[k][1], color=colors.accent), run_time=0.6)
        self.take_the_limit(limit)
        self.close(curve=self.curve, point=self.point)

    def draw_secant(self, first: Secant) -> None:
        """A second point and the line through both, then run and rise with their ratio."""
        secant, lens = self.secant, self.lens
        with self.beat("a secant", ALONE, SECANT, RATIO, HERE, slope=first.slope) as said:
            self.play(GrowFromCenter(secant.far), GrowFromCenter(lens.dots[1]))
            said.next()
            self.play(Create(secant.line), Create(lens.line), FadeIn(self.table))
            self.add(self.point, secant.far, lens.dots)
            said.next(plays=2)
            lines = (secant.run, secant.rise, lens.run, lens.rise)
            self.play(*map(Create, lines), FadeIn(secant.words))
            self.add(secant, self.point)
            self.play(FadeIn(self.slope))
            said.next()
            self.play(self.table.row_appears(0))

    def name_the_parts(self) -> None:
        """In the ratio, rise and run become what they are under the lens."""
        lens, words, signs = self.lens, self.slope, self.quotient
        labels = VGroup(lens.behind_label, lens.rise_label, lens.run_label)
        with self.beat("run and rise", PARTS):
            self.play(FadeOut(words, self.secant.words), run_time=0.5)
            self.play(FadeIn(signs, labels), run_time=0.6)
            self.add(lens.follows())
            self.play(*(Indicate(label, scale_factor=1.05) for label in labels[1:]))

    def take_the_limit(self, limit: Point) -> None:
        """The ratio becomes the formula of the derivative, and the secant the tangent."""
        with self.beat("the limit", LIMIT, DERIVATIVE, SLOPE, slope=limit.slope) as said:
            self.play(FadeOut(self.quotient, self.x), run_time=0.5)
            self.play(FadeIn(self.formula, lag_ratio=0.3))
            said.next()
            self.play(FadeIn(self.limit), FadeIn(self.distances))
            said.next(plays=2)
            self.secant.remove(line := self.secant.line)  # the triangle goes on following h
            # As long as the secant, and in its place: the line itself is seen to stay.
            self.play(FadeIn(self.tangent), FadeOut(line))
            # It goes, and comes up on the shelf: on a way there it would cross the lens.
            self.park("limit", self.formula.copy())
            self.play(FadeOut(self.formula, shift=0.3 * UP), FadeIn(self.parked, shift=0.3 * UP))

    def build_layout(
        self, f: Function, limit: Point, rows: Sequence[Secant], current: Callable[[], Secant]
    ) -> None:
        """The plane on the left with the ratio below it; lens and table on the right."""
        p = self.params
        _, foot, lens, below = secant_areas()
        self.plane, self.curve = secant_plane(f, p.x, p.h, [row.there for row in rows])
        self.curve.set_z_index(1)
        self.point = curve_point(self.plane, f, p.x).set_z_index(2)
        self.secant = SecantOnPlane(self.plane, p.x, current, self.curve)
        self.lens = Lens(
            self.plane,
            p.x,
            current,
            lambda xs: f.sample_at(xs).values,
            limit.slope,
            lens,
            self.lag,
        )
        self.tangent = Tangent(self.plane, lambda: limit, length=FRAME)
        self.table = NumberTable(
            ("h", '"rise" \\/ "run"', f'"distance from {limit.slope.text}"'),
            [(row.h, row.slope, row.abs_error) for row in rows],
            below, roles=("leaf", "gradient", "muted"), weights=(0.75, 1, 1.35),
        )  # fmt: skip
        self.distances = detach_last_column(self.table)
        self.build_formulas(limit, current, foot)

    def build_formulas(self, limit: Point, current: Callable[[], Secant], foot: Rect) -> None:
        """Below the plane: the ratio in words, in signs, and its limit with the number."""

        left, right = foot.columns(2.3, 1, gap=0.2)

        def ratio(label: str) -> LabelledNumber:
            row = LabelledNumber(
                label, lambda: current().slope, color=colors.gradient, places=4,
                font_size=FontSize.body,
            )  # fmt: skip
            fit_into(row, left)
            return row

        self.slope, self.quotient = ratio('"rise" / "run"'), ratio("(f(x + h) - f(x)) / h")
        self.formula = shelf_formula("limit", font_size=FontSize.body)
        fit_into(self.formula, left)
        self.x = LabelledNumber("x", limit.x, places=None, font_size=FontSize.body)
        fit_into(self.x, right)
        self.limit = LabelledNumber(
            f"f'({limit.x.text})", limit.slope, color=colors.accent, places=None,
            font_size=FontSize.body,
        )  # fmt: skip
        fit_into(self.limit, right)


def detach_last_column(table: NumberTable) -> VGroup:
    """Take the last heading and the numbers below it out of the table, to be shown later."""
    head = table.heads[-1]
    if head.get_right()[0] > table.area.right:
        head.scale((table.area.right - head.get_left()[0]) / head.width, about_edge=DOWN + LEFT)
    column = VGroup()
    for row in (table.heads, *table.rows):
        column.add(last := row[-1])
        row.remove(last)
    return column


def caption_narrower(row: int, narrower: Secant) -> str:
    """The caption for the secant in this row of the table."""
    if narrower.abs_error < FLAT:
        return "The slope is {slope}: nothing is off."
    if row == 1 or abs(narrower.slope - narrower.error) < FLAT:  # then the ratio goes to zero too
        return "With h = {h}, the slope is {slope}."
    if row == 2:
        return "Rise and run go to zero, but their ratio does not: {slope}."
    return "In the lens the curve looks straight, with slope {slope}."


FRAME = 20.0  # frame units, more than any line on the plane is long
ANOTHER = "Let us take another function."
STEEP = "How steep is it at x = {x}?"
ALONE = "One point gives no line, so we take a second one."
SECANT = "The line through both is a secant."
RATIO = "Its slope is rise over run."
HERE = "Here that is {slope}."
PARTS = "The run is h, and the rise is the change of f."
REPEATED = ("Now make h ten times smaller.", "Ten times smaller again.", "And once more.")
LIMIT = "The ratio has a limit, though h is never zero."
DERIVATIVE = "This limit is the derivative."
SLOPE = "It is the slope of the tangent, {slope}."
