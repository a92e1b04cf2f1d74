"""Three ways to a derivative: symbolic, numerical, automatic.

SymPy differentiates the formula, a forward difference evaluates the function twice, autograd goes
back through one evaluation. All three give the slope. What they cost grows differently with the
number of parameters: it is counted in arithmetic operations, by one meter for all.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, isfinite, log10

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    ApplyMethod,
    FadeIn,
    Indicate,
    LaggedStart,
    ShowPassingFlash,
    linear,
)

from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.functions.function import Function
from gradreel.functions.require_finite import finite_point_at
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, SceneParams, param
from gradreel.scenes.slopes.cost_plot_figure import CostPlot
from gradreel.scenes.slopes.derivative_costs_experiment import (
    DerivativeComparison,
    compare_derivatives,
    derivative_costs,
)
from gradreel.scenes.slopes.joins import FORMULA
from gradreel.scenes.slopes.method_card_figure import MethodCard
from gradreel.scenes.slopes.method_pictures_figure import (
    RulesPicture,
    SecantPicture,
    ValuesGraph,
)
from gradreel.scenes.slopes.secant_experiment import Secant, secant, secants
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

COUNTS = (*range(1, 8), *range(8, 33, 2))  # of parameters
ROLES = ("local", "value", "gradient")


class ThreeWays(LectureScene):
    class Params(SceneParams):
        function: FormulaParam = param("x**2+3*x+2", "a function of x, such as x**3 or sin(x)")
        x: float = param(2.0, "where the slope is wanted", ge=-100, le=100)
        h: float = param(1e-7, "the width of the forward difference", gt=0, le=1)
        parameters: int = param(24, "how many parameters the function has at last", ge=8, le=32)

    begins_with = ends_with = FORMULA

    def construct(self) -> None:
        p = self.params
        f = Function.parse(p.function)
        for x in (p.x, p.x + p.h):
            finite_point_at(f, x)
        slopes = compare_derivatives(f, p.x, p.h)
        counts = [n for n in COUNTS if n < p.parameters]
        self.costs = derivative_costs(f, [*counts, p.parameters], p.x, p.h)
        self.build_layout(f, slopes)
        with self.beat("the question", ASK, plays=2):
            self.play(self.carry("formula", self.formula))
            self.play(LaggedStart(*map(FadeIn, self.cards), lag_ratio=0.4))
        self.show_symbolic(slopes)
        self.show_numerical()
        self.show_automatic()
        self.count_operations()
        self.close(formula=self.formula)

    def show_symbolic(self, slopes: DerivativeComparison) -> None:
        """The derivative comes out of the formula, term by term."""
        card, rules = self.cards[0], self.rules
        with self.beat("symbolic", RULES, EXACT_BUT_LONG, plays=3, slope=slopes.symbolic) as said:
            terms = FadeIn(rules.tops, shift=0.4 * DOWN)
            self.play(card.lights_up(), Indicate(self.formula, color=colors.accent), terms)
            self.play(rules.works())
            self.play(FadeIn(card.result))
            said.next()
            self.play(card.weighs())

    def show_numerical(self) -> None:
        """The second point of a secant comes up to the first."""
        card, picture = self.cards[1], self.secant
        with self.beat("numerical", SECANT, ANY_CODE, OFF, plays=3, error=self.error) as said:
            self.play(card.lights_up(), FadeIn(picture.curve, picture.here))
            self.play(FadeIn(picture.line, picture.there, picture.h, card.result))
            self.add(picture)
            self.play(picture.works())
            said.next()
            self.play(FadeIn(card.good, shift=0.2 * RIGHT))
            self.play(FadeIn(card.bad, shift=0.2 * RIGHT), run_time=0.5)
            said.next()
            self.play(Indicate(card.bad, scale_factor=1.05, color=colors.accent))

    def show_automatic(self) -> None:
        """The values go forward through the graph, and the gradients back."""
        card, graph = self.cards[2], self.graph
        layers = range(len(graph.layers()))
        with self.beat("automatic", FORWARD, BACK, BOTH_BUT_MEMORY) as said:
            self.play(card.lights_up(), graph.unfolds(), run_time=0.9)
            self.play(graph.runs())
            said.next(plays=len(layers) + 1)
            for layer in reversed(layers):
                self.play(*graph.goes_back(layer), *(graph.passes_on(layer) if layer else []))
            self.play(FadeIn(card.result))
            said.next()
            self.play(card.weighs())

    def count_operations(self) -> None:
        """The number of parameters grows, and the operations of the three methods with it."""
        plot, last = self.plot, self.costs[-1]
        with self.beat("more parameters", GROW, COUNT) as said:
            # The plot is empty at first: the cards wait for the sentence that is about it.
            self.play(self.formula.animate.move_to(self.aside), FadeIn(self.product))
            said.next()
            self.play(*self.fade_out_all(self.formula, self.product), run_time=0.4)
            self.play(FadeIn(plot), run_time=0.5)
            move = plot.index.set_value, len(self.costs) - 1
            self.play(ApplyMethod(*move, rate_func=linear), run_time=GROWTH)
        with self.beat("what it costs", COST, n=last.parameters, symbolic=last.symbolic,
                       numerical=last.numerical):  # fmt: skip
            self.play(*(Indicate(number, color=colors.accent) for number in plot.numbers[:2]))
        with self.beat("one pass", ONE, WHY, n=last.parameters, automatic=last.automatic) as said:
            self.play(Indicate(plot.numbers[2], color=colors.accent))
            said.next()
            self.play(ShowPassingFlash(plot.curves[2].copy().clear_updaters().set_stroke(
                colors.accent, 2 * StrokeWidth.curve), time_width=0.5))  # fmt: skip

    def build_layout(self, f: Function, slopes: DerivativeComparison) -> None:
        """The formula above a card for each method; the plot takes the place of the cards."""
        top, rest = content_area().rows(0.55, 5, gap=0.12)
        self.formula = fit_into(math(f"f(x) = {f.typst()}", font_size=FontSize.body), top)
        tones = [getattr(colors, role) for role in ROLES]
        areas = rest.columns(1, 1, 1.35, gap=0.3)
        self.cards = [MethodCard(*card) for card in zip(METHODS, areas, tones, strict=True)]
        self.fill_cards(f, slopes)
        self.aside, right = (area.center for area in top.columns(1, 1.3, gap=0.5))
        self.product = math(PRODUCT, font_size=FontSize.body).move_to(right)
        rows = [(c.parameters, (c.symbolic, c.numerical, c.automatic)) for c in self.costs]
        names = [text(name, font_size=FontSize.label, color=tone)
                 for name, tone in zip(METHODS, tones, strict=True)]  # fmt: skip
        self.plot = CostPlot(rows, names, tones, rest, '"operations for all slopes"')

    def fill_cards(self, f: Function, slopes: DerivativeComparison) -> None:
        """The picture, the result and the points of each method."""
        p, (symbolic, numerical, automatic) = self.params, self.cards
        self.rules = RulesPicture(slopes.terms, symbolic.picture)
        self.secant = SecantPicture(f, p.x, secants_down_to(f, p.x, p.h), numerical.picture)
        self.graph = ValuesGraph(slopes.tape, automatic.picture)
        self.error = slopes.secant.abs_error.rounded(2)
        # As many decimals as show what the secant is off by. The more digits before the decimal
        # point the fewer after it: the card keeps its width.
        wanted = min(max(6, ceil(-log10(self.error or 1e-6))), MOST_PLACES)
        places = max(0, wanted - max(0, floor(log10(abs(slopes.numerical) or 1))))
        x = slopes.x.text
        symbolic.set_result(f"f'({x}) =", self.readout(slopes.symbolic, 0))
        row = self.secant.row
        numerical.set_result(f"f'({x}) approx", self.readout(lambda: row().slope, 1, places))
        automatic.set_result('upright("x.grad") =', self.readout(slopes.automatic, 2))
        for card, points in zip(self.cards, POINTS, strict=True):
            card.set_verdict(*points, self.error)

    def readout(
        self, source: Quantity | Callable[[], Quantity], method: int, places: int | None = None
    ) -> Readout:
        """A result in the color of its method."""
        tone = getattr(colors, ROLES[method])
        return Readout(source, places=places, font_size=FontSize.label, color=tone, align="left")


def secants_down_to(f: Function, x: float, h: float) -> list[Secant]:
    """Secants whose width falls to `h`, from WIDEST or where the function begins to be finite."""
    widths = WIDEST * 10 ** np.linspace(0, log10(h / WIDEST), WIDTHS)
    rows = secants(f, x, widths)
    return [row for row in rows[:-1] if isfinite(row.slope)] + [secant(f, x, h)]


WIDEST, WIDTHS = 2.5, 40  # of the secants on the way down to h
MOST_PLACES = 8  # decimals of the numerical slope
GROWTH = 2.2  # seconds in which the number of parameters grows
METHODS = ("symbolic", "numerical", "automatic")
PRODUCT = "L = f(w_1) dot f(w_2) dot dots.c dot f(w_n)"
POINTS = (
    ('"exact"', '"can grow long"'),
    ('"works for any code"', '"off by " {error}'),
    ('"exact, for any code"', '"stores every value"'),
)
ASK = "There are three ways to get a slope."
RULES = "The first is symbolic: rules turn each term into its slope."
EXACT_BUT_LONG = "That is exact, but formulas can grow long."
SECANT = "The second is numerical: the slope of a tiny secant."
ANY_CODE = "It works for any code."
OFF = "But it is off by {error}."
FORWARD = "The third is automatic: autograd runs the code and keeps each value."
BACK = "Then it goes back through them, to the slope."
BOTH_BUT_MEMORY = "That is exact, for any code, but stores every value."
GROW = "Now multiply many such functions, each with its own w."
COUNT = "We count the operations for all slopes."
COST = "For {n} slopes, the formulas take {symbolic}, the differences {numerical}."
ONE = "Autograd takes only {automatic}."
WHY = "That is why neural networks are trained with it."
