"""The pictures that scenes of this chapter share."""

from __future__ import annotations

from manim import Dot

from gradreel.draw.layout import content_area
from gradreel.lecture.join import Join
from gradreel.theme import colors


def loss_ball() -> Dot:
    """The ball at the end of a curve of losses, in the middle of the stage."""
    ball = Dot(content_area().center, radius=0.15, color=colors.accent)
    return ball.set_stroke(colors.background, 2)


LOSS_BALL = Join("the ball that has come down", lambda: {"ball": loss_ball()})
