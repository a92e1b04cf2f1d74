"""A switch: a knob that slides from off to on."""

from __future__ import annotations

from manim import (
    RIGHT,
    Animation,
    Dot,
    RoundedRectangle,
    Transform,
    VGroup,
)

from gradreel.theme import StrokeWidth, colors

HEIGHT = 0.34
LENGTH = 0.7


class Toggle(VGroup):
    """Off when it is made: the knob is on the left and all is grey."""

    def __init__(self) -> None:
        super().__init__()
        self.track = RoundedRectangle(
            corner_radius=HEIGHT / 2, width=LENGTH, height=HEIGHT,
            stroke_color=colors.detached, stroke_width=StrokeWidth.frame,
            fill_color=colors.panel, fill_opacity=1,
        )  # fmt: skip
        self.knob = Dot(radius=HEIGHT * 0.33, color=colors.detached)
        self.knob.move_to(self.track).shift(RIGHT * (HEIGHT - LENGTH) / 2)
        self.add(self.track, self.knob)

    def turns_on(self) -> Animation:
        """The knob slides over, and both take the colour of a leaf."""
        there = self.copy()
        there.knob.shift(RIGHT * (LENGTH - HEIGHT)).set_color(colors.leaf)
        there.track.set_stroke(colors.leaf)
        return Transform(self, there)
