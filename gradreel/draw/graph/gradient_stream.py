"""A gradient on its way back along an arrow: a stream as wide as the gradient is large."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import Animation, Dot, Polygon, ShowPassingFlash, VGroup, VMobject, smooth

from gradreel.draw.graph.edge_arrow import TIP_LENGTH, EdgeArrow
from gradreel.draw.plane import Floats
from gradreel.theme import colors

NARROWEST, WIDEST = 3.0, 18.0  # stroke widths
GLOW_WIDTH = 6.0
POINTS = 64
HEAD_SHARE = 0.12  # of the stream's time, in which the head shrinks into the tip


def stream_width(number: float, largest: float) -> float:
    """The stroke width of a stream, in proportion to the size of the gradient it carries."""
    size = abs(number)
    if not math.isfinite(size) or not largest > 0:
        return WIDEST if size > 0 else NARROWEST
    return max(WIDEST * min(size / largest, 1.0), NARROWEST)


class GradientStream(VGroup):
    """A line along an arrow from its op to its input, with a tip there and a glowing head."""

    def __init__(self, arrow: EdgeArrow, width: float) -> None:
        super().__init__()
        self.route = _backward_route(arrow)
        self.line = VMobject(stroke_color=colors.gradient, stroke_width=width)
        self.line.points = self.route.points.copy()
        self.tip = _tip(arrow.start, width)
        radius = 0.08 + width / 200
        self.head = VGroup(
            Dot(radius=2 * radius, fill_color=colors.gradient, fill_opacity=0.3, stroke_width=0),
            Dot(radius=radius, fill_color=colors.gradient, stroke_width=0),
        )
        self.add(self.line, self.tip, self.head)
        self.set_share(1.0)

    def set_share(self, share: float) -> None:
        """Draw the stream as far as `share` of its way, from 0 to 1."""
        self.line.pointwise_become_partial(self.route, 0, max(min(share, 1.0), 1e-3))
        shown = min(max((1 - share) / HEAD_SHARE, 0.0), 1.0)
        self.head.move_to(self.route.point_from_proportion(min(max(share, 0.0), 1.0)))
        self.head[0].set_fill(opacity=0.3 * shown)
        self.head[1].set_fill(opacity=shown)
        self.tip.set_fill(opacity=1 - shown)

    def glows(self) -> Animation:
        """A glow runs along the stream once more."""
        glow = self.route.copy().set_stroke(colors.text, max(self.line.stroke_width, GLOW_WIDTH))
        return ShowPassingFlash(glow, time_width=0.6)


class Flows(Animation):
    """A stream runs from its op to its input and stays."""

    def __init__(self, stream: GradientStream, **kwargs: Any) -> None:
        self.stream = stream
        kwargs.setdefault("rate_func", smooth)
        super().__init__(stream, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Draw the stream as far as it has come."""
        self.stream.set_share(self.rate_func(alpha))


def _backward_route(arrow: EdgeArrow) -> VMobject:
    """The way from the op's card to the tip of the stream at the input's card.

    It consists of short lines of equal length, so that a share of them is a share of the way.
    """
    points = arrow.sampled(POINTS)[::-1]
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    kept = max(round(POINTS * (1 - 0.7 * TIP_LENGTH / length)), 2)
    route = VMobject()
    route.set_points_as_corners(points[:kept])
    return route


def _tip(at: Floats, width: float) -> Polygon:
    half = max(TIP_LENGTH * 0.42, width / 100)
    right = np.array([TIP_LENGTH, 0.0, 0.0])
    up = np.array([0.0, half, 0.0])
    return Polygon(
        at, at + right + up, at + right - up,
        stroke_width=0, fill_color=colors.gradient, fill_opacity=1,
    )  # fmt: skip
