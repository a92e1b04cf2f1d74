"""A toggle switch whose knob slides from off to on."""

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
    """A toggle that is off at first: knob on the left, both parts gray."""

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
        """Slide the knob to the right and color both parts as a leaf."""
        target = self.copy()
        target.knob.shift(RIGHT * (LENGTH - HEIGHT)).set_color(colors.leaf)
        target.track.set_stroke(colors.leaf)
        return Transform(self, target)
