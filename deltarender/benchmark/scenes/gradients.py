"""Colors that blend over shapes, which move, fade and cover each other."""

from manim import (
    BLUE,
    DOWN,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    RIGHT,
    UP,
    WHITE,
    YELLOW,
    Circle,
    FadeIn,
    FadeOut,
    Scene,
    Square,
)  # fmt: skip


class Gradients(Scene):
    def construct(self):
        square = Square(5, stroke_width=0).set_fill([RED, ORANGE, YELLOW], 1)
        circle = Circle(2).set_fill([BLUE, GREEN], 0.7).set_stroke([WHITE, PURPLE], 12)
        square.set_sheen_direction(UP + RIGHT)
        self.play(FadeIn(square), run_time=0.7)
        self.play(FadeIn(circle, shift=DOWN), run_time=0.7)
        self.play(circle.animate.shift(3 * RIGHT), square.animate.rotate(1), run_time=1)
        self.play(FadeOut(square, circle), run_time=0.7)
