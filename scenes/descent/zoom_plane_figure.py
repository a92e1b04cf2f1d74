"""A coordinate plane whose view grows, a curve on it, and a descent that hops over the curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Dot, Line, Mobject, VGroup, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.plane import GAP, OVERHANG, Curve, Floats, Plane, TickLabel, ticks
from gradreel.draw.text import math
from gradreel.scenes.descent.descent_marks_figure import CurvePoint
from gradreel.scenes.descent.step_clock import flight, whole
from gradreel.theme import FontSize, StrokeWidth, colors

Range = tuple[float, float]
COARSER = 3.0  # times as wide: as often as the view has grown by this, its ticks are others
ENTRY = 0.3  # of the width of the view, over which a tick comes that the view has reached
EXCHANGE = 0.25  # of the width of the view, over half of which ticks are exchanged for others
LEAST_ENTRY = 0.08  # of zoom: a tick that has less before a rest comes after it
LEAST_ZOOM = 0.01  # less is no growth
EDGE = 0.05  # of a range, which balls keep clear of while the view follows them
POINTS = 12  # per hop


class ZoomPlane(Plane):
    """Axes whose ranges go from `near` to `far` as `zoom()` goes from 0 to 1.

    `near` and `far` are the ranges of x and of y. As the view grows, coarser ticks take the place
    of finer ones, and at none of the zooms `rests` is a tick half faded.
    """

    def __init__(
        self,
        near: tuple[Range, Range],
        far: tuple[Range, Range],
        zoom: Callable[[], float],
        area: Rect,
        *,
        rests: Sequence[float],
        y_name: str,
    ) -> None:
        VGroup.__init__(self)
        self.near, self.far, self.zoom = np.array(near), np.array(far), zoom
        self.rests = sorted({0.0, 1.0, *(r for r in rests if r > LEAST_ZOOM)})
        labels = [TickLabel(y) for ranges in (near, far) for y in ticks(*ranges[1], 5)]
        wide = max((label.width for label in labels), default=0.0)
        left = area.left + max(0.65, wide + GAP - OVERHANG)
        self.plot_area = Rect(left, area.right - 0.45, area.bottom + 0.45, area.top - 0.4)
        self._set_ranges()
        self._add_names(y_name)
        self.lines = VGroup(*(self._axis() for _ in range(2)))
        self.ticks: list[tuple[int, float, set[int], Line, TickLabel]] = []
        self.exchanges: list[list[Range]] = []
        for axis, count in ((0, 6), (1, 5)):
            zooms, exchanges = self._levels(axis)
            self.exchanges.append(exchanges)
            levels = [
                self._ticks(axis, self._span(axis, zoom), self._span(axis, further), count)
                for zoom, further in zip(zooms, (*zooms[1:], 1.0), strict=True)
            ]
            for value in sorted(set().union(*levels)):
                on = {k for k, level in enumerate(levels) if value in level}
                line = Line(stroke_color=colors.faint, stroke_width=1.2)
                self.ticks.append((axis, value, on, line, TickLabel(value)))
        self.add(
            VGroup(*(t[3] for t in self.ticks)), self.lines, VGroup(*(t[4] for t in self.ticks))
        )
        self.add_updater(_follow_view, call_updater=True)

    def _span(self, axis: int, zoom: float) -> Range:
        """The range of an axis at this zoom."""
        low, high = self.near[axis] + (self.far[axis] - self.near[axis]) * zoom
        return float(low), float(high)

    def _levels(self, axis: int) -> tuple[list[float], list[Range]]:
        """The zooms that ticks are chosen for, and from where to where they are exchanged."""
        width, widest = (float(np.diff(r[axis])[0]) for r in (self.near, self.far))
        wider = max(widest - width, 1e-12)
        count = max(int(np.ceil(np.log(widest / width) / np.log(COARSER) - 1e-9)), 1)

        def grown(k: float) -> float:
            return float(width * (widest / width) ** (k / count))

        zooms = [(grown(k) - width) / wider for k in range(count + 1)]
        exchanges = []
        for k in range(count):
            middle = grown(k + 0.5)
            start, end = ((middle * (1 + x) - width) / wider for x in (-EXCHANGE, EXCHANGE))
            start, end = max(start, 0.0), min(end, 1.0)
            for rest in reversed(self.rests):
                if start < rest < end:
                    start, end = max(rest - (end - start), 0.0), rest
            exchanges.append((start, end))
        return zooms, exchanges

    def _ticks(self, axis: int, span: Range, over: Range, count: int) -> list[float]:
        """Ticks over `over`, spaced for `span`: about `count` there, fewer if labels are wide."""
        while True:
            values = ticks(*span, count)
            if len(values) < 2:
                return values
            wide = max(TickLabel(value).width for value in ticks(*over, count)) + GAP
            pitch = self.plot_area.width / max(span[1] - span[0], 1e-12)
            step = values[1] - values[0]
            # They move closer together until others take their place.
            closer = min((over[1] - over[0]) / (span[1] - span[0]), COARSER**0.5)
            if axis == 1 or count <= 1 or wide * closer < pitch * step:
                return ticks(*over, int(np.ceil((over[1] - over[0]) / step)))
            count -= 1

    def _axis(self) -> Line:
        return Line(stroke_color=colors.muted, stroke_width=StrokeWidth.axis)

    def _add_names(self, y_name: str) -> None:
        area = self.plot_area
        self.names = VGroup(
            math("x", font_size=FontSize.label, color=colors.muted).next_to(
                np.array([area.right, area.bottom, 0]), RIGHT, buff=0.15
            ),
            math(y_name, font_size=FontSize.label, color=colors.muted).next_to(
                np.array([area.left, area.top, 0]), UP, buff=0.12
            ),
        )
        self.add(self.names)

    def _set_ranges(self) -> None:
        (x0, x1), (y0, y1) = self.near + (self.far - self.near) * self.zoom()
        self.x_range, self.y_range = (float(x0), float(x1)), (float(y0), float(y1))

    def follow(self) -> None:
        """Draw axes, grid and ticks for the current zoom."""
        self._set_ranges()
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        for axis, value, levels, line, label in self.ticks:
            low, high = (self.x_range, self.y_range)[axis]
            visible = self._chosen(axis, levels) * self._entered(axis, value)
            visible *= low <= value <= high
            line.set_stroke(opacity=visible)
            label.set_fill(opacity=visible)
            if axis == 0:
                line.set_points_by_ends(self.point(value, y0), self.point(value, y1))
                label.next_to(self.point(value, y0), DOWN, buff=GAP)
            else:
                line.set_points_by_ends(self.point(x0, value), self.point(x1, value))
                label.next_to(self.point(x0, value), LEFT, buff=GAP)
        x_axis, y_axis = self._axis_at((y0, y1)), self._axis_at((x0, x1))
        self.lines[0].set_points_by_ends(self.point(x0, x_axis), self.point(x1, x_axis))
        self.lines[1].set_points_by_ends(self.point(y_axis, y0), self.point(y_axis, y1))

    def _chosen(self, axis: int, levels: set[int]) -> float:
        """How visible a tick of these levels is: 1 on the current one, less in an exchange."""
        zoom, exchanges = self.zoom(), self.exchanges[axis]
        now = max((k for k, (start, _) in enumerate(exchanges) if zoom >= start), default=0)
        start, end = exchanges[now]
        share = float(np.clip((zoom - start) / max(end - start, 1e-12), 0, 1))
        before, after = now in levels, now + 1 in levels
        if before and after:
            return 1.0
        return max(before * (1 - 2 * share), after * (2 * share - 1), 0.0)

    def _entered(self, axis: int, value: float) -> float:
        """How far a tick has come since the view reached it, from 0 to 1."""
        (n0, n1), (f0, f1) = self.near[axis], self.far[axis]
        if n0 <= value <= n1:
            return 1.0
        reached = float((n0 - value) / (n0 - f0) if value < n0 else (value - n1) / (f1 - n1))
        wider = (f1 - f0) - (n1 - n0)
        entry = ENTRY * ((n1 - n0) / max(wider, 1e-12) + reached)
        for rest in self.rests:
            if reached + LEAST_ENTRY < rest < reached + entry:
                entry = rest - reached
            elif reached < rest < reached + entry and rest < 1:
                reached = rest  # it comes when the view grows further
        entry = min(entry, max(1 - reached, 1e-6))
        return float(np.clip((self.zoom() - reached) / entry, 0, 1))


def _follow_view(plane: Any) -> None:
    plane.follow()


class ZoomCurve(VMobject):
    """The curve through (x, y) on a ZoomPlane; what is outside the view is not drawn."""

    def __init__(self, plane: ZoomPlane, x: Floats, y: Floats) -> None:
        super().__init__(stroke_color=colors.value, stroke_width=StrokeWidth.curve)

        def follow(curve: Mobject) -> None:
            low, high = plane.x_range
            inside = (x >= low) & (x <= high)
            curve.points = Curve(plane, x[inside], y[inside]).points

        self.add_updater(follow, call_updater=True)


class HoppingBall(VGroup):
    """A descent that hops over its curve: arcs from state to state up to `clock()`, and the ball.

    `clock` counts steps. What is outside the view is not drawn.
    """

    def __init__(
        self, plane: Plane, steps: Sequence[CurvePoint], clock: Callable[[], float], *, color: str
    ) -> None:
        self.arcs = VMobject(stroke_color=color, stroke_width=StrokeWidth.arrow - 1)
        self.marks = VMobject(stroke_width=0, fill_color=color, fill_opacity=1)
        self.ball = Dot(radius=0.14, color=color).set_stroke(colors.background, 2)
        super().__init__(self.arcs, self.marks, self.ball)
        self.in_sight = True
        states = np.array([[float(s.inputs[0]), float(s.loss)] for s in steps])
        mark = Dot(radius=0.06).points

        def follow(group: Any) -> None:
            # Of the group that it is given: animations update the copies that they start from.
            visible = [_sees(plane, state) for state in states]
            positions = plane.positions(np.nan_to_num(states))
            time = min(clock(), len(states) - 1.0)
            now = whole(time)
            flown = flight(time - now)
            hops = [_hop(positions[k : k + 2], 1.0) for k in range(now) if all(visible[k : k + 2])]
            in_sight = visible[now] and (not flown or visible[now + 1])
            position = positions[now]
            if flown and in_sight:
                hops.append(_hop(positions[now : now + 2], flown))
                position = hops[-1][-1]
            # Never without points, so that it does not appear at once.
            group.arcs.points = np.zeros((0, 3))
            for hop in (positions[0] + np.array([[0, 0, 0], [1e-3, 0, 0]]), *hops):
                group.arcs.start_new_path(hop[0])
                group.arcs.add_points_as_corners(hop[1:])
            dots = [mark + positions[k] for k in range(now + 1) if visible[k]]
            group.marks.points = np.concatenate(dots) if dots else np.zeros((0, 3))
            if in_sight != group.in_sight:  # set in each frame, it could not fade
                group.in_sight = in_sight
                group.ball.set_opacity(float(in_sight))
            if in_sight:
                group.ball.move_to(position)

        self.add_updater(follow, call_updater=True)


def _sees(plane: Plane, state: Floats) -> bool:
    low, high = plane.x_range
    return bool(plane.contains(state[1]) and low <= state[0] <= high)


def _hop(ends: Floats, share: float) -> Floats:
    """The points of a hop up to `share` of it, an arc over the straight way; `ends` is (2, 3)."""
    start, end = ends
    height = min(0.12 + 0.22 * float(np.linalg.norm(end - start)), 0.9)
    u = np.linspace(0, share, POINTS)[:, None]
    points: Floats = start + (end - start) * u + UP * height * 4 * u * (1 - u)
    return points


def zoom_of_steps(near: tuple[Range, Range], far: tuple[Range, Range], states: Floats) -> Floats:
    """For each state (x, y) how far the view must have grown to show it and all before it.

    A state is shown if it is a little inside the view.
    """
    needed = np.zeros(len(states))
    for axis in (0, 1):
        (n0, n1), (f0, f1) = (inner(ranges[axis]) for ranges in (near, far))
        values = np.nan_to_num(states[:, axis], nan=np.inf)
        below = (n0 - values) / max(n0 - f0, 1e-12)
        above = (values - n1) / max(f1 - n1, 1e-12)
        needed = np.maximum(needed, np.maximum(below, above))
    zoom: Floats = np.maximum.accumulate(np.clip(needed, 0, 1))
    return zoom


def inner(span: Range) -> Range:
    """A range without a margin on both sides."""
    margin = EDGE * (span[1] - span[0])
    return span[0] + margin, span[1] - margin
