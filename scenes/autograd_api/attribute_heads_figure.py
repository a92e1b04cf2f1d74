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
        self.bar = self._bars[0].copy().set_stroke(colors.accent, StrokeWidth.curve)

    def begins(self, index: int) -> Animation:
        """The name of an attribute appears, and the bar comes to it from the one before."""
        appears = FadeIn(self.heads[index], shift=0.15 * DOWN)
        if not index:
            return AnimationGroup(appears, Create(self.bar))
        target = self._bars[index]
        return AnimationGroup(
            appears,
            ApplyMethod(self.bar.put_start_and_end_on, target.get_start(), target.get_end()),
            ApplyMethod(self.heads[index - 1].set_fill, colors.muted),
        )
