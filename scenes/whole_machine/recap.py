"""Values forward, slopes backward, a step downhill.

One composition as a curve with its tangent, as a chain of local slopes, and as a graph with
forward, backward, .grad and the optimizer's step; then several training steps in a row.
"""

from __future__ import annotations

from collections.abc import Sequence

from manim import (
    Animation,
    ApplyMethod,
    Create,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    ReplacementTransform,
    ValueTracker,
    linear,
    there_and_back,
)

from gradreel.draw.chain_figure import ChainFigure
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, content_area, fit_into
from gradreel.draw.plane import Curve, Plane, padded_range
from gradreel.draw.tangent import SlidingPoint, Tangent
from gradreel.draw.text import math
from gradreel.functions.function import Function, Point
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, OptimizerName, SceneParams, param
from gradreel.scenes.whole_machine.training_clock_figure import BACKWARD, FORWARD, ZEROED
from gradreel.scenes.whole_machine.training_cycle_figure import TrainingCycle
from gradreel.scenes.whole_machine.training_trace_experiment import TrainingStep, trace_training
from gradreel.theme import FontSize, colors


class Recap(LectureScene):
    class Params(SceneParams):
        function: FormulaParam = param("(2*x-3)**2", "what is to be made small: a composition of x")
        start: float = param(0.0, "where x begins", ge=-100, le=100)
        optimizer: OptimizerName = param("SGD", "the optimizer of torch.optim")
        lr: float = param(0.05, "its learning rate", gt=0, le=10)
        turns: int = param(6, "how many turns", ge=3, le=12)

    def construct(self) -> None:
        p = self.params
        f = Function.parse(p.function, label="y")
        tape = self.tape = f.chain_tape(p.start)
        self.training = trace_training(f, p.start, p.turns, p.lr, p.optimizer)
        self.clock, self.offset = ValueTracker(0), ValueTracker(0)
        self.build_layout(f, [str(tape[name].grad_fn) for name in self.training.names[1:]])
        one, two, last = (self.training.steps[k] for k in (0, 1, -1))
        links, cycle = len(one.locals), self.cycle

        with self.beat("a slope", SLOPE, plays=3, slope=one.slopes[0]):
            self.play(FadeIn(self.plane), Create(self.curve), FadeIn(self.formula))
            self.play(GrowFromCenter(self.point), Create(self.tangent), FadeIn(self.slope))
            self.play(self.offset.animate.set_value(1), rate_func=there_and_back)
        with self.beat("a chain", CHAIN, plays=links + 3, slope=one.slopes[0]):
            self.play(self.chain.begins())
            for k in range(links):
                self.play(self.chain.passes(k))
            self.play(*(self.chain.shows_slope(k) for k in range(links)))
            self.play(self.chain.factors_fly())
        with self.beat("a graph", GRAPH, plays=2):
            self.play(*self.chain_becomes_graph())
            self.add(cycle.light)
            self.play(cycle.shows_calls("requires_grad", "forward"), self.run_until(FORWARD))
        with self.beat("backward", BACK, plays=3, slope=one.slopes[0]):
            self.play(cycle.shows_slopes())
            self.play(cycle.shows_calls("backward"))
            self.play(self.run_until(BACKWARD))
        with self.beat("a step", STEP, plays=2, old=one.values[0], new=one.updated):
            self.play(Create(cycle.arrows[-1]), cycle.shows_calls("step"))
            self.play(self.run_until(1))
        with self.beat("an empty grad", EMPTY, plays=2, right=two.slopes[0],
                       wrong=self.training.accumulated):  # fmt: skip
            self.play(cycle.shows_calls("zero_grad"))
            self.play(self.run_until(1 + ZEROED))
        with self.beat("round and round", ROUND, plays=1, n=last.number, x=last.updated):
            self.play(self.run_until(p.turns), rate_func=linear, run_time=2 * p.turns)
        with self.beat("the whole machine", WHOLE, plays=1):
            self.play(cycle.highlights_all())

    def run_until(self, time: float) -> Animation:
        """Move the clock to this time, in training steps."""
        return ApplyMethod(self.clock.set_value, time)

    def chain_becomes_graph(self) -> list[Animation]:
        """The chain's labels become boxes, its lines become arrows."""
        chain, cycle = self.chain, self.cycle
        pairs = [
            *zip(chain.readings, cycle.values, strict=True),
            *zip(chain.slopes, cycle.local_slopes, strict=True),
        ]
        lines = zip(chain.lines.rulers[1:], cycle.arrows, strict=False)
        old = [chain.lines.rulers[0], *chain.lines.links, *chain.lines.dots, chain.product]
        return [
            *(FadeOut(label, target_position=box.get_center()) for label, box in pairs),
            *(FadeIn(box, target_position=label.get_center()) for label, box in pairs),
            *(ReplacementTransform(line, arrow) for line, arrow in lines),
            *(FadeOut(mobject) for mobject in old),
        ]

    def build_layout(self, f: Function, nodes: Sequence[str]) -> None:
        """The curve on the left; on the right first the chain, then the training cycle."""
        training = self.training
        wide = len(training.formulas) > 2
        left, right = content_area().columns(1, 2 if wide else 1.6, gap=0.6)
        self.cycle = TrainingCycle(
            training.names, training.formulas, nodes, training.steps, self.clock.get_value, right
        )
        self.chain = ChainFigure(f.chain, self.cycle.clock.input, 0.1, right)
        self.build_curve(f, training.steps, left)

    def build_curve(self, f: Function, steps: Sequence[TrainingStep], area: Rect) -> None:
        """The function with a point and its tangent at the current input."""
        head, picture, foot = area.rows(0.6, 5, 0.6, gap=0.05)
        xs = [float(step.values[0]) for step in steps] + [float(steps[-1].updated)]
        low, high = min(xs), max(xs)
        reach = (high - low) or 1.0
        samples = f.sample(low - 0.1 * reach, high + 0.9 * reach, 301)
        span = (float(samples.xs[0]), float(samples.xs[-1]))
        self.plane = Plane(span, padded_range(samples.values), picture)
        self.curve = Curve(self.plane, samples.xs, samples.values)

        def current() -> Point:
            return f.point_at(self.cycle.clock.input() + reach * self.offset.get_value())

        self.point = SlidingPoint(self.plane, current)
        self.tangent = Tangent(self.plane, current, length=2.6)
        self.formula = fit_into(math(f"y = {f.typst()}", font_size=FontSize.body), head)
        self.slope = LabelledNumber(
            "dif y \\/ dif x", lambda: current().slope, color=colors.sign, font_size=FontSize.body
        )
        fit_into(self.slope, foot)


SLOPE = "Where you stand, the slope is {slope}. It says which way is down."
CHAIN = "Behind the curve there is a chain, and its local slopes multiply: {slope}."
GRAPH = "Forward writes it down as a graph: a leaf, and results that know what made them."
BACK = "Backward walks it back, times each local slope, and leaves {slope} in x.grad."
STEP = "A step against the slope: x goes from {old} to {new}."
EMPTY = "Then empty x.grad. Else the next slope would come on top: {wrong} in place of {right}."
ROUND = "And again, and again. After {n} turns x is {x}."
WHOLE = "Values forward, slopes backward, a step downhill: that is all of autograd."
