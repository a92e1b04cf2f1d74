"""The lanes of a race: for each optimizer its name, its rate, and a bar as long as its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from manim import (
    LEFT,
    RIGHT,
    UP,
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
from gradreel.draw.log_plane import LogPlane
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats, Plane
from gradreel.draw.text import em, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

Pace = Callable[[float], float]  # a rate function
NOT_THERE = "–"  # for an optimizer that does not reach the goal
NARROW, WIDE = 12.0, 30.0  # stroke widths of a bar, below the chart and when all race
LARGER = FontSize.body / FontSize.small
LOW, ABOVE = 0.17, 0.59  # heights of groove and name in a lane: nearer to each other than to others
GAP = 0.14  # between a bar and its number


class GoalRing(Contours):
    """The line on a map inside which the loss is below the goal, as on the chart."""

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
    """Name and rate above a groove along the steps of `chart`, in which a bar grows.

    The bar and its number follow `clock`, up to the step of the arrival. Without an arrival there
    is a dash in the place of the number, and no bar.
    """

    def __init__(self, entrant: Entrant, chart: LogPlane, area: Rect) -> None:
        descent, self.arrival, tone = entrant.descent, entrant.arrival, entrant.tone
        self.clock, size = ValueTracker(0), FontSize.small
        self.name = text(descent.optimizer, font_size=size, color=tone)
        self.rate = LabelledNumber('"lr"', descent.lr, color=tone, places=None, font_size=size)
        plot, low = chart.plot_area, area.bottom + LOW * area.height
        self.groove = Line(point(plot.left, low), point(plot.right, low), color=colors.faint)
        self.groove.set_stroke(width=NARROW, opacity=0.5)
        above = area.bottom + ABOVE * area.height
        self.name.move_to(point(plot.left, above), aligned_edge=LEFT)
        self.rate.move_to(point(plot.left + 1.7, above), aligned_edge=LEFT)
        align_baselines(self.name, self.rate)
        self.bar = Line(color=tone)
        self.steps = self._number(descent, tone)
        self.most = len(descent) - 1
        if self.arrival is not None:
            self.bar.add_updater(self._grow, call_updater=True)
        self._put(self.steps)

    def _number(self, descent: Descent, tone: str) -> VMobject:
        if self.arrival is None:
            return text(NOT_THERE, font_size=FontSize.small, color=tone)
        return Readout(
            lambda: descent.at(self.passed()).step, places=None, align="left",
            font_size=FontSize.small, color=tone,
        ).add_updater(self._put)  # fmt: skip

    def passed(self) -> float:
        """The step that the bar has come to."""
        return min(float(self.clock.get_value()), float(self.arrival or 0))

    def end(self) -> Floats:
        """Where the bar ends; the end of the groove without an arrival."""
        share = 1.0 if self.arrival is None else self.passed() / self.most
        start: Floats = self.groove.get_start()
        return start + share * (self.groove.get_end() - start)

    def _grow(self, bar: Mobject) -> None:
        bar.put_start_and_end_on(self.groove.get_start(), self.end() + 1e-3 * RIGHT)
        bar.set_stroke(width=self.groove.get_stroke_width())

    def _put(self, number: Mobject) -> None:
        if isinstance(number, Readout):  # it grows with the groove
            share = (float(self.groove.get_stroke_width()) - NARROW) / (WIDE - NARROW)
            wanted = em(FontSize.small) * (1 + share * (LARGER - 1))
            number.scale(wanted / number.current_scale)
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

    def moves_to(self, area: Rect) -> list[Any]:
        """The lane takes a larger place, at the same left edge."""
        low = area.bottom + 0.3 * area.height
        up = (low - self.groove.get_y()) * UP
        head = VGroup(self.name, self.rate)
        left = self.groove.get_left() + up
        above = (0.45 * area.height) * UP
        dash: list[Any] = [] if self.arrival else [self.steps.animate.shift(up)]
        return [
            self.groove.animate.shift(up).set_stroke(width=WIDE),
            head.animate.scale(LARGER).move_to(left + above, aligned_edge=LEFT),
            *dash,
        ]


class RaceLanes:
    """A lane for each of those who race, below `chart`; `far` is where they move for the race."""

    def __init__(self, entrants: Sequence[Entrant], chart: LogPlane, area: Rect, far: Rect) -> None:
        places = area.rows(*(1.0 for _ in entrants), gap=0)
        self._far = far.rows(*(1.0 for _ in entrants), gap=0)
        self.lanes = [RaceLane(e, chart, place) for e, place in zip(entrants, places, strict=True)]
        self.names = VGroup(*(lane.name for lane in self.lanes))
        self.grooves = VGroup(*(lane.groove for lane in self.lanes))

    def spread(self) -> list[Any]:
        """All lanes take their places for the race."""
        pairs = zip(self.lanes, self._far, strict=True)
        return [animation for lane, area in pairs for animation in lane.moves_to(area)]
