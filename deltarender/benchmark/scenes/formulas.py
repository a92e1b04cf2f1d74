"""Formulas that turn into each other."""

from manim import BLUE, UP, FadeOut, Indicate, MathTypst, Scene, Transform, Write


class Formulas(Scene):
    def construct(self):
        first = MathTypst("integral_0^1 x^2 dif x = [x^3 / 3]_0^1", font_size=60).shift(UP)
        second = MathTypst("sum_(k=1)^n k = (n (n + 1)) / 2", font_size=60)
        self.play(Write(first), run_time=1)
        self.play(first.animate.shift(UP), Write(second), run_time=1)
        self.play(Indicate(second, color=BLUE), run_time=0.5)
        self.play(Transform(first, second.copy()), run_time=1)
        self.play(FadeOut(first, second), run_time=0.5)
