"""The pictures that scenes of this chapter share where one follows the other."""

from __future__ import annotations

from manim import LEFT, RIGHT, UP, Mobject, VGroup

from gradreel.draw.bucket import Bucket
from gradreel.draw.compact_graph import CompactArrow
from gradreel.functions.function import Function
from gradreel.lecture.join import Join
from gradreel.scenes.control.bucket_lane_figure import BUCKET_HEIGHT, BUCKET_WIDTH
from gradreel.scenes.control.detach_lane_figure import LaneItem, ResultCard, cut_marks
from gradreel.theme import colors


def _bucket() -> dict[str, Mobject]:
    """An empty bucket in the middle."""
    return {"bucket": Bucket(60.0, width=BUCKET_WIDTH, height=BUCKET_HEIGHT).shift(0.25 * UP)}


def _cut_graph() -> dict[str, Mobject]:
    """x and its square, and between them an arrow that no gradient passes."""
    x, result = _leaf(), ResultCard(LaneItem("n", _SQUARE.value, colors.detached))
    VGroup(x, result).arrange(RIGHT, buff=1.5).move_to(0.25 * UP)
    arrow = CompactArrow([x.get_right() + 0.06 * RIGHT, result.get_left() + 0.06 * LEFT])
    return {"x": x, "arrow": arrow, "cut": cut_marks(arrow), "result": result}


def _node() -> dict[str, Mobject]:
    """The leaf x alone."""
    return {"x": _leaf().move_to(0.25 * UP)}


def _leaf() -> ResultCard:
    return ResultCard(LaneItem("x", _SQUARE.x, colors.leaf))


_SQUARE = Function.parse("x**2").point_at(3.0)

BUCKET_JOIN = Join("the bucket of .grad", _bucket)
CUT_GRAPH_JOIN = Join("x and its square, cut apart", _cut_graph)
NODE_JOIN = Join("the leaf x", _node)
