"""The largest cells with which the heat maps of a graph's tensors fit on their cards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gradreel.draw.folded.folded_graph import FoldedGraph, cards_are_separate

CELL_SIZES = (0.1, 0.14, 0.18, 0.22, 0.26, 0.32, 0.38, 0.44, 0.5)  # frame units

CardStyle = tuple[float, bool]
"""The size of the cells, and whether cards are upright: a tensor below its name, not beside it."""

Graph = TypeVar("Graph", bound=FoldedGraph)


def largest_cells(graph_of: Callable[[CardStyle], Graph]) -> Graph:
    """The graph with the largest cells whose cards are separate, found by bisection.

    Without one, the last graph that was tried.
    """
    best, reached = None, -1
    for upright in (True, False):
        low, high = reached, len(CELL_SIZES)
        while high - low > 1:
            # The smallest cells first: where they do not fit, no others do.
            middle = (low + high) // 2 if low >= 0 else 0
            graph = graph_of((CELL_SIZES[middle], upright))
            if cards_are_separate(graph):
                best, low = graph, middle
            elif middle == 0:
                break
            else:
                high = middle
        reached = max(low, reached)
    return best if best is not None else graph
