"""The secant in a small frame, the digits that differ, and the errors measured so far."""

from __future__ import annotations

import math
from collections.abc import Callable
from os.path import commonprefix
from typing import Any, Protocol

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    UP,
    Dot,
    Line,
    Rectangle,
    ValueTracker,
    VGroup,
    VMobject,
    smooth,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.glyphs import number_outline
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats, Plane
from gradreel.draw.tangent import direction
from gradreel.draw.text import math as math_text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

STEP_SHARE = 0.55  # of a step's time, in which it moves


class FunctionValues(Protocol):
    """The values f(x) and f(x + h), their difference, and the slope of the secant through both."""

    @property
    def h(self) -> Quantity: ...
    @property
    def slope(self) -> Quantity: ...
    @property
    def here(self) -> Quantity: ...
    @property
    def there(self) -> Quantity: ...
    @property
    def rise(self) -> Quantity: ...


class Inset(VGroup):
    """A curve of `plane` with a point on it, small in a frame that fills `area`.

    `secant` is a line through the point at `x` with the slope that was computed, rounding errors
    and all, and `there` is the other point of the secant `current()`.
    """

    def __init__(
        self,
        plane: Plane,
        curve: VMobject,
        spot: Dot,
        area: Rect,
        x: float,
        current: Callable[[], FunctionValues],
    ) -> None:
        self.curve, self.spot = curve, spot
        self.frame = Rectangle(width=area.width, height=area.height).move_to(area.center)
        self.frame.set_stroke(colors.muted, StrokeWidth.axis).set_fill(colors.panel, opacity=1)
        plot = plane.plot_area
        size = 0.92 * min(area.width / plot.width, area.height / plot.height)
        spot.move_to(area.center + (spot.get_center() - plot.center) * size)
        curve.scale(size, about_point=plot.center).shift(area.center - plot.center)
        self.secant = Line(stroke_color=colors.gradient, stroke_width=StrokeWidth.curve)
        self.there = spot.copy().scale(0.8)
        super().__init__(self.frame, curve, self.secant, self.there, spot)

        def follow(line: Any) -> None:
            row, here = current(), spot.get_center()
            along = direction(plane, row.slope if math.isfinite(row.slope) else 0.0)
            back, forth = plane.reach(plane.point(x, row.here), along)
            line.set_points_by_ends(here + size * back * along, here + size * forth * along)

        def follow_there(dot: Any) -> None:
            row = current()
            offset = plane.point(x + row.h, row.there) - plane.point(x, row.here)
            # Where the curve leaves the plane, the dot is behind the other one.
            visible = plane.contains(row.there)
            dot.move_to(spot.get_center() + (size * offset if visible else 0.0))

        self.secant.add_updater(follow, call_updater=True)
        self.there.add_updater(follow_there, call_updater=True)


class Digits(VGroup):
    """f(x + h) minus f(x), digit below digit, at the top of `area`; what both share is struck out.

    `heights` are the two values, and `difference` is the rise below a rule. All numbers have
    `places` decimals. `struck` is the share of the line through the common digits that is drawn.
    """

    def __init__(
        self, current: Callable[[], FunctionValues], places: int, color: str, area: Rect
    ) -> None:
        names = ("f(x + h)", "f(x)", '"rise"')
        sources = (lambda: current().there, lambda: current().here, lambda: current().rise)
        tones = (color, color, colors.local)
        labels = [math_text(f"{n} =", font_size=FontSize.label, color=colors.muted) for n in names]
        self.readouts = [
            Readout(source, places=places, font_size=FontSize.label, color=tone, align="right")
            for source, tone in zip(sources, tones, strict=True)
        ]
        wide = max(number.width for number in self.readouts)
        for k, (label, number) in enumerate(zip(labels, self.readouts, strict=True)):
            height = area.top - 0.35 - 0.62 * k - 0.12 * (k == 2)
            number.shift(point(wide, height) - point(number.get_right()[0], number.baseline))
            label.move_to(point(-0.2, height), aligned_edge=RIGHT)
            align_baselines(number, label)
        there, here, rise = (VGroup(*row) for row in zip(labels, self.readouts, strict=True))
        rule = Line(point(0, 0), point(wide, 0), stroke_color=colors.muted)
        rule.set_stroke(width=StrokeWidth.axis).set_y((here.get_y() + rise.get_y()) / 2)
        self.heights, self.difference = VGroup(there, here), VGroup(rule, rise)
        self.struck = ValueTracker(0.0)
        # A part of its number, as a strike is a part of the text.
        self.strikes = [self._strike(number) for number in self.readouts[:2]]
        for number, strike in zip(self.readouts, self.strikes, strict=False):
            number.add(strike)
        super().__init__(self.heights, self.difference)
        size = min(area.width / self.width, area.height / self.height)
        self.scale(min(size, FontSize.body / FontSize.label), about_edge=UP)
        self.align_to(area.center + area.height / 2 * UP, UP)
        self.align_to(point(area.left, 0), LEFT)

    def _strike(self, number: Readout) -> Line:
        """A line through those digits of a height that both heights begin with."""

        def follow(line: Any) -> None:
            texts = [readout.numbers()[0].text for readout in self.readouts[:2]]
            shared = len(commonprefix(texts))
            points = number.points
            left, middle = points[:, 0].min() - 0.05, points[:, 1].mean()
            outline = number_outline(texts[0][:shared]) if shared else np.zeros((1, 3))
            length = float(np.ptp(outline[:, 0])) * number.current_scale + 0.1 * (shared > 0)
            end = left + length * self.struck.get_value()
            line.set_points_by_ends(point(left, middle), point(end, middle))

        strike = Line(stroke_color=colors.warning, stroke_width=StrokeWidth.arrow)
        strike.add_updater(follow, call_updater=True)
        return strike


class ErrorTrail(VGroup):
    """Measured errors on `plane`, joined in order, as far as a dot has come.

    `positions` are those of the errors, shape (n, 3); the dot is at that of `index`, or on the way
    to the next one.
    """

    def __init__(self, positions: Floats, index: ValueTracker, color: str) -> None:
        self.dot = Dot(radius=0.13, color=colors.accent).set_stroke(colors.background, 2)
        line = VMobject(stroke_color=color, stroke_width=StrokeWidth.curve)
        marks = VGroup(*(Dot(place, radius=0.07, color=color) for place in positions))
        super().__init__(line, marks)

        def follow(_: Any) -> None:
            at = index.get_value()
            before = min(int(at), len(positions) - 2)
            here = positions[before] + (at - before) * (positions[before + 1] - positions[before])
            self.dot.move_to(here)
            line.set_points_as_corners(np.array([*positions[: before + 1], here]))
            for k, mark in enumerate(marks):
                mark.set_opacity(min(max(4 * (at - k), 0.0), 1.0))

        self.add_updater(follow, call_updater=True)


def in_steps(count: int) -> Callable[[float], float]:
    """A rate function of `count` equal steps, each with a rest behind it."""

    def rate(alpha: float) -> float:
        done = min(int(alpha * count), count - 1)
        step: float = smooth(min((alpha * count - done) / STEP_SHARE, 1.0))
        return (done + step) / count

    return rate


class Guide(Line):
    """From a dot on `plane` down to the x axis, at the h that the dot is at."""

    def __init__(self, plane: Plane, dot: Dot) -> None:
        super().__init__(stroke_color=colors.leaf, stroke_width=StrokeWidth.axis)
        low = plane.plot_area.bottom

        def follow(line: Any) -> None:
            x, y, _ = dot.get_center()
            line.set_points_by_ends(point(x, max(y, low + 0.01)), point(x, low))

        self.add_updater(follow, call_updater=True)


def toward_smaller_h(plane: Plane) -> VGroup:
    """Above the plane, on a line with the name of its y axis: an arrow to smaller h."""
    words = math_text('"smaller" h', font_size=FontSize.label, color=colors.muted)
    words.move_to(point(plane.plot_area.right, 0), aligned_edge=RIGHT)
    align_baselines(plane.names[1], words)
    end = words.get_left() + 0.15 * LEFT
    return VGroup(CompactArrow([end, end + 0.9 * LEFT]), words)
