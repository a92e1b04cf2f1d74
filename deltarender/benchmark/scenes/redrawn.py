"""A graph with a tangent, a formula and a label that are made anew in every frame."""

from manim import (
    BLUE,
    RED,
    UP,
    YELLOW,
    Axes,
    Dot,
    MathTypst,
    Scene,
    ValueTracker,
    VGroup,
    always_redraw,
)


class Redrawn(Scene):
    def construct(self):
        axes = Axes(x_range=(-3, 3), y_range=(-1, 5), x_length=9, y_length=6)
        curve = axes.plot(lambda x: x**2 / 2, color=BLUE)
        x = ValueTracker(-2.5)

        def tangent():
            return axes.get_secant_slope_group(
                x.get_value(), curve, dx=0.01, secant_line_color=RED, secant_line_length=4
            )

        def label():
            formula = MathTypst("f(x) = x^2 / 2", font_size=36)
            dot = Dot(axes.c2p(x.get_value(), x.get_value() ** 2 / 2), color=YELLOW)
            return VGroup(formula.next_to(dot, UP), dot)

        self.add(axes, curve, always_redraw(tangent), always_redraw(label))
        self.play(x.animate.set_value(2.5), run_time=3)
