"""A coordinate plane, and curves on it that are broken where a function is undefined."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from manim import DOWN, LEFT, RIGHT, UP, Line, VGroup, VMobject

from gradreel.draw.glyphs import number_outline
from gradreel.draw.layout import Rect
from gradreel.draw.text import em
from gradreel.draw.text import math as set_math
from gradreel.tape import format_number
from gradreel.theme import FontSize, StrokeWidth, colors

Floats = npt.NDArray[np.float64]


def ticks(low: float, high: float, about: int = 6) -> list[float]:
    """About `about` round numbers from `low` to `high`, spaced 1, 2 or 5 times a power of ten."""
    rough = (high - low) / max(about, 1)
    if not rough > 0 or rough <= math.ulp(max(abs(low), abs(high))):
        return [low]  # no number of the span has another text
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    digits = max(12, 2 - math.floor(math.log10(step)))
    return [round(k * step, digits) for k in range(first, last + 1)]


def padded_range(values: Sequence[float] | Floats, share: float = 0.12) -> tuple[float, float]:
    """A range of all finite values with a margin of `share` of its length; never empty."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if finite.size == 0:
        return (-1.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    if high - low < 1e-9 * max(1.0, abs(high)):
        low, high = low - 1.0, high + 1.0
    margin = (high - low) * share
    return (low - margin, high + margin)


JUMP, POLE = 0.3, 20  # shares of a range: of one step between samples, and of their middle 80 %


def curve_range(
    values: Floats, share: float = 0.12, include: Sequence[float] | Floats = ()
) -> tuple[float, float]:
    """`padded_range` of the samples of a curve, cut off where the curve runs to a pole.

    A pole is where two neighbours differ by a large part of a range that is far wider than what
    most of the curve spans. The values of `include` are always within the range.
    """
    finite = values[np.isfinite(values)]
    if finite.size > 2:
        low, high = np.quantile(finite, (0.1, 0.9))
        whole, middle = float(np.ptp(finite)), float(high - low)
        if np.abs(np.diff(finite)).max() > JUMP * whole > JUMP * POLE * middle > 0:
            finite = finite[(finite >= low - middle) & (finite <= high + middle)]
    return padded_range(np.concatenate([finite, np.asarray(include, dtype=float)]), share)


GAP = 0.14  # between a tick label and the plane
NAME_OVERHANG = 0.05  # how far the name of the x axis may extend beyond the right edge
OVERHANG = 0.25  # how far labels may extend beyond the left edge of a plane's area


class TickLabel(VMobject):
    """The label of a tick. It belongs to the axis and is not a result, so it takes a float."""

    def __init__(self, value: float, font_size: float = FontSize.small) -> None:
        super().__init__(stroke_width=0, fill_opacity=1, fill_color=colors.muted)
        self.font_size = font_size
        self.points = number_outline(format_number(value)) * em(font_size)


class Plane(VGroup):
    """Axes over `x_range` and `y_range` that fill `area`, with a grid and tick labels.

    `x_name` and `y_name` are Typst math. `tick_count` is the wished number of ticks on each axis;
    the x axis gets fewer where their labels would overlap. Where zero is in a range, the axes cross
    there, or at the lower left corner if they are `at_edge`. `point(x, y)` is a screen position.
    """

    places_itself = True  # within `area`; layout.fit_into refuses it
    _at_edge = False

    def __init__(
        self,
        x_range: tuple[float, float],
        y_range: tuple[float, float],
        area: Rect,
        *,
        x_name: str = "x",
        y_name: str = "y",
        tick_count: tuple[int, int] = (7, 5),
        at_edge: bool = False,
    ) -> None:
        super().__init__()
        self._at_edge = at_edge
        self.x_range, self.y_range = x_range, y_range
        names = [
            set_math(name, font_size=FontSize.label, color=colors.muted)
            for name in (x_name, y_name)
        ]
        wide = max((self._tick(y).width for y in ticks(*y_range, tick_count[1])), default=0.0)
        left = area.left + max(0.55, wide + GAP - OVERHANG)
        self.plot_area = Rect(
            left,
            area.right - max(0.45, names[0].width - NAME_OVERHANG),
            area.bottom + 0.45,
            area.top - 0.4,
        )
        self._draw_axes(tick_count)
        self._place_names(*names)

    def point(self, x: float, y: float) -> Floats:
        """The screen position of (x, y), shape (3,)."""
        (x0, x1), (y0, y1), area = self.x_range, self.y_range, self.plot_area
        across = area.left + area.width * ((x - x0) / (x1 - x0))
        return np.array([across, area.bottom + area.height * ((y - y0) / (y1 - y0)), 0.0])

    def positions(self, points: Floats) -> Floats:
        """The screen positions of points (n, 2), shape (n, 3)."""
        low, high = np.array([self.x_range, self.y_range]).T
        area = self.plot_area
        sides = np.array([area.width, area.height])
        flat = [area.left, area.bottom] + sides * ((points - low) / (high - low))
        return np.column_stack([flat, np.zeros(len(points))])

    def contains(self, y: float) -> bool:
        """Whether y is finite and within `y_range`."""
        return math.isfinite(y) and self.y_range[0] <= y <= self.y_range[1]

    def reach(self, position: Floats, along: Floats) -> tuple[float, float]:
        """The distances from a screen position to the plane's edges along a unit vector.

        The first, against the vector, is negative inside the plane; the second is positive.
        """
        low = self.point(self.x_range[0], self.y_range[0])
        high = self.point(self.x_range[1], self.y_range[1])
        backward, forward = -math.inf, math.inf
        for axis in (0, 1):
            if abs(along[axis]) > 1e-12:
                ends = sorted((end[axis] - position[axis]) / along[axis] for end in (low, high))
                backward, forward = max(backward, ends[0]), min(forward, ends[1])
        return backward, forward

    def _axis_at(self, span: tuple[float, float]) -> float:
        """Where an axis crosses the other, whose range is `span`: at 0, or at the nearest end."""
        if self._at_edge:
            return span[0]
        return min(max(0.0, span[0]), span[1])

    def _draw_axes(self, count: tuple[int, int]) -> None:
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        x_axis, y_axis = self._axis_at((y0, y1)), self._axis_at((x0, x1))
        self.grid, self.labels = VGroup(), VGroup()
        for x in self._x_ticks(count[0]):
            self.grid.add(self._line((x, y0), (x, y1), colors.faint, 1.2))
            self._label(x, self.point(x, y0), DOWN)
        for y in ticks(y0, y1, count[1]):
            self.grid.add(self._line((x0, y), (x1, y), colors.faint, 1.2))
            self._label(y, self.point(x0, y), LEFT)
        self.lines = VGroup(
            self._line((x0, x_axis), (x1, x_axis), colors.muted, StrokeWidth.axis),
            self._line((y_axis, y0), (y_axis, y1), colors.muted, StrokeWidth.axis),
        )
        self.add(self.grid, self.lines, self.labels)

    def _tick(self, value: float) -> VMobject:
        """The label of a tick of the y axis."""
        return TickLabel(value)

    def _x_ticks(self, count: int) -> list[float]:
        """Ticks of the x axis: at most about `count`, fewer where their labels would overlap."""
        x0, x1 = self.x_range
        while True:
            values = ticks(x0, x1, count)
            wide = max((TickLabel(x).width for x in values), default=0.0) + GAP
            step = float((self.point(x1, 0) - self.point(x0, 0))[0]) / max(len(values), 1)
            if count <= 1 or wide < step:
                return values
            count -= 1

    def _label(self, value: float, position: Floats, side: Floats) -> None:
        label = self._tick(value) if side is LEFT else TickLabel(value)
        self.labels.add(label.next_to(position, side, buff=GAP))

    def _line(
        self, start: tuple[float, float], end: tuple[float, float], color: str, width: float
    ) -> Line:
        return Line(self.point(*start), self.point(*end), stroke_color=color, stroke_width=width)

    def _place_names(self, x_label: VMobject, y_label: VMobject) -> None:
        x_label.next_to(self.point(self.x_range[1], self.y_range[0]), RIGHT, buff=0.15)
        y_label.next_to(self.point(self.x_range[0], self.y_range[1]), UP, buff=0.12)
        self.names = VGroup(x_label, y_label)
        self.add(self.names)


class Curve(VMobject):
    """A polyline through (x, y), broken where y is not finite or outside the plane."""

    def __init__(self, plane: Plane, x: Floats, y: Floats, *, color: str = "") -> None:
        super().__init__(stroke_color=color or colors.value, stroke_width=StrokeWidth.curve)
        for piece in _pieces(plane, np.asarray(x, dtype=float), np.asarray(y, dtype=float)):
            corners = plane.positions(piece)
            self.start_new_path(corners[0])
            self.add_points_as_corners(corners[1:])


def _pieces(plane: Plane, x: Floats, y: Floats) -> list[Floats]:
    """The runs of two or more consecutive points within the plane's y range."""
    low, high = plane.y_range
    is_inside = np.isfinite(y) & (y >= low) & (y <= high)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_inside, [False]]).astype(int)))
    runs = zip(edges[::2], edges[1::2], strict=True)
    return [np.column_stack([x[a:b], y[a:b]]) for a, b in runs if b - a > 1]
