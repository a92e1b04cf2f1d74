"""The lanes of a race: for each optimizer its name, its rate, and a bar as long as its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from manim import (
    LEFT,
    RIGHT,
    Animation,
    ApplyMethod,
    Line,
    Mobject,
    ValueTracker,
    VGroup,
    VMobject,
    linear,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.contours import Contours
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats, Plane
from gradreel.draw.text import text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

Pace = Callable[[float], float]  # a rate function
NOT_THERE = "–"  # for an optimizer that does not reach the goal
BAR_WIDTH = 30.0  # stroke width
LOW, ABOVE = 0.28, 0.72  # heights of bar and name in a lane: nearer to each other than to others
NUMBER = 0.8  # frame units, for the number behind the longest bar
GAP = 0.14  # between a bar and its number
RATE_AT = 0.42  # of the width of a lane


class GoalRing(Contours):
    """The line on a map inside which the loss is below the goal."""

    def __init__(self, plane: Plane, xs: Floats, ys: Floats, heights: Floats, goal: float) -> None:
        super().__init__(plane, xs, ys, heights, [goal])
        self.set_stroke(colors.text, width=StrokeWidth.frame)


class State(Protocol):
    """The state of a descent after some step."""

    @property
    def step(self) -> Quantity: ...


class Descent(Protocol):
    """A descent with the name of its optimizer, its rate and its states."""

    @property
    def optimizer(self) -> str: ...
    @property
    def lr(self) -> Quantity: ...
    def __len__(self) -> int: ...
    def at(self, time: float) -> State: ...


@dataclass(frozen=True)
class Entrant:
    """Who races: a descent, its steps to the goal if it gets there, and its color."""

    descent: Descent
    arrival: Quantity | None
    tone: str


class RaceLane:
    """Name and rate above a bar that grows by the steps, of which `area` has room for `most`.

    The bar and its number follow `clock`, up to the step of the arrival. Without an arrival there
    is a dash in the place of the number, and no bar.
    """

    def __init__(self, entrant: Entrant, area: Rect, most: int) -> None:
        descent, self.arrival, tone = entrant.descent, entrant.arrival, entrant.tone
        self.clock, self.most, size = ValueTracker(0), max(most, 1), FontSize.body
        self.name = text(descent.optimizer, font_size=size, color=tone)
        self.rate = LabelledNumber('"lr"', descent.lr, color=tone, places=None, font_size=size)
        self._begin = point(area.left, area.bottom + LOW * area.height)
        self._longest = area.width - NUMBER
        self.sits_in(area, ABOVE)
        self.bar = Line(color=tone).set_stroke(width=BAR_WIDTH)
        self.steps = self._number(descent, tone)
        if self.arrival is not None:
            self.bar.add_updater(self._grow, call_updater=True)
        self._put(self.steps)

    def sits_in(self, area: Rect, height: float) -> None:
        """Put name and rate into an area, at this share of its height."""
        y = area.bottom + height * area.height
        self.name.move_to(point(area.left, y), aligned_edge=LEFT)
        self.rate.move_to(point(area.left + RATE_AT * area.width, y), aligned_edge=LEFT)
        align_baselines(self.name, self.rate)

    def _number(self, descent: Descent, tone: str) -> VMobject:
        if self.arrival is None:
            return text(NOT_THERE, font_size=FontSize.body, color=tone)
        return Readout(
            lambda: descent.at(self.passed()).step, places=None, align="left",
            font_size=FontSize.body, color=tone,
        ).add_updater(self._put)  # fmt: skip

    def passed(self) -> float:
        """The step that the bar has come to."""
        return min(float(self.clock.get_value()), float(self.arrival or 0))

    def end(self) -> Floats:
        """Where the bar ends."""
        end: Floats = self._begin + self.passed() / self.most * self._longest * RIGHT
        return end

    def _grow(self, bar: Mobject) -> None:
        bar.put_start_and_end_on(self._begin, self.end() + 1e-3 * RIGHT)

    def _put(self, number: Mobject) -> None:
        number.shift(self.end() + GAP * RIGHT - number.get_left())

    @property
    def row(self) -> Sequence[VMobject]:
        """Name, rate and number."""
        return self.name, self.rate, self.steps

    def run(self, clock_steps: int = 0, pace: Pace = linear) -> Animation:
        """The bar grows to its arrival, at the speed of `clock_steps` in all if given."""
        last = float(self.arrival or 0)
        share = last / max(clock_steps, last, 1)
        return ApplyMethod(
            self.clock.set_value, last, rate_func=lambda t: min(pace(t) / max(share, 1e-9), 1)
        )


class RaceLanes:
    """A lane for each of those who race, in `area`; their names and rates are in `table` first."""

    def __init__(self, entrants: Sequence[Entrant], table: Rect, area: Rect, most: int) -> None:
        self._places = area.rows(*(1.0 for _ in entrants), gap=0)
        pairs = zip(entrants, self._places, strict=True)
        self.lanes = [RaceLane(entrant, place, most) for entrant, place in pairs]
        rows = table.rows(*(1.0 for _ in entrants), gap=0)
        for lane, row in zip(self.lanes, rows, strict=True):
            lane.sits_in(row, 0.5)
        self.names = VGroup(*(lane.name for lane in self.lanes))

    def lines_up(self) -> list[VMobject]:
        """Names and rates at their places for the race, and all that a lane shows."""
        for lane, place in zip(self.lanes, self._places, strict=True):
            lane.sits_in(place, ABOVE)
        return self.on_stage()

    def on_stage(self) -> list[VMobject]:
        """All that the lanes show in the race."""
        bars = [lane.bar for lane in self.lanes if lane.arrival is not None]
        return [*bars, *(part for lane in self.lanes for part in lane.row)]
