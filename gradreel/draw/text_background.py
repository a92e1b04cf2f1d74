"""A background behind letters, so that lines pass behind them."""

from __future__ import annotations

from manim import Mobject, Rectangle

from gradreel.theme import colors


def text_background(letters: Mobject, margin: float = 0.08) -> Rectangle:
    """A filled rectangle of the background color behind `letters`, larger by `margin`."""
    background = Rectangle(
        width=letters.width + 2 * margin,
        height=letters.height + 2 * margin,
        stroke_width=0,
        fill_color=colors.background,
        fill_opacity=1,
    )
    return background.move_to(letters)
