"""Descent on a surface: the shape of the land decides.

A bowl leads straight down; in a long valley the ball jumps across; on a saddle it waits, then
slides off; and where there are several minima, the start decides which one it finds.
"""

from __future__ import annotations

import numpy as np
from manim import Create, FadeIn, ReplacementTransform, UpdateFromFunc, ValueTracker

from gradreel.draw.contours import Contours, square_plane_area
from gradreel.draw.layout import content_area
from gradreel.draw.plane import Plane
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, UserFunction2, param
from gradreel.scenes.descent.loss_surface_experiment import SURFACES, surface_named, user_surface
from gradreel.scenes.descent.surface_figure import HeightField, PaintingCamera
from gradreel.scenes.descent.surface_with_map_figure import SurfaceWithMap


class LossSurface(LectureScene):
    class Params(SceneParams):
        surface: Literal["all", "bowl", "valley", "saddle", "minima"] = param(
            "all", "which land to show"
        )
        function: UserFunction2 = param("sin(2*x) + x**2/2 + y**2", "or a land of your own")
        x: float = param(0.9, "where to start on a land of your own: x", ge=-1e3, le=1e3)
        y: float = param(1.2, "where to start on a land of your own: y", ge=-1e3, le=1e3)
        reach: float = param(0.0, "its half width; 0 lets the descent decide", ge=0, le=1e4)
        rate: float = param(1.0, "what to multiply the learning rates with", gt=0, le=10)
        steps: int = param(30, "steps of each descent", ge=5, le=200)
        turn: float = param(25.0, "degrees that the surface turns in each beat", ge=0, le=90)

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("camera_class", PaintingCamera)
        super().__init__(*args, **kwargs)

    def construct(self):
        p = self.params
        self.angle, self.mix = ValueTracker(0.4), ValueTracker(0)
        self.lands = lands(p)
        self.set_the_stage()
        first = self.pictures[0]
        turn = np.radians(p.turn)

        with self.beat("height is loss", OPENING, plays=2):
            self.play(FadeIn(self.map, self.field, first.formula), Create(self.contours))
            self.play(self.mix.animate.set_value(1), self.turns(self.views[0] - turn))
        for k, (land, picture) in enumerate(zip(self.lands, self.pictures, strict=True)):
            if k:
                with self.beat(f"the {land.name}", SHAPE[land.name]):
                    self.play(*self.becomes(k), self.turns(self.views[k] - turn))
            start, last = land.paths[0][0], land.paths[0][p.steps]
            with self.beat(f"a start on the {land.name}", START, plays=1,
                           x=start.inputs[0], y=start.inputs[1]):  # fmt: skip
                self.add(*picture.movers)
                self.play(*picture.appears(), self.turns(self.views[k]))
            with self.beat(
                f"down the {land.name}", told(land, p), steps=last.step, loss=last.value
            ):
                down = picture.now.animate(rate_func=lambda t: t).set_value(p.steps)
                self.play(down, self.turns(self.views[k] + turn))
        with self.beat("all around", ENDING, plays=2):
            self.play(self.turns(self.views[-1] + 3 * turn))
            self.play(self.turns(self.views[-1] + turn))

    def turns(self, to):
        """The surface turns on."""
        return self.angle.animate.set_value(to)

    def becomes(self, k):
        """The land before turns into this one."""
        old, new = self.pictures[k - 1], self.pictures[k]
        return [
            self.mix.animate.set_value(k + 1),
            UpdateFromFunc(self.contours, self.follow),
            ReplacementTransform(old.formula, new.formula),
            *old.goes(),
        ]

    def between(self, states):
        """One of `states`, or what lies between two of them while a land becomes the next."""
        at = self.mix.get_value()
        low = min(int(at), len(states) - 2)
        return states[low] + (states[low + 1] - states[low]) * (at - low)

    def follow(self, contours):
        """The map's lines, as far as one land has become the next."""
        firsts = self.pictures[:1]
        values, levels = zip(*((p.values, p.levels) for p in firsts + self.pictures), strict=True)
        contours.set_heights(self.between(values), self.between(levels))

    def set_the_stage(self):
        """The surface on the left, the map of the same land on the right."""
        left, right = content_area().columns(1.25, 1, gap=0.3)
        head, picture, foot = right.rows(0.7, 5.3, 0.65, gap=0)
        heights = [np.zeros_like(self.lands[0].heights), *(land.heights for land in self.lands)]
        self.field = HeightField(lambda: self.between(heights), self.angle.get_value, left)
        self.map = Plane(*self.lands[0].ranges, square_plane_area(picture), tick_count=(4, 4))
        self.pictures = [
            SurfaceWithMap(land, self.field, self.map, head, foot) for land in self.lands
        ]
        one = self.pictures[0]
        self.contours = Contours(self.map, *self.lands[0].axes(61), one.values, one.levels)
        self.views, swing = [], np.radians(self.params.turn)
        for picture in self.pictures:
            # Two beats of turning lie between one land and the next.
            near = self.views[-1] + 3 * swing if self.views else self.angle.get_value() + swing
            self.views.append(picture.view(near, swing))


def lands(p):
    """The lands that the parameters ask for; whoever gives a function wants to see that one."""
    if p.model_fields_set & {"function", "x", "y", "reach"}:
        f = load_function(p.function, ("x", "y"), label="loss")
        return [user_surface(f, (p.x, p.y), p.rate, p.steps, p.reach)]
    names = SURFACES if p.surface == "all" else [p.surface]
    return [surface_named(name, p.rate, p.steps) for name in names]


def told(land, p):
    """What became of the descents; with the rates of the lecture, what is special to the land."""
    ends = [[float(x) for x in path[len(path) - 1].inputs] for path in land.paths]
    if len(ends) > 1 and np.hypot(*np.subtract(ends[0], ends[1])) < 0.3:
        return "Two starts, and both end in the same valley; the loss there is {loss}."
    if land.name in DOWN and p.rate == 1 and p.steps >= 20:
        return DOWN[land.name]
    return ENDED[land.outcome(land.paths[0])]


OPENING = "A loss of two parameters is a landscape: the map on the right, the loss as its height."
START = "Start at x = {x}, y = {y}. The arrow is the way down: against the gradient."
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
ENDED = {
    "rests": "Step by step against the gradient, until it rests: loss {loss} after {steps} steps.",
    "goes on": "Step by step against the gradient: {loss} after {steps} steps, still falling.",
    "leaves": "It runs off this map: after {steps} steps the loss is {loss}.",
    "rises": "These steps are too long: after {steps} of them the loss is {loss}, above the start.",
    "flat": "Here the gradient is zero: in {steps} steps nothing moves, the loss stays {loss}.",
}
ENDING = "The gradient sees only the slope underfoot. The shape of the land does the rest."
