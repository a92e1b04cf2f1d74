"""A magnifier on a number line, and the beam that carries a nudge from one to the next."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from manim import (
    DR,
    UL,
    Animation,
    Line,
    Polygon,
    RoundedRectangle,
    ValueTracker,
    VGroup,
    VMobject,
    linear,
    smooth,
)

from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors

RIM = 0.16  # between the glass and what is seen through it
CORNER = 0.22
TICK, LEAST_GAP = 0.12, 0.07  # frame units: the length of a tick, the least distance of two
BEAM_OPACITY, RAY_LEAD = 0.2, 3.0
STAGES = (
    (0.25, 0.45),
    (0.45, 0.85),
    (0.85, 1.0),
)  # of an opening: it appears, widens, is looked into


class LensScale:
    """The scale that all lenses of a figure share: one step of the nudge is `unit()` wide."""

    def __init__(self, unit: float, base: float) -> None:
        self.unit_tracker, self.base_tracker = ValueTracker(unit), ValueTracker(base)

    def unit(self) -> float:
        """The width of one step, in frame units."""
        return float(self.unit_tracker.get_value())

    def base(self) -> float:
        """The x of the needles on the screen."""
        return float(self.base_tracker.get_value())


class ScaleBar(VMobject):
    """A bar with upright ends, as long as one step appears in the lenses; it begins at `left`."""

    def __init__(self, scale: LensScale, left: Floats) -> None:
        super().__init__(stroke_color=colors.accent, stroke_width=StrokeWidth.frame)
        half = point(0, TICK / 2)

        def follow(bar: Any) -> None:
            right = left + point(scale.unit(), 0)
            _set_segments(
                bar, [(left, right), (left - half, left + half), (right - half, right + half)]
            )

        self.add_updater(follow, call_updater=True)


class Lens(VGroup):
    """A strip of glass in `area`: what is seen of a number line that is magnified very much.

    The needle marks the value before the nudge; the bar reaches from there to the value after it,
    which is `steps()` steps away. `cuts()` are the places of the bar where it is divided, in steps.
    """

    def __init__(
        self,
        area: Rect,
        scale: LensScale,
        steps: Callable[[], float],
        cuts: Callable[[], Sequence[float]],
        color: str,
    ) -> None:
        super().__init__()
        self.area, self._scale, self._steps, self._cuts = area, scale, steps, cuts
        self.glass = _glass(area.width, area.height, CORNER).move_to(area.center)
        self.handle = Line(stroke_color=colors.muted, stroke_width=7)
        self.handle.points = self._handle_points(self.glass)
        self.ticks = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.axis)
        self.ticks.add_updater(self._draw_ticks, call_updater=True)
        self.bar = Polygon(*[area.center] * 4, stroke_width=0, fill_opacity=1)
        self.bar.set_fill(colors.accent).add_updater(self._draw_bar, call_updater=True)
        self.grid = VMobject(stroke_color=colors.background, stroke_width=2)
        self.grid.add_updater(self._draw_grid, call_updater=True)
        self.needle = VMobject(stroke_color=color, stroke_width=StrokeWidth.curve)
        self.needle.add_updater(self._draw_needle, call_updater=True)
        self.inside = VGroup(self.ticks, self.bar, self.grid, self.needle)
        self.add(self.handle, self.glass, self.inside)

    def place(self, steps: float) -> float:
        """Where a value so many steps after the needle is drawn; at the rim if beyond it."""
        x = self._scale.base() + self._scale.unit() * (steps if math.isfinite(steps) else 0.0)
        return min(max(x, self.area.left + RIM), self.area.right - RIM)

    @property
    def edges(self) -> tuple[float, float]:
        """The lower and the upper edge of the bar."""
        return self.area.bottom + 0.08, self.area.top - 0.08

    def _draw_needle(self, needle: Any) -> None:
        x = self.place(0)
        needle.set_points_as_corners([point(x, y) for y in self.edges])

    def _draw_bar(self, bar: Any) -> None:
        low, high = self.edges
        x0, x1 = self.place(0), self.place(self._steps())
        x1 += 1e-4 if x0 == x1 else 0.0
        corners = [(x0, low), (x1, low), (x1, high), (x0, high), (x0, low)]
        bar.set_points_as_corners([point(*corner) for corner in corners])

    def _draw_ticks(self, ticks: Any) -> None:
        low = self.edges[0]
        _set_segments(ticks, [(point(x, low), point(x, low + TICK)) for x in self._tick_places()])

    def _draw_grid(self, grid: Any) -> None:
        """The limits of the steps within the bar, and stronger ones where it is divided."""
        low, high = self.edges
        x0, x1 = sorted((self.place(0), self.place(self._steps())))
        steps = [(x, high) for x in self._tick_places()]
        cuts = [(self.place(cut), high) for cut in self._cuts()]
        inside = [(x, top) for x, top in (*steps, *cuts) if x0 + 0.02 < x < x1 - 0.02]
        # Never without an outline: it would come and go at once.
        start = (point(x0, low), point(x0, low + 0.01))
        _set_segments(grid, [start, *((point(x, low), point(x, top)) for x, top in inside)])

    def _tick_places(self) -> list[float]:
        """The places of whole steps; of every tenth or hundredth where they would be too close."""
        unit = self._scale.unit()
        each = 10.0 ** max(math.ceil(math.log10(LEAST_GAP / max(unit, 1e-9))), 0)
        first = math.ceil((self.area.left + RIM - self._scale.base()) / (unit * each))
        last = math.floor((self.area.right - RIM - self._scale.base()) / (unit * each))
        return [self._scale.base() + unit * each * k for k in range(first, last + 1)]

    # Verbs

    def opens(self, start: Floats) -> Animation:
        """A round magnifier appears at `start` and widens to the whole strip."""
        return LensOpening(self, start)

    def show_opening(self, start: Floats, share: float) -> None:
        """Draw the lens so far opened: first it appears, then it widens, then one looks in."""
        grows, widens, shows = (_stage(share, *times) for times in STAGES)
        height = self.area.height
        width = height + (self.area.width - height) * widens
        corner = height / 2 + (CORNER - height / 2) * widens
        center = start + (self.area.center - start) * widens
        glass = _glass(width, height, corner).scale(max(grows, 1e-3)).move_to(center)
        self.glass.points = glass.points
        self.handle.points = self._handle_points(glass)
        for part in (self.ticks, self.needle):
            part.set_stroke(opacity=shows)

    def _handle_points(self, glass: VMobject) -> Floats:
        """The handle, from the lower right edge of the glass outward."""
        corner = glass.get_corner(DR) + 0.16 * glass.height * UL
        return Line(corner, corner + 0.5 * glass.height * DR).points


class LensOpening(Animation):
    """Brings a lens on stage."""

    def __init__(self, lens: Lens, start: Floats, **kwargs: Any) -> None:
        self._lens, self._start = lens, start
        super().__init__(lens, introducer=True, rate_func=linear, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Draw the lens so far opened."""
        self._lens.show_opening(self._start, self.rate_func(alpha))


class BetweenLenses(VGroup):
    """What a nudge does on its way from one lens to the next.

    `steps()` are the limits of its parts in the upper and in the lower lens: pairs of steps, from
    the needle on. `share()` is how much of the nudge has arrived below.
    """

    def __init__(
        self,
        upper: Lens,
        lower: Lens,
        steps: Callable[[], Sequence[tuple[float, float]]],
        share: Callable[[], float],
    ) -> None:
        super().__init__()
        self._upper, self._lower, self._steps, self._share = upper, lower, steps, share
        self._build()

    def _build(self) -> None:
        """Make and add the parts."""


class Beam(BetweenLenses):
    """The nudge as an area between the two lenses; before any has arrived, there is no beam."""

    def _build(self) -> None:
        self.area = Polygon(*[self._upper.area.center] * 4, stroke_width=0)
        self.area.set_fill(colors.accent, BEAM_OPACITY)
        self.rays = VMobject(stroke_color=colors.accent, stroke_width=2, stroke_opacity=0.8)
        self.area.add_updater(self._draw_area, call_updater=True)
        self.rays.add_updater(self._draw_rays, call_updater=True)
        self.add(self.area, self.rays)

    def _ends(self) -> list[tuple[Floats, Floats]]:
        top, bottom = self._upper.area.bottom, self._lower.area.top
        return [
            (point(self._upper.place(a), top), point(self._lower.place(b), bottom))
            for a, b in self._steps()
        ]

    def _draw_area(self, area: Any) -> None:
        ends = self._ends()
        (a, b), (c, d) = ends[0], ends[-1]
        area.set_points_as_corners([a, c, d, b, a])

    def _draw_rays(self, rays: Any) -> None:
        # The rays run ahead; without a nudge they are points, not nothing, so as not to pop up.
        way = min(max(RAY_LEAD * self._share(), 0.01), 1.0)
        _set_segments(rays, [(start, start + (end - start) * way) for start, end in self._ends()])


def _glass(width: float, height: float, corner: float) -> RoundedRectangle:
    """The glass of a magnifier; it is round where `corner` is at least half its height."""
    radius = min(corner, height / 2 - 1e-3)
    glass = RoundedRectangle(corner_radius=radius, width=width, height=height)
    return glass.set_fill(colors.panel, 1).set_stroke(colors.muted, StrokeWidth.frame)


def _stage(share: float, start: float, end: float) -> float:
    """How much of a stage from `start` to `end` is over."""
    return float(smooth(min(max((share - start) / (end - start), 0.0), 1.0)))


def _set_segments(lines: Any, segments: Sequence[tuple[Floats, Floats]]) -> None:
    """Let `lines` be these separate segments."""
    lines.clear_points()
    for start, end in segments:
        lines.start_new_path(start)
        lines.add_points_as_corners([end])
