"""What optimizers make of a slope: bars of the slope, of what is remembered, and of the step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
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
    smooth,
)

from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.plane import Floats
from gradreel.draw.text import math
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

BAR_WIDTH = 34.0  # stroke width
REACH = 0.46  # of the width of its column, that the longest bar takes
LEAST = 1e-3  # frame units: a line needs a length
CHANGE = 0.45  # of the time of a step, in which the bars change before the ball moves
NAMES = 0.35  # frame units, for the names of the variables

RULES: Mapping[str, str] = MappingProxyType(
    {
        "SGD": '{step} = -"lr" dot {slope}',
        "momentum": '{step} = {kept} dot {last} - "lr" dot {slope}',
        "RMSprop": '{step} = -"lr" dot {slope} slash "usual size"',
        "Adam": '{step} = -"lr" dot "average" {slope} slash "usual size"',
    }
)


class Column(Protocol):
    """One part of each step: its name, its values for each variable, and its color role."""

    @property
    def title(self) -> str: ...
    @property
    def values(self) -> Floats: ...
    @property
    def role(self) -> str: ...


def step_rule(optimizer: str, kept: Quantity, tone: str) -> Formula:
    """How an optimizer makes its step of the slope; `kept` is the factor of momentum."""
    rule = RULES[optimizer]
    slots: dict[str, Any] = {"step": '"step"', "slope": '"slope"'}
    if "{kept}" in rule:
        slots |= {"kept": kept, "last": '"last step"'}
    formula = Formula(rule, **slots, roles={"slope": "gradient"}, font_size=FontSize.body)
    formula.part("step").set_color(tone)
    return formula


class StepParts(VGroup):
    """A heading, a rule, and a row for each variable with a bar for each part of a step.

    Each column has a scale of its own, in which the longest bar fills it. The bars follow `now()`,
    the current step, which may be fractional; at first they grow with `grown`, column by column.
    """

    def __init__(
        self,
        heading: VMobject,
        rule: VMobject,
        names: Sequence[str],
        columns: Sequence[Column],
        tone: str,
        now: Callable[[], float],
        area: Rect,
    ) -> None:
        self.grown, self.count = ValueTracker(0), len(columns)
        top, head, titles, below = area.rows(0.7, 0.9, 0.7, 1.1 * len(names), gap=0.1)
        heading.move_to(top.center)
        fit_into(rule, head)
        super().__init__(heading, rule)
        places = [self._places(row) for row in (titles, *below.rows(*[1.0] * len(names), gap=0.1))]
        for place, name in zip(places[1:], names, strict=True):
            label = math(name, font_size=FontSize.body, color=colors.muted)
            self.add(label.move_to(place[0].center))
        for k, column in enumerate(columns):
            color = getattr(colors, column.role) if column.role else tone
            title = math(f'"{column.title}"', font_size=FontSize.label, color=color)
            fit_into(title, places[0][k + 1])
            self.add(title)
            shares = column.values / _longest(column.values)
            for j, place in enumerate(places[1:]):
                bar = self._bar(place[k + 1], shares[:, j], now, k, color)
                self.add(_zero(place[k + 1]), bar)

    def _places(self, row: Rect) -> list[Rect]:
        """The name of a row, and then its columns."""
        name = Rect(row.left, row.left + NAMES, row.bottom, row.top)
        rest = Rect(row.left + NAMES, row.right, row.bottom, row.top)
        return [name, *rest.columns(*[1.0] * self.count, gap=0.25)]

    def grows(self, columns: int) -> Animation:
        """The bars grow, column by column, up to this number of columns."""
        return ApplyMethod(self.grown.set_value, columns, rate_func=linear)

    def _bar(
        self, place: Rect, shares: Floats, now: Callable[[], float], column: int, color: str
    ) -> Line:
        """A bar from the middle of its place, as long as its share of the current step."""
        times, known = np.arange(len(shares)), np.clip(np.nan_to_num(shares), -1, 1)
        middle = point(*place.center[:2])

        def follow(bar: Mobject) -> None:
            share = float(np.interp(changed(now()), times, known))
            share *= smooth(float(np.clip(self.grown.get_value() - column, 0, 1)))
            length = max(abs(share) * REACH * place.width, LEAST)
            bar.put_start_and_end_on(middle, middle + length * (RIGHT if share >= 0 else LEFT))

        bar = Line(color=color).set_stroke(width=BAR_WIDTH)
        bar.add_updater(follow, call_updater=True)
        return bar


def changed(clock: float) -> float:
    """What the bars show: those of a step come at its beginning, and then stay."""
    step = int(clock + 1e-9)
    return max(step - 1 + smooth(min((clock - step) / CHANGE, 1.0)), 0.0)


def moved_after(clock: float) -> float:
    """Where the ball is, in steps: it moves after the bars have changed."""
    step = int(clock + 1e-9)
    return step + smooth(float(np.clip((clock - step - CHANGE) / (1 - CHANGE), 0, 1)))


def _longest(values: Floats) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def _zero(place: Rect) -> Line:
    x, y, _ = place.center
    half = place.height * 0.42
    line = Line(point(x, y - half), point(x, y + half), color=colors.muted)
    return line.set_stroke(width=StrokeWidth.axis)
