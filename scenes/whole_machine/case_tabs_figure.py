"""The names of several cases in a row, with a line under the one that is shown."""

from __future__ import annotations

from collections.abc import Sequence

from manim import Animation, AnimationGroup, ApplyMethod, FadeIn, Line, VGroup

from gradreel.draw.baseline import align_baselines
from gradreel.draw.layout import Rect, point
from gradreel.draw.text import text
from gradreel.theme import FontSize, StrokeWidth, colors


class CaseTabs(VGroup):
    """Names along the upper edge of `area`; the first one is marked. Nothing for a single one."""

    def __init__(self, names: Sequence[str], area: Rect) -> None:
        super().__init__()
        if len(names) < 2:
            return
        self.names = [text(name, font_size=FontSize.label, color=colors.muted) for name in names]
        self.add(*self.names)
        gap = (area.width - sum(name.width for name in self.names)) / (len(names) - 1)
        left = area.left
        for name in self.names:
            name.move_to(point(left + name.width / 2, area.top - 0.2))
            left += name.width + min(gap, 1.2)
        align_baselines(*self.names)
        self.shift(point(area.center[0] - self.get_x(), 0))
        self.names[0].set_color(colors.text)
        self.mark = self._mark(0)
        self.add(self.mark)

    def shows(self, number: int) -> Animation:
        """All names appear for the first case; for another, counted from 0, the line moves."""
        if number == 0:
            return FadeIn(self)
        tones = (colors.text if k == number else colors.muted for k in range(len(self.names)))
        recolored = (
            ApplyMethod(name.set_color, tone) for name, tone in zip(self.names, tones, strict=True)
        )
        return AnimationGroup(*recolored, ApplyMethod(self.mark.become, self._mark(number)))

    def _mark(self, number: int) -> Line:
        name = self.names[number]
        foot = point(name.get_x(), self.names[0].get_y() - 0.32)
        half = point(name.width / 2, 0)
        return Line(foot - half, foot + half).set_stroke(colors.warning, StrokeWidth.frame)
