"""A loss surface in 3D and as a contour map, with the same descents on both."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    ApplyMethod,
    FadeIn,
    FadeOut,
    Line,
    Mobject,
    ValueTracker,
    VGroup,
)

from gradreel.draw.contours import Contours, MapTrail, contour_levels
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.plane import Floats, Plane
from gradreel.draw.text import math, text
from gradreel.scenes.descent.surface_descent_figure import (
    Surface,
    SurfaceDescent,
    on_field,
    path_on_field,
)
from gradreel.scenes.descent.surface_figure import FieldTrail, HeightField, best_view
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

COMMON = (0.1, 1e5)  # losses at the start that two decimals suit
UNSEEN = 0.02  # of the half width of the surface: a way too short to be seen
STRAIGHT = 40  # points on the straight way to the lowest point


class SurfaceWithMap:
    """The mobjects of one surface on `field` and on the map `plane`; `clock` counts steps.

    The formula is in `head`, the learning rate and the loss of each ball in `foot`.
    """

    def __init__(
        self, surface: Surface, field: HeightField, plane: Plane, head: Rect, foot: Rect
    ) -> None:
        self.surface, self.field, self.plane = surface, field, plane
        self.clock, self.opacity = ValueTracker(0), ValueTracker(0)
        self.losses: Floats = surface.function.grid(*surface.axes(61))[0]
        self.levels = contour_levels(self.losses)
        self.line_heights = surface.height(self.levels)
        formula = math(f'"loss" = {surface.function.typst()}', font_size=FontSize.body)
        inset = Rect(head.left + 0.06, head.right - 0.06, head.bottom, head.top)
        self.formula = fit_into(formula, inset)
        time, opacity = self.clock.get_value, self.opacity.get_value
        self.balls = [
            SurfaceDescent(surface, descent, field, plane, time, opacity, color)
            for descent, color in zip(surface.descents, (colors.accent, colors.local), strict=False)
        ]
        self.trails, self.marks = [b.trail for b in self.balls], [b.mark for b in self.balls]
        self.arrows = [arrow for ball in self.balls for arrow in ball.arrows]
        lr, *losses = foot.columns(1, *(1.5 if len(self.balls) == 1 else 1.2 for _ in self.balls),
                                   gap=0.15)  # fmt: skip
        self.numbers = [_labelled('"lr"', surface.descents[0].lr, lr, colors.leaf)]
        low, high = COMMON
        places = 2 if low <= abs(float(surface.descents[0][0].loss)) < high else None
        self.numbers += [
            _labelled('"loss"', ball.loss, area, ball.color, places)
            for ball, area in zip(self.balls, losses, strict=True)
        ]

    def best_view(self, views: Sequence[float], swing: float) -> float:
        """The one of `views` from which the descents are seen best, and `swing` to both sides."""
        paths = [path_on_field(self.surface, descent) for descent in self.surface.descents]
        return best_view(self.surface.heights, paths, views, swing)

    @property
    def share_seen(self) -> float:
        """The share of the steps after which the first ball is, to the eye, where it ends."""
        positions = self.balls[0].positions
        ways = np.hypot(*(positions - positions[-1]).T)
        seen = int((ways >= UNSEEN * self.surface.half_width).sum()) + 1
        return min(seen / max(len(ways) - 1, 1), 1.0)

    @property
    def field_mobjects(self) -> list[Mobject]:
        """The mobjects on the field; they are transparent until `appears` is played."""
        return [*self.arrows, *self.trails]

    @property
    def mobjects(self) -> list[Mobject]:
        """All that `disappears` makes invisible."""
        return [*self.field_mobjects, *self.marks, *self.numbers]

    def appears(self) -> list[Animation]:
        """Balls and arrows grow on the field; the marks on the map and the numbers fade in."""
        return [ApplyMethod(self.opacity.set_value, 1), FadeIn(*self.marks, *self.numbers)]

    def disappears(self) -> list[Animation]:
        """The opposite of `appears`."""
        return [ApplyMethod(self.opacity.set_value, 0), FadeOut(*self.marks, *self.numbers)]

    def lifted(self, contours: Contours) -> VGroup:
        """The lines of the map on the surface above them, but none that run off its edge."""
        lines: VGroup = contours.copy().clear_updaters()
        area = self.plane.plot_area
        middle = np.array(area.center[:2])
        for line, level in zip(lines, self.levels, strict=True):
            u, v = 2 * (line.points[:, :2] - middle).T / np.array([[area.width], [area.height]])
            height = self.surface.height(np.full(len(u), level))
            line.points = self.field.project(u, v, height)
        lines.set_stroke(colors.text, StrokeWidth.arrow - 1)
        grid = self.losses
        rim = min(edge.min() for edge in (grid[0], grid[-1], grid[:, 0], grid[:, -1]))
        if (self.levels < rim).any():
            VGroup(*lines[int((self.levels < rim).sum()) :]).set_stroke(opacity=0)
        return lines

    def straight_way(self) -> StraightWay:
        """The straight way from the start to where the first descent ends."""
        return StraightWay(self)


class StraightWay:
    """A pale ball that goes straight from the start of the first descent to its end.

    It goes from 0 to 1 on `clock`, over the surface and over the map.
    """

    def __init__(self, picture: SurfaceWithMap) -> None:
        surface, states = picture.surface, picture.balls[0].positions
        self.clock, self.opacity = ValueTracker(0), ValueTracker(0)
        points = np.linspace(states[0], states[-1], STRAIGHT + 1)
        losses = [float(surface.function.evaluate(*p).value) for p in points]
        path = on_field(surface, points, np.array(losses))

        def time() -> float:
            return STRAIGHT * self.clock.get_value()

        self.trail = FieldTrail(
            picture.field, path, time, self.opacity.get_value, color=colors.text
        )
        self.mark = MapTrail(picture.plane, points, time, color=colors.text)
        words = text("straight", font_size=FontSize.small, color=colors.text)
        sample = Line(stroke_color=colors.text, stroke_width=StrokeWidth.arrow).set_length(0.4)
        plot = picture.plane.plot_area
        # Above the map: its lines would run through the letters.
        self.name = VGroup(sample, words).arrange(RIGHT, buff=0.15)
        self.name.move_to(point(plot.right, plot.top + 0.1), aligned_edge=DOWN + RIGHT)

    def begins(self) -> list[Animation]:
        """The ball comes, with the name of its way."""
        return [ApplyMethod(self.opacity.set_value, 1), FadeIn(self.mark, self.name)]

    def runs(self) -> Animation:
        """The ball goes its way."""
        return ApplyMethod(self.clock.set_value, 1)


def _labelled(
    label: str, source: Quantity | Callable[[], Quantity], area: Rect, color: str,
    places: int | None = None,
) -> LabelledNumber:  # fmt: skip
    """A number with its label at the left of `area`, smaller where the area is narrow."""
    font_size = FontSize.label if area.width > 1.9 else FontSize.small
    number = LabelledNumber(label, source, color=color, places=places, font_size=font_size)
    number.move_to(area.center).align_to(point(area.left, 0), LEFT)
    return number
