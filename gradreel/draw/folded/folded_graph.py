"""A large tape as a folded graph that can be entered.

graph = readable_graph(tape)                   # as little folded as can be read
self.play(graph.unfolds())
inside = graph.opened(fold)                    # a graph of what one card holds
self.play(inside.comes(on_stage))              # the picture goes in, the rest passes out of sight
self.play(inside.goes(on_stage))               # and out again
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import product
from typing import TypeVar

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Group,
    Mobject,
    RoundedRectangle,
    VGroup,
)

from gradreel.draw.folded.fold_card import TITLE_SIZE, FoldCard
from gradreel.draw.folded.zoom_transition import ZoomTransition
from gradreel.draw.formula import Formula
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.edge_arrow import Tag
from gradreel.draw.graph.graph_layout import drawn
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.graph.placed_graph import MOST_CARDS
from gradreel.draw.layout import Rect, content_area
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.draw.text_background import text_background
from gradreel.draw.typeset import Typeset
from gradreel.fold import Fold, FoldedTape, GridSize, fold, open_fold
from gradreel.tape import Edge, Op, Step, Tape
from gradreel.theme import FontSize, StrokeWidth, colors

ROOMS = tuple(GridSize(columns, rows) for columns, rows in ((7, 5), (6, 4), (5, 4), (4, 3), (3, 3)))
LEAST_WAY = 0.5  # what is left between two columns for an arrow to be seen
NUMBER_WAY = 0.9  # and for a number on it
SIGN_HEIGHT = 0.45  # the line that says where one is


ASIDE = (0.0, -0.5, 0.5, -1.0, 1.0, -1.5, 1.5)
LIFTED = tuple(sorted((k * 0.15 for k in range(-8, 9)), key=abs))
ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)
COVERING = 50.0  # what it costs to reach beyond the area; twice that to lie on something
AWAY = (0.12, 0.4, 0.7, 1.0)

Graph = TypeVar("Graph", bound="FoldedGraph")
Box = tuple[float, float, float, float]
"""Left, right, bottom, top."""


class FoldedGraph(TapeGraph):
    """The graph of a `View`. Its folds look like stacks of cards."""

    most_addends = 3
    least_zoom = 0.92  # for the smallest letters on its cards

    def __init__(self, view: FoldedTape, *, area: Rect | None = None) -> None:
        self.view = view
        super().__init__(view, area=area, detail=False)

    def _card(self, op: Op, detail: bool) -> OpCard:
        part = self.view.fold_at(op.id)
        if part is None:
            card = OpCard(
                op, self._value(op), detail=False, note=shape_of(op), title_size=TITLE_SIZE
            )
            if op.id in self.view.boundary:
                card.frame.set_stroke(colors.muted, StrokeWidth.frame / 2)
            return card
        return FoldCard(op, self._value(op), part)

    def receives(self, step: Step) -> Animation:
        """As for any graph; a fold that hands out several values has several sums inside."""
        if step.gradient is None:
            return self.lights(step.op)
        return super().receives(step)

    def _ratio(self, step: Step) -> tuple[Op, Op]:
        whole = self.view.full_tape
        door = self.view.outputs.get(step.op, (step.op,))[0]
        return whole[door], whole[whole.backward(step.backward)[0].op]

    def _clear(self, tag: Tag, edge: Edge) -> bool:
        """Along its arrow to where a number lies on no card and on no other number."""
        arrow = self.arrows[edge.source, edge.target, edge.slot]
        own = (edge.source, edge.target, edge.slot)
        taken = [*(_box(c) for c in self.cards.values()), *(_box(f) for f in self.sums.values())]
        taken += [_box(other) for key, other in self.tags.items() if key != own]
        best = (math.inf, arrow.place(0.5))
        for share, lift, aside in product(ALONG, LIFTED, (0.0, -0.3, 0.3)):
            tag.move_to(arrow.place(share) + lift * UP + aside * RIGHT)
            box = _box(tag)
            cost = (
                abs(share - 0.5)
                + 2 * abs(lift)
                + 3 * abs(aside)
                + 2 * COVERING * sum(_overlap(box, t) for t in taken)
                + COVERING * self._beyond(box)
            )
            best = min(best, (cost, tag.get_center()), key=_cost)
        tag.move_to(best[1])
        return best[0] < COVERING

    def _settle(self, formula: Formula, card: OpCard) -> bool:
        """The nearest place to its card where a sum lies on nothing; arrows count for less."""
        taken = [*(_box(c) for c in self.cards.values()), *(_box(f) for f in self.sums.values())]
        taken += [
            _box(self.tags[key]) if key in self.tags else _around(arrow.place(0.5))
            for key, arrow in self.arrows.items()
        ]
        ways = [arrow.place(k / 12) for arrow in self.arrows.values() for k in range(1, 12)]
        best = (math.inf, formula.get_center())
        for side, aside, away in product((DOWN, UP), ASIDE, AWAY):
            formula.next_to(card, side, buff=away).shift(aside * RIGHT)
            formula.set_x(self._inside(formula.get_x(), formula.width))
            box = _box(formula)
            cost = away + 0.4 * abs(aside) + 0.2 * (side is UP)
            cost += 2 * COVERING * sum(_overlap(box, other) for other in taken)
            cost += 2 * sum(_holds(box, way) for way in ways) + COVERING * self._beyond(box)
            best = min(best, (cost, formula.get_center()), key=_cost)
        formula.move_to(best[1])
        return best[0] < COVERING

    def _beyond(self, box: Box) -> bool:
        return box[2] < self.area.bottom or box[3] > self.area.top + 0.05

    def opened(self, part: Fold) -> Inside:
        """What one of the folds holds, as a graph of its own on the whole area."""
        area = self.area
        room = Rect(area.left + 0.25, area.right - 0.25, area.bottom, area.top - SIGN_HEIGHT)
        graph = self._within(part, room)
        return Inside(graph, self.cards[part.id], part, area)

    def _within(self, part: Fold, area: Rect) -> FoldedGraph:
        return largest(lambda room: FoldedGraph(open_fold(self.view, part, room), area=area))


class Inside(VGroup):
    """The inside of a fold, in a frame that says whose it is; `graph` acts in it."""

    def __init__(self, graph: FoldedGraph, card: OpCard, part: Fold, area: Rect) -> None:
        super().__init__()
        self.graph, self.card, self.area = graph, card, area
        frame = RoundedRectangle(
            corner_radius=0.2, width=area.width + 0.3, height=area.height + 0.2,
            stroke_color=colors.faint, stroke_width=StrokeWidth.frame,
        ).move_to(area.center)  # fmt: skip
        sign = text(part.name, font_size=FontSize.body, color=colors.muted, mono=True)
        sign.move_to(frame.get_corner(UP + LEFT), aligned_edge=LEFT).shift(0.4 * (UP * 0 - LEFT))
        self.add(frame, text_background(sign), sign, graph)

    def comes(self, outside: Iterable[Mobject]) -> Animation:
        """Into the fold: its card grows into this picture, what is around it passes by."""
        return self._dive(Group(*outside), self, back=False)

    def goes(self, inside: Iterable[Mobject], outside: Iterable[Mobject]) -> Animation:
        """Out again: everything `inside` shrinks into the card, what was `outside` comes back."""
        return self._dive(Group(*outside), Group(*inside), back=True)

    def _dive(self, outer: Group, inner: Mobject, *, back: bool) -> Animation:
        place, middle = self.card.get_center(), self.area.center
        zoom = min(self.area.width / self.card.width, self.area.height / self.card.height)
        return AnimationGroup(
            ZoomTransition(outer, place, middle, zoom, back=back),
            ZoomTransition(inner, middle, place, 1 / zoom, back=not back),
        )


def readable_graph(tape: Tape, *, area: Rect | None = None) -> TapeGraph:
    """The graph of a tape: every call in full where that can be read, else folded."""
    area = area or content_area()
    if len(drawn(tape)) <= MOST_CARDS:
        plain = TapeGraph(tape, area=area)
        if stands_apart(plain) and legible(plain):
            return plain
    return largest(lambda room: FoldedGraph(fold(tape, room), area=area))


def largest(graph_in: Callable[[GridSize], Graph]) -> Graph:
    """The least folded graph whose cards stand apart; the smallest where none do."""
    for room in ROOMS:
        graph = graph_in(room)
        if stands_apart(graph):
            break
    return graph


def stands_apart(graph: TapeGraph) -> bool:
    """Whether every card lies within the area and none on another, with a way between columns."""
    area = graph.area
    numbers = any(isinstance(edge.contribution, float) for edge in graph.tape.edges)
    way = NUMBER_WAY if numbers and isinstance(graph, FoldedGraph) else LEAST_WAY
    boxes = [_box(card) for card in graph.cards.values()]
    for k, (left, right, bottom, top) in enumerate(boxes):
        if left < area.left - 0.1 or right > area.right + 0.1:
            return False
        if bottom < area.bottom - 0.1 or top > area.top + 0.1:
            return False
        for before, after, below, above in boxes[:k]:
            beside = max(before - right, left - after) >= way
            if not beside and max(below - top, bottom - above) < 0.1:
                return False
    return True


def legible(graph: TapeGraph) -> bool:
    """Whether the letters of every card are large enough to be read."""
    letters = [part for part in graph.get_family() if isinstance(part, Typeset)]
    return all(part.font_size > FontSize.small - 0.1 for part in letters)


def shape_of(op: Op) -> str:
    """A tensor's shape as PyTorch writes it, [2, 3]; nothing for a single number."""
    return str(list(op.shape)) if op.shape else ""


def _box(mobject: Mobject) -> Box:
    low, high = mobject.get_corner(DOWN + LEFT), mobject.get_corner(UP + RIGHT)
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


def _around(place: Floats) -> Box:
    """What a number at an arrow takes."""
    return place[0] - 0.45, place[0] + 0.45, place[1] - 0.18, place[1] + 0.18


def _overlap(one: Box, other: Box) -> bool:
    apart_x = max(other[0] - one[1], one[0] - other[1])
    apart_y = max(other[2] - one[3], one[2] - other[3])
    return apart_x < 0.05 and apart_y < 0.05


def _holds(box: Box, place: Floats) -> bool:
    return bool(box[0] < place[0] < box[1] and box[2] < place[1] < box[3])


def _cost(found: tuple[float, Floats]) -> float:
    return found[0]
