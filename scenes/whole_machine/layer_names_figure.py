"""Plain words below the layers of a network, and below the cards of its tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from manim import DL, DOWN, LEFT, RIGHT, UP, UR, Mobject, VGroup, VMobject

from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.network_diagram import NetworkDiagram
from gradreel.draw.text import text
from gradreel.draw.typeset import Typeset
from gradreel.theme import FontSize, colors

if TYPE_CHECKING:
    from gradreel.draw.tensors import TensorGraph

GAP = 0.14  # between a card and its words
CLEAR = 0.08  # frame units, between words and other cards
SOURCES, FOLDS = ("inputs", "answers"), ("first layer", "second layer")
HIDDEN, LOSS = "hidden values", "loss"
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


def plain_names(graph: TensorGraph, activation: str) -> tuple[dict[str, str], dict[str, str]]:
    """What inputs, layers, hidden values and loss are in plain words; code of the hidden values."""
    *middle, loss = graph.later_ops
    folds = {op: part for op in middle if (part := graph.view.fold_at(op)) is not None}
    hidden = [op for op in middle if op not in folds][:1]
    names = {
        **dict(zip(graph.source_ops, SOURCES, strict=False)),
        **dict(zip(folds, FOLDS, strict=False)),
        **dict.fromkeys(hidden, HIDDEN),
        loss: LOSS,
    }
    first = next(iter(folds.values()), None)
    return names, {op: f"{activation}({first.name})" for op in hidden if first is not None}


def card_names(
    cards: Mapping[str, Mobject], names: Mapping[str, str], code: Mapping[str, str], area: Rect
) -> dict[str, VMobject]:
    """Words below each card, above or left of it; none where they would reach another card.

    Below the words stands the `code` of a card, where it has one.
    """
    placed: dict[str, VMobject] = {}
    taken = {op: _box(card) for op, card in cards.items()}
    for op, name in names.items():
        if op not in cards:
            continue
        words: VMobject = _words(name, FontSize.small)
        if op in code:
            line = text(code[op], font_size=FontSize.code, color=colors.muted, mono=True)
            words = VGroup(words, line).arrange(DOWN, buff=GAP)
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
