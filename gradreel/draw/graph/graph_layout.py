"""Where the ops of a tape stand: layers from inputs to result, crossings kept few.

Layering and crossing reduction are Sugiyama's method as grandalf implements it. The graph is laid
out from the result backward, so that an input stands right before its first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grandalf.graphs import Edge as LayoutEdge
from grandalf.graphs import Graph, Vertex
from grandalf.layouts import DummyVertex, SugiyamaLayout

from gradreel.tape import Op, Tape


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows and columns of a graph, in layout units: one unit of x a layer, one of y a place.

    `places` maps op ids to (layer, height); `bends` maps (source, target) of an op and its input
    to the points a long arrow passes on its way, from the input to the result.
    """

    positions: Mapping[str, tuple[float, float]]
    bends: Mapping[tuple[str, str], tuple[tuple[float, float], ...]]

    @property
    def layers(self) -> int:
        """How many columns there are."""
        return 1 + int(max((x for x, _ in self.positions.values()), default=0))

    @property
    def rows(self) -> float:
        """The height of the drawing in places."""
        low, high = self._reach()
        return high - low + 1

    @property
    def middle(self) -> float:
        """The height in the middle of everything, arrows included."""
        return sum(self._reach()) / 2

    def _reach(self) -> tuple[float, float]:
        heights = [y for _, y in self.positions.values()]
        heights += [y for bend in self.bends.values() for _, y in bend]
        return min(heights, default=0.0), max(heights, default=0.0)


class _Box:
    """What grandalf wants to know of a node: its size; it writes the place to `xy`."""

    def __init__(self) -> None:
        self.w, self.h = 1.0, 1.0
        self.xy = (0.0, 0.0)


def visible_ops(tape: Tape) -> tuple[Op, ...]:
    """The ops that get a card: all but plain numbers, which the result's own text names."""
    return tuple(op for op in tape.ops if op.op != "constant")


def layout_graph(tape: Tape) -> Layout:
    """The layout of a tape's graph; the same tape always lies the same way."""
    ops = visible_ops(tape)
    vertices = {op.id: Vertex(op.id) for op in ops}
    for vertex in vertices.values():
        vertex.view = _Box()
    pairs = dict.fromkeys(
        (op.id, source) for op in ops for source in op.inputs if source in vertices
    )
    links = [LayoutEdge(vertices[op], vertices[source]) for op, source in pairs]
    graph = Graph(list(vertices.values()), links)
    places: dict[str, tuple[float, float]] = {}
    bends: dict[tuple[str, str], tuple[tuple[float, float], ...]] = {}
    below = 0.0
    for component in graph.C:
        found, crossed = _component(component)
        lowest = min((y for _, y in found.values()), default=0.0)
        offset = below - lowest
        places |= {op: (x, y + offset) for op, (x, y) in found.items()}
        bends |= {pair: tuple((x, y + offset) for x, y in b) for pair, b in crossed.items()}
        below = max(y for _, y in places.values()) + 1
    return _turned(places, bends, [op.id for op in ops if not op.inputs])


_Places = dict[str, tuple[float, float]]
_Bends = dict[tuple[str, str], tuple[tuple[float, float], ...]]


def _component(component: object) -> tuple[_Places, _Bends]:
    sugiyama = SugiyamaLayout(component)
    sugiyama.xspace, sugiyama.yspace = 0.0, 0.0
    roots = [v for v in component.sV if len(v.e_in()) == 0]  # type: ignore[attr-defined]
    sugiyama.init_all(roots=roots)
    sugiyama.draw(3)
    places: _Places = {}
    for number, layer in enumerate(sugiyama.layers):
        for vertex in layer:
            if not isinstance(vertex, DummyVertex):
                places[vertex.data] = (float(number), vertex.view.xy[0])
    bends: _Bends = {}
    for edge, chain in sugiyama.ctrls.items():
        if isinstance(edge, LayoutEdge):
            middle = [v for v in chain.values() if isinstance(v, DummyVertex)]
            points = [(float(sugiyama.grx[v].rank), v.view.xy[0]) for v in middle]
            bends[edge.v[0].data, edge.v[1].data] = tuple(sorted(points, reverse=True))
    return places, bends


def _turned(places: _Places, bends: _Bends, inputs: list[str]) -> Layout:
    """The result, first in grandalf's count, goes to the right; the first input goes on top."""
    last = max((x for x, _ in places.values()), default=0.0)
    upright = not inputs or places[inputs[0]][1] >= places[inputs[-1]][1]
    up = 1 if upright else -1
    return Layout(
        places={op: (last - x, up * y) for op, (x, y) in places.items()},
        bends={pair: tuple((last - x, up * y) for x, y in b) for pair, b in bends.items()},
    )
