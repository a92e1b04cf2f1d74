"""The pictures with which one scene of this chapter ends and the next one begins."""

from __future__ import annotations

from collections.abc import Mapping

from manim import Mobject

from gradreel.draw.graph import TapeGraph
from gradreel.draw.layout import Rect, content_area
from gradreel.draw.tagged_graph import TaggedGraph
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


def records_areas() -> tuple[Rect, Rect]:
    """Where GraphRecords names the attributes, and where it draws the graph below them."""
    heads, graph = content_area().rows(0.6, 4.7, gap=0.35)
    return heads, graph


def records_graph() -> Mapping[str, Mobject]:
    """The same graph as boxes with room for tags, as GraphRecords draws it."""
    return {"graph": TaggedGraph(default_tape(), records_areas()[1])}


GRAPH = Join("graph of xy + x²", whole_graph)
AFTER_PASS = Join("graph after the backward pass", graph_after_pass)
BOX_GRAPH = Join("graph of xy + x² as boxes", records_graph)
