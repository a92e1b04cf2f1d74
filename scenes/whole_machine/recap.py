"""Values forward, slopes backward, a step downhill.

All of the lecture in one machine: a slope, the chain behind it, the graph that forward writes,
backward along it, .grad, and the step of an optimizer; then the machine runs.
"""

from __future__ import annotations

from manim import (
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
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.plane import Curve, Plane, padded
from gradreel.draw.tangent import SlidingPoint, Tangent
from gradreel.draw.text import math
from gradreel.functions.function import Function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam as FormulaText
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.whole_machine.training_cycle_figure import (
    BACKWARD,
    EMPTIED,
    FORWARD,
    TrainingCycle,
)
from gradreel.scenes.whole_machine.training_trace_experiment import trace_training
from gradreel.theme import FontSize, colors


class Recap(LectureScene):
    class Params(SceneParams):
        function: FormulaText = param("(2*x-3)**2", "what is to be made small: a composition of x")
        start: float = param(0.0, "where x begins", ge=-100, le=100)
        optimizer: Literal["SGD", "momentum", "Nesterov", "Adagrad", "RMSprop", "Adam"] = param(
            "SGD", "the optimizer of torch.optim"
        )
        lr: float = param(0.05, "its learning rate", gt=0, le=10)
        turns: int = param(6, "how many turns", ge=3, le=12)

    def construct(self):
        p = self.params
        f = Function.parse(p.function, label="y")
        self.tape = f.chain_tape(p.start)
        self.made = trace_training(f, p.start, p.turns, p.lr, p.optimizer)
        self.now, self.look = ValueTracker(0), ValueTracker(0)
        self.set_the_stage(f)
        one, two, last = self.made.turns[0], self.made.turns[1], self.made.turns[-1]
        links = len(one.locals)

        with self.beat("a slope", SLOPE, plays=3, slope=one.slopes[0]):
            self.play(FadeIn(self.plane), Create(self.curve), FadeIn(self.formula))
            self.play(GrowFromCenter(self.point), Create(self.tangent), FadeIn(self.slope))
            self.play(self.look.animate.set_value(1), rate_func=there_and_back)
        with self.beat("a chain", CHAIN, plays=links + 3, slope=one.slopes[0]):
            self.play(self.chain.begins())
            for k in range(links):
                self.play(self.chain.passes(k))
            self.play(*(self.chain.shows_slope(k) for k in range(links)))
            self.play(self.chain.factors_fly())
        with self.beat("a graph", GRAPH, plays=2):
            self.play(*self.becomes_graph())
            self.add(self.figure.light)
            self.play(self.figure.says("requires_grad", "forward"), self.goes(FORWARD))
        with self.beat("backward", BACK, plays=3, slope=one.slopes[0]):
            self.play(self.figure.opens_the_way_back())
            self.play(self.figure.says("backward"))
            self.play(self.goes(BACKWARD))
        with self.beat("a step", STEP, plays=2, old=one.values[0], new=one.moved):
            self.play(Create(self.figure.ways[-1]), self.figure.says("step"))
            self.play(self.goes(1))
        with self.beat(
            "an empty grad", EMPTY, plays=2, right=two.slopes[0], wrong=self.made.forgotten
        ):
            self.play(self.figure.says("zero_grad"))
            self.play(self.goes(1 + EMPTIED))
        with self.beat("round and round", ROUND, plays=1, n=last.number, x=last.moved):
            self.play(self.goes(p.turns), rate_func=linear, run_time=2 * p.turns)
        with self.beat("the whole machine", WHOLE, plays=1):
            self.play(self.figure.lights_up())

    def goes(self, to):
        """The clock goes on."""
        return self.now.animate.set_value(to)

    def becomes_graph(self):
        """Lines and their labels become slots and arrows."""
        chain, figure = self.chain, self.figure
        words = [
            *zip(chain.readings, figure.values, strict=True),
            *zip(chain.slopes, figure.ties, strict=True),
        ]
        moves = [FadeOut(line, target_position=slot.get_center()) for line, slot in words]
        moves += [FadeIn(slot, target_position=line.get_center()) for line, slot in words]
        lines = zip(chain.lines.rulers[1:], figure.ways, strict=False)
        moves += [ReplacementTransform(line, way) for line, way in lines]
        gone = [chain.lines.rulers[0], *chain.lines.links, *chain.lines.dots, chain.product]
        return [*moves, *(FadeOut(g) for g in gone)]

    def set_the_stage(self, f):
        """The curve on the left; on the right the chain, and in its place the machine."""
        left, right = content_area().columns(1, 2 if len(self.made.formulas) > 2 else 1.6, gap=0.6)
        head, picture, foot = left.rows(0.6, 5, 0.6, gap=0.05)
        made = self.made
        now = self.now.get_value
        nodes = [self.tape[name].grad_fn for name in made.names[1:]]
        self.figure = TrainingCycle(made.names, made.formulas, nodes, made.turns, now, right)
        self.chain = ChainFigure(f.chain, self.figure.input, 0.1, right)
        xs = [float(t.values[0]) for t in made.turns] + [float(made.turns[-1].moved)]
        low, high = min(xs), max(xs)
        reach = (high - low) or 1.0
        sweep = f.sample(low - 0.1 * reach, high + 0.9 * reach, 301)
        self.plane = Plane((float(sweep.xs[0]), float(sweep.xs[-1])), padded(sweep.values), picture)
        self.curve = Curve(self.plane, sweep.xs, sweep.values)
        here = lambda: f.point_at(self.figure.input() + reach * self.look.get_value())  # noqa: E731
        self.point = SlidingPoint(self.plane, here)
        self.tangent = Tangent(self.plane, here, length=2.6)
        self.formula = fit_into(math(f"y = {f.typst()}", font_size=FontSize.body), head)
        self.slope = fit_into(
            LabelledNumber(
                "dif y \\/ dif x", lambda: here().slope, color=colors.sign, font_size=FontSize.body
            ),
            foot,
        )


SLOPE = "Where you stand, the slope is {slope}. It says which way is down."
CHAIN = "Behind the curve there is a chain, and its local slopes multiply: {slope}."
GRAPH = "Forward writes it down as a graph: a leaf, and results that know what made them."
BACK = "Backward walks it back, times each local slope, and leaves {slope} in x.grad."
STEP = "A step against the slope: x goes from {old} to {new}."
EMPTY = "Then empty x.grad. Else the next slope would come on top: {wrong} in place of {right}."
ROUND = "And again, and again. After {n} turns x is {x}."
WHOLE = "Values forward, slopes backward, a step downhill: that is all of autograd."
