"""The color scales of a tape's tensors, their legend, and the space that is left for a graph."""

from __future__ import annotations

from dataclasses import dataclass

from manim import RIGHT, VGroup

from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.tensors.heat_map import ColorBar, Scale
from gradreel.tape import Tape
from gradreel.theme import colors

LEGEND_HEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class TensorStyle:
    """How a tape's tensors are drawn: the two color scales, and the backward pass shown.

    `digits` are the significant ones of single numbers; 0 for as many as a number has.
    """

    values: Scale
    gradients: Scale
    backward: int = 1
    digits: int = 0


def tensor_stage(tape: Tape, backward: int, digits: int = 0) -> tuple[TensorStyle, Rect, VGroup]:
    """The color scales of a tape, the area for its graph, and the color bars below that."""
    style = TensorStyle(Scale.of_values(tape), Scale.of_gradients(tape, backward), backward, digits)
    area = content_area()
    bars = VGroup(
        ColorBar("values", style.values, colors.muted),
        ColorBar("gradients", style.gradients, colors.gradient),
    ).arrange(RIGHT, buff=1.0)
    bars.move_to(point(area.center[0], area.bottom + LEGEND_HEIGHT / 2 - 0.1))
    graph_area = Rect(area.left, area.right, area.bottom + LEGEND_HEIGHT, area.top)
    return style, graph_area, bars
