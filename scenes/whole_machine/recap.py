"""The whole machine: values forward, gradients backward, a step downhill.

The four lines of training run beside their numbers. The concepts of the lecture come one by one,
large, with a picture and a call, and each picture takes a small place among nine. The formulas
come back on one board. The loop runs on a larger network, part by part, and the hill of the
opening is seen with the lights on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import (
    DOWN,
    Animation,
    ApplyMethod,
    Create,
    FadeIn,
    FadeOut,
    Indicate,
    LaggedStart,
    Mobject,
    ValueTracker,
    VGroup,
    linear,
)

from gradreel.draw.exchange import at_once, comes, first_part, second_part
from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.network_diagram import NetworkDiagram
from gradreel.draw.training_listing import TrainingListing
from gradreel.functions.function import Function
from gradreel.lecture.formula_shelf import shelf_formulas
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.gradient_descent import run_descent
from gradreel.params import FormulaParam, OptimizerName, SceneParams, param
from gradreel.scenes.whole_machine.concept_cards_figure import (
    Concept,
    ConceptBoard,
    bucket_picture,
    chain_picture,
    descent_picture,
    gradient_picture,
    graph_picture,
    leaf_picture,
    tangent_picture,
)
from gradreel.scenes.whole_machine.four_lines_figure import TRAVEL, FourLines
from gradreel.scenes.whole_machine.hill_close_figure import LitHill
from gradreel.scenes.whole_machine.joins import LOSS_BALL, loss_ball
from gradreel.scenes.whole_machine.network_training_figure import loop_parts
from gradreel.scenes.whole_machine.training_clock_figure import BACKWARD, TURNED, ZEROED
from gradreel.scenes.whole_machine.training_cycle_figure import TrainingCycle
from gradreel.scenes.whole_machine.training_trace_experiment import trace_training
from gradreel.theme import FontSize, colors

LARGE = 1.6  # of the code at first, in relation to its usual size
MARK_TIME = 0.25  # seconds
ROUND_TIME = 1.4  # seconds of a step, once they run one after the other
NETWORK = (4, 6, 6, 3)  # layers of the network that the next chapter is about
DUSK = 0.6  # of its brightness: the one light, as it comes
DOWNHILL_TIME, AT_REST, LAST_LOOK = 3.5, 1.5, 1.0  # seconds
LAST_HOME = 0.5  # seconds in which the last picture takes its place
LAST_STEPS = 60  # after which a descent has come to rest, or never will


class Recap(LectureScene):
    class Params(SceneParams):
        function: FormulaParam = param("(x-3)**2", "what is to be made small: a composition of x")
        start: float = param(0.0, "where x begins", ge=-100, le=100)
        optimizer: OptimizerName = param("SGD", "the optimizer of torch.optim")
        lr: float = param(0.1, "its learning rate", gt=0, le=10)
        turns: int = param(3, "how many turns", ge=3, le=12)

    begins_with = LOSS_BALL

    def construct(self) -> None:
        p = self.params
        self.f = f = Function.parse(p.function, label="y")
        tape = self.tape = f.chain_tape(p.start)
        self.training = trace_training(f, p.start, p.turns, p.lr, p.optimizer)
        self.clock = ValueTracker(0)
        self.build_layout([str(tape[name].grad_fn) for name in self.training.names[1:]])
        self.show_four_lines()
        self.show_concepts()
        self.show_formulas()
        self.show_network()
        self.show_hill()

    # The four lines

    def build_layout(self, nodes: Sequence[str]) -> None:
        """The code on the left, the training cycle on the right."""
        training, left, right = self.training, *content_area().columns(1, 1.9, gap=0.6)
        names = (*training.names[:-1], "loss")  # as in the code beside it
        self.cycle = TrainingCycle(
            names, training.formulas, nodes, training.shown_steps, self.clock.get_value,
            right,
        )  # fmt: skip
        code, foot = left.rows(2.6, 1.4)
        self.code = FourLines(self.cycle.clock.step, code)
        rounds = [step.number for step in training.steps]
        rows = [
            LabelledNumber(f'upright("{name}")', source, places=None, font_size=FontSize.label)
            for name, source in (
                ("learning rate", training.rate),
                ("round", lambda: rounds[self.cycle.clock.step()[0]]),
            )
        ]
        self.rate = panel(foot, *rows, gap=0.25)

    def show_four_lines(self) -> None:
        """One step line by line, then the others in a row."""
        cycle, one, last = self.cycle, *(self.training.shown_steps[k] for k in (0, -1))
        large = self.large_code()
        ball = loss_ball().next_to(large, DOWN, buff=0.5)
        rate, slope = self.training.rate, one.slopes[0]
        with self.beat("four lines", *LINES, slope=slope, rate=rate) as said:
            self.play(
                self.carry("ball", ball),
                LaggedStart(*(FadeIn(row) for row in large), lag_ratio=0.5),
            )
            said.next(plays=3)
            self.play(
                FadeIn(self.code.mark),
                *self.code.comes_from(large),
                ball.animate.move_to(cycle.values[0].get_left()).scale(0.5),
                FadeIn(self.rate),
            )
            grad = (cycle.shows_grad(), cycle.shows_calls("zero_grad"))
            self.play(FadeOut(ball), cycle.shows_values(), *grad)
            self.add(cycle.light)
            lit = Indicate(cycle.slopes[0].frame, 1.12, colors.accent)
            self.play(self.run_until(ZEROED), lit)
            said.next()
            self.mark_line(ZEROED)
            self.play(self.run_until(TURNED), cycle.shows_calls("forward"))
            said.next(plays=2)
            self.mark_line(TURNED)
            self.play(cycle.shows_slopes(), cycle.shows_calls("backward"))
            self.play(self.run_until(BACKWARD))
            said.next(plays=2)
            self.mark_line(BACKWARD)
            self.play(Create(cycle.arrows[-1]), cycle.shows_calls("step"))
            self.play(self.run_until(1))
        with self.beat("round and round", *ROUND, n=last.number, x=last.updated) as said:
            turns = self.params.turns
            self.play(self.run_until(turns), rate_func=linear, run_time=ROUND_TIME * (turns - 1))
            said.next()
            self.play(Indicate(cycle.values[0].frame, 1.12, colors.accent))

    def large_code(self) -> VGroup:
        """The four lines, unbroken and as large as there is room for; a row for each of `code`."""
        area = content_area().shrunk(0.04)
        rows = TrainingListing(area, font_size=LARGE * FontSize.body).rows_as_in(self.code)
        return VGroup(*rows).move_to(area.center)

    def run_until(self, time: float) -> Animation:
        """Move the clock to this time, in training steps."""
        return ApplyMethod(self.clock.set_value, time)

    def mark_line(self, start: float) -> None:
        """Move the mark to the line that begins at the time `start`, before it runs."""
        self.play(self.run_until(start + TRAVEL), run_time=MARK_TIME)

    # Concepts and formulas

    def concepts(self, factors: bool) -> list[Concept]:
        """The nine concepts, with pictures of this function, its descent and, if asked, factors."""
        training = self.training
        positions = np.array([*(s.values[0] for s in training.steps), training.steps[-1].updated])
        low, high = float(positions.min()), float(positions.max())
        reach = (high - low) or 1.0
        samples = self.f.sample(low - 0.1 * reach, high + 1.1 * reach, 121)
        curve = np.column_stack([samples.xs, samples.values])
        curve = curve[np.isfinite(curve).all(axis=1)]
        descent = np.column_stack([positions, self.f.sample_at(positions).values])
        slope, total = float(training.steps[0].slopes[0]), float(training.accumulated)
        local = training.shown_steps[0].locals
        bowl = Function.parse("x**2 + 2*y**2", ("x", "y")).evaluate(1.0, 1.0)
        pictures = {
            "Derivative": ("x.grad", tangent_picture(curve, descent[0], slope)),
            "Chain rule": ("autograd.grad", chain_picture(local, factors=factors)),
            "Computational graph": ("loss.grad_fn", graph_picture()),
            "Leaf": ("requires_grad=True", leaf_picture()),
            "Backpropagation": ("loss.backward()", graph_picture(back=True)),
            "Gradient": ("w.grad, b.grad", gradient_picture(bowl.partials)),
            "Accumulation": ("zero_grad()", bucket_picture(slope, total)),
            "Leaving the graph": ("no_grad, detach()", graph_picture(cut=True)),
            "Gradient descent": ("optimizer.step()", descent_picture(curve, descent)),
        }
        return [Concept(name, call, picture) for name, (call, picture) in pictures.items()]

    def show_concepts(self) -> None:
        """Nine cards, one after the other, with a sentence and a beat for each three."""
        board = ConceptBoard(content_area())
        cards = board.cards(self.concepts(board.has_room_for_numbers))
        for row, (name, sentence) in enumerate(CONCEPTS.items()):
            with self.beat(name, sentence, plays=3):
                if row == 0:
                    self.play(*self.all_go(), FadeIn(board, rate_func=second_part), run_time=0.5)
                for k in range(3 * row, 3 * row + 3):
                    gone = [cards[k - 1].goes_home()] if k else []
                    self.play(*gone, cards[k].appears())
                if row == len(CONCEPTS) - 1:
                    self.play(cards[-1].shrinks(cards[-1].picture.copy()), run_time=LAST_HOME)

    def all_go(self, *kept: Mobject) -> list[Animation]:
        """All that is on stage but `kept` fades in the first part of a play."""
        return [fade.set_rate_func(first_part) for fade in self.fade_out_all(*kept)]

    def show_formulas(self) -> None:
        """The formulas of the shelf on one board."""
        shelf = shelf_formulas(font_size=FontSize.formula)
        formulas = [shelf[name] for name in AS_SAID]
        half = -(-len(formulas) // 2)
        columns = content_area().columns(1, 1)
        for column, part in zip(columns, (formulas[:half], formulas[half:]), strict=True):
            for formula, area in zip(part, column.rows(*[1] * half), strict=False):
                fit_into(formula, area)
        with self.beat("all formulas", *FORMULAS) as said:
            # Each comes as it is said: the slopes and how they multiply, the paths, and so on.
            first, second, *others = formulas
            self.play(*self.all_go(), comes(first, shift=0.2 * DOWN), run_time=0.5)
            self.play(FadeIn(second, shift=0.2 * DOWN, rate_func=second_part))
            said.next()
            one_by_one = (FadeIn(formula, shift=0.2 * DOWN) for formula in others)
            self.play(LaggedStart(*one_by_one, lag_ratio=1.2))

    def show_network(self) -> None:
        """What comes next: the same loop on a larger network, each part by its name."""
        area, foot = content_area().shrunk(0.08).rows(6, 1)
        network = NetworkDiagram(NETWORK, area, spacing=area.height / max(NETWORK))
        network.edges.set_stroke(colors.muted)  # seen from the last row
        with self.beat("the next chapter", *NEXT) as said:
            self.play(*self.all_go(), comes(VGroup(*network.dots)), run_time=0.6)
            self.play(Create(network.edges))
            said.next(plays=3)
            for name, part in loop_parts(network, foot):
                self.play(FadeIn(name, rate_func=at_once), part)
            self.add(network)  # the dots in front of the lines again

    def show_hill(self) -> None:
        """The hill of the opening, lit all over; the ball comes down and rests."""
        p = self.params
        descent = run_descent(self.f, [p.start], LAST_STEPS, p.lr, p.optimizer)
        positions = descent.positions[:, 0]
        if not descent.converges:
            return
        samples = self.f.sample_at
        hill = LitHill(
            lambda xs: samples(xs).values, lambda xs: samples(xs).slopes, positions, content_area()
        )
        with self.beat("the hill", *HILL) as said:
            dark = FadeOut(self.header)
            light = hill.light.animate.set_value
            self.add(hill.ground)
            self.play(*self.all_go(hill.ground), dark, FadeIn(hill.ball), light(DUSK), run_time=1)
            self.add(hill.ground, hill.ball)
            self.play(light(1))
            said.next()
            self.play(hill.spread.animate.set_value(1), run_time=1.5)
            said.next()
            roll = hill.clock.animate.set_value
            self.play(Create(hill.curve), FadeIn(hill.tangent), run_time=1)
            self.play(roll(hill.steps_to_rest), rate_func=linear, run_time=DOWNHILL_TIME)
            self.play(roll(LAST_STEPS), hill.rings(), rate_func=linear, run_time=AT_REST)
            self.pause(LAST_LOOK)


LINES = (
    "Training a model takes four lines.",
    "The first empties the gradients.",
    "The second runs forward, to the loss.",
    "The third runs backward, to the gradient.",
    "It is {slope}, so step moves x the other way, with learning rate {rate}.",
)
ROUND = ("And again, and again.", "After {n} rounds, x has come to {x}.")
CONCEPTS = {
    "slopes": "Derivatives are slopes; the chain rule multiplies them along a computational graph.",
    "the graph": "Backpropagation walks it back to the leaves, which keep the gradient.",
    "training": "Gradients add up, no_grad leaves the graph, and gradient descent steps downhill.",
}
FORMULAS = (
    "All our formulas fit on one board.",
    "Slopes multiply along each path, add up in .grad, and say where to step.",
)
AS_SAID = ("limit", "chain rule", "paths", "accumulate", "gradient", "update")
NEXT = (
    "In the next chapter we build real networks.",
    "We train them with this loop: forward, backward, step.",
)
HILL = (
    "Do you remember the hill in the dark?",
    "Now the lights are on: it was a valley.",
    "The slope under our feet was enough to find the bottom.",
)
