"""The parts of a nudge, told apart and counted: shades in the bars, and a bracket below one."""

from __future__ import annotations

from functools import partial
from typing import Any

from manim import DOWN, Line, Polygon, VGroup, VMobject

from gradreel.draw.layout import point
from gradreel.draw.plane import Floats
from gradreel.scenes.chain_rule.lens_figure import BetweenLenses, Lens
from gradreel.scenes.chain_rule.live_product_figure import SlopeReadout
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

SHADE = 0.3  # opacity of the background over the second part; over the third it is twice that
BRACKET, BELOW = 0.1, 0.07  # frame units: the height of a bracket, and the gaps around it


class PartShades(BetweenLenses):
    """Each part of the bar in the upper lens has a shade, and so has what it became in the lower.

    The shades rise with how much of the nudge has arrived below.
    """

    def _build(self) -> None:
        for part in range(1, len(self._steps()) - 1):
            for side, lens in enumerate((self._upper, self._lower)):
                shade = Polygon(*[lens.area.center] * 4, stroke_width=0)
                shade.set_fill(colors.background, SHADE * part)
                shade.add_updater(partial(self._draw, lens, side, part), call_updater=True)
                self.add(shade)

    def _draw(self, lens: Lens, side: int, part: int, shade: Any) -> None:
        limits = [pair[side] for pair in self._steps()]
        # After a move of x there may be fewer parts: then this one has no width.
        start, end = (lens.place(limits[min(k, len(limits) - 1)]) for k in (part, part + 1))
        low, top = lens.edges
        high = low + (top - low) * max(self._share(), 1e-3)
        corners = [(start, low), (end, low), (end, high), (start, high), (start, low)]
        shade.set_points_as_corners([point(*corner) for corner in corners])


class StepCount(VGroup):
    """A bracket below the steps of `lens` up to `end`, in steps, and below it how many they are."""

    def __init__(self, lens: Lens, end: float, count: Quantity) -> None:
        left, right = lens.place(0), lens.place(end)
        high = lens.area.bottom - BELOW
        low = high - BRACKET
        self.bracket = VMobject(stroke_color=colors.local, stroke_width=StrokeWidth.frame)
        corners: list[Floats] = [point(left, high), point(left, low),
                                 point(right, low), point(right, high)]  # fmt: skip
        self.bracket.set_points_as_corners(corners)
        self.number = SlopeReadout(lambda: count, font_size=FontSize.label, color=colors.local)
        self.number.next_to(Line(corners[1], corners[2]), DOWN, buff=BELOW)
        super().__init__(self.bracket, self.number)
