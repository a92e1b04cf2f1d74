"""The card of a tensor from near by, with words for its rows, its columns and its shape."""

from __future__ import annotations

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    Mobject,
    Transform,
    VGroup,
    VMobject,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

MOST_SCALE = 2.2
GAP, HOOK = 0.25, 0.15  # between card and bracket; the ends of a bracket


class CardCloseUp(VGroup):
    """A copy of `card` as high as `area`, with brackets along the rows and columns of `heat_map`.

    `heat_map` is the part of the card that shows the tensor; `rows` and `columns` count its cells.
    """

    def __init__(
        self, card: VGroup, heat_map: Mobject, rows: Quantity, columns: Quantity, area: Rect
    ) -> None:
        super().__init__()
        self.origin, self.card = card, card.copy()
        scale = min(MOST_SCALE, (area.height - 1.2) / card.height)
        middle = area.center + 0.35 * UP
        self.card.scale(scale).move_to(middle)
        half = point(heat_map.width / 2, heat_map.height / 2) * scale
        center = middle + (heat_map.get_center() - card.get_center()) * scale
        left = self.card.get_left()[0] - GAP
        side = [point(left, center[1] + half[1]), point(left, center[1] - half[1])]
        low = self.card.get_bottom()[1] - GAP
        foot = [point(center[0] - half[0], low), point(center[0] + half[0], low)]
        self.row_words = _count("rows: examples", rows).next_to(_middle(side), LEFT, buff=0.3)
        self.column_words = _count("columns: features", columns)
        self.column_words.next_to(_middle(foot), DOWN, buff=0.2)
        self.shape_words = text("shape", font_size=FontSize.body, color=colors.muted)
        high = point(self.card.get_right()[0] + 1.0, self.card.get_top()[1] - 0.22 * scale)
        self.shape_words.move_to(high, aligned_edge=LEFT)
        arrow = CompactArrow([self.shape_words.get_left() + 0.12 * LEFT, high + 0.95 * LEFT])
        self.marks = VGroup(
            _bracket(side, HOOK * RIGHT), self.row_words, _bracket(foot, HOOK * UP),
            self.column_words, self.shape_words, arrow,
        )  # fmt: skip

    def appears(self, origin: Mobject) -> Animation:
        """The card grows from `origin`, which it explains."""
        return FadeIn(self.card, target_position=origin, scale=0.25)

    def explains(self) -> Animation:
        """The brackets and words."""
        side, _, foot, *_ = self.marks
        words = (self.marks[k] for k in (1, 3, 4, 5))
        return AnimationGroup(Create(side), Create(foot), FadeIn(*words))

    def goes_home(self) -> Animation:
        """The words fade, and the card becomes the one in the graph."""
        return AnimationGroup(
            FadeOut(self.marks, rate_func=_early), Transform(self.card, self.origin.copy())
        )


def _early(share: float) -> float:
    return min(share * 3, 1.0)


def _middle(ends: list[Floats]) -> Floats:
    middle: Floats = (ends[0] + ends[1]) / 2
    return middle


def _bracket(ends: list[Floats], hook: Floats) -> VMobject:
    start, end = ends
    bracket = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.axis)
    return bracket.set_points_as_corners([start + hook, start, end, end + hook])


def _count(words: str, number: Quantity) -> Formula:
    return Formula(f'{{n}} "{words}"', n=number, roles={"n": "value"}, font_size=FontSize.body)
