"""A dot that moves along a long curve."""

import numpy as np
from manim import BLUE, YELLOW, Dot, MoveAlongPath, Scene, VMobject, linear


class Paths(Scene):
    def construct(self):
        t = np.linspace(0, 2 * np.pi, 500)
        radius = 2 + np.cos(7 * t)
        points = np.stack([radius * np.cos(t), radius * np.sin(t), 0 * t], axis=1)
        path = VMobject(color=BLUE).set_points_smoothly(points)
        dot = Dot(color=YELLOW)
        self.add(path, dot)
        self.play(MoveAlongPath(dot, path), run_time=3, rate_func=linear)
