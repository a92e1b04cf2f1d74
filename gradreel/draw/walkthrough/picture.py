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

from typing import Any

from manim import VGroup

from gradreel.draw.layout import Rect
from gradreel.trace.moment import Moment
from gradreel.trace.script_trace import ScriptTrace


class ProgramPicture(VGroup):
    """The base class: subclasses write `build` and `advance`."""

    least_height = 2.2
    """Frame units that the picture needs; the state of the variables gets what is left."""

    def __init__(self, trace: ScriptTrace, area: Rect) -> None:
        super().__init__()
        self.trace, self.area = trace, area
        self.build()

    def build(self) -> None:
        """Make the parts within `self.area`, and add those that are on stage from the start."""

    def advance(self, moment: Moment) -> list[Any]:
        """The animations that go with one step of the program; they share its time."""
        return []
