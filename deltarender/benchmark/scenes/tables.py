"""A table that is moved, scaled and colored as a whole."""

from manim import DOWN, LEFT, RIGHT, UP, YELLOW, Scene, Table


class Tables(Scene):
    def construct(self):
        rows = [[f"{row}{column}" for column in "abcde"] for row in range(1, 7)]
        table = Table(rows, include_outer_lines=True).scale(0.6)
        self.add(table)
        for direction in (UP, RIGHT, DOWN, DOWN, LEFT, UP):
            self.play(table.animate.shift(0.4 * direction), run_time=0.4)
        self.play(table.animate.scale(0.8), run_time=0.4)
        self.play(table.get_rows()[2].animate.set_color(YELLOW), run_time=0.4)
