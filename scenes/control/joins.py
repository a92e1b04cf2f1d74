"""The pictures that scenes of this chapter share where one follows the other."""

from __future__ import annotations

from manim import LEFT, RIGHT, UP, Mobject, VGroup

from gradreel.draw.bucket import Bucket
from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.layout import Rect, content_area
from gradreel.functions.function import Function
from gradreel.lecture.join import Join
from gradreel.scenes.control.bucket_lane_figure import BUCKET_HEIGHT, BUCKET_WIDTH
from gradreel.scenes.control.cycle_diagram_figure import CycleDiagram
from gradreel.scenes.control.detach_lane_figure import LaneItem, ResultCard
from gradreel.scenes.control.lane_paths_figure import cut_marks
from gradreel.theme import colors

CALLS = ("zero_grad()", "forward", "backward()", "step()")


def ring_and_rest() -> tuple[Rect, Rect]:
    """The left half of the picture, for the ring, and the right half."""
    left, right = content_area().columns(1, 1, gap=0.4)
    return left, right


def training_ring(area: Rect) -> CycleDiagram:
    """The four steps around a ring in `area`."""
    tones = (colors.detached, colors.value, colors.gradient, colors.leaf)
    return CycleDiagram(CALLS, tones, area)


def _ring() -> dict[str, Mobject]:
    """The ring, alone in the left half."""
    return {"ring": training_ring(ring_and_rest()[0])}


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
RING_JOIN = Join("the ring of four steps", _ring)
