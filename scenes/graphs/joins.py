"""The pictures with which one scene of this chapter ends and the next one begins."""

from __future__ import annotations

from collections.abc import Mapping

from manim import Mobject

from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.graph import TapeGraph
from gradreel.draw.layout import content_area
from gradreel.lecture.join import Join
from gradreel.measure.example_programs import two_paths
from gradreel.record import record
from gradreel.scenes.graphs.graph_stage_figure import graph_stage
from gradreel.tape import Tape


def default_tape() -> Tape:
    """The program z = xy + x² at x = 2, y = 3, recorded."""
    return record(two_paths, x=2.0, y=3.0)


def whole_graph() -> Mapping[str, Mobject]:
    """The graph after the forward pass, where this chapter draws it."""
    return {"graph": TapeGraph(default_tape(), area=graph_stage().graph, detail=True)}


def graph_after_pass() -> Mapping[str, Mobject]:
    """The same graph after the backward pass: streams run back over pale arrows."""
    graph = TapeGraph(default_tape(), area=graph_stage().graph, detail=True)
    return {"graph": graph.after_pass(1)}


def small_graph() -> Mapping[str, Mobject]:
    """The same graph as boxes, where GraphRecords draws it beside its table."""
    area = content_area()
    is_wide = area.width > 1.9 * area.height
    part, _ = area.columns(1, 1.5) if is_wide else area.rows(1, 1.4, gap=0.1)
    return {"graph": CompactGraph(default_tape(), part)}


GRAPH = Join("graph of xy + x²", whole_graph)
AFTER_PASS = Join("graph after the backward pass", graph_after_pass)
SMALL_GRAPH = Join("small graph of xy + x²", small_graph)
