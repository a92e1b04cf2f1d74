"""The nodes between x and y as cards, and a gradient that cannot pass one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

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
    Indicate,
    LaggedStart,
    Line,
    RoundedRectangle,
    Succession,
    VGroup,
    VMobject,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.exchange import goes, second_part
from gradreel.draw.formula import Formula
from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import Readout
from gradreel.draw.text import paragraph, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

CARD_SIZE = 1.15  # height and least width of a card
MAX_GAP = 2.2
CROSS_WIDTH = 0.4  # kept free at both ends of the row


class NodeWithSavedTensor(Protocol):
    """A node, the tensor that it saved for backward ("" for none), and that tensor's version."""

    @property
    def name(self) -> str: ...
    @property
    def saved(self) -> str: ...
    @property
    def version(self) -> Quantity: ...


class ErrorCase(Protocol):
    """A program that raised; its fields are those of AutogradError."""

    @property
    def error(self) -> str: ...
    @property
    def quote(self) -> str: ...
    @property
    def inputs(self) -> Sequence[Quantity]: ...
    @property
    def first(self) -> Sequence[Quantity]: ...
    @property
    def results(self) -> Sequence[Quantity]: ...
    @property
    def nodes(self) -> Sequence[NodeWithSavedTensor]: ...
    @property
    def freed(self) -> bool: ...
    @property
    def version(self) -> Quantity: ...
    @property
    def grads(self) -> Sequence[Quantity]: ...


class BlockedBackward(VGroup):
    """Cards for x, the nodes that lead to y, and y, in a row across `area`.

    Nodes after the first appear with `changes_in_place`. Without any node, x and y are not joined.
    """

    def __init__(self, case: ErrorCase, area: Rect) -> None:
        super().__init__()
        self.case = case
        self.x = _card(_equation("x", case.inputs), colors.leaf if case.nodes else colors.detached)
        self.y = _card(_equation("y", case.first), colors.value if case.nodes else colors.detached)
        self.nodes = [_card(_code_text(node.name), colors.value) for node in case.nodes]
        self.later_nodes = self.nodes[1:]
        self.cards = [self.x, *self.nodes, self.y]
        self._arrange(area)
        self.arrows = _arrows([self.x, *self.nodes[:1], self.y] if case.nodes else [])
        self.later_arrows = _arrows([*self.nodes, self.y]) if self.later_nodes else []
        self.notes = [
            _saved_note(node.saved, node.version if self.later_nodes else None, card)
            for node, card in zip(case.nodes, self.nodes, strict=True)
            if node.saved
        ]
        self.version = _version_note("version", case.version).next_to(self.y, DOWN, buff=0.18)
        self.changed = _equation("y", case.results).move_to(self.y[2])
        self.grad = self.result()
        self.grad.next_to(self.x, DOWN, buff=0.2)
        self.grad.shift(max(area.left - self.grad.get_left()[0], 0.0) * RIGHT)
        self.cross = VGroup()

    def _arrange(self, area: Rect) -> None:
        free = area.width - 2 * CROSS_WIDTH - sum(card.width for card in self.cards)
        gap = min(free / max(len(self.cards) - 1, 1), MAX_GAP)
        row = VGroup(*self.cards).arrange(RIGHT, buff=gap)
        row.move_to(area.center + UP * 0.3)

    # Animations

    def unfolds(self) -> Animation:
        """x, then the node with its note, then y."""
        parts: list[Animation] = [FadeIn(self.x)]
        if self.case.nodes:
            first, second = self.arrows
            notes = [FadeIn(note, shift=0.2 * DOWN) for note in self.notes]
            parts.append(AnimationGroup(*_draws(first), FadeIn(self.nodes[0]), *notes))
            parts.append(AnimationGroup(*_draws(second), FadeIn(self.y)))
        else:
            parts.append(FadeIn(self.y))
        return LaggedStart(*parts, lag_ratio=0.5)

    def changes_in_place(self) -> Animation:
        """y gets its new value and version, and the later nodes appear."""
        old, self.y.submobjects[2] = self.y[2], self.changed
        lines = [animation for arrow in self.later_arrows for animation in _draws(arrow)]
        nodes = [FadeIn(card) for card in self.later_nodes]
        new = FadeIn(self.changed, self.version, rate_func=second_part)
        return AnimationGroup(goes(VGroup(old, self.arrows[1])), new, *lines, *nodes)

    def runs_backward(self) -> Animation:
        """A gradient runs from y to x."""
        return Succession(*self._gradient_runs(len(self._path())))

    def frees_saved_tensors(self) -> Animation:
        """The notes about saved tensors disappear."""
        return AnimationGroup(*(FadeOut(note, shift=0.3 * DOWN) for note in self.notes))

    def fails(self, at: VGroup) -> Animation:
        """A gradient runs from y to the card `at`, which is crossed out."""
        self.cross = _cross(at)
        runs = self._gradient_runs(len(self._path()) - 1) if at is not self.y else []
        warning = at[1].animate.set_stroke(colors.warning)
        return Succession(*runs, AnimationGroup(Create(self.cross), warning.build()))

    def tries_again(self, at: VGroup) -> Animation:
        """Another gradient comes as far as the card `at`, and the cross answers."""
        runs = self._gradient_runs(len(self._path()) - 1) if at is not self.y else []
        return Succession(*runs, Indicate(self.cross, 1.3, colors.warning))

    def recovers(self) -> Animation:
        """The cross disappears; what the fix brings back appears."""
        parts: list[Animation] = [FadeOut(self.cross)]
        for card in self.cards:
            tone = colors.leaf if card is self.x else colors.value
            parts.append(card[1].animate.set_stroke(tone).build())
        if self.case.freed:
            parts += [FadeIn(note) for note in self.notes]
        if self.later_nodes:
            parts.append(FadeOut(self.version))
        if not self.case.nodes:
            self.arrows = _arrows([self.x, self.y])
            parts += [animation for arrow in self.arrows for animation in _draws(arrow)]
        return AnimationGroup(*parts)

    def result(self) -> Formula:
        """x.grad, as it is after the fix."""
        return _equation('upright("x.grad")', self.case.grads, "gradient")

    def receives_gradient(self) -> Animation:
        """x.grad appears below x."""
        return AnimationGroup(
            FadeIn(self.grad, shift=0.3 * DOWN),
            self.x[1].animate.set_stroke(colors.gradient).build(),
        )

    def _path(self) -> list[CompactArrow]:
        """The arrows from x to y."""
        return self.arrows[:1] + self.later_arrows if self.later_arrows else self.arrows

    def _gradient_runs(self, count: int) -> list[Animation]:
        """A gradient along the last `count` arrows, from y."""
        back = list(reversed(self._path()))[:count]
        return [Travel(pulse(colors.gradient), arrow, back=True) for arrow in back]


class ErrorMessage(VGroup):
    """The type of an exception, and of its message what matters, in a frame that fills `area`.

    The rest of the message is details that nobody reads while a film runs.
    """

    def __init__(self, case: ErrorCase, area: Rect) -> None:
        super().__init__()
        self.kind = _code_text(case.error, colors.warning)
        body = paragraph(
            case.quote, font_size=FontSize.body, color=colors.text, width=area.width - 0.5
        )
        inside = VGroup(self.kind, body).arrange(DOWN, buff=0.22)
        self.box = RoundedRectangle(
            corner_radius=0.14, width=area.width, height=area.height, stroke_color=colors.warning,
            stroke_width=StrokeWidth.frame, fill_color=colors.panel, fill_opacity=1,
        )  # fmt: skip
        self.add(self.box, inside)
        self.move_to(area.center)

    def replaced_by(self, result: VMobject) -> VGroup:
        """What a program that runs gives, in the place of the message."""
        box = self.box.copy().set_stroke(colors.leaf)
        return VGroup(box, result.move_to(box))


def leaf_card(values: Sequence[Quantity]) -> VGroup:
    """The card of a leaf x."""
    return _card(_equation("x", values), colors.leaf)


def _card(words: VMobject, tone: str) -> VGroup:
    box = RoundedRectangle(
        corner_radius=0.14, width=max(words.width + 0.36, CARD_SIZE), height=CARD_SIZE,
        stroke_width=0, fill_color=colors.panel, fill_opacity=1,
    )  # fmt: skip
    # A separate frame: to animate its colour must not draw the box over the letters.
    frame = box.copy().set_fill(opacity=0).set_stroke(tone, StrokeWidth.frame)
    return VGroup(box, frame, words.move_to(box))


def _equation(name: str, values: Sequence[Quantity], role: str = "value") -> Formula:
    """name = value in three digits, or name = [value, value] for several."""
    slots: dict[str, Any] = {f"v{k}": value.rounded(3) for k, value in enumerate(values)}
    inside = ", ".join(f"{{{slot}}}" for slot in slots)
    right = f"[{inside}]" if len(values) > 1 else inside
    roles = dict.fromkeys(slots, role)
    return Formula(f"{name} = {right}", font_size=FontSize.body, roles=roles, **slots)


def _code_text(words: str, tone: str = "") -> VMobject:
    return text(words, font_size=FontSize.code, color=tone or colors.text, mono=True)


def _version_note(words: str, version: Quantity) -> VGroup:
    parts = VGroup(
        text(words, font_size=FontSize.small, color=colors.muted),
        Readout(version, font_size=FontSize.small, color=colors.accent),
    )
    return parts.arrange(RIGHT, buff=0.14)


def _saved_note(saved: str, version: Quantity | None, card: VGroup) -> VMobject:
    """Below a node: the tensor that it saved and, if it is given, the version of that tensor."""
    if version is not None:
        note: VMobject = _version_note(f"keeps {saved}, version", version)
    else:
        note = text(f"keeps {saved}", font_size=FontSize.small, color=colors.muted)
    return note.next_to(card, DOWN, buff=0.18)


def _arrows(cards: Sequence[VGroup]) -> list[CompactArrow]:
    """Arrows from each card to the next one."""
    return [
        CompactArrow([one.get_right() + 0.06 * RIGHT, other.get_left() + 0.06 * LEFT])
        for one, other in zip(cards, cards[1:], strict=False)
    ]


def _draws(arrow: CompactArrow) -> list[Animation]:
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
