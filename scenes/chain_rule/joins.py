"""The pictures that two scenes of this chapter share, and the one that it ends on.

NUMBER_LINES: the parts "x", "u" and "y" are lines, and "dots" has a dot on each of them.
LENS: "lens" is a magnifier seen from its side.
LINK: "node" is a box, and "arrow" leads away from it.
"""

from __future__ import annotations

from collections.abc import Mapping

from manim import LEFT, RIGHT, Dot, Line, Mobject, RoundedRectangle, VGroup

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.layout import content_area, point
from gradreel.draw.plane import Floats
from gradreel.draw.text import math
from gradreel.lecture.join import Join
from gradreel.theme import FontSize, StrokeWidth, colors

LINE_LENGTH, LINE_PITCH = 6.0, 1.2


def number_lines() -> Mapping[str, Mobject]:
    """Three number lines, one below the other, in the middle of the picture."""
    middle = content_area().center
    heights = [middle[1] + LINE_PITCH * k for k in (1, 0, -1)]
    tones = (colors.leaf, colors.value, colors.value)
    places = [point(middle[0], y) for y in heights]
    dots = [number_line_dot(*pair) for pair in zip(places, tones, strict=True)]
    half = LINE_LENGTH / 2
    lines = [number_line(point(middle[0] - half, y), point(middle[0] + half, y)) for y in heights]
    return {**dict(zip(("x", "u", "y"), lines, strict=True)), "dots": VGroup(*dots)}


def number_line(left: Floats, right: Floats) -> Line:
    """A number line without ticks, as rulers draw it."""
    return Line(left, right, stroke_color=colors.muted, stroke_width=StrokeWidth.axis)


def number_line_dot(position: Floats, color: str) -> Dot:
    """A value on a number line."""
    return Dot(position, radius=0.13, color=color).set_stroke(colors.background, 2)


def upright_lens() -> Mapping[str, Mobject]:
    """A lens seen from its side, at the left of the picture."""
    area = content_area()
    lens = RoundedRectangle(corner_radius=0.09, width=0.2, height=1.1)
    lens.set_fill(colors.panel, 1).set_stroke(colors.muted, StrokeWidth.frame)
    return {"lens": lens.move_to(point(area.left + 0.8, area.top - 0.75))}


def link_of_a_graph() -> Mapping[str, Mobject]:
    """A node and the arrow that leads away from it: one link of a chain."""
    box = RoundedRectangle(corner_radius=0.16, width=1.0, height=0.8)
    box.set_fill(colors.panel, 1).set_stroke(colors.leaf, StrokeWidth.frame)
    node = VGroup(box, math("x", font_size=FontSize.body))
    node[1].move_to(box)
    node.move_to(content_area().center + 1.2 * LEFT)
    start = node.get_right() + 0.1 * RIGHT
    arrow = CompactArrow([start, start + 1.8 * RIGHT])
    return {"node": node, "arrow": arrow}


NUMBER_LINES = Join("number lines", number_lines)
LENS = Join("a lens", upright_lens)
LINK = Join("a link", link_of_a_graph)
