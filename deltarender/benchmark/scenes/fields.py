"""A field of arrows that are made anew in every frame."""

import numpy as np
from manim import PI, TAU, Arrow, Scene, ValueTracker, VGroup, always_redraw, linear


class Fields(Scene):
    def construct(self):
        phase = ValueTracker(0)

        def arrow(x, y):
            angle = x / 2 + np.sin(y) + phase.get_value()
            tip = 0.7 * np.array([np.cos(angle), np.sin(angle), 0])
            return Arrow([x, y, 0], [x, y, 0] + tip, buff=0, color=_color(angle))

        def field():
            return VGroup(*[arrow(x, y) for x in range(-6, 7) for y in range(-3, 4)])

        self.add(always_redraw(field))
        self.play(phase.animate.set_value(PI), run_time=3, rate_func=linear)


def _color(angle):
    share = round(255 * (angle % TAU) / TAU)
    return f"#{share:02x}80{255 - share:02x}"
