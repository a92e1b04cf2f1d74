"""The pictures that scenes of this chapter share."""

from __future__ import annotations

from manim import Dot, Mobject

from gradreel.draw.layout import content_area
from gradreel.lecture.join import Join
from gradreel.scenes.whole_machine.backward_cards_figure import leaf_card
from gradreel.tape import input_quantity
from gradreel.theme import colors


def loss_ball() -> Dot:
    """The ball at the end of a curve of losses, in the middle of the stage."""
    ball = Dot(content_area().center, radius=0.15, color=colors.accent)
    return ball.set_stroke(colors.background, 2)


LOSS_BALL = Join("the ball that has come down", lambda: {"ball": loss_ball()})


def _leaf_node() -> dict[str, Mobject]:
    """The leaf x = 2 in the middle of the stage."""
    return {"x": leaf_card([input_quantity(2.0, "x")]).move_to(content_area().center)}


LEAF_NODE = Join("the leaf x = 2", _leaf_node)
