"""Formulas of LaTeX: written, and one that is made anew in every frame beside a changing number."""

from manim import (
    BLUE,
    DOWN,
    UP,
    DecimalNumber,
    MathTex,
    Scene,
    TransformMatchingTex,
    ValueTracker,
    VGroup,
    Write,
    always_redraw,
)  # fmt: skip


class Latex(Scene):
    def construct(self):
        first = MathTex("a^2", "+", "b^2", "=", "c^2", font_size=72).to_edge(UP)
        second = MathTex("c^2", "-", "b^2", "=", "a^2", font_size=72).to_edge(UP)
        self.play(Write(first), run_time=1)
        self.play(TransformMatchingTex(first, second), run_time=1)
        angle = ValueTracker(0)

        def row():
            name = MathTex(r"\alpha =", color=BLUE)
            return VGroup(name, DecimalNumber(angle.get_value())).arrange().shift(DOWN)

        self.add(always_redraw(row))
        self.play(angle.animate.set_value(3), run_time=1)
