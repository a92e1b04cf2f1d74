"""Lines of text and code that appear, move and fade."""

from manim import DOWN, LEFT, UP, AddTextLetterByLetter, Code, FadeIn, Scene, Text, VGroup, Write

SOURCE = "def gradient(f, x, h=1e-6):\n    return (f(x + h) - f(x - h)) / (2 * h)\n"


class Texts(Scene):
    def construct(self):
        words = ("Gradient descent", "takes steps downhill", "until the slope is flat")
        lines = VGroup(*map(Text, words)).arrange(DOWN, aligned_edge=LEFT).to_edge(UP)
        self.play(Write(lines[0]), run_time=1)
        self.play(AddTextLetterByLetter(lines[1]), run_time=1)
        self.play(FadeIn(lines[2], shift=UP), run_time=0.5)
        code = Code(code_string=SOURCE, language="python").scale(0.8).to_edge(DOWN)
        self.play(FadeIn(code), lines.animate.scale(0.8), run_time=1)
