"""The learning rate decides: too small, right, too large.

The same start, the same slope, the same number of steps; only the factor in front of the slope
differs. A small one crawls, a good one arrives, a large one overshoots, too large a one flies off.
"""

from __future__ import annotations

import numpy as np
from manim import Create, FadeIn, GrowFromCenter, ValueTracker, VGroup

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import content_area
from gradreel.draw.plane import Curve, Plane, padded
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.gradient_descent import require_nonzero_gradient, run_descent
from gradreel.params import SceneParams, UserFunction, param
from gradreel.scenes.descent.descent_marks_figure import Ball, Footprints
from gradreel.theme import FontSize, colors


class LearningRates(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("(x-3)**2", "a function of x to be made small")
        start: float = param(0.0, "where every descent starts", ge=-100, le=100)
        steps: int = param(10, "steps that each descent takes", ge=2, le=50)
        small: float = param(0.02, "a rate that crawls", gt=0, le=100)
        right: float = param(0.5, "a rate that arrives", gt=0, le=100)
        large: float = param(0.95, "a rate that overshoots", gt=0, le=100)
        wild: float = param(1.05, "a rate that flies off", gt=0, le=100)

    def construct(self):
        p = self.params
        f = load_function(p.function, label="loss")
        rates = (p.small, p.right, p.large, p.wild)
        paths = [require_nonzero_gradient(run_descent(f, [p.start], p.steps, lr)) for lr in rates]
        self.now = [ValueTracker(0) for _ in paths]
        panels = self.set_the_stage(f, paths)

        with self.beat("four rates", ALIKE, plays=3, x=paths[0][0].inputs[0]):
            self.play(FadeIn(VGroup(*(panel.plane for panel in panels))))
            self.play(*(Create(panel.curve) for panel in panels))
            self.add(*(panel.prints for panel in panels))
            self.play(*(GrowFromCenter(panel.ball) for panel in panels),
                      *(FadeIn(panel.rate) for panel in panels))  # fmt: skip
        for path, panel, now in zip(paths, panels, self.now, strict=True):
            name, say, said = told(path)
            with self.beat(f"rate {path.lr.text}: {name}", say, plays=1, **said):
                self.play(FadeIn(panel.x, panel.loss), run_time=0.5)
                self.play(now.animate.set_value(p.steps), rate_func=lambda t: t)
        with self.beat("side by side", TOGETHER, plays=2, steps=paths[0][p.steps].step):
            self.play(*(now.animate.set_value(0) for now in self.now))
            self.play(*(now.animate.set_value(p.steps) for now in self.now), run_time=5)

    def set_the_stage(self, f, paths):
        """One panel for each rate, all with the same axes."""
        calm = [float(v.inputs[0]) for path in paths[:-1] for v in path.visits]
        calm = [x for x in calm if np.isfinite(x)]
        start = self.params.start  # what flies off leaves the picture: the start stays in it
        low, high = max(min(calm), start - 1e3), min(max(calm), start + 1e3)
        reach = high - low or 1.0
        xs = f.sample(low - 0.25 * reach, low + 1.25 * reach, 301)
        areas = content_area().columns(1, 1, 1, 1, gap=0.25)
        return [
            Panel(f, xs, path, now.get_value, area)
            for path, now, area in zip(paths, self.now, areas, strict=True)
        ]


class Panel:
    """One descent: its curve and ball above, its rate and where it stands below."""

    def __init__(self, f, sweep, path, now, area):
        picture, foot = area.rows(2.1, 1, gap=0.1)
        span = (float(sweep.xs[0]), float(sweep.xs[-1]))
        self.plane = Plane(span, padded(sweep.values), picture, y_name='"loss"', tick_count=(3, 4))
        self.curve = Curve(self.plane, sweep.xs, sweep.values)
        color = COLORS[outcome(path)]()
        self.ball = Ball(self.plane, path.visits, lambda x: f.point_at(x).value, now, color=color)
        self.prints = Footprints(self.plane, path.visits, now, color=color)
        here = lambda: path[int(now() + 1e-9)]  # noqa: E731
        rows = foot.rows(1, 1, 1, gap=0.1)
        self.rate = reading('"rate"', path.lr, rows[0], color, places=None)
        self.x = reading("x", lambda: here().inputs[0], rows[1], colors.text)
        self.loss = reading('"loss"', lambda: here().value, rows[2], colors.text)


def reading(label, source, area, color, places=4):
    """A small reading at the left of its row."""
    made = LabelledNumber(label, source, color=color, places=places, font_size=FontSize.label)
    return made.move_to(area.center).align_to([area.left + 0.45, 0, 0], [-1, 0, 0])


def outcome(path) -> str:
    """What became of a descent, by its distances from where descent can end."""
    losses = np.array([float(v.value) for v in path.visits])
    xs = np.array([float(v.inputs[0]) for v in path.visits])
    if not np.isfinite(losses).all() or losses[-1] > losses[0]:
        return "diverges"
    turns = np.diff(np.sign(np.diff(xs)))
    if np.count_nonzero(turns) >= len(xs) // 2 and abs(xs[-1] - xs[-2]) > 1e-6 * abs(xs[1] - xs[0]):
        return "oscillates"
    if abs(xs[-1] - xs[-2]) < 1e-2 * abs(xs[1] - xs[0]):
        return "arrives"
    return "crawls"


def told(path):
    """A name for what happens, what to say of it, and the numbers in that."""
    last, kind = path[len(path) - 1], outcome(path)
    ends = {"x": last.inputs[0], "loss": last.value, "steps": last.step}
    return kind, SAID[kind], {**ends, "first": path[1].inputs[0]}


COLORS = {
    "crawls": lambda: colors.leaf,
    "arrives": lambda: colors.accent,
    "oscillates": lambda: colors.gradient,
    "diverges": lambda: colors.warning,
}
ALIKE = "The same hill, the same start x = {x}, four learning rates. Which one will you take?"
TOGETHER = "{steps} steps each. Too small wastes time, too large does harm; the curve decides."
SAID = {
    "crawls": "It crawls: after {steps} steps x is only at {x} and the loss is still {loss}.",
    "arrives": "It arrives: one step leads to {first}, and after {steps} steps the loss is {loss}.",
    "oscillates": "Every step overshoots, across and back. After {steps} steps the loss is {loss}.",
    "diverges": "Each step lands higher than the last: after {steps} the loss is {loss}.",
}
