"""A row of results joined by arrows, and gradients on their way back: passed on, or stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    Create,
    FadeIn,
    FadeOut,
    Indicate,
    LaggedStart,
    RoundedRectangle,
    VGroup,
    VMobject,
    squish_rate_func,
    there_and_back,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.exchange import comes, goes, second_part
from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import text, variable_name
from gradreel.draw.text_background import text_background
from gradreel.scenes.control.lane_paths_figure import (
    DetourArrow,
    cut_marks,
    factor_label,
    way_to_cut,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

MIN_CARD_WIDTH = 0.95
MAX_GAP = 1.5
ABOVE, BELOW = point(0, 0.34), point(0, -0.34)  # from an arrow to what stands at it
MOST_TRAVELLING = 0.7  # width of a number that travels; of a wider one, a dot does


class LaneItem(NamedTuple):
    """One result of a lane: its name, its value, the colour of its frame."""

    name: str
    value: Quantity
    tone: str


class ResultCard(VGroup):
    """A name over its value, framed."""

    def __init__(self, item: LaneItem) -> None:
        super().__init__()
        self.label = variable_name(item.name, font_size=FontSize.label)
        self.number = Readout(item.value, font_size=FontSize.label, color=colors.value)
        words = VGroup(self.label, self.number).arrange(DOWN, buff=0.11)
        self.box = RoundedRectangle(
            corner_radius=0.14,
            width=max(words.width + 0.26, MIN_CARD_WIDTH),
            height=0.95,
            stroke_width=0,
            fill_color=colors.panel,
            fill_opacity=1,
        )
        # A separate frame: to animate its colour must not draw the box over the letters.
        self.frame = self.box.copy().set_fill(opacity=0).set_stroke(item.tone, StrokeWidth.frame)
        self.add(self.box, self.frame, words.move_to(self.box))

    def set_frame_color(self, color: str) -> ResultCard:
        """Recolour the frame; returns the card itself."""
        self.frame.set_stroke(color)
        return self

    def scale_to_point(self, point: Floats, factor: float) -> ResultCard:
        """Scale by `factor` and move the centre to `point`; returns the card itself."""
        self.scale(factor).move_to(point)
        return self

    def lights_up(self, color: str) -> Animation:
        """The frame changes its colour."""
        return ApplyMethod(self.set_frame_color, color)


class DetachLane(VGroup):
    """Code as a title; below it `items` from left to right, joined by arrows.

    No gradient passes the arrow that leads to item number `cut`; None for no cut. The last item is
    the product of the first and the one before it: it appears with `shows_product`, and an arrow
    below the row joins it to the first. Cards are drawn `size` times as large as they are made and
    `gap` apart; the last one ends at x = `end`.
    """

    def __init__(
        self, code: str, items: Sequence[LaneItem], cut: int | None, area: Rect, *, gap: float,
        end: float, size: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.title = text(code, font_size=FontSize.label, mono=True)
        self.title.move_to(point(area.left, area.top - 0.16), aligned_edge=LEFT)
        self.cards = [ResultCard(item).scale(size) for item in items]
        row = VGroup(*self.cards).arrange(RIGHT, buff=gap)
        row.move_to(point(area.left, area.top - 0.45), aligned_edge=LEFT + UP)
        self.cards[-1].align_to(point(end, 0), RIGHT)
        self.arrows = [
            CompactArrow([one.get_right() + 0.06 * RIGHT, other.get_left() + 0.06 * LEFT])
            for one, other in zip(self.cards, self.cards[1:], strict=False)
        ]
        self.detour = DetourArrow(self.cards[0].get_bottom(), self.cards[-1].get_bottom())
        first, factor, product = (items[k].name for k in (0, -2, -1))
        words = f"{product} = {first} * {factor}"
        self.product_title = text(words, font_size=FontSize.label, mono=True)
        self.product_title.move_to(point(end, self.title.get_y()), aligned_edge=RIGHT)
        self.slash = cut_marks(self.arrows[cut - 1]) if cut is not None else VGroup()
        self.is_cut = self.has_product = False  # whether the strokes and the last card are on stage
        self.notes: dict[str, Readout] = {}  # what came back to the first card, by its path
        self.gaps = VGroup()  # in the lines behind the notes
        self.slope: VMobject = VGroup()  # of the result, once it is shown
        self.factors = self._factors(items[0].value, items[-2].value)

    @property
    def result(self) -> ResultCard:
        """The result that is multiplied by the first item."""
        return self.cards[-2]

    def appears(self) -> Animation:
        """The title, and all cards but the last one."""
        parts: list[Animation] = [FadeIn(self.title), FadeIn(self.cards[0])]
        for card, arrow in zip(self.cards[1:-1], self.arrows[:-1], strict=True):
            parts.append(AnimationGroup(Create(arrow.line), FadeIn(arrow.tip), FadeIn(card)))
        return LaggedStart(*parts, lag_ratio=0.4)

    def starts_at(self, way: Floats) -> DetachLane:
        """Shift all of it before it is on stage; returns the lane itself."""
        for part in (self.title, *self.cards[:-1], *self.arrows[:-1], self.slash):
            part.shift(way)
        self._shift_product(way)
        return self

    def _shift_product(self, way: Floats) -> None:
        product = (self.product_title, self.cards[-1], self.arrows[-1], self.detour)
        for part in (*product, self.factors):
            part.shift(way)

    def moves(self, way: Floats) -> Animation:
        """All of it moves, what is not on stage yet as well."""
        self._shift_product(way)
        if not self.is_cut:
            self.slash.shift(way)
        marks = self.slash if self.is_cut else VGroup()
        shown = (self.title, *self.cards[:-1], *self.arrows[:-1], marks)
        moved = [part for arrow in self.arrows[:-1] for part in arrow]
        parts = [part for part in shown if part not in self.arrows and len(part)]
        return AnimationGroup(*(ApplyMethod(part.shift, way) for part in (*parts, *moved)))

    def goes(self, *kept: ResultCard) -> Animation:
        """All of it fades out, but for the cards `kept`."""
        group = VGroup(*(part for part in self._on_stage() if part not in kept))
        # The gaps go when there is nothing left behind them.
        return AnimationGroup(goes(group), FadeOut(self.gaps, rate_func=second_part))

    def rises(self, way: Floats) -> Animation:
        """All that is on stage moves, with the product and the notes."""
        notes = tuple(self.notes.values())
        lines = (part for part in self._on_stage() if part not in notes)
        parts = (*lines, *self.gaps, *notes)  # back to front
        return AnimationGroup(*(ApplyMethod(part.shift, way) for part in parts))

    def _on_stage(self) -> list[VMobject]:
        """Everything that is shown but for the gaps."""
        count = len(self.cards) if self.has_product else -1
        arrows = [part for arrow in self.arrows[:count] for part in arrow]
        product = (self.product_title, *self.detour, *self.factors) if self.has_product else ()
        marks = self.slash if self.is_cut else ()
        notes = (*self.notes.values(), *([self.slope] if len(self.slope) else []))
        return [self.title, *product, *self.cards[:count], *arrows, *marks, *notes]

    def shows_slope(self, slope: Quantity) -> list[Animation]:
        """The factor of a gradient on its way to the first card, where it fits below the arrow."""
        factor = factor_label(slope)
        if factor.width > self.arrows[0].width - 0.1:
            return []
        self.slope = factor.move_to(self.arrows[0].point_at(0.5) + BELOW)
        return [FadeIn(self.slope)]

    def marks_cut(self) -> Animation:
        """Two strokes across the arrow that is cut, if there is one."""
        self.is_cut = True
        return AnimationGroup(*(Create(line) for line in self.slash))

    def shows_product(self) -> Animation:
        """The last card with the two arrows that lead to it."""
        self.has_product = True
        arrow, detour = self.arrows[-1], self.detour
        lines = [Create(arrow.line), FadeIn(arrow.tip), Create(detour.line), FadeIn(detour.tip)]
        return AnimationGroup(*lines, FadeIn(self.product_title, self.cards[-1], self.factors))

    def _factors(self, first: Quantity, result: Quantity) -> VGroup:
        """Below each way back from the product: the value of the other factor, which is its slope.

        None below an arrow that is too short for it.
        """
        arrow = self.arrows[-1]
        other = factor_label(result).move_to(self._on_detour() + 1.25 * BELOW)
        through = factor_label(first).move_to(arrow.point_at(0.5) + BELOW)
        return VGroup(other, *([through] if through.width < arrow.width - 0.1 else []))

    def _on_detour(self) -> Floats:
        """The middle of the level part of the arrow below the row."""
        x = (self.cards[0].get_x() + self.cards[-1].get_x()) / 2
        return point(x, self.detour.line.get_bottom()[1])

    def backward_plays(
        self, direct: Quantity, sent: Quantity | None, through: Quantity | None
    ) -> list[list[Animation]]:
        """The animations of the successive plays in which gradients run back.

        First `direct` takes the detour to the first card. Then `sent` goes to the result, and
        `through` from there to the first card. Where `sent` is None, the cut stops the gradient.
        """
        first, last = self.cards[0], self.cards[-1]
        note = self._notes("direct", direct, self._on_detour())
        travel = Travel(_travelling_gradient(direct), self.detour, back=True)
        plays: list[list[Animation]] = [
            [last.lights_up(colors.gradient)],
            [travel, note, squished(first.lights_up(colors.gradient))],
        ]
        travel = Travel(_travelling_gradient(sent), self.arrows[-1], back=True)
        if sent is None or through is None:
            return [*plays, [travel], self._stops()]
        above = self.arrows[-1].point_at(0.5) + ABOVE
        plays.append([travel, self._notes("sent", sent, above),
                      squished(self.result.lights_up(colors.gradient))])  # fmt: skip
        above = self.arrows[0].point_at(0.5) + ABOVE
        travel = Travel(_travelling_gradient(through), self.arrows[0], back=True)
        return [*plays, [travel, self._notes("through", through, above)]]

    def _stops(self) -> list[Animation]:
        """The gradient runs on to the cut, which flares as it ends there."""
        arrives = squish_rate_func(there_and_back, 0.5, 1.0)
        way = way_to_cut(self.arrows[-2])
        flare = Indicate(self.slash, 1.7, colors.accent, rate_func=arrives)
        return [Travel(pulse(colors.gradient), way, back=True), flare]

    def _notes(self, path: str, number: Quantity, place: Floats) -> Animation:
        """A number stays at the path on which it came back."""
        self.notes[path] = note = _gradient_number(number).move_to(place)
        self.gaps.add(text_background(note, margin=0.06))
        return comes(VGroup(self.gaps[-1], note))


def squished(animation: Animation) -> Animation:
    """The animation in the second part of its play."""
    animation.set_rate_func(second_part)
    return animation


def fit_lanes(
    rows: Sequence[Sequence[LaneItem]], area: Rect, size: float = 1.0
) -> tuple[float, float]:
    """The gap between cards with which every row fits into `area`, and where the longest row ends.

    Both are in frame units; the end is an x coordinate. Cards are `size` times as large as made.
    """
    widths = [sum(size * ResultCard(item).width for item in row) for row in rows]
    gaps = [(area.width - w) / (len(row) - 1) for w, row in zip(widths, rows, strict=True)]
    gap = min(*gaps, MAX_GAP)
    longest = max(w + gap * (len(row) - 1) for w, row in zip(widths, rows, strict=True))
    return gap, area.left + longest


def _travelling_gradient(number: Quantity | None) -> VMobject:
    if number is None:
        return pulse(colors.gradient)
    readout = _gradient_number(number)
    if readout.width > MOST_TRAVELLING:
        return pulse(colors.gradient)
    return VGroup(text_background(readout, margin=0.06), readout)


def _gradient_number(number: Quantity) -> Readout:
    return Readout(number, font_size=FontSize.body, color=colors.gradient)
