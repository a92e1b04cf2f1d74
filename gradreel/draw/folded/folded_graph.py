"""The graph of a large tape, folded to a readable size, with transitions into its folds.

graph = readable_graph(tape)                        # folded as little as possible
self.play(graph.unfolds())
interior = graph.fold_interior(fold)                # the graph inside one card
self.play(interior.zooms_in(mobjects))              # zoom into the card
self.play(interior.zooms_out(inside, mobjects))     # and out again
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

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

from gradreel.draw.folded.fold_card import TITLE_SIZE, FoldCard
from gradreel.draw.folded.zoom_transition import FaceGrows, ZoomTransition
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.graph_layout import visible_ops
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.graph.placed_graph import MOST_CARDS
from gradreel.draw.layout import Rect, bounding_rect, content_area
from gradreel.draw.text import text
from gradreel.draw.text_background import text_background
from gradreel.draw.typeset import Typeset
from gradreel.fold import Fold, FoldedTape, GridSize, fold, open_fold
from gradreel.tape import Op, Step, Tape
from gradreel.tape.quantity import SIGNIFICANT_BITS
from gradreel.theme import FontSize, StrokeWidth, colors

GRID_SIZES = tuple(
    GridSize(columns, rows) for columns, rows in ((7, 5), (6, 4), (5, 4), (4, 3), (3, 3))
)
LEAST_ARROW_GAP = 0.5  # between columns, for an arrow to be visible
NUMBER_GAP = 0.9  # between columns, for an arrow with a number
TITLE_HEIGHT = 0.45  # of the line with the name of an opened fold

Graph = TypeVar("Graph", bound="FoldedGraph")


class FoldedGraph(TapeGraph):
    """The graph of a `FoldedTape`, in which folds are drawn as stacks of cards."""

    most_addends = 3
    least_zoom = 0.92  # keeps the smallest letters on the cards legible
    tape_has_modules = False  # whether the folds are those of the program's modules

    def __init__(self, view: FoldedTape, *, area: Rect | None = None) -> None:
        self.view = view
        super().__init__(view, area=area, detail=False)

    def _card(self, op: Op, detail: bool) -> OpCard:
        part = self.view.fold_at(op.id)
        if part is None:
            card = OpCard(
                op,
                self._card_number(op),
                detail=False,
                note=shape_text(op),
                title_size=TITLE_SIZE,
            )
            if op.id in self.view.boundary:
                card.frame.set_stroke(colors.muted, StrokeWidth.frame / 2)
            return card
        return FoldCard(op, self._value(op), part, operations=int(self.view.operations(part)))

    def _whole_tape(self) -> Tape:
        return self.view.full_tape

    def _output_op(self, step: Step) -> Op:
        return self.view.full_tape[self.view.outputs.get(step.op, (step.op,))[0]]

    def fold_interior(self, part: Fold) -> FoldInterior:
        """The contents of one of the folds, as a graph that fills the whole area."""
        area = self.area
        inner = Rect(area.left + 0.25, area.right - 0.25, area.bottom, area.top - TITLE_HEIGHT)
        graph = self._graph_of(part, inner)
        if self.arrows_dimmed:
            for arrow in graph.arrows.values():
                arrow.set_color(colors.faint)
        return FoldInterior(graph, self.cards[part.id], part, area)

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
        face = self._face(outer)
        return AnimationGroup(
            ZoomTransition(outer, inside=False, back=back, face=face),
            ZoomTransition(inner, inside=True, back=back, frame=self.frame, card=card),
            FaceGrows(Group(*face).copy(), card, self.frame.points.copy(), back=back),
        )

    def _face(self, outer: Group) -> list[Mobject]:
        """What stands on the card: its lines, and what else of `outer` lies on its box."""
        box, own = bounding_rect(self.card.box), self.card.get_family()
        others = [part for part in outer if part not in own and len(part.get_all_points())]
        return [self.card.lines, *(part for part in others if box.contains(bounding_rect(part)))]


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


def is_legible(graph: TapeGraph, least: float = FontSize.small - 0.1) -> bool:
    """Whether the letters of all cards have at least the font size `least`."""
    letters = [part for part in graph.get_family() if isinstance(part, Typeset)]
    return all(part.font_size > least for part in letters)


def shape_text(op: Op) -> str:
    """A tensor's shape as PyTorch writes it, [2, 3], and a dtype of 16 bits; else empty."""
    dtype = op.dtype if op.dtype in SIGNIFICANT_BITS and op.inputs else ""
    shape = op.shape
    if op.dtype.startswith("complex"):
        shape, dtype = shape[:-1], "complex"
    return " ".join(filter(None, (str(list(shape)) if shape else "", dtype)))


def _gaps(one: Rect, other: Rect) -> tuple[float, float]:
    """The horizontal and the vertical distance of two rectangles, negative where they overlap."""
    gap_x = max(other.left - one.right, one.left - other.right)
    gap_y = max(other.bottom - one.top, one.bottom - other.top)
    return gap_x, gap_y
