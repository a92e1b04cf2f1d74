"""ProgramPicture: a drawing beside a program that grows as the lines of the program run.

    class Ball(ProgramPicture):
        def build(self) -> None:
            self.plane = Plane((-1, 7), (-1, 10), self.area)
            self.add(self.plane)                        # on stage from the start

        def advance(self, moment: Moment) -> list[Animation]:
            if "x" not in moment.changed:
                return []
            return [self.ball.animate.move_to(self.plane.point(moment.value("x"), 0))]

A walkthrough scene names the class in its attribute `picture`. The numbers come from the run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from manim import Mobject, VGroup

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats
from gradreel.expression import FUNCTIONS, parse
from gradreel.tape import Quantity
from gradreel.trace.moment import Moment
from gradreel.trace.script_trace import ScriptTrace, find_variable, quantity_of


class ProgramPicture(VGroup):
    """The base class: subclasses write `build` and `advance`."""

    carried: frozenset[str] = frozenset()
    """The parts that were on stage in the first frame, brought by the scene before."""
    digits: ClassVar[Mapping[str, int]] = {}
    """Significant digits behind the lines of the program, where the usual ones hide its point."""
    decisive: Collection[Mobject] = ()
    """What a note's claim is about: these parts swell while the claim is said."""

    def __init__(self, trace: ScriptTrace, area: Rect) -> None:
        super().__init__()
        self.trace, self.area = trace, area
        self.build()

    def build(self) -> None:
        """Make the parts within `self.area`, and add those that are on stage from the start."""

    def parts(self) -> dict[str, Mobject]:
        """The parts that a join with another scene can carry, by name.

        At the start it turns what the scene before left into these; at the end, these into what the
        next scene begins with. Parts that are not in the picture then are shown only if carried.
        """
        return {}

    def waits(self) -> list[Any]:
        """The animations of what was carried here, as the program comes beside it."""
        return []

    def leave(self, carried: Collection[str]) -> list[Any]:
        """The animations, if any, before these parts turn into what the next scene begins with."""
        return []

    def advance(self, moment: Moment) -> list[Any]:
        """The animations that go with one step of the program; they share its time."""
        return []

    def concludes(self) -> list[Any]:
        """The animations that go with the last claim about the program."""
        return []

    def result(self, name: str) -> Quantity:
        """The number that a variable of the script gets last; UsageError if there is none."""
        events = (event for event in self.trace.events if not event.call)
        changes = {v.name: (v, event) for event in events for v in event.changed}
        find_variable({known: v for known, (v, _) in changes.items()}, name, "picture")
        return quantity_of(*changes[name])

    def stages(self, moment: Moment) -> Sequence[Callable[[], list[Any]]]:
        """What is played one after the other with a step; each is asked for when it is due."""
        return [lambda: self.advance(moment)]

    def least_seconds(self, moment: Moment) -> float:
        """How long the animations of a step have to take, so that each can be followed."""
        return 0.0


def heights(formula: str, x: Floats) -> Floats:
    """A formula of x at each of these x: the curve of the function that the program computes."""
    heights: Floats = parse(formula).evaluate(
        {"x": x}, lambda name, value: np.vectorize(FUNCTIONS[name])(value)
    )
    return heights
