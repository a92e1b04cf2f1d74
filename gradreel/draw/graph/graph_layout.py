"""Layered graph layout of a tape (Sugiyama's method), with few edge crossings.

Layer assignment and crossing reduction are those of grandalf. The graph is laid out from the
result backward, so that each input is in the layer directly before its first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grandalf.graphs import Edge as LayoutEdge
from grandalf.graphs import Graph, Vertex
from grandalf.layouts import DummyVertex, SugiyamaLayout

from gradreel.tape import Op, Tape

_Positions = dict[str, tuple[float, float]]
_Bends = dict[tuple[str, str], tuple[tuple[float, float], ...]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions of a graph's ops in layout units: x counts layers, y counts rows.

    `positions` maps op ids to (layer, height). `bends` maps (op, input) to the points through
    which the arrow between them passes where it spans several layers, from the input to the op.
    """

    positions: Mapping[str, tuple[float, float]]
    bends: Mapping[tuple[str, str], tuple[tuple[float, float], ...]]

    @property
    def layers(self) -> int:
        """The number of layers."""
        return 1 + int(max((x for x, _ in self.positions.values()), default=0))

    @property
    def rows(self) -> float:
        """The height of the layout in rows."""
        low, high = self._height_range()
        return high - low + 1

    @property
    def middle(self) -> float:
        """The height at the middle of ops and bends."""
        return sum(self._height_range()) / 2

    def _height_range(self) -> tuple[float, float]:
        heights = [y for _, y in self.positions.values()]
        heights += [y for bend in self.bends.values() for _, y in bend]
        return min(heights, default=0.0), max(heights, default=0.0)


class _VertexView:
    """The interface of grandalf to a vertex: its size; grandalf writes its position to `xy`."""

    def __init__(self) -> None:
        self.w, self.h = 1.0, 1.0
        self.xy = (0.0, 0.0)


def visible_ops(tape: Tape) -> tuple[Op, ...]:
    """The ops that get a card: all except constants, which are part of the call's text."""
    return tuple(op for op in tape.ops if op.op != "constant")


def layout_graph(tape: Tape) -> Layout:
    """The layout of a tape's graph. Deterministic: equal tapes get equal layouts."""
    ops = visible_ops(tape)
    vertices = {op.id: Vertex(op.id) for op in ops}
    for vertex in vertices.values():
        vertex.view = _VertexView()
    pairs = dict.fromkeys(
        (op.id, source) for op in ops for source in op.inputs if source in vertices
    )
    links = [LayoutEdge(vertices[op], vertices[source]) for op, source in pairs]
    graph = Graph(list(vertices.values()), links)
    positions: _Positions = {}
    bends: _Bends = {}
    base = 0.0
    for component in graph.C:
        found, crossed = _component_layout(component)
        offset = base - min((y for _, y in found.values()), default=0.0)
        positions |= {op: (x, y + offset) for op, (x, y) in found.items()}
        bends |= {pair: tuple((x, y + offset) for x, y in b) for pair, b in crossed.items()}
        base = max(y for _, y in positions.values()) + 1
    return _oriented(positions, bends, [op.id for op in ops if not op.inputs])


def _component_layout(component: object) -> tuple[_Positions, _Bends]:
    """Positions and bends of one connected component, the result in layer 0."""
    sugiyama = SugiyamaLayout(component)
    sugiyama.xspace, sugiyama.yspace = 0.0, 0.0
    roots = [v for v in component.sV if len(v.e_in()) == 0]  # type: ignore[attr-defined]
    sugiyama.init_all(roots=roots)
    sugiyama.draw(3)
    positions: _Positions = {}
    for number, layer in enumerate(sugiyama.layers):
        for vertex in layer:
            if not isinstance(vertex, DummyVertex):
                positions[vertex.data] = (float(number), vertex.view.xy[0])
    bends: _Bends = {}
    for edge, chain in sugiyama.ctrls.items():
        if isinstance(edge, LayoutEdge):
            dummies = [v for v in chain.values() if isinstance(v, DummyVertex)]
            points = [(float(sugiyama.grx[v].rank), v.view.xy[0]) for v in dummies]
            bends[edge.v[0].data, edge.v[1].data] = tuple(sorted(points, reverse=True))
    return positions, bends


def _oriented(positions: _Positions, bends: _Bends, inputs: list[str]) -> Layout:
    """The layout with the result on the right and the first input above the last.

    grandalf numbers layers from the result, and its heights have no preferred direction.
    """
    last = max((x for x, _ in positions.values()), default=0.0)
    is_upright = not inputs or positions[inputs[0]][1] >= positions[inputs[-1]][1]
    up = 1 if is_upright else -1
    return Layout(
        positions={op: (last - x, up * y) for op, (x, y) in positions.items()},
        bends={pair: tuple((last - x, up * y) for x, y in b) for pair, b in bends.items()},
    )
