"""Three ways to a derivative: symbolic, numerical, automatic.

SymPy differentiates the formula, a forward difference evaluates the function twice, autograd goes
back through one evaluation. All three give the slope; their costs grow differently with the number
of parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

from manim import (
    LEFT,
    Create,
    FadeIn,
    ShowPassingFlash,
    SurroundingRectangle,
    TransformFromCopy,
    VGroup,
    VMobject,
)

from gradreel.draw.layout import Rect, content_area, fit_into, point
from gradreel.draw.number_table import NumberTable
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.functions.require_finite import finite_point_at
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, SceneParams, param
from gradreel.scenes.slopes.derivative_costs_experiment import (
    DerivativeComparison,
    DerivativeCost,
    compare_derivatives,
    derivative_costs,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

WEIGHTS = (1.15, 1, 1, 1)


class ThreeWays(LectureScene):
    class Params(SceneParams):
        function: FormulaParam = param("x**2+3*x+2", "a function of x, such as x**3 or sin(x)")
        x: float = param(2.0, "where the slope is wanted", ge=-100, le=100)
        h: float = param(1e-7, "the width of the forward difference", gt=0, le=1)
        parameters: int = param(24, "how many parameters the last row has", ge=8, le=32)

    def construct(self) -> None:
        p = self.params
        f = Function.parse(p.function)
        for x in (p.x, p.x + p.h):
            finite_point_at(f, x)
        slopes = compare_derivatives(f, p.x, p.h)
        n = p.parameters
        counts = sorted({1, round(n ** (1 / 3)), round(n ** (2 / 3)), n})
        costs = derivative_costs(f, counts, p.x, p.h)
        last = costs[-1]
        self.build_layout(f, slopes, costs)
        symbolic, numerical, automatic = self.methods

        with self.beat("the question", ASK, plays=2, x=slopes.x):
            self.play(FadeIn(self.formula))
            self.play(FadeIn(*(method.title for method in self.methods)))
        with self.beat("symbolic", SYMBOLIC, plays=2, slope=slopes.symbolic):
            self.apply(symbolic)
        with self.beat("numerical", NUMERICAL, plays=2, h=slopes.secant.h,
                       error=slopes.secant.error):  # fmt: skip
            self.apply(numerical)
        with self.beat("automatic", AUTOMATIC, plays=2, slope=slopes.automatic):
            self.apply(automatic)
        with self.beat("more parameters", GROW, plays=len(costs) + 1):
            self.play(FadeIn(self.table))
            for k in range(len(costs)):
                self.play(self.table.row_appears(k))
        with self.beat("what it costs", COST, plays=2, n=last.parameters, symbolic=last.symbolic,
                       numerical=last.numerical):  # fmt: skip
            self.play(Create(self.cell_frame(1)))
            self.play(Create(self.cell_frame(2)))
        with self.beat("one pass", ONE, plays=2, automatic=last.automatic, n=last.parameters):
            self.play(Create(self.cell_frame(3)))
            self.play(*(ShowPassingFlash(self.cell_frame(3, k)) for k in range(len(costs))))

    def apply(self, method: MethodColumn) -> None:
        """Play the function turning into a method's rule, and the rule into its result."""
        self.play(TransformFromCopy(self.formula, method.rule))
        self.play(FadeIn(method.result, target_position=method.rule))

    def cell_frame(self, column: int, row: int = -1) -> SurroundingRectangle:
        """A frame around one number of the table."""
        number = self.table.rows[row][column]
        return SurroundingRectangle(number, color=colors.accent, buff=0.1)

    def build_layout(
        self, f: Function, slopes: DerivativeComparison, costs: Sequence[DerivativeCost]
    ) -> None:
        """The methods above, each over its column of costs."""
        top, bottom = content_area().rows(1, 1, gap=0.2)
        left, *columns = top.columns(*WEIGHTS, gap=0.2)
        self.formula = fit_into(math(f"f(x) = {f.typst()}", font_size=FontSize.body), left)
        x, grad = slopes.x.text, 'upright("x.grad")'
        derivative = f"f'(x) = {Function.parse(slopes.formula).typst()}"
        # The more digits before the decimal point the fewer after it: the column keeps its width.
        places = max(0, 6 - max(0, floor(log10(abs(slopes.numerical) or 1))))
        self.methods = [
            MethodColumn("symbolic", derivative, f"f'({x}) =", columns[0]),
            MethodColumn("numerical", "(f(x+h) - f(x)) / h", f"f'({x}) approx", columns[1]),
            MethodColumn("automatic", 'upright("f(x).backward()")', f"{grad} =", columns[2]),
        ]
        self.methods[0].set_result(slopes.symbolic, None, colors.local)
        self.methods[1].set_result(slopes.numerical, places, colors.value)
        self.methods[2].set_result(slopes.automatic, None, colors.gradient)
        cells = [(c.parameters, c.symbolic, c.numerical, c.automatic) for c in costs]
        self.table = NumberTable(
            ('"parameters"', '"operations"', '"evaluations"', '"evaluations"'), cells, bottom,
            roles=("leaf", "local", "value", "gradient"), weights=WEIGHTS,
        )  # fmt: skip


class MethodColumn:
    """A method of differentiation: title, rule, and `label` with the result, from top to bottom.

    Raises UsageError for a rule that would be too small to read in the column.
    """

    def __init__(self, title: str, rule: str, label: str, area: Rect) -> None:
        head, middle, foot = area.rows(0.8, 1, 0.8, gap=0.1)
        self.title = text(title, font_size=FontSize.body, color=colors.muted)
        self.rule = math(rule, font_size=FontSize.body)
        if self.rule.width > area.width:
            self.rule.scale_to_fit_width(area.width)
        if self.rule.font_size < LEGIBLE:
            raise UsageError(
                f"the {title} derivative is too long to be read in its column. "
                "Take a shorter function, such as x*sin(x) or exp(-x**2)."
            )
        self.label = math(label, font_size=FontSize.body, color=colors.muted)
        self.result: VMobject = self.label
        for mobject, row in ((self.title, head), (self.rule, middle), (self.label, foot)):
            mobject.move_to(row.center).align_to(point(area.left, 0), LEFT)

    def set_result(self, number: Quantity, places: int | None, color: str) -> None:
        """Put the result beside its label, with `places` decimals."""
        readout = Readout(number, places=places, font_size=FontSize.body, color=color)
        self.result = VGroup(self.label, readout.next_to(self.label, buff=0.15))


LEGIBLE = 16  # the smallest font size of a rule, in Manim's points
ASK = "We want the slope at x = {x}. There are three ways to get it."
SYMBOLIC = "Symbolic: rules turn the formula into another one. Put x in, and it gives {slope}."
NUMERICAL = "Numerical: try two places, {h} apart. No rules, but it is off by {error}."
AUTOMATIC = "Automatic: run the function once, then go backward. No h, no rules, and it is {slope}."
GROW = "Now multiply many such functions, each with a parameter of its own, and count the work."
COST = "With {n}: {symbolic} operations for formulas, {numerical} evaluations for differences."
ONE = "Autograd: {automatic} evaluation and one pass backward, for all {n} slopes together."
