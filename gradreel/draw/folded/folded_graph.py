"""The graph of a large tape, folded to a readable size, with transitions into its folds.

graph = readable_graph(tape)                        # folded as little as possible
self.play(graph.unfolds())
interior = graph.fold_interior(fold)                # the graph inside one card
self.play(interior.zooms_in(mobjects))              # zoom into the card
self.play(interior.zooms_out(inside, mobjects))     # and out again
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
from gradreel.draw.graph.edge_arrow import Tag, edge_key
from gradreel.draw.graph.graph_layout import visible_ops
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.graph.placed_graph import MOST_CARDS
from gradreel.draw.layout import Rect, bounding_rect, content_area
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.draw.text_background import text_background
from gradreel.draw.typeset import Typeset
from gradreel.fold import Fold, FoldedTape, GridSize, fold, open_fold
from gradreel.tape import Edge, Op, Step, Tape
from gradreel.theme import FontSize, StrokeWidth, colors

GRID_SIZES = tuple(
    GridSize(columns, rows) for columns, rows in ((7, 5), (6, 4), (5, 4), (4, 3), (3, 3))
)
LEAST_ARROW_GAP = 0.5  # between columns, for an arrow to be visible
NUMBER_GAP = 0.9  # between columns, for an arrow with a number
TITLE_HEIGHT = 0.45  # of the line with the name of an opened fold

# Candidate positions. For a sum: its distance from its card and its horizontal offset. For a tag:
# its position along the arrow and its vertical and horizontal offsets.
SUM_GAPS = (0.12, 0.4, 0.7, 1.0)
SUM_OFFSETS = (0.0, -0.5, 0.5, -1.0, 1.0, -1.5, 1.5)
TAG_SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)
TAG_LIFTS = tuple(sorted((k * 0.15 for k in range(-8, 9)), key=abs))
TAG_OFFSETS = (0.0, -0.3, 0.3)
OUTSIDE_COST = 50.0  # of a position outside the area; each overlap costs twice as much

Graph = TypeVar("Graph", bound="FoldedGraph")
Candidate = tuple[float, Floats]
"""The cost of a position, and the position."""


class FoldedGraph(TapeGraph):
    """The graph of a `FoldedTape`, in which folds are drawn as stacks of cards."""

    most_addends = 3
    least_zoom = 0.92  # keeps the smallest letters on the cards legible

    def __init__(self, view: FoldedTape, *, area: Rect | None = None) -> None:
        self.view = view
        super().__init__(view, area=area, detail=False)

    def _card(self, op: Op, detail: bool) -> OpCard:
        part = self.view.fold_at(op.id)
        if part is None:
            card = OpCard(
                op, self._value(op), detail=False, note=shape_text(op), title_size=TITLE_SIZE
            )
            if op.id in self.view.boundary:
                card.frame.set_stroke(colors.muted, StrokeWidth.frame / 2)
            return card
        return FoldCard(op, self._value(op), part, operations=int(self.view.operations(part)))

    def receives(self, step: Step) -> Animation:
        """As in any graph; a fold with several outputs is only highlighted."""
        if step.gradient is None:
            return self.highlights(step.op)
        return super().receives(step)

    def _whole_tape(self) -> Tape:
        return self.view.full_tape

    def _output_op(self, step: Step) -> Op:
        return self.view.full_tape[self.view.outputs.get(step.op, (step.op,))[0]]

    def _place_tag(self, tag: Tag, edge: Edge) -> bool:
        """Move a tag along its arrow to where it overlaps no card, sum or other tag."""
        arrow = self.arrows[edge_key(edge)]
        occupied = [
            *map(bounding_rect, self.cards.values()),
            *map(bounding_rect, self.sums.values()),
        ]
        occupied += [bounding_rect(other) for k, other in self.tags.items() if k != edge_key(edge)]
        best: Candidate = (math.inf, arrow.point_at(0.5))
        for share, lift, offset in product(TAG_SHARES, TAG_LIFTS, TAG_OFFSETS):
            tag.move_to(arrow.point_at(share) + lift * UP + offset * RIGHT)
            rect = bounding_rect(tag)
            cost = (
                abs(share - 0.5)
                + 2 * abs(lift)
                + 3 * abs(offset)
                + 2 * OUTSIDE_COST * sum(_overlap(rect, other) for other in occupied)
                + OUTSIDE_COST * self._is_outside(rect)
            )
            best = min(best, (cost, tag.get_center()), key=_cost)
        tag.move_to(best[1])
        return best[0] < OUTSIDE_COST

    def _place_sum(self, formula: Formula, card: OpCard) -> bool:
        """Move a sum to the nearest position at its card without overlaps; arrows cost less."""
        occupied = [
            *map(bounding_rect, self.cards.values()),
            *map(bounding_rect, self.sums.values()),
        ]
        occupied += [
            bounding_rect(self.tags[key]) if key in self.tags else _tag_rect(arrow.point_at(0.5))
            for key, arrow in self.arrows.items()
        ]
        on_arrows = [arrow.point_at(k / 12) for arrow in self.arrows.values() for k in range(1, 12)]
        best: Candidate = (math.inf, formula.get_center())
        for side, offset, gap in product((DOWN, UP), SUM_OFFSETS, SUM_GAPS):
            formula.next_to(card, side, buff=gap).shift(offset * RIGHT)
            formula.set_x(self._clamped_x(formula.get_x(), formula.width))
            rect = bounding_rect(formula)
            cost = gap + 0.4 * abs(offset) + 0.2 * (side is UP)
            cost += 2 * OUTSIDE_COST * sum(_overlap(rect, other) for other in occupied)
            crossed = sum(rect.contains_point(p) for p in on_arrows)
            cost += 2 * crossed + OUTSIDE_COST * self._is_outside(rect)
            best = min(best, (cost, formula.get_center()), key=_cost)
        formula.move_to(best[1])
        return best[0] < OUTSIDE_COST

    def _is_outside(self, rect: Rect) -> bool:
        return rect.bottom < self.area.bottom or rect.top > self.area.top + 0.05

    def fold_interior(self, part: Fold) -> FoldInterior:
        """The contents of one of the folds, as a graph that fills the whole area."""
        area = self.area
        inner = Rect(area.left + 0.25, area.right - 0.25, area.bottom, area.top - TITLE_HEIGHT)
        return FoldInterior(self._graph_of(part, inner), self.cards[part.id], part, area)

    def _graph_of(self, part: Fold, area: Rect) -> FoldedGraph:
        return least_folded(lambda size: FoldedGraph(open_fold(self.view, part, size), area=area))


class FoldInterior(VGroup):
    """The graph of a fold's contents, `graph`, in a frame with the name of the fold."""

    def __init__(self, graph: FoldedGraph, card: OpCard, part: Fold, area: Rect) -> None:
        super().__init__()
        self.graph, self.card = graph, card
        self.frame = frame = RoundedRectangle(
            corner_radius=0.2, width=area.width + 0.3, height=area.height + 0.2,
            stroke_color=colors.faint, stroke_width=StrokeWidth.frame,
        ).move_to(area.center)  # fmt: skip
        title = text(part.name, font_size=FontSize.body, color=colors.muted, mono=True)
        title.move_to(frame.get_corner(UP + LEFT), aligned_edge=LEFT).shift(0.4 * (UP * 0 - LEFT))
        self.add(frame, text_background(title), title, graph)

    def zooms_in(self, outside: Iterable[Mobject]) -> Animation:
        """Open the fold's card: its frame grows around this graph, and `outside` fades."""
        return self._zoom(Group(*outside), self, back=False)

    def zooms_out(self, inside: Iterable[Mobject], outside: Iterable[Mobject]) -> Animation:
        """Close the card: all of `inside` fades, the frame shrinks, and `outside` returns."""
        return self._zoom(Group(*outside), Group(*inside), back=True)

    def _zoom(self, outer: Group, inner: Mobject, *, back: bool) -> Animation:
        card = self.card.box.points
        return AnimationGroup(
            ZoomTransition(outer, inside=False, back=back),
            ZoomTransition(inner, inside=True, back=back, frame=self.frame, card=card),
        )


def readable_graph(tape: Tape, *, area: Rect | None = None) -> TapeGraph:
    """The graph of a tape: without folds where that is readable, else folded."""
    area = area or content_area()
    if len(visible_ops(tape)) <= MOST_CARDS:
        unfolded = TapeGraph(tape, area=area)
        if cards_are_separate(unfolded) and is_legible(unfolded):
            return unfolded
    return least_folded(lambda size: FoldedGraph(fold(tape, size), area=area))


def least_folded(graph_in: Callable[[GridSize], Graph]) -> Graph:
    """The graph in the largest grid in which its cards are separate; else in the smallest."""
    for size in GRID_SIZES:
        graph = graph_in(size)
        if cards_are_separate(graph):
            break
    return graph


def cards_are_separate(graph: TapeGraph) -> bool:
    """Whether all cards lie in the area without overlaps, with gaps for arrows between columns."""
    area = graph.area
    numbers = any(isinstance(edge.contribution, float) for edge in graph.tape.edges)
    least = NUMBER_GAP if numbers and isinstance(graph, FoldedGraph) else LEAST_ARROW_GAP
    rects = [bounding_rect(card) for card in graph.cards.values()]
    for k, rect in enumerate(rects):
        if rect.left < area.left - 0.1 or rect.right > area.right + 0.1:
            return False
        if rect.bottom < area.bottom - 0.1 or rect.top > area.top + 0.1:
            return False
        for other in rects[:k]:
            gap_x, gap_y = _gaps(rect, other)
            if gap_x < least and gap_y < 0.1:
                return False
    return True


def is_legible(graph: TapeGraph) -> bool:
    """Whether the letters of all cards are large enough to read."""
    letters = [part for part in graph.get_family() if isinstance(part, Typeset)]
    return all(part.font_size > FontSize.small - 0.1 for part in letters)


def shape_text(op: Op) -> str:
    """A tensor's shape as PyTorch writes it, [2, 3]; empty for a scalar."""
    return str(list(op.shape)) if op.shape else ""


def _tag_rect(middle: Floats) -> Rect:
    """The space for a number at the middle of an arrow."""
    return Rect(middle[0] - 0.45, middle[0] + 0.45, middle[1] - 0.18, middle[1] + 0.18)


def _gaps(one: Rect, other: Rect) -> tuple[float, float]:
    """The horizontal and the vertical distance of two rectangles, negative where they overlap."""
    gap_x = max(other.left - one.right, one.left - other.right)
    gap_y = max(other.bottom - one.top, one.bottom - other.top)
    return gap_x, gap_y


def _overlap(one: Rect, other: Rect) -> bool:
    """Whether two rectangles are closer than 0.05 in both directions."""
    gap_x, gap_y = _gaps(one, other)
    return gap_x < 0.05 and gap_y < 0.05


def _cost(candidate: Candidate) -> float:
    return candidate[0]
