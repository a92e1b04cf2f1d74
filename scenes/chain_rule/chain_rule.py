"""Local slopes multiply.

A composition on number lines. A nudge of the input moves every intermediate value by the local
slopes of the links so far; the slope of the whole composition is the product of all local slopes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from manim import FadeIn, ValueTracker

from gradreel.draw.chain_figure import ChainFigure
from gradreel.draw.layout import content_area
from gradreel.errors import UsageError
from gradreel.functions.code_to_formula import formula_from_code
from gradreel.functions.function import Chain, Function
from gradreel.functions.require_finite import finite_point_at
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lecture.touch import Drag
from gradreel.params import SceneParams, UserFunction, param

LOST = 1e-9  # of a value: a smaller move cannot be seen in its digits on a number line


class ChainRule(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("(3*x+1)**2", "a composition, such as sin(exp(x))")
        x: float = param(2.0, "the input x")
        nudge: float = param(0.02, "how far x is nudged", gt=0, le=1)

    touch = (Drag("x", "x_tracker", lambda p: p.x - 1, lambda p: p.x + 1),)

    def construct(self) -> None:
        x = self.params.x
        f = formula_from_code(self.params.function, x)
        self.x_tracker = ValueTracker(x)
        chain = require_visible_nudge(f, x, self.params.nudge)
        self.tape = f.chain_tape(x)
        figure = ChainFigure(f.chain, self.x_tracker.get_value, self.params.nudge, content_area())
        names = figure.names
        self.sweep = ScrubTrack(lambda: f.chain(self.x_tracker.get_value()), scrub_labels(names))

        with self.beat("a composition", caption_path(names), plays=len(names)):
            self.play(figure.begins())
            for k in range(len(chain.links)):
                self.play(figure.passes(k))
        with self.beat("a nudge", f"Nudge {names[0]} a little, and every line moves.", plays=2):
            self.play(FadeIn(figure.lines.rings_at_dots()))
            self.add(figure.lines.trails())
            self.play(self.x_tracker.animate.set_value(x + self.params.nudge))
        for k, link in enumerate(chain.links):
            with self.beat(f"how {names[k + 1]} answers", caption_slope(names, k),
                           slope=link.slope):  # fmt: skip
                self.play(figure.shows_slope(k))
        with self.beat("the product", caption_product(names), total=chain.slope):
            self.play(figure.factors_fly())
        with self.beat(
            "at every x",
            "At another x the factors are others. The rule is the same: they multiply.",
            plays=4,
        ):
            self.play(self.x_tracker.animate.set_value(x), run_time=0.6)
            self.play(figure.follows_input(reach=1), run_time=1.2)
            self.play(self.x_tracker.animate.set_value(x + 1), run_time=2.5)
            self.play(self.x_tracker.animate.set_value(x - 1), run_time=3)


def require_visible_nudge(f: Function, x: float, nudge: float) -> Chain:
    """The chain at `x`; raises UsageError if a value or slope is not finite, or hides the nudge."""
    finite_point_at(f, x)
    chain = f.chain(x)
    values = [chain.links[0].input, *(link.output for link in chain.links)]
    for number in (*values, *(link.slope for link in chain.links)):
        if not math.isfinite(number):
            raise UsageError(
                f"at {values[0].name} = {values[0].text} {number.name} is {number.text}.",
                hint="Choose another place, inside the domain of every link.",
            )
    after = [link.output for link in f.chain(x + nudge).links]
    moves = [nudge, *(abs(a - b) for a, b in zip(after, values[1:], strict=True))]
    longest = max(filter(math.isfinite, moves))
    for number in values:
        if longest < LOST * abs(number):
            raise UsageError(
                f"{number.name} is {number.text}: a nudge of {nudge:g} is lost in its digits.",
                hint="Choose a function with smaller values, or a larger nudge.",
            )
    return chain


def scrub_labels(names: Sequence[str]) -> dict[str, str]:
    """Labels by attribute of a Chain: the input, the slope of each link, the slope of the whole."""
    slopes = {f"links.{k}.slope": f"d{b}/d{a}" for k, (a, b) in enumerate(pairwise(names))}
    return {"links.0.input": names[0], **slopes, "slope": f"d{names[-1]}/d{names[0]}"}


def caption_path(names: Sequence[str]) -> str:
    """How the result depends on the input."""
    if len(names) == 2:
        return f"{names[1]} is a single step away from {names[0]}: a chain of one link."
    return f"{names[-1]} depends on {names[0]} by way of {', '.join(names[1:-1])}."


def caption_slope(names: Sequence[str], k: int) -> str:
    """What the local slope of link `k` means."""
    return (
        f"{names[k + 1]} moves {{slope}} times as far as {names[k]}: "
        f"the local slope of {names[k + 1]}."
    )


def caption_product(names: Sequence[str]) -> str:
    """The chain rule in words."""
    return (
        f"One stretch after the other: from {names[0]} to {names[-1]} they multiply to {{total}}."
    )
