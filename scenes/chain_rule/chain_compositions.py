"""Any chain, any length: the local slopes multiply.

Three compositions, each longer than the one before. The slope of each is the product of the local
slopes of its links at every x.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manim import (
    Animation,
    AnimationGroup,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    LaggedStart,
    ValueTracker,
    VGroup,
    linear,
)

from gradreel.draw.frame_around import frame_around
from gradreel.draw.layout import Rect, content_area, fit_into, point
from gradreel.draw.text import math as set_math
from gradreel.functions.function import Function
from gradreel.lecture.controls import Drag
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, SceneParams, param
from gradreel.scenes.chain_rule.joins import LENS, NUMBER_LINES, number_line, number_line_dot
from gradreel.scenes.chain_rule.lens_chain_figure import WRITING, LensChain
from gradreel.theme import colors

NUDGE = 0.002  # of the reach: small enough that the bars are as long as the derivatives say
LARGEST_STEP = 3.0
SMALL = 0.05  # a factor below it takes the whole product to nearly zero


class ChainCompositions(LectureScene):
    touch = (Drag("x", "x_tracker", lambda p: p.x - p.reach, lambda p: p.x + p.reach),)
    begins_with, ends_with = NUMBER_LINES, LENS

    class Params(SceneParams):
        first: FormulaParam = param("sin(x**2)", "a composition of x, such as sin(x**2)")
        second: FormulaParam = param("exp(-(x-1)**2)", "another composition")
        third: FormulaParam = param("tanh(sin(2*x)**2+1)", "a third, perhaps longer")
        x: float = param(0.8, "where to start", ge=-10, le=10)
        reach: float = param(0.6, "how far x moves to both sides", gt=0, le=5)

    def construct(self) -> None:
        p = self.params
        self.around = [p.x + p.reach * share for share in np.linspace(-1, 1, 121)]
        functions = [Function.parse(text) for text in (p.first, p.second, p.third)]
        # One step is equally wide in all three chains, so that their beams can be compared.
        self.largest_step = min(map(self.widest_step, functions))
        for count, f in enumerate(functions):
            self.tape = f.chain_tape(p.x)
            self.build_layout(f)
            links = len(f.chain(p.x).links)
            with self.beat(f"chain {count + 1}", say_opening(count, links), plays=2):
                if count:
                    self.play(*self.fade_out_all(), run_time=0.5)
                self.play(*self.draws_lines(count), run_time=0.8)
                self.play(self.opens())
                self.add(*self.figure.beams)
                self.play(self.figure.nudges(links), rate_func=linear)
            with self.beat(f"slopes of chain {count + 1}", PRODUCTS[count], plays=3):
                self.play(self.shows_slopes())
                pace = WRITING / 2 if count else WRITING
                self.play(*self.figure.writes_symbols(), run_time=pace * links)
                self.play(*self.figure.writes_factors(), run_time=pace * (links + 1))
            place = nearly_zero(f, self.around) if count == 1 else None
            with self.beat(f"chain {count + 1} at other x", *say_moving(count, place),
                           plays=3) as said:  # fmt: skip
                if place is None:
                    self.move_to(p.x + p.reach, p.x - p.reach, p.x)
                else:
                    self.move_to(p.x - p.reach / 2, place.x)
                    said.next()
                    self.play(self.marks(place))
        self.close(lens=self.figure.lenses[0].glass)

    def build_layout(self, f: Function) -> None:
        """The composition above its lenses, which show all that x will do."""
        p = self.params
        self.x_tracker = ValueTracker(p.x)
        head, rest = content_area().rows(0.7, 5, gap=0.0)
        self.formula = fit_into(set_math(f"y = {f.typst()}"), head)
        self.figure = self.lenses_of(f, rest, self.largest_step)
        self.figure.shows_values_before_nudge(decimals=2)
        self.figure.fits(self.around)
        ends = [(row.left, row.right, row.center[1]) for row in self.figure.rows]
        self.lines = [number_line(point(a, y), point(b, y)) for a, b, y in ends]
        self.dots = VGroup(*map(self.dot, range(len(ends))))

    def lenses_of(self, f: Function, area: Rect, largest_step: float) -> LensChain:
        """The lenses of a composition at the current x."""
        nudge = self.params.reach * NUDGE
        return LensChain(f.chain, self.x_tracker.get_value, nudge, area, largest_step)

    def widest_step(self, f: Function) -> float:
        """The width of one step with which all that x will do fits into the lenses of `f`."""
        self.x_tracker = ValueTracker(self.params.x)
        figure = self.lenses_of(f, content_area().rows(0.7, 5, gap=0.0)[1], LARGEST_STEP)
        return figure.fitted(len(figure.names), self.around)[0]

    def dot(self, row: int) -> Dot:
        """The value of a row on its number line."""
        place = point(self.figure.scale.base(), self.figure.rows[row].center[1])
        return number_line_dot(place, colors.value if row else colors.leaf)

    def draws_lines(self, count: int) -> list[Animation]:
        """The composition and its number lines; those of the scene before become the first ones."""
        if count or not self.begins_joined:
            return [FadeIn(self.formula), *map(Create, self.lines), FadeIn(self.dots)]
        lines = zip(("x", "u", "y"), self.lines, strict=True)
        carried = [self.carry(name, line) for name, line in lines]
        return [FadeIn(self.formula), *carried, self.carry("dots", self.dots)]

    def opens(self) -> Animation:
        """The values and their lenses, from the input on."""
        figure = self.figure
        rows = [
            AnimationGroup(FadeIn(reading), figure.opens(k), FadeOut(self.dots[k]))
            for k, reading in enumerate(figure.readings)
        ]
        return LaggedStart(*rows, lag_ratio=0.3)

    def shows_slopes(self) -> Animation:
        """The local slope of each link comes out of its lens."""
        links = range(len(self.figure.slopes))
        return LaggedStart(*(self.figure.shows_slope(k) for k in links), lag_ratio=0.3)

    def move_to(self, *places: float) -> None:
        """Let x move from one place to the next."""
        for x in places:
            self.play(self.x_tracker.animate.set_value(x))

    def marks(self, place: NearlyZero) -> Animation:
        """Frame the factor that is nearly zero, then the product."""
        figure = self.figure
        numbers = (figure.slopes[place.link].number, figure.product.total)
        return LaggedStart(*(Create(frame_around(number)) for number in numbers), lag_ratio=0.5)


@dataclass(frozen=True)
class NearlyZero:
    """Where the local slope of a link is nearly zero."""

    x: float
    link: int


def nearly_zero(f: Function, xs: Sequence[float]) -> NearlyZero | None:
    """The one of `xs` where a factor is smallest, but not zero; None where none is below SMALL."""
    sizes = [
        (abs(link.slope), NearlyZero(x, k))
        for x in xs
        for k, link in enumerate(f.chain(x).links)
        if link.slope and math.isfinite(link.slope)
    ]
    size, place = min(sizes, key=lambda pair: pair[0], default=(math.inf, None))
    return place if size < SMALL else None


def say_opening(count: int, links: int) -> str:
    """How a chain is introduced; `links` is how many it has."""
    if count == 0:
        return OPENING
    number = NUMBER_WORDS.get(links, "many")
    return f"Now {number} link{'s' * (links != 1)}. The nudge goes through all of them."


def say_moving(count: int, place: NearlyZero | None) -> tuple[str, ...]:
    """What is to be seen while x moves."""
    if place is not None:
        return (WATCH, NEARLY_ZERO)
    return (LONG,) if count == 2 else (MOVING,)


NUMBER_WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
OPENING = "Any composition can be taken apart like this."
PRODUCTS = (
    "Each link gives its factor. The product is the derivative.",
    "And again, the factors multiply.",
    "However many factors there are, the rule stays the same.",
)
MOVING = "Move x, and every factor follows, and the product too."
WATCH = "Watch the beam. Somewhere it shrinks to a thread."
NEARLY_ZERO = "One factor is nearly zero here, and so is the product."
LONG = "Link by link, backward multiplies such factors for us."
