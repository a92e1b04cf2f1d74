"""Autograd gives the exact slope and needs no step.

A script that computes the derivative of x² + 3x + 2 at 2 by one backward pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    AnimationGroup,
    Circle,
    Create,
    FadeIn,
    Indicate,
    LaggedStart,
    Mobject,
    Succession,
    VGroup,
)

from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, fit_into
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.draw.typeset import Typeset
from gradreel.draw.walkthrough.graph_picture import GraphPicture
from gradreel.expression import parse
from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.slopes.joins import FORMULA
from gradreel.tape import Op, Step
from gradreel.theme import FontSize, StrokeWidth, colors
from gradreel.trace.moment import Moment

SWOLLEN = 1.12
TERM_SIZE = 1.2 * FontSize.formula
FUNCTION = "x**2 + 3*x + 2"
TERMS = {"pow": "x^2", "mul": "3 x", "add": "+"}
"""What the program's formula calls the results that have no name, by op id."""


class TermsGraph(CompactGraph):
    """The graph of the formula, with its terms in the boxes."""

    def label_of(self, op: Op, font_size: float) -> Typeset:
        """A term, or else the name."""
        if op.id in TERMS:
            return math(TERMS[op.id], font_size=font_size)
        return super().label_of(op, font_size)

    def _number(self, step: Step) -> Readout | None:
        """The gradient of x is below the ring around it, between what arrives there."""
        number = super()._number(step)
        if number is not None and self.tape[step.op].is_leaf:
            number.next_to(self.nodes[step.op], DOWN, buff=0.42)
        return number


class RecordedFormula(GraphPicture):
    """The formula, and the graph that a watched x leaves; the parts of the slope meet at x."""

    down = True

    def build(self) -> None:
        """The formula is there from the start."""
        whole = self.area
        above, self.area = whole.rows(0.7, 5, gap=0.1)
        super().build()
        self.area = whole
        self.formula = math(f"f(x) = {parse(FUNCTION).typst()}", font_size=FontSize.formula)
        fit_into(self.formula, above)
        self.add(self.formula)
        node = self.graph.nodes["x"]
        self.ring = Circle(0.75 * node.height, stroke_color=colors.accent).move_to(node)
        self.ring.set_stroke(width=StrokeWidth.frame)
        x = LabelledNumber("x", self.result("x"), color=colors.leaf, places=None)
        watched = text("watched", font_size=FontSize.label, color=colors.accent)
        x.next_to(self.ring, LEFT, buff=0.2)
        self.beside = VGroup(x, watched.next_to(self.ring, RIGHT, buff=0.2))

    def graph_in(self, area: Rect) -> CompactGraph:
        """The graph with the terms of the formula."""
        return TermsGraph(self.tape, area, font_size=TERM_SIZE, down=self.down)

    def parts(self) -> dict[str, Mobject]:
        """The formula as well."""
        return {**super().parts(), "formula": self.formula}

    def advance(self, moment: Moment) -> list[Any]:
        """What `requires_grad` does is seen at x."""
        moves = super().advance(moment)
        if "x" in moment.changed:
            moves = [LaggedStart(*moves, Create(self.ring), FadeIn(self.beside), lag_ratio=0.5)]
            self.decisive = ()
        if "x.grad" in moment.source:
            swell = [Indicate(number, SWOLLEN, colors.gradient) for number in self.decisive]
            moves = [LaggedStart(AnimationGroup(*swell[:-1]), swell[-1], lag_ratio=0.6)]
        return moves

    def stages(self, moment: Moment) -> Sequence[Callable[[], list[Any]]]:
        """A pass reaches the terms; these send the parts of the slope to x; there they add up."""
        if not moment.passes:
            return super().stages(moment)
        *inner, last = self.tape.backward(moment.passes[0])
        terms = [step for step in inner if self.tape[step.op].inputs == ("x",)]
        return (
            lambda: [Succession(*(self._reaches(s) for s in inner if s not in terms))],
            lambda: [AnimationGroup(*(move for step in terms for move in self.sends(step)))],
            lambda: [self.graph.receives(last), *self._adds_up()],
        )

    def least_seconds(self, moment: Moment) -> float:
        """Each stage of a pass can be followed."""
        return 1.8 if moment.passes else 0.0

    def sends(self, step: Step) -> list[Any]:
        """The part of the slope that a term sends is on the outer side of its arrow."""
        moves = super().sends(step)
        middle = self.graph.arrows[(step.op, "x", 0)].point_at(0.5)
        side = RIGHT if middle[0] > self.graph.nodes["x"].get_x() else LEFT
        number = self.arrivals[-1].scale(FontSize.formula / FontSize.body)
        number.move_to(middle + 0.55 * side)
        return moves

    def _reaches(self, step: Step) -> AnimationGroup:
        """Pulses run from a result back to what it was computed from."""
        arrows = [arrow for key, arrow in self.graph.arrows.items() if key[0] == step.op]
        return AnimationGroup(
            *(Travel(pulse(colors.gradient), arrow, back=True) for arrow in arrows)
        )

    def _adds_up(self) -> list[Any]:
        """Both parts and their sum are what is claimed."""
        self.decisive = (*self.arrivals, *self.graph.sums.values())
        return []


class WalkAutograd(CodeWalkthroughScene):
    begins_with = FORMULA
    picture = RecordedFormula
    shows_grad_fn = False

    class Params(WalkthroughParams):
        script: str = param("assets/programs/autograd_derivative.py", "the script to walk through")
