"""Backward adds to .grad, it does not replace it.

The same backward passes into one leaf in two lanes: without zero_grad the gradients add up in
.grad, with zero_grad each pass starts anew.
"""

from __future__ import annotations

from manim import Animation, FadeIn, FadeOut

from gradreel.draw.formula import Formula
from gradreel.draw.layout import content_area, fit_into
from gradreel.functions.function import Function, input_quantity
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, Literal, SceneParams, param
from gradreel.scenes.control.accumulation_bars_figure import AccumulationBars, max_sum_width
from gradreel.scenes.control.grad_accumulation_experiment import AccumulationPass, run_passes
from gradreel.theme import colors


class AccumulationTrap(LectureScene):
    class Params(SceneParams):
        first: FormulaParam = param("x**2", "the function of x that the first pass differentiates")
        second: FormulaParam = param("x**3", "the function of x of every further pass")
        x: float = param(3.0, "the leaf x", ge=-100, le=100)
        passes: int = param(3, "how many backward passes", ge=2, le=4)
        emptied: Literal["None", "zeros"] = param("None", "what zero_grad leaves behind")

    def construct(self) -> None:
        p = self.params
        functions = [Function.parse(p.first)] + [Function.parse(p.second)] * (p.passes - 1)
        to_none = p.emptied == "None"
        self.summed = run_passes(functions, p.x, zero_grad=False)
        self.fresh = run_passes(functions, p.x, zero_grad=True, set_to_none=to_none)
        self.build_layout()
        one, two = self.summed[0], self.summed[1]

        with self.beat("an empty grad", START, plays=2, x=input_quantity(p.x, "x")):
            self.play(self.without_zero_grad.appears())
            self.play(self.with_zero_grad.appears())
        with self.beat("the first pass", FIRST, plays=2, slope=one.contribution):
            self.play(FadeIn(self.heads[0]))
            self.play(*self.add_pass(0))
        with self.beat("only one lane is emptied", EMPTY[to_none], plays=1, old=one.after):
            self.play(self.zero_grad(1), FadeOut(self.heads[0]))
        with self.beat("the trap", TRAP, plays=2, slope=two.contribution, old=one.after,
                       total=two.after):  # fmt: skip
            self.play(FadeIn(self.heads[1]))
            self.play(*self.add_pass(1))
        for k in range(2, p.passes):
            say = AGAIN if k == 2 else STILL
            with self.beat(f"pass {k + 1}", say, plays=2, kept=self.summed[k].after,
                           fresh=self.fresh[k].after):  # fmt: skip
                self.play(self.zero_grad(k), FadeOut(self.heads[k - 1]), FadeIn(self.heads[k]))
                self.play(*self.add_pass(k))
        with self.beat("empty it every time", END, plays=2, slope=self.fresh[-1].contribution):
            self.play(self.with_zero_grad.points_at_last())
            self.play(self.without_zero_grad.points_at_last())

    def add_pass(self, k: int) -> list[Animation]:
        """The contribution of pass k is added in both lanes."""
        contribution = self.heads[k].part("sent")
        lanes = (self.without_zero_grad, self.with_zero_grad)
        return [lane.adds(k, contribution) for lane in lanes]

    def zero_grad(self, k: int) -> Animation:
        """zero_grad before pass k, in its lane."""
        return self.with_zero_grad.resets(self.fresh[k].before)

    def build_layout(self) -> None:
        """The current pass above, the two lanes below on one scale."""
        head, upper, lower = content_area().rows(0.7, 2, 2, gap=0.3)
        numbers = [float(row.after) for row in (*self.summed, *self.fresh)]
        span = (min(numbers), max(numbers))
        grad = 'upright("x.grad")'
        width = max_sum_width(self.summed, self.fresh)
        self.without_zero_grad = AccumulationBars(
            "no zero_grad", grad, self.summed, span, upper, colors.warning, width
        )
        self.with_zero_grad = AccumulationBars(
            "zero_grad", grad, self.fresh, span, lower, colors.leaf, width
        )
        self.heads = [pass_formula(row) for row in self.summed]
        for formula in self.heads:
            fit_into(formula, head)


def pass_formula(row: AccumulationPass) -> Formula:
    """The function of a pass, and the slope that its backward contributes."""
    return Formula(
        f'"loss" = {row.function.typst()} quad arrow.r.long quad "slope" = {{sent}}',
        sent=row.contribution, roles={"sent": "gradient"},
    )  # fmt: skip


START = "One leaf, x = {x}, in two training loops. No backward yet, so x.grad is None in both."
FIRST = "The first backward sends {slope}. So far, both loops agree."
EMPTY = (
    "Below, zero_grad fills x.grad with zeros. The loop above forgets it, and keeps {old}.",
    "Below, zero_grad empties x.grad: by default it is None again. The loop above keeps {old}.",
)
TRAP = "The next backward sends {slope}. Above it adds to the old {old}: {total} is nobody's slope."
AGAIN = "And again: above {kept}, below {fresh}. Nothing warns you; the steps are just wrong."
STILL = "Once more: above {kept}, below {fresh}. The error grows with every pass."
END = "Adding is meant for gradients that belong together. Else empty first, and get {slope}."
