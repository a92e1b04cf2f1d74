"""Beyond plain descent: optimizers remember.

Four optimizers of torch.optim from one start, down a valley that is steep across and nearly flat
along. Plain descent jumps from side to side; the others use what they saw before.
"""

from __future__ import annotations

import numpy as np
from manim import Create, FadeIn, GrowFromCenter, ShowPassingFlash, ValueTracker, VGroup

from gradreel.draw.contours import Contours, MapTrail, contour_levels
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Plane, padded_range
from gradreel.draw.surface_slices import MapPoint
from gradreel.draw.text import math, text
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.gradient_descent import require_nonzero_gradient, run_descent
from gradreel.params import SceneParams, UserFunction2, param
from gradreel.theme import FontSize, colors


class OptimizerRace(LectureScene):
    class Params(SceneParams):
        function: UserFunction2 = param("0.02*x**2 + y**2", "the landscape, a function of x and y")
        x: float = param(-8.0, "where all start: x", ge=-100, le=100)
        y: float = param(2.0, "where all start: y", ge=-100, le=100)
        steps: int = param(60, "steps of each optimizer", ge=5, le=500)
        sgd: float = param(0.9, "learning rate of SGD", gt=0, le=100)
        momentum: float = param(0.1, "learning rate of SGD with momentum 0.9", gt=0, le=100)
        rmsprop: float = param(0.2, "learning rate of RMSprop", gt=0, le=100)
        adam: float = param(0.4, "learning rate of Adam", gt=0, le=100)

    def construct(self):
        p = self.params
        f = load_function(p.function, ("x", "y"), label="loss")
        rates = {"SGD": p.sgd, "momentum": p.momentum, "RMSprop": p.rmsprop, "Adam": p.adam}
        paths = [
            require_nonzero_gradient(run_descent(f, (p.x, p.y), p.steps, lr, name))
            for name, lr in rates.items()
        ]
        self.now = [ValueTracker(0) for _ in paths]
        self.set_the_stage(f, paths)

        with self.beat("a long valley", VALLEY, plays=3):
            self.play(FadeIn(self.map, self.formula))
            self.play(Create(self.contours))
            self.play(GrowFromCenter(self.start), FadeIn(self.chart))
        for path, runner, now in zip(paths, self.runners, self.now, strict=True):
            say = f"{SAID[path.optimizer]} After {{steps}} steps: {{loss}}."
            last = path[p.steps]
            with self.beat(path.optimizer, say, steps=last.step, loss=last.value):
                self.play(FadeIn(runner.name, runner.loss), run_time=0.5)
                self.add(runner.way, runner.fall)
                self.play(now.animate.set_value(p.steps), rate_func=lambda t: t)
        order = sorted(paths, key=lambda path: float(path[p.steps].value))
        say = f"{order[0].optimizer} is lowest in the end, at {{best}}. {OTHER}"
        with self.beat("the race", say, plays=3, best=order[0][p.steps].value):
            self.play(*(now.animate.set_value(0) for now in self.now), run_time=1)
            self.play(*(now.animate(rate_func=lambda t: t).set_value(p.steps) for now in self.now),
                      run_time=6)  # fmt: skip
            winner = self.runners[paths.index(order[0])]
            self.play(winner.name.animate.scale(1.15), ShowPassingFlash(winner.fall.path.copy()))

    def set_the_stage(self, f, paths):
        """Map and legend on the left, the fall of the loss on the right."""
        left, right = content_area().columns(1.25, 1, gap=0.4)
        picture, foot = left.rows(3.6, 1, gap=0.15)
        x_range, y_range = around(paths)
        self.map = Plane(x_range, y_range, picture, tick_count=(6, 5))
        axes = [np.linspace(*span, 61) for span in (x_range, y_range)]
        heights, _ = f.grid(*axes)
        self.contours = Contours(self.map, *axes, heights, contour_levels(heights))
        self.start = MapPoint(self.map, lambda: paths[0][0].inputs)
        head, chart = right.rows(0.8, 6, gap=0.1)
        self.formula = fit_into(math(f'"loss" = {f.typst()}', font_size=FontSize.body), head)
        falls = [log10_or_nan([float(v.value) for v in path.visits]) for path in paths]
        low, high = padded_range(np.concatenate(falls), 0.06)
        top = max(float(fall[0]) for fall in falls)
        self.chart = LogPlane(
            (0, len(paths[0]) - 1), (max(low, top - 12), min(high, top + 3)), chart,
            linear_x=True, x_name="n", y_name='"loss"', tick_count=(5, 6),
        )  # fmt: skip
        seats = foot.columns(1, 1, 1, 1, gap=0.15)
        self.runners = [
            Runner(self.map, self.chart, path, fall, now.get_value, seat)
            for path, fall, now, seat in zip(paths, falls, self.now, seats, strict=True)
        ]


class Runner(VGroup):
    """One optimizer: its way on the map, the fall of its loss, its name and its loss now."""

    def __init__(self, plane, chart, path, fall, now, seat):
        super().__init__()
        color = COLORS[path.optimizer]()
        places = np.array([[float(x) for x in visit.inputs] for visit in path.visits])
        self.way = MapTrail(plane, places, now, color=color)
        good = np.isfinite(fall)
        steps = np.column_stack([np.arange(len(fall)), fall])[good]
        self.fall = MapTrail(chart, steps, now, color=color)
        self.name = text(path.optimizer, font_size=FontSize.label, color=color)
        here = lambda: path[int(now() + 1e-9)].value  # noqa: E731
        self.loss = Readout(here, color=color, font_size=FontSize.small, align="left")
        top, bottom = seat.rows(1, 1, gap=0.05)
        self.name.move_to(top.center).align_to([seat.left + 0.2, 0, 0], [-1, 0, 0])
        self.loss.move_to(bottom.center).align_to([seat.left + 0.2, 0, 0], [-1, 0, 0])


def around(paths):
    """Ranges that hold the start, the end and what lies between, unless it flies off."""
    places = np.array([[float(x) for x in v.inputs] for path in paths for v in path.visits])
    start, goal = places[0], np.array(paths[-1].goal)
    goal = np.where(np.isfinite(goal), goal, 0.0)
    reach = np.maximum(np.abs(start - goal), 1e-3)
    kept = np.clip(places, goal - 1.4 * reach, goal + 1.4 * reach)
    kept = np.vstack([kept, goal - 0.5 * reach, goal + 0.5 * reach])
    return [padded_range(kept[np.isfinite(kept).all(axis=1), axis], 0.08) for axis in (0, 1)]


COLORS = {
    "SGD": lambda: colors.warning,
    "momentum": lambda: colors.leaf,
    "RMSprop": lambda: colors.local,
    "Adam": lambda: colors.accent,
}
VALLEY = "A long valley: steep across, nearly flat along. Four optimizers start from this place."
OTHER = "On other ground, with other rates, it may be another."
SAID = {
    "SGD": "SGD knows only this slope, and that points across.",
    "momentum": "Momentum adds up old slopes: across they cancel, along they grow.",
    "RMSprop": "RMSprop divides each slope by its usual size: no side is steeper.",
    "Adam": "Adam does both: momentum, and a step size for each variable.",
}
