"""Beyond plain descent: optimizers remember.

SGD, SGD with momentum, RMSprop and Adam from one start in a long valley: their paths on a contour
map, and their losses on a logarithmic axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from manim import (
    LEFT,
    Animation,
    ApplyMethod,
    Create,
    FadeIn,
    GrowFromCenter,
    ShowPassingFlash,
    ValueTracker,
    linear,
)

from gradreel.draw.contours import Contours, MapPoint, MapTrail, contour_levels
from gradreel.draw.layout import Rect, content_area, fit_into, point
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Plane, padded_range
from gradreel.draw.text import math, text
from gradreel.functions.function import Function
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.descent_facts import best_of, is_finite, is_long_valley
from gradreel.measure.gradient_descent import Descent, require_nonzero_gradient, run_descent
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

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function, ("x", "y"), label="loss")
        rates = {"SGD": p.sgd, "momentum": p.momentum, "RMSprop": p.rmsprop, "Adam": p.adam}
        descents = [
            require_nonzero_gradient(run_descent(f, (p.x, p.y), p.steps, lr, name))
            for name, lr in rates.items()
        ]
        self.build_layout(f, descents)
        valley, start = is_long_valley(f, descents), descents[0][0]

        with self.beat("a long valley" if valley else "a start", PLACE[valley], plays=3,
                       loss=start.loss):  # fmt: skip
            self.play(FadeIn(self.map, self.formula))
            self.play(Create(self.contours))
            self.play(GrowFromCenter(self.start), FadeIn(self.chart))
        for descent, track in zip(descents, self.tracks, strict=True):
            last = descent.last
            say = f"{RACERS[descent.optimizer].captions[valley]} {caption_result(descent)}"
            with self.beat(descent.optimizer, say, steps=last.step, loss=last.loss):
                self.play(FadeIn(track.name, track.loss), run_time=0.5)
                self.add(track.path, track.loss_curve)
                self.play(track.run())
        winners = best_of(descents)
        say, numbers = caption_winners(winners)
        with self.beat("the race", say, plays=3, **numbers):
            clocks = [track.clock for track in self.tracks]
            self.play(*(clock.animate.set_value(0) for clock in clocks), run_time=1)
            self.play(*(track.run() for track in self.tracks), run_time=6)
            if winners:
                first = [self.tracks[descents.index(winner)] for winner in winners]
                self.play(*(track.name.animate.scale(1.15) for track in first),
                          *(ShowPassingFlash(t.loss_curve.path.copy()) for t in first))  # fmt: skip

    def build_layout(self, f: Function, descents: Sequence[Descent]) -> None:
        """Map and legend on the left, the losses on a logarithmic axis on the right."""
        left, right = content_area().columns(1.25, 1, gap=0.4)
        picture, foot = left.rows(3.6, 1, gap=0.15)
        x_range, y_range = map_ranges(descents)
        self.map = Plane(x_range, y_range, picture, tick_count=(6, 5))
        xs, ys = np.linspace(*x_range, 61), np.linspace(*y_range, 61)
        heights, _ = f.grid(xs, ys)
        self.contours = Contours(self.map, xs, ys, heights, contour_levels(heights))
        self.start = MapPoint(self.map, lambda: descents[0][0].inputs)
        head, chart = right.rows(0.8, 6, gap=0.1)
        self.formula = fit_into(math(f'"loss" = {f.typst()}', font_size=FontSize.body), head)
        logs = [log10_or_nan(descent.losses) for descent in descents]
        low, high = padded_range(np.concatenate(logs), 0.06)
        start = max(float(log[0]) for log in logs)
        self.chart = LogPlane(
            (0, len(descents[0]) - 1), (max(low, start - 12), min(high, start + 3)), chart,
            linear_x=True, x_name="n", y_name='"loss"', tick_count=(5, 6),
        )  # fmt: skip
        self.tracks = [
            OptimizerTrack(self.map, self.chart, descent, area)
            for descent, area in zip(descents, foot.columns(1, 1, 1, 1, gap=0.15), strict=True)
        ]


class OptimizerTrack:
    """One optimizer at the time of its `clock`: its path on the map, its loss, its name."""

    def __init__(self, plane: Plane, chart: Plane, descent: Descent, area: Rect) -> None:
        self.clock, self.steps = ValueTracker(0), len(descent) - 1
        time = self.clock.get_value
        color = getattr(colors, RACERS[descent.optimizer].role)
        self.path = MapTrail(plane, descent.positions, time, color=color)
        log = log10_or_nan(descent.losses)
        points = np.column_stack([np.arange(len(log)), log])[np.isfinite(log)]
        self.loss_curve = MapTrail(chart, points, time, color=color)
        self.name = text(descent.optimizer, font_size=FontSize.label, color=color)
        self.loss = Readout(
            lambda: descent.at(time()).loss, color=color, font_size=FontSize.small, align="left"
        )
        top, bottom = area.rows(1, 1, gap=0.05)
        for mobject, row in ((self.name, top), (self.loss, bottom)):
            mobject.move_to(row.center).align_to(point(area.left + 0.2, 0), LEFT)

    def run(self) -> Animation:
        """Run the clock to the last step."""
        return ApplyMethod(self.clock.set_value, self.steps, rate_func=linear)


def map_ranges(descents: Sequence[Descent]) -> list[tuple[float, float]]:
    """Ranges of x and y with the start, the limit and the paths between them; outliers are cut."""
    positions = np.concatenate([descent.positions for descent in descents])
    start, limit = positions[0], np.array(descents[-1].limit)
    limit = np.where(np.isfinite(limit), limit, 0.0)
    reach = np.maximum(np.abs(start - limit), 1e-3)
    clipped = np.clip(positions, limit - 1.4 * reach, limit + 1.4 * reach)
    points = np.vstack([clipped, limit - 0.5 * reach, limit + 0.5 * reach])
    return [padded_range(points[np.isfinite(points).all(axis=1), axis], 0.08) for axis in (0, 1)]


def caption_result(descent: Descent) -> str:
    """Where an optimizer is after its last step, compared with the start."""
    if not is_finite(descent):
        return "After {steps} steps the loss is {loss}: its rate is too large here."
    if descent.last.loss > descent[0].loss:
        return "After {steps} steps: {loss}, more than at the start."
    return "After {steps} steps: {loss}."


def caption_winners(winners: Sequence[Descent]) -> tuple[str, dict[str, Any]]:
    """Who has the lowest loss in the end, and that loss."""
    if not winners:
        return "No loss is finite in the end: all these rates are too large here.", {}
    names = " and ".join(winner.optimizer for winner in winners)
    verb = "is" if len(winners) == 1 else "are"
    return f"{names} {verb} lowest in the end, at {{best}}. {OTHER}", {"best": winners[0].last.loss}


class Racer(NamedTuple):
    """The colour role of an optimizer, and its captions: on any ground, and in a long valley."""

    role: str
    captions: tuple[str, str]


RACERS = {
    "SGD": Racer(
        "warning",
        (
            "SGD knows only the slope of its place.",
            "SGD knows only this slope, and that points across.",
        ),
    ),
    "momentum": Racer(
        "leaf",
        (
            "Momentum adds up old slopes: what they share grows, what they do not cancels.",
            "Momentum adds up old slopes: across they cancel, along they grow.",
        ),
    ),
    "RMSprop": Racer(
        "local", ("RMSprop divides each slope by its usual size: no side is steeper.",) * 2
    ),
    "Adam": Racer("accent", ("Adam does both: momentum, and a step size for each variable.",) * 2),
}
PLACE = (
    "A landscape, and a start where the loss is {loss}. Four optimizers set out from there.",
    "A long valley: steep across, nearly flat along. Four optimizers start from this place.",
)
OTHER = "On other ground, with other rates, it may be another."
