"""Plain words below the layers of a network, and below the cards of its tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manim import DL, DOWN, LEFT, RIGHT, UP, UR, Mobject, VGroup

from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.network_diagram import NetworkDiagram
from gradreel.draw.text import text
from gradreel.draw.typeset import Typeset
from gradreel.theme import FontSize, colors

GAP = 0.14  # between a card and its words
CLEAR = 0.08  # frame units, between words and other cards
LAYER_GAP = 0.22  # between the lowest dot and the words


def layer_names(network: NetworkDiagram, names: Sequence[str]) -> VGroup:
    """A name below each layer of dots, all at one height."""
    words = VGroup(*(_words(name, FontSize.label) for name in names))
    low = min(dots.get_bottom()[1] for dots in network.dots) - LAYER_GAP
    area = content_area()
    for word, dots in zip(words, network.dots, strict=True):
        word.move_to(point(dots.get_x(), low), aligned_edge=UP)
        word.shift(max(area.left - word.get_left()[0], 0.0) * RIGHT)
        word.shift(min(area.right - word.get_right()[0], 0.0) * RIGHT)
    return words


def card_names(
    cards: Mapping[str, Mobject], names: Mapping[str, str], area: Rect
) -> dict[str, Typeset]:
    """Words below each card, above or left of it; none where they would reach another card."""
    placed: dict[str, Typeset] = {}
    taken = {op: _box(card) for op, card in cards.items()}
    for op, name in names.items():
        if op not in cards:
            continue
        words = _words(name, FontSize.small)
        for side in (DOWN, UP, LEFT):
            box = _box(words.next_to(cards[op], side, buff=GAP))
            around = Rect(box.left - CLEAR, box.right + CLEAR, box.bottom - CLEAR, box.top + CLEAR)
            if area.contains(box) and not any(
                around.overlap_area(b) for key, b in taken.items() if key != op
            ):
                placed[op] = words
                taken[f"name of {op}"] = box
                break
    return placed


def _words(name: str, font_size: float) -> Typeset:
    return text(name, font_size=font_size, color=colors.muted)


def _box(mobject: Mobject) -> Rect:
    (left, bottom, _), (right, top, _) = mobject.get_corner(DL), mobject.get_corner(UR)
    return Rect(left, right, bottom, top)
