"""Three ways to a derivative: symbolic, numerical, automatic.

SymPy rewrites the formula, a forward difference asks the function twice, autograd follows the
steps of one evaluation. For one parameter all three do; what they cost as parameters grow differs.
"""

from __future__ import annotations

from math import floor, log10

from manim import (
    LEFT,
    Create,
    FadeIn,
    ShowPassingFlash,
    SurroundingRectangle,
    TransformFromCopy,
    VGroup,
)

from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.number_table import NumberTable
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.errors import UsageError
from gradreel.functions.finite_points import finite_point_at
from gradreel.functions.function import Function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, SceneParams, param
from gradreel.scenes.slopes.derivative_costs_experiment import costs, three_ways
from gradreel.theme import FontSize, colors

WEIGHTS = (1.15, 1, 1, 1)


class ThreeWays(LectureScene):
    class Params(SceneParams):
        function: FormulaParam = param("x**2+3*x+2", "a function of x, such as x**3 or sin(x)")
        x: float = param(2.0, "where the slope is wanted", ge=-100, le=100)
        h: float = param(1e-7, "the width of the forward difference", gt=0, le=1)
        parameters: int = param(24, "how many parameters the last row has", ge=8, le=32)

    def construct(self):
        p = self.params
        f = Function.parse(p.function)
        for place in (p.x, p.x + p.h):
            finite_point_at(f, place)
        ways = three_ways(f, p.x, p.h)
        n = p.parameters
        counts = sorted({1, round(n ** (1 / 3)), round(n ** (2 / 3)), n})
        rows = costs(f, counts, p.x, p.h)
        last = rows[-1]
        self.set_the_stage(f, ways, rows)
        symbolic, numerical, automatic = self.ways

        with self.beat("the question", ASK, plays=2, x=ways.x):
            self.play(FadeIn(self.formula))
            self.play(FadeIn(*(way.title for way in self.ways)))
        with self.beat("symbolic", SYMBOLIC, plays=2, slope=ways.symbolic):
            self.play(TransformFromCopy(self.formula, symbolic.rule))
            self.play(FadeIn(symbolic.result, target_position=symbolic.rule))
        with self.beat("numerical", NUMERICAL, plays=2, h=ways.secant.h, error=ways.secant.error):
            self.play(TransformFromCopy(self.formula, numerical.rule))
            self.play(FadeIn(numerical.result, target_position=numerical.rule))
        with self.beat("automatic", AUTOMATIC, plays=2, slope=ways.automatic):
            self.play(TransformFromCopy(self.formula, automatic.rule))
            self.play(FadeIn(automatic.result, target_position=automatic.rule))
        with self.beat("more parameters", GROW, plays=len(rows) + 1):
            self.play(FadeIn(self.table))
            for k in range(len(rows)):
                self.play(self.table.row_appears(k))
        with self.beat("what it costs", COST, plays=2, n=last.parameters, symbolic=last.symbolic,
                       numerical=last.numerical):  # fmt: skip
            self.play(Create(self.box(1)))
            self.play(Create(self.box(2)))
        with self.beat("one pass", ONE, plays=2, automatic=last.automatic, n=last.parameters):
            self.play(Create(self.box(3)))
            self.play(*(ShowPassingFlash(self.box(3, row)) for row in range(len(rows))))

    def box(self, column, row=-1):
        """A frame around one number of the table."""
        number = self.table.rows[row][column]
        return SurroundingRectangle(number, color=colors.accent, buff=0.1)

    def set_the_stage(self, f, ways, rows):
        """The ways above, each over its column of costs."""
        top, bottom = content_area().rows(1, 1, gap=0.2)
        left, *columns = top.columns(*WEIGHTS, gap=0.2)
        self.formula = fit_into(math(f"f(x) = {f.typst()}", font_size=FontSize.body), left)
        derivative = Function.parse(ways.formula).typst()
        place = ways.x.text
        backward = "x.grad"
        self.ways = [
            Way("symbolic", f"f'(x) = {derivative}", f"f'({place}) =", columns[0]),
            Way("numerical", "(f(x+h) - f(x)) / h", f"f'({place}) approx", columns[1]),
            Way("automatic", 'upright("f(x).backward()")', f'upright("{backward}") =', columns[2]),
        ]
        # As many digits for a large slope as for a small one: the column is no wider.
        places = max(0, 6 - max(0, floor(log10(abs(ways.numerical) or 1))))
        results = (ways.symbolic, ways.numerical, ways.automatic)
        for way, result, role in zip(self.ways, results, ROLES, strict=True):
            way.gives(result, places if result is ways.numerical else None, getattr(colors, role))
        cells = [(c.parameters, c.symbolic, c.numerical, c.automatic) for c in rows]
        self.table = NumberTable(
            ('"parameters"', '"operations"', '"evaluations"', '"evaluations"'), cells, bottom,
            roles=("leaf", "local", "value", "gradient"), weights=WEIGHTS,
        )  # fmt: skip


class Way:
    """One way: its title, its rule, and the number it gives, one below the other."""

    def __init__(self, title, rule, label, area):
        head, middle, self.foot = area.rows(0.8, 1, 0.8, gap=0.1)
        self.title = text(title, font_size=FontSize.body, color=colors.muted)
        self.title.move_to(head.center).align_to([area.left, 0, 0], LEFT)
        self.rule = math(rule, font_size=FontSize.body)
        if self.rule.width > area.width:
            self.rule.scale_to_fit_width(area.width)
        if self.rule.font_size < LEGIBLE:
            raise UsageError(
                f"the {title} derivative is too long to be read in its column. "
                "Take a shorter function, such as x*sin(x) or exp(-x**2)."
            )
        self.rule.move_to(middle.center).align_to([area.left, 0, 0], LEFT)
        self.label = math(label, font_size=FontSize.body, color=colors.muted)
        self.label.move_to(self.foot.center).align_to([area.left, 0, 0], LEFT)

    def gives(self, number, places, color):
        """The number that comes out."""
        readout = Readout(number, places=places, font_size=FontSize.body, color=color)
        readout.next_to(self.label, buff=0.15)
        self.result = VGroup(self.label, readout)


LEGIBLE = 16  # the smallest font that a rule shrinks to
ROLES = ("local", "value", "gradient")
ASK = "We want the slope at x = {x}. There are three ways to get it."
SYMBOLIC = "Symbolic: rules turn the formula into another one. Put x in, and it gives {slope}."
NUMERICAL = "Numerical: try two places, {h} apart. No rules, but it is off by {error}."
AUTOMATIC = "Automatic: run the function once, then go backward. No h, no rules, and it is {slope}."
GROW = "Now multiply many such functions, each with a parameter of its own, and count the work."
COST = "With {n}: {symbolic} operations for formulas, {numerical} evaluations for differences."
ONE = "Autograd: {automatic} evaluation and one pass backward, for all {n} slopes together."
