"""A surface in space that turns and becomes another one."""

import numpy as np
from manim import BLUE, DEGREES, PI, RED, Surface, ThreeDAxes, ThreeDScene, Transform


class Surfaces(ThreeDScene):
    def construct(self):
        self.set_camera_orientation(phi=65 * DEGREES, theta=-45 * DEGREES)

        def surface(height, color):
            return Surface(
                lambda u, v: np.array([u, v, height(u, v)]), u_range=(-PI, PI), v_range=(-PI, PI),
                resolution=(24, 24), fill_color=color, checkerboard_colors=False,
            )  # fmt: skip

        waves = surface(lambda u, v: np.sin(u) * np.cos(v), BLUE)
        bowl = surface(lambda u, v: (u * u + v * v) / 8 - 1, RED)
        self.add(ThreeDAxes(), waves)
        self.move_camera(theta=0, run_time=1)
        self.play(Transform(waves, bowl), run_time=1.5)
