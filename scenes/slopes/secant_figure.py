"""A secant with its run and rise on a plane, and a magnified view of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
from manim import DOWN, RIGHT, UP, Dot, Line, Mobject, Rectangle, ValueTracker, VGroup, VMobject

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats, Plane, padded_range
from gradreel.draw.tangent import direction
from gradreel.draw.text import math as math_text
from gradreel.draw.text import text
from gradreel.draw.text_background import text_background
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

SECANT_WIDTH = 2 * StrokeWidth.curve  # behind the curve, it is to be seen on both sides
MARK = 0.22  # length of a scale mark of the lens, frame units
CLEAR = 0.08  # frame units around a word that are to be free


class SecantPoints(Protocol):
    """A measured secant: f(x) is `here`, f(x + h) is `here` plus `rise`."""

    @property
    def h(self) -> Quantity: ...
    @property
    def here(self) -> Quantity: ...
    @property
    def rise(self) -> Quantity: ...
    @property
    def slope(self) -> Quantity: ...


class SecantOnPlane(VGroup):
    """The line through two points of a curve, its run and its rise, and the second point.

    `current()` gives the secant at `x` for the current frame. `words` name run and rise where these
    are drawn first, unless the line, the curve or an axis passes there.
    """

    def __init__(
        self, plane: Plane, x: float, current: Callable[[], SecantPoints], curve: VMobject
    ) -> None:
        self.line = Line(stroke_color=colors.gradient, stroke_width=SECANT_WIDTH)
        self.run = Line(stroke_color=colors.leaf, stroke_width=StrokeWidth.curve)
        self.rise = Line(stroke_color=colors.local, stroke_width=StrokeWidth.curve)
        self.far = Dot(radius=0.11, color=colors.accent).set_z_index(2)
        super().__init__(self.line, self.run, self.rise, self.far)

        def follow(_: Mobject) -> None:
            secant = current()
            low, high = secant.here, secant.here + secant.rise
            start, corner = plane.point(x, low), plane.point(x + secant.h, low)
            end = plane.point(x + secant.h, high)
            along = direction(plane, secant.slope)
            back, forth = plane.reach(start, along)
            self.line.set_points_by_ends(start + along * back, start + along * forth)
            self.run.set_points_by_ends(start, corner)
            self.rise.set_points_by_ends(corner, end)
            self.far.move_to(end)

        self.add_updater(follow, call_updater=True)
        falls = self.rise.get_end()[1] < self.rise.get_start()[1]
        words = (("run", colors.leaf), ("rise", colors.local))
        run, rise = (text(word, font_size=FontSize.label, color=tone) for word, tone in words)
        run.next_to(self.run, UP if falls else DOWN, buff=0.12)
        rise.next_to(self.rise, RIGHT, buff=0.14)
        steps = np.linspace(0, 1, 200)[:, None]
        ends = [line.get_start_and_end() for line in (self.line, *plane.lines)]
        lines = [start + steps * (end - start) for start, end in ends]
        drawn = np.concatenate([curve.points, *lines])
        self.words = VGroup(*(word for word in (run, rise) if _is_clear(word, drawn)))


def _is_clear(word: VMobject, drawn: Floats) -> bool:
    """Whether none of the points `drawn` is on a word or close to it."""
    reach = np.array([word.width, word.height]) / 2 + CLEAR
    return not (np.abs(drawn - word.get_center())[:, :2] < reach).all(axis=1).any()


class Lens(VGroup):
    """The neighbourhood of x, magnified so that h always has the same width in `area`.

    It shows the curve, the secant, run and rise. `values(xs)` evaluates the function, and
    `tangent` is its slope at x; they and the first secant set the vertical range. While `lag` is
    above zero, h has only 10**-lag of its width: the lens has not followed it yet. `spot` is the
    rectangle on `plane` that the lens magnifies; `opened` is what it shows before the secant.
    `scale_marks` stand at an edge, at decimal distances from x: as h shrinks, they move
    apart.
    """

    def __init__(
        self,
        plane: Plane,
        x: float,
        current: Callable[[], SecantPoints],
        values: Callable[[Floats], Floats],
        tangent: float,
        area: Rect,
        lag: ValueTracker | None = None,
    ) -> None:
        self.lag = ValueTracker(0.0) if lag is None else lag
        self.x, self.current, self.values, self.area = x, current, values, area
        self._plane = plane
        self.across = np.linspace(-0.3, 2.0, 81)
        first = current()
        heights = [self._heights(first), self.across * tangent, self.across * first.slope]
        self.span = padded_range(np.concatenate(heights), 0.08)
        self.frame = Rectangle(width=area.width, height=area.height).move_to(area.center)
        self.frame.set_stroke(colors.muted, StrokeWidth.frame).set_fill(colors.panel, opacity=1)
        self.spot = Rectangle(stroke_color=colors.muted, stroke_width=StrokeWidth.frame)
        self.curve = VMobject(stroke_color=colors.value, stroke_width=StrokeWidth.curve)
        self.line = Line(stroke_color=colors.gradient, stroke_width=SECANT_WIDTH)
        start, corner = self.point(0, 0), self.point(1, 0)
        self.run = Line(start, corner, stroke_color=colors.leaf, stroke_width=StrokeWidth.curve)
        self.rise = Line(stroke_color=colors.local, stroke_width=StrokeWidth.curve)
        self.dots = VGroup(*(Dot(start, radius=0.11, color=colors.accent) for _ in range(2)))
        self.curve.set_z_index(1)
        self.dots.set_z_index(3)
        self._build_labels(rises=first.slope >= 0)
        self.scale_marks = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.frame)
        # The edge that is away from the label of the run, and the direction to the inside.
        self._marked_edge = (area.top, -1) if first.slope >= 0 else (area.bottom, 1)
        self.opened = VGroup(self.frame, self.scale_marks, self.curve, self.dots[0])
        super().__init__(
            self.frame, self.scale_marks, self.curve, self.line, self.behind_label,
            self.run, self.rise, self.dots, self.run_label, self.rise_label,
        )  # fmt: skip
        self._follow()
        self.spot.add_updater(lambda _: self._follow_spot(), call_updater=True)

    def _build_labels(self, *, rises: bool) -> None:
        """The names of run and rise; what is behind the latter hides the lines there."""
        self.run_label = LabelledNumber(
            "h", lambda: self.current().h.rounded(2), color=colors.leaf, places=None,
            font_size=FontSize.label,
        )  # fmt: skip
        self.run_label.next_to(self.run, DOWN if rises else -DOWN, buff=0.12)
        self.rise_label: VMobject = math_text(
            "f(x + h) - f(x)", font_size=FontSize.label, color=colors.local
        )
        room = self.area.right - float(self.point(1, 0)[0]) - 0.5
        if self.rise_label.width > room:
            self.rise_label.scale_to_fit_width(room)
        self.behind_label = text_background(self.rise_label, margin=0.05).set_fill(colors.panel)
        self.behind_label.set_z_index(2)
        self.rise_label.set_z_index(3)

    def follows(self) -> Lens:
        """From now on it shows the current secant; until then, parts of it can be shown alone."""
        self.add_updater(lambda _: self._follow(), call_updater=True)
        return self

    def point(self, u: float, v: float) -> Floats:
        """Where the lens shows a point right of x and above f(x), both in units of `_unit`."""
        position: Floats = self._points(np.array([u]), np.array([v]))[0]
        return position

    def _unit(self, secant: SecantPoints) -> float:
        """The width that the lens shows as one: that of h, if it has followed."""
        return float(secant.h * 10.0 ** self.lag.get_value())

    def _points(self, us: Floats, vs: Floats) -> Floats:
        """Where the lens shows n points, shape (n, 3)."""
        low, high = self.span
        across = self.area.left + (us - self.across[0]) / np.ptp(self.across) * self.area.width
        up = self.area.bottom + (vs - low) / (high - low) * self.area.height
        return np.column_stack([across, up, np.zeros(len(us))])

    def _heights(self, secant: SecantPoints) -> Floats:
        """The curve above f(x) in the lens's units, at `across`."""
        unit = self._unit(secant)
        heights: Floats = (self.values(self.x + self.across * unit) - secant.here) / unit
        return heights

    def _follow(self) -> None:
        secant = self.current()
        self._place_marks(self._unit(secant))
        heights = np.clip(self._heights(secant), *self.span)
        self.curve.set_points_as_corners(self._points(self.across, heights))
        reach = [u for u in self.across if self.span[0] <= u * secant.slope <= self.span[1]]
        ends = [self.point(u, u * secant.slope) for u in (reach[0], reach[-1])]
        self.line.set_points_by_ends(ends[0], ends[1])
        share = 10.0 ** -self.lag.get_value()
        start, corner = self.point(0, 0), self.point(share, 0)
        top = self.point(share, share * secant.slope)
        self.run.set_points_by_ends(start, corner)
        self.rise.set_points_by_ends(corner, top)
        self.dots[1].move_to(top)
        self.run_label.next_to(self.run, DOWN if secant.slope >= 0 else UP, buff=0.12)
        self.run_label.shift(max(float(start[0] - self.run_label.get_left()[0]), 0.0) * RIGHT)
        self._place_rise_label(secant.slope, share, corner)
        self.behind_label.move_to(self.rise_label)

    def _place_rise_label(self, slope: float, share: float, corner: Floats) -> None:
        """Beside the rise, or, the smaller that is in the lens, beside the name of the run."""
        label = self.rise_label
        whole = abs(float(self.point(0, slope)[1] - corner[1]))
        label.move_to(corner + (self.point(0, slope * share / 2)[1] - corner[1]) * UP)
        label.next_to(label.get_center(), RIGHT, buff=0.2)
        # Beside a short rise the label would overlap the secant.
        low = max(0.45 - whole / 2, 0.0)
        label.shift(low * (DOWN if slope < 0 else UP))
        end = self.run_label.get_right() + 0.35 * RIGHT
        label.shift((1.0 - share) * (end - label.get_left()))

    def _place_marks(self, h: float) -> None:
        """The marks at k · 10^d, where 10^d is the largest power of ten that is at most h.

        All but the tenfold ones become shorter as they come close to each other.
        """
        fraction = math.log10(h) % 1.0
        if fraction > 1 - 1e-9:  # h is a power of ten, but for rounding
            fraction = 0.0
        pitch = 10.0**-fraction  # in units of h
        self.scale_marks.clear_points()
        edge, inward = self._marked_edge
        for k in range(math.ceil(self.across[0] / pitch), int(self.across[-1] / pitch) + 1):
            x = float(self.point(k * pitch, 0)[0])
            length = MARK * (1 - fraction if k % 10 else 1.0)
            self.scale_marks.start_new_path(point(x, edge))
            self.scale_marks.add_line_to(point(x, edge + inward * length))

    def _follow_spot(self) -> None:
        secant = self.current()
        unit = self._unit(secant)
        ends = (self.x + self.across[0] * unit, self.x + self.across[-1] * unit)
        left, right = np.clip(ends, *self._plane.x_range)
        heights = (secant.here + self.span[0] * unit, secant.here + self.span[1] * unit)
        low, high = np.clip(heights, *self._plane.y_range)
        a, b = self._plane.point(left, low), self._plane.point(right, high)
        self.spot.set_points_as_corners(np.array([a, [b[0], a[1], 0], b, [a[0], b[1], 0], a]))
