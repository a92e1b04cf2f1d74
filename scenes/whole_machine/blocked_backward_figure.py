"""The way back from y to x, card by card, with the place where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
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
    LaggedStart,
    Line,
    RoundedRectangle,
    Succession,
    VGroup,
    VMobject,
)

from gradreel.draw.compact_graph import CompactArrow
from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, paragraph, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

HEIGHT = 1.15
MOST_GAP = 2.2
CROSS = 0.4  # at the end of the row, room for a cross


class SavedTensor(Protocol):
    """A node and what it keeps for the way back."""

    @property
    def name(self) -> str: ...
    @property
    def keeps(self) -> str: ...
    @property
    def version(self) -> Quantity: ...


class Refused(Protocol):
    """An attempt that failed; see gradreel.measure.refusals."""

    @property
    def error(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def inputs(self) -> Sequence[Quantity]: ...
    @property
    def first(self) -> Sequence[Quantity]: ...
    @property
    def results(self) -> Sequence[Quantity]: ...
    @property
    def nodes(self) -> Sequence[SavedTensor]: ...
    @property
    def freed(self) -> bool: ...
    @property
    def version(self) -> Quantity: ...
    @property
    def slopes(self) -> Sequence[Quantity]: ...


class BlockedBackward(VGroup):
    """x, the nodes that lead to y, and y, in a row across `area`.

    A node that came after y was first computed is kept back until `changes`. With no node at all
    nothing joins x and y.
    """

    def __init__(self, case: Refused, area: Rect) -> None:
        super().__init__()
        self.case = case
        self.x = _card(_named("x", case.inputs), colors.leaf if case.nodes else colors.detached)
        self.y = _card(_named("y", case.first), colors.value if case.nodes else colors.detached)
        self.nodes = [_card(_code(node.name), colors.value) for node in case.nodes]
        self.later = self.nodes[1:]
        self.cards = [self.x, *self.nodes, self.y]
        self._place(area)
        direct = [self.x, *self.nodes[:1], self.y] if case.nodes else []
        self.arrows = _arrows(direct)
        self.detour = _arrows([*self.nodes, self.y]) if self.later else []
        self.keeps = [
            _note(node.keeps, node.version if self.later else None, card)
            for node, card in zip(case.nodes, self.nodes, strict=True)
            if node.keeps
        ]
        self.version = _versioned("version", case.version).next_to(self.y, DOWN, buff=0.18)
        self.changed = _named("y", case.results).move_to(self.y[2])
        self.grad = _named('upright("x.grad")', case.slopes, colors.gradient)
        self.grad.next_to(self.x, DOWN, buff=0.2)
        self.grad.shift(max(area.left - self.grad.get_left()[0], 0.0) * RIGHT)
        self.cross = VGroup()

    def _place(self, area: Rect) -> None:
        free = area.width - 2 * CROSS - sum(card.width for card in self.cards)
        gap = min(free / max(len(self.cards) - 1, 1), MOST_GAP)
        row = VGroup(*self.cards).arrange(RIGHT, buff=gap)
        row.move_to(area.center + UP * 0.3)

    # Verbs

    def forward(self) -> Animation:
        """x, what is made of it, and the graph between them."""
        parts: list[Animation] = [FadeIn(self.x)]
        if self.case.nodes:
            first, second = self.arrows
            notes = [FadeIn(note, shift=0.2 * DOWN) for note in self.keeps]
            parts.append(AnimationGroup(*_drawn(first), FadeIn(self.nodes[0]), *notes))
            parts.append(AnimationGroup(*_drawn(second), FadeIn(self.y)))
        else:
            parts.append(FadeIn(self.y))
        return LaggedStart(*parts, lag_ratio=0.5)

    def changes(self) -> Animation:
        """y is changed where it stands: another value, another version, a node more."""
        old, self.y.submobjects[2] = self.y[2], self.changed
        lines = [part for arrow in self.detour for part in _drawn(arrow)]
        nodes = [FadeIn(card) for card in self.later]
        gone = FadeOut(VGroup(old, self.arrows[1]), scale=0.8)
        return AnimationGroup(gone, FadeIn(self.changed, self.version), *lines, *nodes)

    def passes(self) -> Animation:
        """A gradient runs from y all the way to x."""
        return Succession(*self._runs(len(self._way())))

    def frees(self) -> Animation:
        """What the nodes kept is given away."""
        return AnimationGroup(*(FadeOut(note, shift=0.3 * DOWN) for note in self.keeps))

    def fails(self, at: VGroup) -> Animation:
        """A gradient sets out from y, comes as far as the card `at`, and no further."""
        self.cross = _cross(at)
        runs = self._runs(len(self._way()) - 1) if at is not self.y else []
        alarm = at[1].animate.set_stroke(colors.warning)
        return Succession(*runs, AnimationGroup(Create(self.cross), alarm.build()))

    def heals(self) -> Animation:
        """The cross goes, and a gradient can pass: what was kept is there, or a way back at all."""
        parts: list[Animation] = [FadeOut(self.cross)]
        for card in self.cards:
            tone = colors.leaf if card is self.x else colors.value
            parts.append(card[1].animate.set_stroke(tone).build())
        if self.case.freed:
            parts += [FadeIn(note) for note in self.keeps]
        if self.later:
            parts.append(FadeOut(self.version))
        if not self.case.nodes:
            self.arrows = _arrows([self.x, self.y])
            parts += [part for arrow in self.arrows for part in _drawn(arrow)]
        return AnimationGroup(*parts)

    def receives(self) -> Animation:
        """x.grad appears below x."""
        return AnimationGroup(
            FadeIn(self.grad, shift=0.3 * DOWN),
            self.x[1].animate.set_stroke(colors.gradient).build(),
        )

    def _way(self) -> list[CompactArrow]:
        return self.arrows[:1] + self.detour if self.detour else self.arrows

    def _runs(self, count: int) -> list[Animation]:
        back = list(reversed(self._way()))[:count]
        return [Travel(pulse(colors.gradient), arrow, back=True) for arrow in back]


class Message(VGroup):
    """What torch said, in a frame that fills the width of `area`."""

    def __init__(self, case: Refused, area: Rect) -> None:
        super().__init__()
        self.kind = _code(case.error, colors.warning)
        words = f"{case.message[0].upper()}{case.message[1:]}."
        body = paragraph(words, font_size=FontSize.small, color=colors.text, width=area.width - 0.5)
        inside = VGroup(self.kind, body).arrange(DOWN, buff=0.22)
        box = RoundedRectangle(
            corner_radius=0.14, width=area.width, height=inside.height + 0.44,
            stroke_color=colors.warning, stroke_width=StrokeWidth.frame, fill_color=colors.panel,
            fill_opacity=1,
        )  # fmt: skip
        self.add(box, inside)
        self.move_to(area.center)


def _card(words: VMobject, tone: str) -> VGroup:
    box = RoundedRectangle(
        corner_radius=0.14, width=max(words.width + 0.36, HEIGHT), height=HEIGHT,
        stroke_width=0, fill_color=colors.panel, fill_opacity=1,
    )  # fmt: skip
    # The frame is a thing of its own: lighting it up must not lay the box over the letters.
    frame = box.copy().set_fill(opacity=0).set_stroke(tone, StrokeWidth.frame)
    return VGroup(box, frame, words.move_to(box))


def _named(name: str, values: Sequence[Quantity], tone: str = "") -> VGroup:
    """name = value, or several values one after the other."""
    parts: list[VMobject] = [math(f"{name} =", font_size=FontSize.body)]
    for k, value in enumerate(values):
        if k:
            parts.append(math(",", font_size=FontSize.body))
        parts.append(Readout(value, font_size=FontSize.body, color=tone or colors.value))
    row = VGroup(*parts).arrange(RIGHT, buff=0.12)
    for comma in parts[2::2]:
        comma.align_to(parts[1], DOWN).shift(0.07 * DOWN)
    return row


def _code(words: str, tone: str = "") -> VMobject:
    return text(words, font_size=FontSize.code, color=tone or colors.text, mono=True)


def _versioned(words: str, version: Quantity) -> VGroup:
    parts = VGroup(
        text(words, font_size=FontSize.small, color=colors.muted),
        Readout(version, font_size=FontSize.small, color=colors.accent),
    )
    return parts.arrange(RIGHT, buff=0.14)


def _note(keeps: str, version: Quantity | None, card: VGroup) -> VMobject:
    """Below a node: whose value it keeps, and of which version."""
    if version is not None:
        note: VMobject = _versioned(f"keeps {keeps}, version", version)
    else:
        note = text(f"keeps {keeps}", font_size=FontSize.small, color=colors.muted)
    return note.next_to(card, DOWN, buff=0.18)


def _arrows(cards: Sequence[VGroup]) -> list[CompactArrow]:
    return [
        CompactArrow([one.get_right() + 0.06 * RIGHT, other.get_left() + 0.06 * LEFT])
        for one, other in zip(cards, cards[1:], strict=False)
    ]


def _drawn(arrow: CompactArrow) -> list[Animation]:
    return [Create(arrow.line), FadeIn(arrow.tip)]


def _cross(card: VGroup) -> VGroup:
    """Two strokes at the right edge of a card, where a gradient would come in."""
    reach = 0.24
    middle = card.get_right() + RIGHT * (reach + 0.1)
    corners = [np.array([x, y, 0.0]) * reach for x, y in ((-1, -1), (1, 1), (-1, 1), (1, -1))]
    lines = [
        Line(
            middle + a, middle + b, stroke_color=colors.warning, stroke_width=StrokeWidth.arrow + 4
        )
        for a, b in (corners[:2], corners[2:])
    ]
    return VGroup(*lines)
