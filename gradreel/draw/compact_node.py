"""The box of one op in a compact graph."""

from __future__ import annotations

import numpy as np
from manim import RoundedRectangle, VGroup

from gradreel.draw.plane import Floats
from gradreel.draw.typeset import Typeset
from gradreel.tape import Op
from gradreel.theme import StrokeWidth, colors

LEAST_BOX = 0.62


def node_of(op: Op, label: Typeset, least: float) -> VGroup:
    """A box, its frame in the color of the op's kind, and its label."""
    box = RoundedRectangle(
        corner_radius=0.16,
        width=max(label.width + 0.3, least),
        height=least,
        stroke_width=0,
        fill_color=colors.panel,
        fill_opacity=1,
    )
    # The frame is a separate mobject: animating the box would draw it over the letters.
    frame = box.copy().set_fill(opacity=0)
    frame.set_stroke(*frame_style(op))
    return VGroup(box, frame, label.move_to(box))


def frame_style(op: Op) -> tuple[str, float]:
    """The color and the width of an op's frame, by its kind."""
    if not op.requires_grad:
        return colors.detached, StrokeWidth.frame / 2
    return colors.leaf if op.is_leaf else colors.value, StrokeWidth.frame


def border_point(box: VGroup, start: Floats, toward: Floats) -> Floats:
    """Where the segment from `start`, inside `box`, to `toward` leaves the box with a margin."""
    vector = toward - start
    half = np.array([box.width / 2 + 0.06, box.height / 2 + 0.06])
    inner = np.abs(start[:2] - box.get_center()[:2])
    shares = [
        (h - i) / abs(w) for h, i, w in zip(half, inner, vector[:2], strict=True) if abs(w) > 1e-9
    ]
    border: Floats = start + vector * min([*shares, 1.0])
    return border
