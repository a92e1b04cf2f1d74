"""Descent on a surface: the shape of the land decides.

A bowl leads straight down; in a long valley the ball jumps across; on a saddle it waits, then
slides off; and where there are several minima, the start decides which one it finds.
"""

from __future__ import annotations

import numpy as np
from manim import Create, FadeIn, FadeOut, ReplacementTransform, ValueTracker, VGroup

from gradreel.draw.field import Contours, MapArrow, MapTrail, even_levels
from gradreel.draw.plane import Plane
from gradreel.draw.readings import Reading
from gradreel.draw.stage import fit, stage
from gradreel.draw.surface import FieldTrail, HeightField, PaintingCamera
from gradreel.draw.text import math
from gradreel.functions import Function
from gradreel.lecture import LectureScene
from gradreel.measure.descent import descend
from gradreel.params import Literal, SceneParams, param
from gradreel.theme import ink, size

SPAN = 2.0
LANDS = {
    "bowl": ("x**2 + y**2", 0.08, [(-1.6, 1.2)]),
    "valley": ("0.15*x**2 + 1.5*y**2", 0.6, [(-1.8, 1.2)]),
    "saddle": ("x**2 - y**2", 0.08, [(-1.7, 0.02)]),
    "minima": ("(x**2-1.2)**2 + (y**2-1.2)**2 + 0.4*x", 0.02, [(-0.3, 0.2), (0.4, -0.3)]),
}


class LossSurface(LectureScene):
    class Params(SceneParams):
        surface: Literal["all", "bowl", "valley", "saddle", "minima"] = param(
            "all", "which land to show"
        )
        rate: float = param(1.0, "what to multiply the learning rates with", gt=0, le=3)
        steps: int = param(30, "steps of each descent", ge=5, le=200)
        turn: float = param(25.0, "degrees that the surface turns in each beat", ge=0, le=90)

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("camera_class", PaintingCamera)
        super().__init__(*args, **kwargs)

    def construct(self):
        p = self.params
        names = list(LANDS) if p.surface == "all" else [p.surface]
        self.lands = [Land(name, p) for name in names]
        self.angle, self.mix = ValueTracker(0.4), ValueTracker(0)
        self.set_the_stage()
        first = self.lands[0]

        with self.beat("height is loss", OPENING, plays=2):
            self.play(FadeIn(self.map, self.field, first.formula), Create(first.contours))
            self.play(self.mix.animate.set_value(1), *self.turns())
        for k, land in enumerate(self.lands):
            if k:
                with self.beat(f"the {land.name}", SHAPE[land.name]):
                    self.play(*self.becomes(k), *self.turns())
            last = land.paths[0][p.steps]
            with self.beat(f"down the {land.name}", land.told(), plays=2,
                           steps=last.step, loss=last.value):  # fmt: skip
                self.play(FadeIn(*land.movers(), land.loss), run_time=0.6)
                self.play(land.now.animate(rate_func=lambda t: t).set_value(p.steps), *self.turns())
        with self.beat("all around", ENDING, plays=2):
            self.play(*self.turns(2))
            self.play(*self.turns(-2))

    def turns(self, times=1):
        """The surface goes on turning."""
        angle = self.angle.get_value() + np.radians(self.params.turn) * times
        return [self.angle.animate.set_value(angle)]

    def becomes(self, k):
        """The land before turns into this one."""
        old, new = self.lands[k - 1], self.lands[k]
        gone = VGroup(*old.movers(), old.loss)
        return [
            self.mix.animate.set_value(k + 1),
            ReplacementTransform(old.contours, new.contours),
            ReplacementTransform(old.formula, new.formula),
            FadeOut(gone),
        ]

    def heights(self):
        """The heights now: between two lands while one becomes the other, flat at first."""
        at = self.mix.get_value()
        fields = [np.zeros_like(self.lands[0].heights), *(land.heights for land in self.lands)]
        low = min(int(at), len(fields) - 2)
        return fields[low] + (fields[low + 1] - fields[low]) * (at - low)

    def set_the_stage(self):
        """The surface on the left, the map of the same land on the right."""
        left, right = stage().columns(1.35, 1, gap=0.4)
        head, picture, foot = right.rows(0.8, 4.4, 0.7, gap=0.05)
        self.field = HeightField(lambda: self.heights(), lambda: self.angle.get_value(), left)
        self.map = Plane((-SPAN, SPAN), (-SPAN, SPAN), picture, tick_count=(4, 4))
        for land in self.lands:
            land.draw(self.field, self.map, head, foot)


class Land:
    """One function: its descents, its heights from 0 to 1, and what is drawn of them."""

    def __init__(self, name, params):
        formula, lr, starts = LANDS[name]
        self.name, self.now = name, ValueTracker(0)
        self.f = Function.parse(formula, ("x", "y"), label="loss")
        rate = lr * params.rate
        self.paths = [descend(self.f, start, params.steps, rate) for start in starts]
        axis = np.linspace(-SPAN, SPAN, 27)
        self.values = self.f.grid(axis, axis)[0]
        self.low, self.reach = self.values.min(), np.ptp(self.values)
        self.heights = (self.values - self.low) / self.reach

    def draw(self, field, plane, head, foot):
        """Everything that stands on this land."""
        now = self.now.get_value
        axis = np.linspace(-SPAN, SPAN, 61)
        values = self.f.grid(axis, axis)[0]
        self.contours = Contours(plane, axis, axis, values, even_levels(values))
        self.formula = fit(math(f'"loss" = {self.f.typst()}', font_size=size.body), head)
        colors = (ink.accent, ink.gradient)
        self.on_field = [
            FieldTrail(field, self.on_land(path), now, color=color)
            for path, color in zip(self.paths, colors, strict=False)
        ]
        self.on_map = [
            MapTrail(plane, self.places(path), now, color=color)
            for path, color in zip(self.paths, colors, strict=False)
        ]
        here = lambda: self.paths[0][int(now() + 1e-9)]  # noqa: E731
        at = lambda: [float(x) for x in here().inputs]  # noqa: E731
        down = lambda: [-float(g) for g in here().slopes]  # noqa: E731
        steep = max(float(np.hypot(*(float(g) for g in self.paths[0][0].slopes))), 1e-9)
        self.arrows = MapArrow(plane, at, down, color=ink.falling, scale=0.9 / steep)
        loss = Reading('"loss"', lambda: here().value, color=ink.accent, places=None)
        self.loss = fit(loss, foot)

    def movers(self):
        """What goes along with the descents."""
        return [*self.on_field, *self.on_map, self.arrows]

    def told(self):
        """What became of the descents."""
        ends = [[float(x) for x in path[len(path) - 1].inputs] for path in self.paths]
        if len(ends) > 1 and np.hypot(*np.subtract(ends[0], ends[1])) < 0.3:
            return "Two starts, and both end in the same valley; the loss there is {loss}."
        return DOWN[self.name]

    def places(self, path):
        """Where the ball was, up to where it leaves the land."""
        places = np.array([[float(x) for x in visit.inputs] for visit in path.visits])
        inside = (np.abs(places) <= SPAN).all(axis=1)
        return places[: len(places) if inside.all() else max(int(np.argmin(inside)), 1)]

    def on_land(self, path):
        """The same on the surface: u, v from -1 to 1, heights from 0 to 1."""
        places = self.places(path)
        values = np.array([float(visit.value) for visit in path.visits])[: len(places)]
        return np.column_stack([places / SPAN, (values - self.low) / self.reach])


OPENING = "A loss of two parameters is a surface: the map below, the loss as height above it."
SHAPE = {
    "valley": "Another land: a long valley, steep across, gentle along.",
    "saddle": "A saddle: a valley one way, a ridge the other. In the middle the gradient is zero.",
    "minima": "Land with several valleys: four minima, not all equally deep.",
}
DOWN = {
    "bowl": "In a bowl, downhill leads straight to the bottom: loss {loss} after {steps} steps.",
    "valley": "The ball jumps across the valley and creeps along it: {loss} after {steps} steps.",
    "saddle": "It runs to the saddle, all but stops, then slides off: {loss} after {steps} steps.",
    "minima": "Two starts close together end in different valleys; the first one at {loss}.",
}
ENDING = "The gradient sees only the slope underfoot. The shape of the land does the rest."
