"""Descent on a surface: the shape of the land decides.

Descents on surfaces in 3D and on their contour maps: a bowl, a long valley, a saddle, and a surface
with several minima, in which the start decides which minimum is reached. The user's own function of
x and y is shown the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import (
    Animation,
    ApplyMethod,
    Create,
    FadeIn,
    Mobject,
    ReplacementTransform,
    UpdateFromFunc,
    ValueTracker,
    linear,
)

from gradreel.draw.contours import Contours, square_plane_area
from gradreel.draw.layout import content_area
from gradreel.draw.plane import Floats, Plane
from gradreel.functions.user_functions import load_function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lecture.touch import Drag
from gradreel.params import Literal, SceneParams, UserFunction2, param
from gradreel.scenes.descent.loss_surface_experiment import (
    SURFACES,
    LossLandscape,
    surface_named,
    user_surface,
)
from gradreel.scenes.descent.surface_figure import HeightField, HeightFieldCamera
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("camera_class", HeightFieldCamera)
        super().__init__(*args, **kwargs)

    touch = (Drag("view", "angle", 0.0, 2 * np.pi),)

    def construct(self) -> None:
        p = self.params
        self.angle, self.morph = ValueTracker(0.4), ValueTracker(0)
        self.surfaces = chosen_surfaces(p)
        turn = np.radians(p.turn)
        self.build_layout(turn)
        first = self.pictures[0]

        with self.beat("height is loss", OPENING, plays=2):
            self.play(FadeIn(self.map, self.field, first.formula), Create(self.contours))
            self.play(self.morph.animate.set_value(1), self.rotate_to(self.views[0] - turn))
        for k, (surface, picture) in enumerate(zip(self.surfaces, self.pictures, strict=True)):
            if k:
                with self.beat(f"the {surface.name}", SHAPE[surface.name]):
                    self.play(*self.morph_into(k), self.rotate_to(self.views[k] - turn))
            descent = surface.descents[0]
            start, last = descent[0], descent.last
            with self.beat(f"a start on the {surface.name}", START, plays=1,
                           x=start.inputs[0], y=start.inputs[1]):  # fmt: skip
                self.add(*picture.field_mobjects)
                self.play(*picture.appears(), self.rotate_to(self.views[k]))
            with self.beat(f"down the {surface.name}", caption_outcome(surface, p),
                           steps=last.step, loss=last.loss):  # fmt: skip
                down = ApplyMethod(picture.clock.set_value, p.steps, rate_func=linear)
                self.play(down, self.rotate_to(self.views[k] + turn))
        with self.beat("all around", ENDING, plays=2):
            self.play(self.rotate_to(self.views[-1] + 3 * turn))
            self.play(self.rotate_to(self.views[-1] + turn))

    def rotate_to(self, angle: float) -> Animation:
        """Rotate the surface to this angle in radians."""
        return ApplyMethod(self.angle.set_value, angle)

    def morph_into(self, k: int) -> list[Animation]:
        """The surface before turns into surface number k."""
        old, new = self.pictures[k - 1], self.pictures[k]
        return [
            ApplyMethod(self.morph.set_value, k + 1),
            UpdateFromFunc(self.contours, self.update_contours),
            ReplacementTransform(old.formula, new.formula),
            *old.disappears(),
        ]

    def interpolate(self, states: Sequence[Floats]) -> Floats:
        """The state at the index of the tracker `morph`, interpolated between two of `states`."""
        index = self.morph.get_value()
        low = min(int(index), len(states) - 2)
        state: Floats = states[low] + (states[low + 1] - states[low]) * (index - low)
        return state

    def update_contours(self, contours: Mobject) -> None:
        """Draw the contour lines of the interpolated surface."""
        assert isinstance(contours, Contours)
        # The flat surface at the start has the contours of the first one.
        pictures = self.pictures[:1] + self.pictures
        losses, levels = [p.losses for p in pictures], [p.levels for p in pictures]
        contours.set_heights(self.interpolate(losses), self.interpolate(levels))

    def build_layout(self, turn: float) -> None:
        """The surface on the left, the map of the same function on the right."""
        left, right = content_area().columns(1.25, 1, gap=0.3)
        head, map_area, foot = right.rows(0.7, 5.3, 0.65, gap=0)
        first = self.surfaces[0]
        heights = [np.zeros_like(first.heights), *(s.heights for s in self.surfaces)]
        self.field = HeightField(lambda: self.interpolate(heights), self.angle.get_value, left)
        x_range, y_range = first.ranges
        self.map = Plane(x_range, y_range, square_plane_area(map_area), tick_count=(4, 4))
        self.pictures = [
            SurfaceWithMap(surface, self.field, self.map, head, foot) for surface in self.surfaces
        ]
        picture = self.pictures[0]
        xs, ys = first.axes(61)
        self.contours = Contours(self.map, xs, ys, picture.losses, picture.levels)
        self.views: list[float] = []
        for picture in self.pictures:
            # Between one surface and the next the field turns in two beats.
            near = self.views[-1] + 3 * turn if self.views else self.angle.get_value() + turn
            self.views.append(picture.best_view(near, turn))


def chosen_surfaces(p: Any) -> list[LossLandscape]:
    """The surfaces that the parameters name: the user's function if any part of it is given."""
    if p.model_fields_set & {"function", "x", "y", "reach"}:
        f = load_function(p.function, ("x", "y"), label="loss")
        return [user_surface(f, (p.x, p.y), p.rate, p.steps, p.reach)]
    names = SURFACES if p.surface == "all" else [p.surface]
    return [surface_named(name, p.rate, p.steps) for name in names]


def caption_outcome(surface: LossLandscape, p: Any) -> str:
    """How the descents end; with the lecture's own rates, what is special about the surface."""
    ends = [[float(x) for x in descent.last.inputs] for descent in surface.descents]
    if len(ends) > 1 and np.hypot(*np.subtract(ends[0], ends[1])) < 0.3:
        return "Two starts, and both end in the same valley; the loss there is {loss}."
    if surface.name in DOWN and p.rate == 1 and p.steps >= 20:
        return DOWN[surface.name]
    return ENDED[surface.outcome(surface.descents[0])]


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
