"""The graph of a tape's tensors, folded as little as is readable."""

from __future__ import annotations

from manim import VGroup

from gradreel.draw.folded.folded_graph import cards_are_separate, least_folded
from gradreel.draw.graph.graph_layout import visible_ops
from gradreel.draw.graph.placed_graph import MOST_CARDS
from gradreel.draw.layout import Rect
from gradreel.draw.tensors.cell_sizes import largest_cells
from gradreel.draw.tensors.tensor_graph import TensorGraph
from gradreel.draw.tensors.tensor_stage import TensorStyle, tensor_stage
from gradreel.fold import fold, fold_by_module
from gradreel.tape import Tape


def tensor_graph(tape: Tape, backward: int = 1, *, digits: int = 0) -> tuple[TensorGraph, VGroup]:
    """A tape as a graph of tensors with its modules folded, and the two color bars.

    `digits` are the significant ones of single numbers; 0 for all.
    """
    style, graph_area, bars = tensor_stage(tape, backward, digits)
    return _least_folded_tensors(tape, style, graph_area), bars


def _least_folded_tensors(tape: Tape, style: TensorStyle, area: Rect) -> TensorGraph:
    """The graph with only modules folded where that is readable, else folded further."""
    view = fold_by_module(tape)
    if len(visible_ops(view)) <= MOST_CARDS:
        graph = largest_cells(lambda card_style: TensorGraph(view, style, card_style, area=area))
        if cards_are_separate(graph):
            return graph
    return least_folded(
        lambda size: largest_cells(
            lambda card_style: TensorGraph(fold(tape, size), style, card_style, area=area)
        )
    )
