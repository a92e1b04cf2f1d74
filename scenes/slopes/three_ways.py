"""Three ways to a derivative: symbolic, numerical, automatic.

SymPy differentiates the formula, a forward difference evaluates the function twice, autograd goes
back through one evaluation. All three give the slope. What they cost grows differently with the
number of parameters: it is counted in arithmetic operations, by one meter for all.
"""

from __future__ import annotations

from math import floor, log10

from manim import (
    DOWN,
    LEFT,
    ApplyMethod,
    FadeIn,
    FadeOut,
    Indicate,
    Restore,
    VGroup,
    VMobject,
    linear,
)

from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, content_area, fit_into, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.errors import UsageError
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
from gradreel.scenes.slopes.secant_experiment import rounded
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 28, 32)  # of parameters
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
        symbolic, numerical, automatic = self.methods
        with self.beat("the question", ASK, plays=2):
            self.play(self.carry("formula", self.formula))
            self.play(FadeIn(*(method.title for method in self.methods), lag_ratio=0.3))
        self.introduce("symbolic", symbolic, *SYMBOLIC, slope=slopes.symbolic)
        self.introduce("numerical", numerical, *NUMERICAL, error=self.error)
        self.introduce("automatic", automatic, *AUTOMATIC, slope=slopes.automatic)
        self.count_operations()
        self.close(formula=self.formula)

    def introduce(self, name: str, method: MethodColumn, *say: str, **numbers: Quantity) -> None:
        """The function gives a method's rule, the rule its result; then what is good and bad."""
        with self.beat(name, *say, plays=2, loop=False, **numbers) as said:
            self.play(Indicate(self.formula, color=colors.accent), FadeIn(method.rule))
            self.play(FadeIn(method.result))
            said.next()
            self.play(FadeIn(method.good))
            said.next()
            self.play(FadeIn(method.bad))

    def count_operations(self) -> None:
        """The number of parameters grows, and the operations of the three methods with it."""
        plot, last = self.plot, self.costs[-1]
        with self.beat("more parameters", GROW, COUNT, plays=2) as said:
            leave = [FadeOut(method.details) for method in self.methods]
            self.play(*leave, *(Restore(method.title) for method in self.methods), run_time=0.8)
            self.play(FadeIn(plot))
            said.next()
            move = plot.index.set_value, len(self.costs) - 1
            self.play(ApplyMethod(*move, rate_func=linear))
        with self.beat("what it costs", COST, n=last.parameters, symbolic=last.symbolic,
                       numerical=last.numerical):  # fmt: skip
            self.play(*(Indicate(number, color=colors.accent) for number in plot.numbers[:2]))
        with self.beat("one pass", ONE, WHY, n=last.parameters, automatic=last.automatic) as said:
            self.play(Indicate(plot.numbers[2], color=colors.accent))
            said.next()
            self.play(Indicate(self.methods[2].title, color=colors.accent))

    def build_layout(self, f: Function, slopes: DerivativeComparison) -> None:
        """The formula above the methods; the costs of all take the place of their details."""
        top, middle, bottom = content_area().rows(0.5, 2.5, 2.5, gap=0.12)
        columns = middle.columns(1, 1, 1, gap=0.35)
        self.formula = fit_into(math(f"f(x) = {f.typst()}", font_size=FontSize.body), top)
        x = slopes.x.text
        derivative = f"f'(x) = {Function.parse(slopes.formula).typst()}"
        # The more digits before the decimal point the fewer after it: the column keeps its width.
        places = max(0, 6 - max(0, floor(log10(abs(slopes.numerical) or 1))))
        self.error = rounded(slopes.secant.abs_error)
        self.methods = [
            MethodColumn("symbolic", derivative, f"f'({x}) =", columns[0], colors.local),
            MethodColumn("numerical", "(f(x+h) - f(x)) \\/ h", f"f'({x}) approx", columns[1],
                         colors.value),
            MethodColumn("automatic", 'upright("f(x).backward()")', f"{GRAD} =", columns[2],
                         colors.gradient),
        ]  # fmt: skip
        results = ((slopes.symbolic, None), (slopes.numerical, places), (slopes.automatic, None))
        points = ((EXACT, LONG), (ANY_CODE, OFF), (EXACT_ANY, STORES))
        for method, result, words in zip(self.methods, results, points, strict=True):
            method.set_result(*result)
            method.set_points(*words, self.error)
            method.grow(bottom)
        rows = [(c.parameters, (c.symbolic, c.numerical, c.automatic)) for c in self.costs]
        below = self.methods[0].title_area.bottom - 0.2
        picture = Rect(bottom.left, bottom.right, bottom.bottom, below)
        self.plot = CostPlot(rows, ROLES, picture, '"operations for all slopes"')


class MethodColumn:
    """A method of differentiation: title, rule, `label` with the result, what is good and bad.

    Raises UsageError for a rule that would be too small to read in the column.
    """

    def __init__(self, title: str, rule: str, label: str, area: Rect, color: str) -> None:
        self.area, self.color = area, color
        head, middle, foot, *self.lines = area.rows(0.9, 1.4, 0.9, 0.75, 0.75, gap=0.05)
        self.title_area = head
        self.title = text(title, font_size=FontSize.body, color=color)
        self.rule = math(rule, font_size=FontSize.label)
        if self.rule.width > area.width:
            self.rule.scale_to_fit_width(area.width)
        if self.rule.font_size < LEGIBLE:
            raise UsageError(
                f"the {title} derivative is too long to be read in its column. "
                "Take a shorter function, such as x*sin(x) or exp(-x**2)."
            )
        self.label = math(label, font_size=FontSize.label, color=colors.muted)
        self.result: VMobject = self.label
        for mobject, row in ((self.title, head), (self.rule, middle), (self.label, foot)):
            mobject.move_to(row.center).align_to(point(area.left, 0), LEFT)
        # On one baseline: no title ends with a letter that reaches below it.
        self.title.shift(DOWN * (self.title[-1].get_bottom()[1] - head.center[1] + 0.13))

    def set_result(self, number: Quantity, places: int | None) -> None:
        """Put the result beside its label, with `places` decimals."""
        readout = Readout(number, places=places, font_size=FontSize.label, color=self.color)
        readout.next_to(self.label, buff=0.15).set_y(self.label[-1].get_y())
        self.result = VGroup(self.label, readout)

    def set_points(self, good: str, bad: str, error: Quantity) -> None:
        """What is good and what is bad, in Typst math; `{error}` is a number."""
        self.good, self.bad = (
            Formula(words, font_size=FontSize.small, color=tone, error=error)
            for words, tone in ((f"+ quad {good}", colors.leaf), (f"- quad {bad}", colors.warning))
        )
        for line, row in zip((self.good, self.bad), self.lines, strict=True):
            if line.width > self.area.width:
                line.scale_to_fit_width(self.area.width)
            line.move_to(row.center).align_to(point(self.area.left, 0), LEFT)

    def grow(self, below: Rect) -> None:
        """Make the column larger, into the area below; `Restore(title)` undoes it for the title."""
        self.title.save_state()
        self.details = VGroup(self.rule, self.result, self.good, self.bad)
        whole = VGroup(self.title, self.details)
        factor = min(LARGER, self.area.width / whole.width)
        whole.scale(factor, about_point=point(self.area.left, self.area.top))
        whole.shift(DOWN * 0.3 * below.height)


LARGER = 1.35  # of a column while it is alone
LEGIBLE = 16  # the smallest font size of a rule, in Manim's points
GRAD = 'upright("x.grad")'
EXACT, LONG = '"exact"', '"formulas grow long"'
ANY_CODE, OFF = '"works for any code"', '"off by " {error}'
EXACT_ANY, STORES = '"exact, for any code"', '"stores every value"'
ASK = "There are three ways to get a slope."
SYMBOLIC = (
    "The first is symbolic: rules turn the formula into a new one.",
    "Its slope {slope} is exact.",
    "But formulas grow long.",
)
NUMERICAL = (
    "The second is numerical: the slope of a tiny secant.",
    "It works for any code.",
    "But it is off by {error}.",
)
AUTOMATIC = (
    "The third is automatic: autograd runs the code, then goes back through it.",
    "Its slope {slope} is exact, for any code.",
    "But it has to store every value.",
)
GROW = "Now multiply many such functions, each with its own parameter."
COUNT = "We count the operations for all slopes."
COST = "For {n} slopes, the formulas take {symbolic}, the differences {numerical}."
ONE = "Autograd takes only {automatic}."
WHY = "That is why neural networks are trained with it."
