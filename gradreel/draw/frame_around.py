"""A frame that draws the eye to a number or a formula and leaves its colors alone."""

from __future__ import annotations

from manim import Mobject, SurroundingRectangle

from gradreel.theme import StrokeWidth, colors


def frame_around(mobject: Mobject, buff: float = 0.08) -> SurroundingRectangle:
    """A frame around a mobject, `buff` frame units away from it."""
    return SurroundingRectangle(
        mobject, color=colors.accent, buff=buff, corner_radius=0.08, stroke_width=StrokeWidth.frame
    )
