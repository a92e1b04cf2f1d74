"""The names of a tensor's attributes in a row; a bar is under the one that tags show."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, Animation, AnimationGroup, ApplyMethod, Create, FadeIn, Line, VGroup

from gradreel.draw.baseline import align_baselines
from gradreel.draw.layout import Rect
from gradreel.draw.text import text
from gradreel.theme import FontSize, StrokeWidth, colors

LEAST_GAP = 0.4


class AttributeHeads(VGroup):
    """Names of attributes from left to right over the width of `area`."""

    def __init__(self, names: Sequence[str], area: Rect) -> None:
        super().__init__()
        self.heads = [
            text(name, font_size=FontSize.body, color=colors.accent, mono=True) for name in names
        ]
        free = area.width - LEAST_GAP * (len(names) - 1)
        share = min(free / sum(head.width for head in self.heads), 1.0)
        for head in self.heads:
            head.scale(share)
        row = VGroup(*self.heads).move_to(area.center)
        gap = (area.width - sum(head.width for head in self.heads)) / len(names)
        left = area.left + gap / 2
        for head in self.heads:
            head.set_x(left + head.width / 2)
            left += head.width + gap
            align_baselines(self.heads[0], head)
        low = row.get_bottom()[1] - 0.12
        self._bars = [
            Line((head.get_left()[0], low, 0), (head.get_right()[0], low, 0)) for head in self.heads
        ]
        self._marked: int | None = None
        self.bar = self._bars[0].copy().set_stroke(colors.accent, StrokeWidth.curve)

    def appears(self, index: int) -> Animation:
        """A name appears before its turn, in gray."""
        self.heads[index].set_fill(colors.muted)
        return FadeIn(self.heads[index], shift=0.15 * DOWN)

    def begins(self, index: int) -> Animation:
        """A name appears, and the bar comes to it."""
        appears = FadeIn(self.heads[index], shift=0.15 * DOWN)
        return AnimationGroup(appears, self._bar_comes(index))

    def marks(self, index: int) -> Animation:
        """The bar comes to a name that is on stage."""
        lit = ApplyMethod(self.heads[index].set_fill, colors.accent)
        return AnimationGroup(lit, self._bar_comes(index))

    def _bar_comes(self, index: int) -> Animation:
        """The bar from the name that it is under, which turns gray, to another one."""
        before, self._marked = self._marked, index
        if before is None:
            self.bar.become(self._bars[index]).set_stroke(colors.accent, StrokeWidth.curve)
            return Create(self.bar)
        target = self._bars[index]
        return AnimationGroup(
            ApplyMethod(self.bar.put_start_and_end_on, target.get_start(), target.get_end()),
            ApplyMethod(self.heads[before].set_fill, colors.muted),
        )
