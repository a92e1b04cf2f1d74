"""A picture that is zoomed far beyond the frame, panned and turned."""

import numpy as np
from manim import DOWN, LEFT, PI, RIGHT, ImageMobject, Scene, Text, Write


class Images(Scene):
    def construct(self):
        y, x = np.mgrid[0:480, 0:640]
        pixels = np.stack([x * 255 / 640, y * 255 / 480, 128 + 127 * np.sin(x * y / 4000)], axis=2)
        image = ImageMobject(pixels.astype(np.uint8)).scale_to_fit_height(4)
        self.add(image)
        self.play(Write(Text("pixels").to_edge(DOWN)), run_time=0.5)
        self.play(image.animate.scale(6), run_time=1)
        self.play(image.animate.shift(6 * LEFT), run_time=1)
        self.play(image.animate.shift(6 * RIGHT).scale(1 / 6).rotate(PI / 5), run_time=1)
