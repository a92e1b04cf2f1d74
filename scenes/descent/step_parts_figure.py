"""What optimizers make of a slope: bars of slope and step, and arrows that add up to a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

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
)

from gradreel.draw.contours import LiveArrow
from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.plane import Floats, Plane
from gradreel.draw.text import math
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

BAR_WIDTH = 20.0  # stroke width
REACH = 0.46  # of the width of its column, that the longest bar takes
LEAST = 1e-3  # frame units: a line needs a length

RULES: Mapping[str, str] = MappingProxyType(
    {
        "momentum": '{step} = {kept} dot {last} - "lr" dot {slope}',
        "RMSprop": '{step} = -"lr" dot {slope} slash "usual size"',
        "Adam": '{step} = -"lr" dot "average" {slope} slash "usual size"',
    }
)


class StepData(NamedTuple):
    """The slopes before each step and the steps themselves, both of shape (steps, variables)."""

    slopes: Floats
    steps: Floats


def step_rule(optimizer: str, kept: Quantity, tone: str) -> Formula:
    """How an optimizer makes its step of the slope; `kept` is the factor of momentum."""
    rule = RULES[optimizer]
    slots: dict[str, Any] = {"step": '"step"', "slope": '"slope"'}
    if "{kept}" in rule:
        slots |= {"kept": kept, "last": '"last step"'}
    roles = {"slope": "gradient"}
    formula = Formula(rule, **slots, roles=roles, font_size=FontSize.label)
    formula.part("step").set_color(tone)
    return formula


class StepParts(VGroup):
    """A row for each variable: a bar for the slope against which it goes, and one for the step.

    Each column has a scale of its own, in which the longest bar fills it. The bars follow `now()`,
    the current step, which may be fractional; those of the steps grow with `made`.
    """

    def __init__(
        self,
        rule: VMobject,
        names: Sequence[str],
        data: StepData,
        now: Callable[[], float],
        tone: str,
        area: Rect,
    ) -> None:
        self.made = ValueTracker(0)
        head, titles, below = area.rows(0.8, 0.6, 0.75 * len(names), gap=0.05)
        fit_into(rule, head)
        super().__init__(rule)
        sources = (
            ("–slope", -data.slopes, colors.gradient, None),
            ("step", data.steps, tone, self),
        )
        for k, (title, values, color, grown) in enumerate(sources):
            column = titles.columns(0.5, 2.4, 2.4, gap=0.2)[k + 1]
            label = math(f'"{title}"', font_size=FontSize.small, color=color)
            self.add(label.move_to(column.center))
            longest = _longest(values)
            for j, row in enumerate(below.rows(*[1.0] * len(names), gap=0.05)):
                place = row.columns(0.5, 2.4, 2.4, gap=0.2)
                if not k:
                    name = math(names[j], font_size=FontSize.label, color=colors.muted)
                    self.add(name.move_to(place[0].center))
                bar = _bar(place[k + 1], values[:, j] / longest, now, color, grown)
                self.add(_zero(place[k + 1]), bar)

    def grows(self) -> Animation:
        """The bars of the step grow."""
        return ApplyMethod(self.made.set_value, 1)


def _longest(values: Floats) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def _zero(place: Rect) -> Line:
    x, y, _ = place.center
    half = place.height * 0.42
    line = Line(point(x, y - half), point(x, y + half), color=colors.muted)
    return line.set_stroke(width=StrokeWidth.axis)


def _bar(
    place: Rect, shares: Floats, now: Callable[[], float], color: str, grown: StepParts | None
) -> Line:
    """A bar from the middle of its place, as long as the share at the step `now()`."""
    times, known = np.arange(len(shares)), np.nan_to_num(shares)
    middle = point(*place.center[:2])

    def follow(bar: Mobject) -> None:
        share = float(np.interp(now(), times, known)) * (grown.made.get_value() if grown else 1.0)
        length = max(abs(share) * REACH * place.width, LEAST)
        bar.put_start_and_end_on(middle, middle + length * (RIGHT if share >= 0 else LEFT))

    bar = Line(color=color).set_stroke(width=BAR_WIDTH)
    bar.add_updater(follow, call_updater=True)
    return bar


class AddedArrows(VGroup):
    """The next step of momentum on a map: what is kept of the last one, and then the new slope.

    `pulls` are the steps that the slope alone would make. The second arrow ends where the ball
    will be after the step. Arrows that leave the map are hidden.
    """

    def __init__(
        self, plane: Plane, positions: Floats, pulls: Floats, now: Callable[[], float]
    ) -> None:
        (x0, x1), (y0, y1) = plane.x_range, plane.y_range

        def corners() -> Floats:
            k = min(int(now() + 1e-9), len(positions) - 2)
            found = np.array([positions[k], positions[k + 1] - pulls[k], positions[k + 1]])
            inside = (found >= (x0, y0)).all() and (found <= (x1, y1)).all()
            points = [plane.point(*place) for place in found]
            return np.array(points) if inside else np.full((3, 3), np.nan)

        def between(first: int) -> Callable[[], tuple[Floats, Floats]]:
            def ends() -> tuple[Floats, Floats]:
                found = corners()
                return found[first], found[first + 1]

            return ends

        super().__init__(
            LiveArrow(between(0), color=colors.text), LiveArrow(between(1), color=colors.gradient)
        )
