"""Cards of tensors and nodes with a note below them, arrows between them, and a cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    Create,
    FadeIn,
    Line,
    RoundedRectangle,
    VGroup,
    VMobject,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.formula import Formula
from gradreel.draw.numbers import Readout
from gradreel.draw.text import text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

CARD_SIZE = 1.15  # height and least width of a card
NOTE_GAP = 0.18


def leaf_card(values: Sequence[Quantity]) -> VGroup:
    """The card of a leaf x."""
    return card_of(equation("x", values), colors.leaf)


def card_of(words: VMobject, tone: str) -> VGroup:
    """A box, its frame in the color `tone`, and `words` in it."""
    box = RoundedRectangle(
        corner_radius=0.14, width=max(words.width + 0.36, CARD_SIZE), height=CARD_SIZE,
        stroke_width=0, fill_color=colors.panel, fill_opacity=1,
    )  # fmt: skip
    # A separate frame: to animate its colour must not draw the box over the letters.
    frame = box.copy().set_fill(opacity=0).set_stroke(tone, StrokeWidth.frame)
    return VGroup(box, frame, words.move_to(box))


def equation(
    name: str, values: Sequence[Quantity], role: str = "value", font_size: float = FontSize.body
) -> Formula:
    """name = value in three digits, or name = [value, value] for several; no name, no sign."""
    slots: dict[str, Any] = {f"v{k}": value.rounded(3) for k, value in enumerate(values)}
    inside = ", ".join(f"{{{slot}}}" for slot in slots)
    right = f"[{inside}]" if len(values) > 1 else inside
    roles = dict.fromkeys(slots, role)
    left = f"{name} = " if name else ""
    return Formula(left + right, font_size=font_size, roles=roles, **slots)


def code_text(words: str, tone: str = "") -> VMobject:
    """Words in the monospaced font."""
    return text(words, font_size=FontSize.code, color=tone or colors.text, mono=True)


def note_below(card: VMobject, words: str) -> VMobject:
    """Words below a card."""
    note = text(words, font_size=FontSize.label, color=colors.text)
    return note.next_to(card, DOWN, buff=NOTE_GAP)


def version_note(words: str, version: Quantity) -> VGroup:
    """Words, then the version of a tensor."""
    parts = VGroup(
        text(words, font_size=FontSize.label, color=colors.text),
        Readout(version, font_size=FontSize.label, color=colors.accent),
    )
    return parts.arrange(RIGHT, buff=0.14)


def saved_note(saved: str, version: Quantity | None, card: VGroup) -> VMobject:
    """Below a node: the tensor that it saved and, if it is given, the version of that tensor."""
    if version is None:
        return note_below(card, f"keeps {saved}")
    return version_note(f"keeps {saved}, version", version).next_to(card, DOWN, buff=NOTE_GAP)


def arrows_between(cards: Sequence[VGroup]) -> list[CompactArrow]:
    """Arrows from each card to the next one."""
    return [
        CompactArrow([one.get_right() + 0.06 * RIGHT, other.get_left() + 0.06 * LEFT])
        for one, other in zip(cards, cards[1:], strict=False)
    ]


def draws(arrow: CompactArrow) -> list[Animation]:
    """The line of an arrow, and its tip."""
    return [Create(arrow.line), FadeIn(arrow.tip)]


def cross_at(card: VGroup) -> VGroup:
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
