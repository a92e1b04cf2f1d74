"""Local slopes multiply.

A composition on number lines, with a magnifier on each. A nudge of the input moves every
intermediate value by the local slopes of the links so far; the slope of the whole composition is
the product of all local slopes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from manim import (
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    Indicate,
    LaggedStart,
    Mobject,
    ValueTracker,
    VGroup,
)

from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.linked_number_lines import LinkedLines
from gradreel.draw.plane import padded_range
from gradreel.draw.text import math as set_math
from gradreel.functions.code_to_formula import formula_from_code
from gradreel.functions.function import Chain, Function
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.lecture.controls import Drag
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, UserFunction, param
from gradreel.scenes.chain_rule.joins import NUMBER_LINES
from gradreel.scenes.chain_rule.lens_chain_figure import WRITING, LensChain
from gradreel.scenes.chain_rule.nudged_chain_experiment import decimals_of, decimals_while_moving
from gradreel.scenes.chain_rule.visible_nudge_experiment import require_visible_nudge
from gradreel.tape import Quantity
from gradreel.theme import colors

REACH = 1.0  # how far x moves back at the end


class ChainRule(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("(3*x+1)**2", "a composition, such as sin(exp(x))")
        x: float = param(2.0, "the input x")
        nudge: float = param(0.001, "how far x is nudged", gt=0, le=1)

    ends_with = NUMBER_LINES
    touch = (Drag("x", "x_tracker", lambda p: p.x - REACH, lambda p: p.x),)

    def construct(self) -> None:
        x = self.params.x
        f = formula_from_code(self.params.function, x)
        self.x_tracker = ValueTracker(x)
        chain = require_visible_nudge(f, x, self.params.nudge)
        self.tape = f.chain_tape(x)
        self.build_layout(f)
        names = self.figure.names
        self.sweep = ScrubTrack(lambda: f.chain(self.shown_x()), scrub_labels(names))
        self.play_composition(f, len(chain.links))
        self.play_nudge()
        for k, link in enumerate(chain.links):
            self.play_answer(k, link.slope)
        self.play_product(chain)
        moving = STRAIGHT if f.text == DEFAULT else MOVING
        with self.beat("at every x", moving, EVERYWHERE, plays=1) as said:
            self.play(*self.forgets_nudge(x), run_time=0.8)
            self.play(self.x_tracker.animate.set_value(x - REACH))
            said.next()
            symbols = [label.symbol for label in self.figure.slopes]
            lights = (Indicate(symbol, color=colors.accent) for symbol in symbols)
            self.play(LaggedStart(*lights, lag_ratio=0.5))
        self.close(**self.closing_parts())

    def play_composition(self, f: Function, links: int) -> None:
        """The formula, and the value that passes through one function after the other."""
        names = self.figure.names
        opening, *steps = say_composition(names, f.text == DEFAULT)
        with self.beat("a composition", opening, *steps, plays=1 if steps else len(names)) as said:
            self.play(FadeIn(self.formula, shift=RIGHT * 0.3), *self.begins())
            for k in range(links):
                if k < len(steps):
                    said.next()
                self.play(*self.passes(k))

    def play_nudge(self) -> None:
        """A lens over each number line, and x nudged under the first one."""
        figure = self.figure
        with self.beat(
            "a nudge", MAGNIFY, say_nudge(figure.names), plays=2, h=figure.nudge
        ) as said:
            self.play(self.magnifies())
            asked = [FadeIn(self.question)] if self.question.submobjects else []
            decimals = figure.sets_decimals(decimals_of(self.params.nudge))
            self.play(decimals, FadeIn(figure.step), *asked)
            said.next()
            self.play(figure.nudges(0))

    def play_answer(self, k: int, slope: Quantity) -> None:
        """The output of link `k` answers with the link's slope times the nudge of its input."""
        figure = self.figure
        overflows = figure.overflows(k + 1)
        with self.beat(
            f"how {figure.names[k + 1]} answers",
            *say_answer(figure.names, k, overflows),
            slope=slope,
        ) as said:
            if forgets := figure.forgets_count():
                self.play(*forgets, run_time=0.15)
            self.add(figure.beams[k], figure.shades[k])
            self.play(figure.nudges(k + 1))
            if overflows:
                said.next()
                self.play(*figure.zooms(k + 2, [self.params.x]))
            if counts := figure.counts_steps(k):
                self.play(*counts, run_time=0.2)
            said.next()
            self.play(figure.shows_slope(k))

    def play_product(self, chain: Chain) -> None:
        """The slopes of the links come together as factors."""
        figure, names = self.figure, self.figure.names
        factors: Any = {f"f{k}": link.slope for k, link in enumerate(chain.links)}
        with self.beat(
            "the product", *say_product(names), plays=1, total=chain.slope, **factors
        ) as said:
            gone = [FadeOut(self.question)] if self.question.submobjects else []
            if forgets := [*figure.forgets_count(), *gone]:
                self.play(*forgets, run_time=0.15)
            if len(names) > 2:
                self.play(*figure.writes_symbols(), run_time=WRITING * (len(names) - 1))
                said.next()
            self.play(*figure.writes_factors(), run_time=WRITING * len(names))
            if is_on_shelf(names):
                # It comes up on the shelf: on a way there it would cross the lenses.
                self.park("chain rule", figure.product.symbols.copy())
                self.play(
                    Indicate(figure.product.symbols, scale_factor=1.05, color=colors.accent),
                    FadeIn(self.parked, shift=0.3 * UP),
                )

    def build_layout(self, f: Function) -> None:
        """The formula above the lenses, and the number lines on which the lenses are put."""
        p = self.params
        head, rest = content_area().rows(0.7, 5, gap=0.0)
        self.formula = fit_into(set_math(f"y = {f.typst()}"), head)
        # A function, not a bound method: animations copy what their updaters hold.
        self.figure = LensChain(f.chain, lambda: self.shown_x(), p.nudge, rest)
        self.question = self.figure.product.question()
        self.lines = LinkedLines(self.values, spans_around(f, p.x), self.figure.lines_area)

    def shown_x(self) -> float:
        """The current x with as many decimals as it is shown with, except where it starts.

        All that is shown belongs to it: who works out u and y from the x that is read gets them.
        """
        x = float(self.x_tracker.get_value())
        return x if x == self.params.x else round(x, decimals_while_moving(self.params.nudge))

    def values(self) -> list[Quantity]:
        """Input, intermediate values and result at the current x."""
        return [self.figure.chain.value(row) for row in range(len(self.figure.names))]

    def closing_parts(self) -> dict[str, Mobject]:
        """The number lines behind the lenses, by the names of the next scene's first picture."""
        names = ("x", "u", "y")
        return {name: ruler.line for name, ruler in zip(names, self.lines.rulers, strict=False)}

    def begins(self) -> list[Animation]:
        """Show the input and its number line."""
        lines = self.lines
        return [FadeIn(self.figure.readings[0]), Create(lines.rulers[0]),
                GrowFromCenter(lines.dots[0])]  # fmt: skip

    def passes(self, link: int) -> list[Animation]:
        """Apply a link: show its output on the next number line."""
        lines, row = self.lines, link + 1
        return [Create(lines.rulers[row]), Create(lines.links[link]),
                FadeIn(self.figure.readings[row]), GrowFromCenter(lines.dots[row])]  # fmt: skip

    def magnifies(self) -> Animation:
        """A magnifier appears on each number line and widens."""
        lines = self.lines
        rows = [
            AnimationGroup(
                self.figure.opens(k, dot.get_center()),
                FadeOut(
                    VGroup(dot, ruler.marks, ruler.labels, *lines.links[k : k + 1]), run_time=0.3
                ),
            )
            for k, (dot, ruler) in enumerate(zip(lines.dots, lines.rulers, strict=True))
        ]
        return LaggedStart(*rows, lag_ratio=0.25)

    def forgets_nudge(self, x: float) -> list[Animation]:
        """Let the readings show the values before the nudge, and the lenses all that x will do.

        These keep their strength where the slopes are largest at the start, as by default.
        """
        figure = self.figure
        around = [x - REACH * share for share in np.linspace(0, 1, 21)]
        return [*figure.zooms(len(figure.names), around), figure.forgets_nudge(),

                figure.sets_decimals(decimals_while_moving(self.params.nudge))]  # fmt: skip


def spans_around(f: Function, x: float) -> list[tuple[float, float]]:
    """For each value of the chain the range in which it lies while x moves by REACH."""
    states = [f.chain(x + REACH * share) for share in np.linspace(-1, 1, 41)]
    rows = [[s.links[0].input, *(link.output for link in s.links)] for s in states]
    return [padded_range(column) for column in zip(*rows, strict=True)]


def scrub_labels(names: Sequence[str]) -> dict[str, str]:
    """Labels by attribute of a Chain: the input, the slope of each link, the slope of the whole."""
    slopes = {f"links.{k}.slope": f"d{b}/d{a}" for k, (a, b) in enumerate(pairwise(names))}
    return {"links.0.input": names[0], **slopes, "slope": f"d{names[-1]}/d{names[0]}"}


def is_on_shelf(names: Sequence[str]) -> bool:
    """Whether the chain rule of these variables is the formula that the lecture keeps."""
    return tuple(names) == ("x", "u", "y")


def say_composition(names: Sequence[str], is_default: bool) -> tuple[str, ...]:
    """What the composition is; for (3x+1)² also what its links would be in a network."""
    if is_default:
        return GUEST
    if len(names) == 2:
        return (f"{names[1]} is a single step away from {names[0]}: a chain of one link.",)
    return (f"{names[-1]} depends on {names[0]} by way of {', '.join(names[1:-1])}.",)


def say_nudge(names: Sequence[str]) -> str:
    """The nudge, and the question what comes of it."""
    return f"Nudge {names[0]} by {{h}}: one step in its lens. How far does {names[1]} move?"


def say_answer(names: Sequence[str], k: int, overflows: bool) -> list[str]:
    """What the lenses show of link `k`, and what it is called."""
    before, after = names[k], names[k + 1]
    arrives = "Count its steps." if k == 0 else f"Now on to {after}."
    weaker = f"{after} runs out of its lens. Turn all magnifiers down."
    moves = f"{after} moves {{slope}} steps for one of {before}."
    named = f"So the derivative of {after} with respect to {before} is {{slope}}."
    return [arrives, *([weaker] if overflows else []), f"{moves} {named if k == 0 else LOCAL}"]


def say_product(names: Sequence[str]) -> tuple[str, ...]:
    """The chain rule, in words and in numbers."""
    if len(names) == 2:
        return ("One link, one factor: {total}.",)
    if len(names) == 3:
        return (
            RULE,
            f"{{f1}} times {{f0}}: so far {names[-1]} moves for one step of {names[0]}.",
        )
    return (RULE, f"So far {names[-1]} moves for one step of {names[0]}.")


DEFAULT = "(3*x+1)**2"
GUEST = (
    "Take three x plus one, squared.",
    "First x becomes u. In a neural network, that is a layer.",
    "Then u is squared, and gives y. In a network, that would be the loss.",
)
MAGNIFY = "Put equal magnifiers on all lines."
LOCAL = "That is its local derivative."
RULE = "This is the chain rule: the derivatives of the links multiply."
MOVING = "Now move x. The factors change, and the product follows."
STRAIGHT = "Now move x. A straight link keeps its factor, a curved one does not."
EVERYWHERE = "Autograd computes them afresh at every x."
