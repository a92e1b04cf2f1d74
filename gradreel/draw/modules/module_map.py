"""A program made of modules as cards in rows, read like text, with arrows beside the rows.

graph, bars = module_map(tape, backward)
self.play(graph.unfolds())
interior = graph.fold_interior(fold)              # the calls inside a module
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from manim import DOWN, RIGHT, Animation, Rectangle, VGroup

from gradreel.draw.folded.folded_graph import FoldedGraph, cards_are_separate, shape_text
from gradreel.draw.graph.edge_arrow import ArrowKey, EdgeArrow, Travel, pulse
from gradreel.draw.graph.graph_layout import Layout, visible_ops
from gradreel.draw.graph.label_placement import LabelPlacement
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.graph.pass_labels import PassLabels
from gradreel.draw.layout import Rect
from gradreel.draw.modules.module_card import ModuleCard
from gradreel.draw.modules.reading_order import is_likely_to_fit, reading_order
from gradreel.draw.modules.routed_arrow import RoutedArrow
from gradreel.draw.modules.row_layout import RowLayout
from gradreel.draw.numbers import Readout
from gradreel.draw.tensors.cell_sizes import largest_cells
from gradreel.draw.tensors.heat_map import (
    RIM,
    HeatMap,
    Scale,
    cell_centers,
    drawn_numbers,
    is_measured,
)
from gradreel.draw.tensors.tensor_graph import TensorGraph
from gradreel.draw.tensors.tensor_stage import TensorStyle, tensor_stage
from gradreel.errors import UsageError
from gradreel.fold import Fold, FoldedTape
from gradreel.fold.module_tree import call_function
from gradreel.fold.module_view import module_view, open_module
from gradreel.tape import Edge, Op, Recorded, Step, Tape
from gradreel.theme import FontSize, StrokeWidth, colors

MOST_CARDS = range(18, 3, -1)  # tried in this order
FEW = 7  # cards that are drawn with larger heat maps, from left to right
CELLS = ("LSTMCell", "GRUCell")
WRITTEN = 3  # whole numbers that are written out


@dataclass(frozen=True, slots=True)
class MapSize:
    """The largest heat maps on the cards, and the largest cells in them, in frame units.

    With `flat`, value and gradient stand side by side, and a card has one line below its name.
    """

    width: float
    height: float
    cell: float
    flat: bool = False


LARGE, SMALL = MapSize(1.7, 1.0, 0.3), MapSize(0.66, 0.25, 0.12)
FLAT = MapSize(0.5, 0.25, 0.12, flat=True)


class ModuleMap(TensorGraph):
    """The cards of a view in rows; `fits` is whether all have their place in `area`."""

    tape_has_modules = True

    def __init__(
        self, view: FoldedTape, style: TensorStyle, *, area: Rect, maps: MapSize | None = None
    ) -> None:
        self.order = reading_order(view)
        self.maps = maps or SMALL
        super().__init__(view, style, (self.maps.cell, True), area=area)

    # Cards

    def _card(self, op: Op, detail: bool) -> OpCard:
        part = self.view.fold_at(op.id)
        shape = ""
        if op.value is not None:
            shape = shape_text(op)
        name = op.name or op.id
        if part is None:
            original = self.view.full_tape[op.id]
            function = call_function(original) if original.inputs else ""
            about = original.id if function == name else function
            about = "" if about == name or not original.name else about
            lines: tuple[str, ...] = (shape or _scalar_word(op),)
        else:
            about, lines = part.module_class, (shape, _count_line(self.view, part))
        if self.maps.flat:
            lines = (" · ".join(filter(None, lines)),)
        card = ModuleCard(
            op, name, f"· {about}" if about else "", lines, self._picture(op),
            stack=part is not None,
        )  # fmt: skip
        if op.id in self.view.boundary:
            card.frame.set_stroke(colors.muted, StrokeWidth.frame / 2)
        return card

    def _picture(self, op: Op) -> VGroup:
        """A number or a heat map, below it an empty slot for the gradient if the op gets one."""
        if op.value is None:
            return VGroup()
        value, step = self._value(op), self._steps.get(op.id)
        if not is_measured(op):
            return self._whole_numbers(op)
        shown: VGroup
        if value is not None:
            shown = VGroup(Readout(value, font_size=FontSize.label, color=colors.value))
        else:
            shown = self._complex_or_map(op, op.value)
        picture = VGroup(shown)
        if step is not None:
            is_map = isinstance(shown, HeatMap)
            model = shown if is_map else self._number(step)
            narrower = RIM if is_map else -2 * RIM
            slot = Rectangle(
                width=model.width - narrower, height=shown.height - narrower,
                stroke_color=colors.faint, stroke_width=StrokeWidth.frame,
            )  # fmt: skip
            self.gradient_slots[op.id] = slot
            picture.add(slot)
        return picture.arrange(RIGHT if self.maps.flat else DOWN, buff=0.08)

    def _whole_numbers(self, op: Op) -> VGroup:
        """Whole numbers are labels or positions: a few are written out, and none is a color."""
        count = int(np.prod(op.shape))
        if op.shape == () or (len(op.shape) == 1 and count <= WRITTEN):
            indices = [()] if op.shape == () else [(k,) for k in range(count)]
            values = [self.view.value(op.id, index) for index in indices]
            numbers = [Readout(v, font_size=FontSize.small, color=colors.muted) for v in values]
            return VGroup(*numbers).arrange(RIGHT, buff=0.2)
        return VGroup()

    def _map(self, value: Recorded, scale: Scale, rim: str) -> HeatMap:
        numbers, _ = drawn_numbers(value)
        across, down = np.ptp(cell_centers(np.shape(np.asarray(numbers))), axis=0)[:2] + 1
        cell = min(self.cell, self.maps.width / across, self.maps.height / down)
        return HeatMap(numbers, scale, cell=float(cell), rim=rim)

    # Layout

    def _layout(self) -> Layout:
        return Layout({op_id: (float(k), 0.0) for k, op_id in enumerate(self.order)}, {})

    def _largest_scale(self, cards: dict[str, OpCard]) -> float:
        return 1.0

    def _place_cards(self) -> None:
        """Place the cards in as few rows as possible."""
        self.crowded = True
        number = {op_id: k for k, op_id in enumerate(self.order)}
        links = [
            (number[source], number[op_id], slot)
            for op_id in self.order
            for slot, source in enumerate(self.tape[op_id].inputs)
            if source in self.cards
        ]
        self.row_layout = RowLayout([self.cards[op_id] for op_id in self.order], links, self.area)

    @property
    def fits(self) -> bool:
        """Whether all cards have their place."""
        return self.row_layout.fits

    def _arrows(self) -> dict[ArrowKey, EdgeArrow]:
        return {
            (self.order[user], self.order[source], slot): RoutedArrow(points)
            for (source, user, slot), points in self.row_layout.arrows().items()
        }

    # Verbs

    def labels(self, backward: int) -> PassLabels:
        """No labels: numbers are on the cards."""
        return PassLabels(LabelPlacement(self.area, [], {}))

    def accumulates(self, step: Step) -> Animation:
        """Draw attention to a leaf that adds to its `.grad`."""
        return self.highlights(step.op)

    def _contribution(self, edge: Edge, arrow: EdgeArrow) -> Animation:
        if edge.contribution is None or isinstance(edge.contribution, float):
            return Travel(pulse(colors.gradient), arrow, back=True)
        return super()._contribution(edge, arrow)

    def _broadcast_sum(self, edge: Edge) -> Animation | None:
        return None  # its cells would fly over other cards

    def _graph_of(self, part: Fold, area: Rect) -> FoldedGraph:
        return graph_inside(self.view, part, self.style, area)


class ModuleDetail(TensorGraph):
    """A few cards from left to right with large heat maps, as inside of a layer."""

    tape_has_modules = True

    def _graph_of(self, part: Fold, area: Rect) -> FoldedGraph:
        return graph_inside(self.view, part, self.style, area)


def graph_inside(view: FoldedTape, part: Fold, style: TensorStyle, area: Rect) -> FoldedGraph:
    """The contents of a fold: from left to right if they are few, else in rows."""
    area = Rect(area.left, area.right, area.bottom + RIM * 2, area.top)
    few = open_module(view, part, FEW)
    # Results with names of their own, as the gates of a cell, are better apart in rows.
    joins_names = part.module_class in CELLS and any(", " in fold.name for fold in few.folds)
    if len(visible_ops(few)) <= FEW and not _has_modules(few) and not joins_names:
        graph = largest_cells(lambda card_style: ModuleDetail(few, style, card_style, area=area))
        if cards_are_separate(graph):
            return graph
    return _fitted(lambda most: open_module(view, part, most), style, area)


def module_map(tape: Tape, backward: int = 1) -> tuple[ModuleMap, VGroup]:
    """The overview of a program made of modules, in as many cards as fit, and the color bars."""
    style, area, bars = tensor_stage(tape, backward)
    return _fitted(lambda most: module_view(tape, most), style, area), bars


def _fitted(view_of: Callable[[int], FoldedTape], style: TensorStyle, area: Rect) -> ModuleMap:
    """The map of as many cards as fit, with large heat maps if they are few."""
    tried = 0
    for most in MOST_CARDS:
        view = view_of(most)
        count = len(visible_ops(view))
        if count == tried:
            continue
        tried = count
        for maps in (LARGE, SMALL, FLAT) if count <= FEW + 2 else (SMALL, FLAT):
            if most > FEW and not is_likely_to_fit(view, area, flat=maps.flat):
                continue
            graph = ModuleMap(view, style, area=area, maps=maps)
            if graph.fits:
                return graph
    raise UsageError(
        "the program has too many inputs and parameters beside its modules for one picture.",
        hint="Choose a part of it with -P inside=NAME, or put parameters into modules.",
    )


def _has_modules(view: FoldedTape) -> bool:
    return any(fold.kind == "module" for fold in view.folds)


def _count_line(view: FoldedTape, part: Fold) -> str:
    """How many parameters a module has; of other folds, how many operations or inputs."""
    if part.kind == "module":
        return f"{part.parameters:,} params" if part.parameters else ""
    if part.kind == "inputs":
        return f"{len(part.ops)} tensors"
    return f"{int(view.operations(part))} ops"


def _scalar_word(op: Op) -> str:
    return "" if op.shape or not op.is_leaf else "number"
