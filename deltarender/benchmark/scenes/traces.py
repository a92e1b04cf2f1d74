"""Dots that leave traces behind them, as in a Fourier drawing."""

import numpy as np
from manim import TAU, YELLOW, Dot, Line, Scene, TracedPath, ValueTracker, VGroup, linear


class Traces(Scene):
    def construct(self):
        time = ValueTracker(0)

        def joints():
            t = time.get_value() * TAU
            terms = [(1.8, 1), (0.8, -3), (0.4, 5), (0.2, -9)]
            steps = [[r * np.cos(k * t), r * np.sin(k * t), 0] for r, k in terms]
            return np.vstack([np.zeros((1, 3)), np.cumsum(steps, axis=0)])

        def arms():
            ends = joints()
            return [Line(*pair) for pair in zip(ends, ends[1:], strict=False)]

        rods = VGroup(*arms())
        rods.add_updater(lambda m: m.become(VGroup(*arms())))
        pen = Dot(color=YELLOW, radius=0.06).add_updater(lambda m: m.move_to(joints()[-1]))
        self.add(rods, pen, TracedPath(pen.get_center, stroke_color=YELLOW))
        self.play(time.animate.set_value(1), run_time=3, rate_func=linear)
