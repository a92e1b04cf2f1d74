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
    FadeOut,
    Mobject,
    ReplacementTransform,
    UpdateFromFunc,
    ValueTracker,
    linear,
)

from gradreel.draw.contours import Contours
from gradreel.draw.exchange import exchange
from gradreel.draw.plane import Floats, Plane
from gradreel.functions.user_functions import load_function
from gradreel.lecture.controls import Drag, Pick, Press
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.measure.optimizers import OPTIMIZERS
from gradreel.params import Literal, SceneParams, UserFunction2, param
from gradreel.scenes.descent.descent_board import STEP
from gradreel.scenes.descent.joins import BALL_AT_REST, MAP_AND_BALL, ball_at, surface_areas
from gradreel.scenes.descent.loss_surface_experiment import (
    SURFACES,
    LossLandscape,
    surface_named,
    user_surface,
)
from gradreel.scenes.descent.step_clock import slow_until
from gradreel.scenes.descent.surface_axes_figure import FieldAxes, SliceLine
from gradreel.scenes.descent.surface_board import SurfaceBoard
from gradreel.scenes.descent.surface_figure import (
    TILT,
    HeightField,
    HeightFieldCamera,
    color_by_height,
)
from gradreel.scenes.descent.surface_with_map_figure import SurfaceWithMap
from gradreel.theme import Timing

# From all of these, left on the map is left on the surface, and up on the map is away.
VIEWS = np.radians((20, -20)).tolist()


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
        turn: float = param(14.0, "degrees that the surface turns to each side", ge=0, le=14)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("camera_class", HeightFieldCamera)
        super().__init__(*args, **kwargs)

    begins_with = BALL_AT_REST
    ends_with = MAP_AND_BALL
    touch = (
        Drag("view", "angle", 0.0, 2 * np.pi),
        Drag("x", "board.x", plane="board.plane", recorded=5),
        Drag("y", "board.y", plane="board.plane", axis="y", recorded=5),
        Drag("lr", "board.rate", -2, 0, log=True, recorded=1),
        Pick("optimizer", "board.optimizer", tuple(OPTIMIZERS), recorded=2),
        Drag("view", "board.view", 0.0, 2 * np.pi, recorded=1),
        Press(STEP, most=8, runs=True),
    )

    def construct(self) -> None:
        p = self.params
        self.angle, self.tilt = ValueTracker(0.0), ValueTracker(0.0)
        self.morph, self.axes_opacity = ValueTracker(1), ValueTracker(0)
        self.surfaces = chosen_surfaces(p)
        turn = np.radians(p.turn)
        self.build_layout(turn)
        self.play_rise(turn)
        for k in range(len(self.surfaces)):
            self.play_descent(k, turn)
        self.play_ending(turn)
        self.close(map=self.map, contours=self.contours, ball=self.pictures[-1].marks[0].head)

    def make_board(self) -> SurfaceBoard:
        """The last surface, to start a descent anywhere on it."""
        return SurfaceBoard(self.surfaces[-1])

    def play_rise(self, turn: float) -> None:
        """The curve becomes a slice of the surface, which is tilted into view; then the map."""
        with self.beat("from curve to surface", SURFACE, MAP, plays=2) as said:
            # A copy, since a mobject that follows the view cannot be morphed into.
            flat = self.slice.copy().clear_updaters()
            ball = ball_at(self.slice.get_bottom())
            balls = [self.carry("ball", ball)] if self.begins_joined else []
            self.play(self.carry("curve", flat), FadeIn(self.field), *balls)
            self.remove(flat)
            self.add(self.slice)
            self.play(
                *[FadeOut(ball) for _ in balls],
                self.tilt.animate.set_value(TILT),
                self.rotate_to(self.views[0] - turn),
            )
            said.next(plays=3)
            self.remove(self.slice)
            self.add(self.axes)
            lines = self.pictures[0].lifted(self.contours)
            self.play(Create(lines), self.axes_opacity.animate.set_value(1))
            self.play(ReplacementTransform(lines, self.contours))
            self.play(FadeIn(self.map, self.pictures[0].formula))

    def play_descent(self, k: int, turn: float) -> None:
        """Surface number `k` with its starts, and the steps of each descent."""
        surface, picture, steps = self.surfaces[k], self.pictures[k], self.params.steps
        with self.beat(
            f"a start on the {surface.name}", SHAPE[surface.name], plays=1 + 2 * (k > 0)
        ):
            if k:
                # First, so that no trail is on a map that is already another's.
                self.play(*self.pictures[k - 1].disappears(), run_time=Timing.leave)
                self.play(*self.morph_into(k), self.rotate_to(self.views[k] - turn))
                self.remove(*self.pictures[k - 1].mobjects)
            self.add(*picture.field_mobjects)
            self.play(*picture.appears(), self.rotate_to(self.views[k]))
        with self.beat(f"down the {surface.name}", *caption_outcome(surface, self.params),
                       loss=surface.descents[0].last.loss) as said:  # fmt: skip
            pace = slow_until(picture.share_seen) if surface.name == "valley" else linear
            down = ApplyMethod(picture.clock.set_value, steps, rate_func=pace)
            view = self.views[k] + turn * said.on_last_passage
            self.play(down, self.rotate_to(view))
            if not said.on_last_passage:
                said.next()
                self.play(self.rotate_to(self.views[k] + turn))

    def play_ending(self, turn: float) -> None:
        """The last surface from both sides; in a valley, the way that would be the shortest."""
        picture, is_valley = self.pictures[-1], self.surfaces[-1].name == "valley"
        with self.beat("all around", ENDING, BETTER[is_valley], plays=1 + is_valley) as said:
            back = [picture.clock.animate.set_value(0)] if is_valley else []
            self.play(*back, self.rotate_to(self.views[-1] - turn))
            said.next(plays=1 + is_valley)
            if is_valley:
                way = picture.straight_way()
                self.add(way.trail)
                self.play(*way.begins(), run_time=0.4)
                self.play(way.runs(), self.rotate_to(self.views[-1]))
            else:
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
            exchange(old.formula, new.formula),
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
        pictures = self.pictures[:1] + self.pictures
        losses, levels = [p.losses for p in pictures], [p.levels for p in pictures]
        contours.set_heights(self.interpolate(losses), self.interpolate(levels))
        color_by_height(contours, self.interpolate([p.line_heights for p in pictures]))
        # Lines come and go while the surface changes, so they are faint meanwhile.
        between = self.morph.get_value() % 1
        contours.set_stroke(opacity=1.0 if between == 0 else 0.55)

    def build_layout(self, turn: float) -> None:
        """The surface on the left, the map of the same function on the right."""
        left, head, map_area, foot = surface_areas()
        first = self.surfaces[0]
        # The tracker `morph` counts from 1.
        heights = [s.heights for s in (first, *self.surfaces)]
        angle, tilt = self.angle.get_value, self.tilt.get_value
        self.field = HeightField(lambda: self.interpolate(heights), angle, left, tilt)
        self.axes = FieldAxes(self.field, self.axes_opacity.get_value)
        self.slice = SliceLine(self.field)
        x_range, y_range = first.ranges
        self.map = Plane(x_range, y_range, map_area, tick_count=(4, 4))
        self.pictures = [
            SurfaceWithMap(surface, self.field, self.map, head, foot) for surface in self.surfaces
        ]
        picture = self.pictures[0]
        xs, ys = first.axes(61)
        self.contours = Contours(self.map, xs, ys, picture.losses, picture.levels)
        color_by_height(self.contours, picture.line_heights)
        self.views = [picture.best_view(VIEWS, turn) for picture in self.pictures]


def chosen_surfaces(p: Any) -> list[LossLandscape]:
    """The surfaces that the parameters name: the user's function if any part of it is given."""
    if p.model_fields_set & {"function", "x", "y", "reach"}:
        f = load_function(p.function, ("x", "y"), label="loss")
        return [user_surface(f, (p.x, p.y), p.rate, p.steps, p.reach)]
    names = SURFACES if p.surface == "all" else [p.surface]
    return [surface_named(name, p.rate, p.steps) for name in names]


def caption_outcome(surface: LossLandscape, p: Any) -> tuple[str, ...]:
    """What is said of the descents; with the lecture's rates, what is special about the surface."""
    ends = [[float(x) for x in descent.last.inputs] for descent in surface.descents]
    if len(ends) > 1 and np.hypot(*np.subtract(ends[0], ends[1])) < 0.3:
        return ("Both balls end in the same valley.",)
    if surface.name in DOWN and p.rate == 1 and p.steps >= 20:
        return (DOWN[surface.name],)
    return STEPS, ENDED[surface.outcome(surface.descents[0])]


SURFACE = "With two parameters, the curve becomes a surface."
MAP = "And this is its map: along each line, the loss is the same."
SHAPE = {
    "bowl": "The arrow points down, against the gradient.",
    "saddle": "A saddle: a valley one way, a hill the other.",
    "minima": "Several minima: two balls start close together.",
    "valley": "A long valley, steep across and gentle along.",
    "land": "The arrow points down, against the gradient.",
}
DOWN = {
    "bowl": "In a round bowl, it leads straight to the minimum.",
    "saddle": "In the middle the gradient is almost zero: the ball nearly stops, then slides off.",
    "minima": "They end in different minima: the start decides.",
    "valley": "The gradient points across. The ball zigzags from wall to wall on its way down.",
}
STEPS = "Step by step, it goes against the gradient."
ENDED = {
    "rests": "It goes on until it rests, at a loss of {loss}.",
    "goes on": "The loss is {loss} now, and still falling.",
    "leaves": "It runs off this map.",
    "rises": "These steps are too long: the loss ends at {loss}, above the start.",
    "flat": "Here the gradient is zero: nothing moves, and the loss stays {loss}.",
}
ENDING = "Gradient descent sees only the slope underfoot."
BETTER = ("The shape of the surface does the rest.", "Straight is shorter. Can we do better?")
