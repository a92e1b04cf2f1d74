"""Backward adds to .grad, it does not replace it.

The same passes in two lanes with the same leaf: one empties .grad in between, the other forgets.
Every number is what a leaf really held, and what a hook saw arrive.
"""

from __future__ import annotations

from manim import FadeIn, FadeOut

from gradreel.draw.formula import Formula
from gradreel.draw.layout import content_area, fit_into
from gradreel.functions.function import Function, input_quantity
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam as FormulaText
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.control.accumulation_bars_figure import AccumulationBars, room_for
from gradreel.scenes.control.grad_accumulation_experiment import run_passes
from gradreel.theme import colors


class AccumulationTrap(LectureScene):
    class Params(SceneParams):
        first: FormulaText = param("x**2", "the function of x that the first pass differentiates")
        second: FormulaText = param("x**3", "the function of x of every further pass")
        x: float = param(3.0, "the leaf x", ge=-100, le=100)
        passes: int = param(3, "how many backward passes", ge=2, le=4)
        emptied: Literal["None", "zeros"] = param("None", "what zero_grad leaves behind")

    def construct(self):
        p = self.params
        functions = [Function.parse(p.first)] + [Function.parse(p.second)] * (p.passes - 1)
        to_none = p.emptied == "None"
        self.kept = run_passes(functions, p.x, zeroed=False)
        self.fresh = run_passes(functions, p.x, zeroed=True, to_none=to_none)
        self.set_the_stage()
        one, two = self.kept[0], self.kept[1]

        with self.beat("an empty grad", START, plays=2, x=input_quantity(p.x, "x")):
            self.play(self.trap.appears())
            self.play(self.clean.appears())
        with self.beat("the first pass", FIRST, plays=2, slope=one.sent):
            self.play(FadeIn(self.heads[0]))
            self.play(*self.adds(0))
        with self.beat("only one lane is emptied", EMPTY[to_none], plays=1, old=one.after):
            self.play(self.empties(1), FadeOut(self.heads[0]))
        with self.beat("the trap", TRAP, plays=2, slope=two.sent, old=one.after, total=two.after):
            self.play(FadeIn(self.heads[1]))
            self.play(*self.adds(1))
        for k in range(2, p.passes):
            say = AGAIN if k == 2 else STILL
            with self.beat(f"pass {k + 1}", say, plays=2, kept=self.kept[k].after,
                           fresh=self.fresh[k].after):  # fmt: skip
                self.play(self.empties(k), FadeOut(self.heads[k - 1]), FadeIn(self.heads[k]))
                self.play(*self.adds(k))
        with self.beat("empty it every time", END, plays=2, slope=self.fresh[-1].sent):
            self.play(self.clean.points_at_last())
            self.play(self.trap.points_at_last())

    def adds(self, k):
        """What pass k sent is added in both lanes."""
        sent = self.heads[k].part("sent")
        return [lane.adds(k, sent) for lane in (self.trap, self.clean)]

    def empties(self, k):
        """zero_grad before pass k, in its lane."""
        return self.clean.empties(self.fresh[k].before)

    def set_the_stage(self):
        """What the passes send above, the two lanes below, on one scale."""
        head, upper, lower = content_area().rows(0.7, 2, 2, gap=0.3)
        reached = [float(row.after) for row in (*self.kept, *self.fresh)]
        span = (min(reached), max(reached))
        grad = 'upright("x.grad")'
        room = room_for(self.kept, self.fresh)
        self.trap = AccumulationBars(
            "no zero_grad", grad, self.kept, span, upper, colors.warning, room
        )
        self.clean = AccumulationBars("zero_grad", grad, self.fresh, span, lower, colors.leaf, room)
        self.heads = [fit_into(sends(row), head) for row in self.kept]


def sends(row) -> Formula:
    """The function of a pass, and what its backward sends to x."""
    return Formula(
        f'"loss" = {row.function.typst()} quad arrow.r.long quad "slope" = {{sent}}',
        sent=row.sent, roles={"sent": "gradient"},
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
