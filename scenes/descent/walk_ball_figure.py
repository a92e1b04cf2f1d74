"""The ball of gradient descent on its curve, moved by the program's own steps."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
from manim import (
    RIGHT,
    UP,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    Line,
    Mobject,
    ValueTracker,
    VGroup,
)

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import point
from gradreel.draw.plane import Curve, Plane
from gradreel.draw.tangent import SlidingPoint, direction
from gradreel.draw.walkthrough.picture import ProgramPicture, heights
from gradreel.theme import FontSize, StrokeWidth, colors
from gradreel.trace.moment import Moment

FUNCTION = "(x - 3)**2"
X_RANGE, Y_RANGE = (-0.6, 5.0), (-0.7, 10.5)
LABEL_AT = (3.0, 3.5)  # inside the curve


class CurvePosition(NamedTuple):
    """A point of the curve."""

    x: float
    value: float


class BallPicture(ProgramPicture):
    """The curve, the ball at x, the tangent of the last pass, and where the ball has been."""

    def build(self) -> None:
        """The curve is there from the start."""
        x = np.linspace(*X_RANGE, 160)
        self.plane = Plane(X_RANGE, Y_RANGE, self.area, y_name='"loss"', tick_count=(6, 3))
        self.curve = Curve(self.plane, x, heights(FUNCTION, x))
        self.add(self.plane, self.curve)
        self.tracker = ValueTracker(0.0)
        self.ball: SlidingPoint | None = None
        self.tangent: list[Any] = []
        self.end = VGroup()

    def parts(self) -> dict[str, Mobject]:
        """The curve, and the ball where it is: at first, where the program will put it."""
        if self.ball is None:
            first = next(v for event in self.trace.events for v in event.changed if v.name == "x")
            if isinstance(first.value, float):
                self.tracker.set_value(first.value)
            self.ball = SlidingPoint(self.plane, self.now, radius=0.13)
        return {"curve": self.curve, "ball": self.ball}

    def leave(self, carried: Collection[str]) -> list[Any]:
        """The number fades, so that the curve does not cross it."""
        return [FadeOut(self.end)]

    def now(self) -> CurvePosition:
        """The point of the curve where the ball is."""
        x = self.tracker.get_value()
        return CurvePosition(x, float(heights(FUNCTION, np.array(x))))

    def advance(self, moment: Moment) -> list[Any]:
        """Put the ball at x, draw the slope that a pass found, or move on; in the end say where."""
        if "x" not in moment.changed:
            return self.concludes() if moment.last == len(self.trace.events) - 1 else []
        x = float(moment.value("x"))
        if self.ball is None:
            self.tracker.set_value(x)
            self.ball = SlidingPoint(self.plane, self.now, radius=0.13)
            return [GrowFromCenter(self.ball)]
        moves: list[Any] = []
        if x != self.tracker.get_value():
            moves += [self.leaves_mark(), self.tracker.animate.set_value(x)]
            self.decisive = ()
        elif moment.passes:
            moves += self.shows_slope(moment)
        if self.tangent and not moment.passes:
            moves += [FadeOut(part) for part in self.tangent]
            self.tangent = []
        return moves

    def leaves_mark(self) -> FadeIn:
        """A faint dot where the ball was."""
        place = self.plane.point(self.now().x, self.now().value)
        return FadeIn(Dot(place, radius=0.07, color=colors.muted))

    def concludes(self) -> list[Any]:
        """Where the ball has come to; nothing if it is said already."""
        if self.end.submobjects:
            return []
        number = LabelledNumber(
            "x", self.result("x"), color=colors.accent, places=None, font_size=FontSize.formula
        )
        number.move_to(self.plane.point(*LABEL_AT))
        self.end.add(number)
        return [FadeIn(number, shift=0.2 * UP)]

    def shows_slope(self, moment: Moment) -> list[Any]:
        """The tangent at the ball, with the slope that the program found."""
        slope = moment.grad("x")
        middle = self.plane.point(self.now().x, self.now().value)
        along = direction(self.plane, slope)
        back, forth = self.plane.reach(middle, along)
        ends = middle + along * max(-1.0, back), middle + along * min(1.0, forth)
        line = Line(*ends, stroke_width=StrokeWidth.curve)
        line.set_color(colors.sign(slope))
        number = LabelledNumber(
            '"slope"', slope, color=colors.gradient, places=None, font_size=FontSize.formula
        )
        number.next_to(middle + point(0.5, 0.0), RIGHT, buff=0.1)
        self.tangent = [line, number]
        self.decisive = (number,)
        return [GrowFromCenter(line), FadeIn(number)]
