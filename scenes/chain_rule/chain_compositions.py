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
    UP,
    Animation,
    AnimationGroup,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    LaggedStart,
    Line,
    ReplacementTransform,
    Succession,
    ValueTracker,
    VGroup,
    Wait,
    linear,
)

from gradreel.draw.frame_around import frame_around
from gradreel.draw.layout import content_area, fit_into, point
from gradreel.draw.text import math as set_math
from gradreel.functions.function import Function
from gradreel.lecture.controls import Drag
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, SceneParams, param
from gradreel.scenes.chain_rule.composite_curve_figure import CompositeCurve
from gradreel.scenes.chain_rule.joins import LENS, NUMBER_LINES, number_line, number_line_dot
from gradreel.scenes.chain_rule.lens_chain_figure import WRITING, LensChain
from gradreel.scenes.chain_rule.live_product_figure import LONGEST
from gradreel.theme import colors

NUDGE = 0.002  # of the reach: small enough that the bars are as long as the derivatives say
LARGEST_STEP = 3.0
WIDTHS = (1.3, 3.0)  # of values and slopes beside the lenses
Stage = tuple[LensChain, list[Line], CompositeCurve]  # what a chain leaves to the next
ROUNDED = 10  # decimals
SMALL = 0.05  # a factor below it takes the whole product to nearly zero


class ChainCompositions(LectureScene):
    touch = (Drag("x", "x_tracker", lambda p: p.x - p.reach, lambda p: p.x + p.reach),)
    begins_with, ends_with = NUMBER_LINES, LENS

    class Params(SceneParams):
        first: FormulaParam = param("sin(x**2)", "a composition of x, such as sin(x**2)")
        second: FormulaParam = param("exp(-(x-1)**2)", "another composition")
        third: FormulaParam = param("tanh(sin(2*x)**2)", "a third, perhaps longer")
        x: float = param(0.8, "where to start", ge=-10, le=10)
        reach: float = param(0.6, "how far x moves to both sides", gt=0, le=5)

    def construct(self) -> None:
        p = self.params
        # Rounded, so that a factor can be zero exactly.
        shares = np.linspace(-1, 1, 121)
        self.around = [round(float(p.x + p.reach * share), ROUNDED) for share in shares]
        functions = [Function.parse(text) for text in (p.first, p.second, p.third)]
        self.starts = [p.x, p.x, clearest(functions[2], self.around)]
        if nearly_zero(functions[1], self.around):
            self.starts[1] = p.x - p.reach / 2
        for count, f in enumerate(functions):
            self.tape = f.chain_tape(self.starts[count])
            before = (self.figure, self.lines, self.curve) if count else None
            self.build_layout(f, self.starts[count])
            self.play_nudge(count, before)
            self.play_product(count)
            self.play_other_places(count, f)
        self.close(lens=self.figure.lenses[0].glass)

    def play_nudge(self, count: int, before: Stage | None) -> None:
        """The lenses of a chain, out of those `before`, and a nudge that goes through all."""
        links = len(self.figure.slopes)
        with self.beat(f"chain {count + 1}", say_opening(count, links), plays=1):
            if before is None:
                self.play(*self.draws_lines(), run_time=0.8)
                self.play(self.opens(), run_time=1.2)
            else:
                self.play(*self.clears(*before), run_time=0.5)
                self.play(*self.inherits(*before), run_time=0.9)
                self.add(*self.figure.lenses)  # whose parts came one by one
            self.add(*self.figure.beams)
            self.play(self.figure.nudges(links), rate_func=linear)

    def play_product(self, count: int) -> None:
        """The slope of each link, their product, and the tangent that has this slope."""
        links = len(self.figure.slopes)
        with self.beat(f"slopes of chain {count + 1}", PRODUCTS[count], plays=3):
            self.play(self.shows_slopes())
            pace = WRITING / 2 if count else WRITING
            symbols = links if links <= LONGEST else 1
            self.play(*self.figure.writes_symbols(), run_time=pace * symbols)
            # Factor by factor from the result up to the input; then the tangent, with the product.
            arrows = [FadeIn(arrow, shift=0.3 * UP) for arrow in self.figure.way_back()[::-1]]
            backward = Succession(*arrows, GrowFromCenter(self.curve.tangent))
            self.play(*self.figure.writes_factors(), backward, run_time=pace * (links + 1))

    def play_other_places(self, count: int, f: Function) -> None:
        """What the factors and their product do while x moves."""
        p, start = self.params, self.starts[count]
        place = nearly_zero(f, self.around) if count == 1 else None
        end = (
            (start + (p.x if start != p.x else p.x + p.reach)) / 2 if count == 2 else p.x + p.reach
        )
        turns = f.chain(end).slope < 0 < f.chain(start).slope and not count
        say = say_moving(count, place, turns)
        with self.beat(f"chain {count + 1} at other x", *say) as said:
            if place is not None:
                self.move_to(place.x)
                said.next()
                self.play(self.marks(place))
            elif turns:
                self.move_to((start + end) / 2)
                said.next()
                self.move_to(end)
            else:
                self.move_to(end)

    def build_layout(self, f: Function, x: float) -> None:
        """The composition above its lenses at `x`, which show all that x will do, and its curve."""
        self.x_tracker = ValueTracker(x)
        head, rest = content_area().rows(0.7, 5, gap=0.0)
        self.formula = fit_into(set_math(f"y = {f.typst()}"), head)
        area, side = rest.columns(3.6, 1.0, gap=0.2)
        nudge = self.params.reach * NUDGE
        self.figure = LensChain(
            f.chain, self.x_tracker.get_value, nudge, area, LARGEST_STEP, WIDTHS
        )
        self.figure.shows_values_before_nudge(decimals=2)
        self.figure.fits(self.around)
        ends = [(row.left, row.right, row.center[1]) for row in self.figure.rows]
        self.lines = [number_line(point(a, y), point(b, y)).set_z_index(-1) for a, b, y in ends]
        self.dots = VGroup(*map(self.dot, range(len(ends))))
        self.curve = CompositeCurve(f, self.around, self.x_tracker.get_value, side.rows(4, 1)[0])

    def dot(self, row: int) -> Dot:
        """The value of a row on its number line."""
        place = point(self.figure.scale.base(), self.figure.rows[row].center[1])
        return number_line_dot(place, colors.value if row else colors.leaf)

    def draws_lines(self) -> list[Animation]:
        """The composition with its curve, and the number lines of the scene before."""
        shown = [FadeIn(self.formula), *self.curve.appears(None)]
        if not self.begins_joined:
            return [*shown, *map(Create, self.lines), FadeIn(self.dots)]
        lines = zip(("x", "u", "y"), self.lines, strict=True)
        carried = [self.carry(name, line) for name, line in lines]
        return [*shown, *carried, self.carry("dots", self.dots)]

    def opens(self) -> Animation:
        """The values and their lenses, from the input on."""
        figure = self.figure
        rows = [
            AnimationGroup(FadeIn(reading), figure.opens(k), FadeOut(self.dots[k]))
            for k, reading in enumerate(figure.readings)
        ]
        return LaggedStart(*rows, *self.curve.shows_point(), lag_ratio=0.3)

    def clears(
        self, figure: LensChain, lines: list[Line], curve: CompositeCurve
    ) -> list[Animation]:
        """All of the chain before goes, but its number lines, glasses and curve."""
        kept = [*figure.lenses, *lines, curve.curve]
        return [*self.fade_out_all(*kept), *(FadeOut(lens.inside) for lens in figure.lenses)]

    def inherits(
        self, figure: LensChain, lines: list[Line], curve: CompositeCurve
    ) -> list[Animation]:
        """The glasses and lines before become those of this chain; what is more opens after them.

        The readings and the curve follow.
        """
        before = [[lens.glass, lens.handle, line]
                  for lens, line in zip(figure.lenses, lines, strict=True)]  # fmt: skip
        moves: list[Animation] = []
        for k, (lens, line) in enumerate(zip(self.figure.lenses, self.lines, strict=True)):
            if k < len(before):
                new = (lens.glass, lens.handle, line)
                moves += [ReplacementTransform(*pair) for pair in zip(before[k], new, strict=True)]
                moves.append(FadeIn(lens.inside))
            else:  # not out of the last one: they would lie over it
                moves += [FadeIn(line), Succession(Wait(), self.figure.opens(k))]
        moves += [FadeOut(VGroup(*parts)) for parts in before[len(self.lines) :]]
        moves += [*self.curve.appears(curve), *self.curve.shows_point()]
        return [FadeIn(self.formula), *moves, *map(FadeIn, self.figure.readings)]

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
    """Where the local slope of a link is nearly zero, or zero."""

    x: float
    link: int
    exactly: bool = False


def nearly_zero(f: Function, xs: Sequence[float]) -> NearlyZero | None:
    """The one of `xs` where a factor is smallest; None where none is below SMALL.

    Links whose slope is zero at several of them, such as a relu, count where it is not zero.
    """
    slopes = {x: [float(link.slope) for link in f.chain(x).links] for x in xs}
    zeros = [sum(not row[k] for row in slopes.values()) for k in range(len(slopes[xs[0]]))]
    sizes = [
        (abs(slope), NearlyZero(x, k, exactly=not slope))
        for x, row in slopes.items()
        for k, slope in enumerate(row)
        if math.isfinite(slope) and (slope or zeros[k] == 1)
    ]
    size, place = min(sizes, key=lambda pair: pair[0], default=(math.inf, None))
    return place if size < SMALL else None


def clearest(f: Function, xs: Sequence[float]) -> float:
    """The one of `xs` where the smallest factor is largest, without a negative one if possible."""

    def rank(x: float) -> tuple[bool, float]:
        slopes = [float(link.slope) for link in f.chain(x).links]
        if not all(map(math.isfinite, slopes)):
            return False, -math.inf
        return min(slopes) > 0, min(map(abs, slopes))

    return max(xs, key=rank)


def say_opening(count: int, links: int) -> str:
    """How a chain is introduced; `links` is how many it has."""
    if count == 0:
        return OPENING
    number = NUMBER_WORDS.get(links, "many")
    return (
        f"Now {number} link{'s' * (links != 1)}{THROUGH if count == 1 or links == 1 else IN_A_ROW}"
    )


def say_moving(count: int, place: NearlyZero | None, turns: bool) -> tuple[str, ...]:
    """What is to be seen while x moves; `turns` is whether the slope becomes negative."""
    if place is not None:
        return (WATCH, ZERO if place.exactly else NEARLY_ZERO)
    if count == 2:
        return (LONG,)
    return (MOVING, TURNS) if turns else (MOVING,)


NUMBER_WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
OPENING = "Any composition can be taken apart like this."
THROUGH = ". The nudge goes through all of them."
IN_A_ROW = " in a row."
PRODUCTS = (
    "Each link gives its factor. The product is the slope of the curve.",
    "And again, the factors multiply.",
    "Link by link, backward multiplies the factors.",
)
MOVING = "Move x: the factors follow, and the product."
TURNS = "One turns negative: the beam flips, and the curve falls."
WATCH = "Watch the beam. Somewhere it shrinks to a thread."
ZERO = "One factor is zero here, and so is the product."
NEARLY_ZERO = "One factor is nearly zero here, and so is the product."
LONG = "However long the chain, the rule stays the same."
