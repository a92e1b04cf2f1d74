"""A large tape as a folded graph that can be entered.

graph = readable_graph(tape)                   # as little folded as can be read
self.play(graph.unfolds())
inside = graph.opened(fold)                    # a graph of what one card holds
self.play(inside.comes(on_stage))              # the picture goes in, the rest passes out of sight
self.play(inside.goes(on_stage))               # and out again
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from manim import (
    LEFT,
    UP,
    Animation,
    AnimationGroup,
    Group,
    Mobject,
    RoundedRectangle,
    VGroup,
)

from gradreel.draw.folded.card import FoldCard
from gradreel.draw.folded.dive import Dive
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.card import Card
from gradreel.draw.graph.layout import drawn
from gradreel.draw.graph.placed import MOST_CARDS
from gradreel.draw.patch import patch
from gradreel.draw.stage import Area, stage
from gradreel.draw.text import text
from gradreel.fold import Fold, Room, View, fold, opened
from gradreel.tape import Op, Step, Tape
from gradreel.theme import ink, size, stroke

ROOMS = tuple(Room(columns, rows) for columns, rows in ((7, 5), (6, 4), (5, 4), (4, 3), (3, 3)))
LEAST_WAY = 0.5  # what is left between two columns for an arrow to be seen
SIGN_HEIGHT = 0.45  # the line that says where one is


class FoldedGraph(TapeGraph):
    """The graph of a `View`. Its folds look like stacks of cards."""

    def __init__(self, view: View, *, area: Area | None = None) -> None:
        self.view = view
        super().__init__(view, area=area, detail=False)

    def _card(self, op: Op, detail: bool) -> Card:
        part = self.view.fold(op.id)
        if part is None:
            card = super()._card(op, detail)
            if op.id in self.view.border:
                card.frame.set_stroke(ink.muted, stroke.frame / 2)
            return card
        return FoldCard(op, self._value(op), part)

    def receives(self, step: Step) -> Animation:
        """As for any graph; a fold that hands out several values has several sums inside."""
        if step.gradient is None:
            return self.lights(step.op)
        return super().receives(step)

    def _ratio(self, step: Step) -> tuple[Op, Op]:
        whole = self.view.whole
        door = self.view.exits.get(step.op, (step.op,))[0]
        return whole[door], whole[whole.backward(step.backward)[0].op]

    def opened(self, part: Fold) -> Inside:
        """What one of the folds holds, as a graph of its own on the whole area."""
        area = self.area
        room = Area(area.left + 0.25, area.right - 0.25, area.bottom, area.top - SIGN_HEIGHT)
        graph = largest(lambda room: opened(self.view, part, room), room)
        return Inside(graph, self.cards[part.id], part, area)


class Inside(VGroup):
    """The inside of a fold, in a frame that says whose it is; `graph` acts in it."""

    def __init__(self, graph: FoldedGraph, card: Card, part: Fold, area: Area) -> None:
        super().__init__()
        self.graph, self.card, self.area = graph, card, area
        frame = RoundedRectangle(
            corner_radius=0.2, width=area.width + 0.3, height=area.height + 0.2,
            stroke_color=ink.faint, stroke_width=stroke.frame,
        ).move_to(area.center)  # fmt: skip
        sign = text(part.name, font_size=size.small, color=ink.muted, mono=True)
        sign.move_to(frame.get_corner(UP + LEFT), aligned_edge=LEFT).shift(0.4 * (UP * 0 - LEFT))
        self.add(frame, patch(sign), sign, graph)

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
            Dive(outer, place, middle, zoom, back=back),
            Dive(inner, middle, place, 1 / zoom, back=not back),
        )


def readable_graph(tape: Tape, *, area: Area | None = None) -> TapeGraph:
    """The graph of a tape: every call in full where that can be read, else folded."""
    area = area or stage()
    if len(drawn(tape)) <= MOST_CARDS:
        plain = TapeGraph(tape, area=area)
        if stands_apart(plain):
            return plain
    return largest(lambda room: fold(tape, room), area)


def largest(view: Callable[[Room], View], area: Area) -> FoldedGraph:
    """The graph of the least folded view whose cards stand apart within the area."""
    for room in ROOMS:
        graph = FoldedGraph(view(room), area=area)
        if stands_apart(graph):
            break
    return graph


def stands_apart(graph: TapeGraph) -> bool:
    """Whether every card lies within the area and none on another, with a way between columns."""
    area = graph.area
    boxes = [
        (card.get_left()[0], card.get_right()[0], card.get_bottom()[1], card.get_top()[1])
        for card in graph.cards.values()
    ]
    for k, (left, right, bottom, top) in enumerate(boxes):
        if left < area.left - 0.1 or right > area.right + 0.1:
            return False
        if bottom < area.bottom - 0.1 or top > area.top + 0.1:
            return False
        for before, after, below, above in boxes[:k]:
            beside = max(before - right, left - after) >= LEAST_WAY
            if not beside and max(below - top, bottom - above) < 0.1:
                return False
    return True
