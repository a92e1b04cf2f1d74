"""The pictures with which one scene of this chapter ends and the next one begins."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from manim import Dot, Mobject, VGroup

from gradreel.draw.contours import LiveArrow
from gradreel.draw.gradient_row import GradientRow
from gradreel.draw.layout import content_area
from gradreel.functions.function import Function
from gradreel.lecture.join import Join
from gradreel.record import fixed, record
from gradreel.scenes.autograd_api.attribute_heads_figure import AttributeHeads
from gradreel.scenes.autograd_api.linear_model_figure import (
    ROW_GAP,
    ROWS,
    ModelGraph,
    model_columns,
)
from gradreel.scenes.autograd_api.linear_model_program import DEFAULTS, program
from gradreel.scenes.autograd_api.pillar_graph_figure import PILLARS, pillar_areas
from gradreel.tape import Tape
from gradreel.theme import colors

GRADIENT_AT = (0.5, 0.1)  # where the step of GradientVector ends
ARROW_LENGTH = 2.2


def default_tape() -> Tape:
    """The program of w, b and loss, recorded with its defaults."""
    w, b, x, target = DEFAULTS.values()
    return record(program, w=w, b=b, x=fixed(x), target=fixed(target))


def requires_grad() -> Mapping[str, Mobject]:
    """The word requires_grad, the first of the three that ThreePillars names."""
    return {"requires_grad": AttributeHeads(PILLARS, pillar_areas()[0]).heads[0]}


def model_graph() -> Mapping[str, Mobject]:
    """The graph of w, b and loss after the forward pass, as boxes from the top down."""
    _, middle, _ = model_columns()
    _, below_heading = middle.rows(ROWS[0], sum(ROWS[1:]) + ROW_GAP * 5, gap=ROW_GAP)
    return {"graph": ModelGraph(default_tape(), below_heading, down=True)}


def gradients() -> Mapping[str, Mobject]:
    """w.grad and b.grad with their numbers, one below the other in the middle."""
    tape = default_tape()
    areas = content_area().shrunk(0.38).rows(1, 1)
    rows = {
        name: GradientRow(f'upright("{name}.grad")', area, number=tape.grad(name))
        for name, area in zip(("w", "b"), areas, strict=True)
    }
    names = VGroup(*(row.label for row in rows.values()))
    return {"names": names, **{name: row.number for name, row in rows.items()}}


def gradient_arrow() -> Mapping[str, Mobject]:
    """A point in the middle, and the gradient of x² + xy + y² there as an arrow."""
    partials = Function.parse("x**2 + x*y + y**2", ("x", "y")).evaluate(*GRADIENT_AT).partials
    along = np.array([*map(float, partials), 0.0])
    along *= ARROW_LENGTH / np.linalg.norm(along)
    start = content_area().center - along / 2
    arrow = LiveArrow(lambda: (start, start + along), color=colors.gradient)
    arrow.clear_updaters()
    point = Dot(radius=0.12, color=colors.accent).set_stroke(colors.background, width=2)
    return {"arrow": arrow, "point": point.move_to(start)}


SWITCH_WORD = Join("the word requires_grad", requires_grad)
MODEL_GRAPH = Join("graph of w, b and loss", model_graph)
GRADIENTS = Join("w and b with their gradients", gradients)
GRADIENT_ARROW = Join("gradient arrow at its point", gradient_arrow)
