"""The surface of LossSurface to touch: start anywhere, choose rate and optimizer, call step()."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from manim import ValueTracker

from gradreel.draw.contours import Contours, contour_levels
from gradreel.draw.plane import Plane
from gradreel.lecture.board import Board
from gradreel.measure.gradient_descent import run_descent
from gradreel.measure.optimizers import OPTIMIZERS
from gradreel.scenes.descent.joins import surface_areas
from gradreel.scenes.descent.loss_surface_experiment import LossLandscape
from gradreel.scenes.descent.surface_axes_figure import FieldAxes
from gradreel.scenes.descent.surface_figure import HeightField, color_by_height
from gradreel.scenes.descent.surface_with_map_figure import SurfaceWithMap

VIEW = np.radians(25)  # of the surface at first
CONTOUR_POINTS = 61


class SurfaceBoard(Board):
    """One surface and its map, with the descent from `x` and `y` after the steps pressed."""

    def __init__(self, surface: LossLandscape) -> None:
        super().__init__()
        self.surface = surface
        first = surface.descents[0]
        self.x, self.y = (ValueTracker(float(value)) for value in first[0].inputs)
        self.rate = ValueTracker(math.log10(float(first.lr)))
        self.optimizer, self.view = ValueTracker(0), ValueTracker(VIEW)
        left, self.head, map_area, self.foot = surface_areas()
        heights = surface.heights
        self.field = HeightField(lambda: heights, self.view.get_value, left)
        self.axes = FieldAxes(self.field, lambda: 1.0)
        self.plane = Plane(*surface.ranges, map_area, tick_count=(4, 4))
        xs, ys = surface.axes(CONTOUR_POINTS)
        losses = surface.function.grid(xs, ys)[0]
        self.contours = Contours(self.plane, xs, ys, losses, levels := contour_levels(losses))
        color_by_height(self.contours, surface.height(levels))

    def draw(self, pressed: tuple[str, ...]) -> None:
        """Take the steps that were pressed, on the surface and on the map."""
        steps = len(pressed)
        start = [self.x.get_value(), self.y.get_value()]
        name = list(OPTIMIZERS)[round(self.optimizer.get_value())]
        lr = float(f"{10 ** self.rate.get_value():.3g}")  # what the page says
        descent = run_descent(self.surface.function, start, steps, lr, name)
        picture = SurfaceWithMap(
            replace(self.surface, descents=(descent,)), self.field, self.plane, self.head, self.foot
        )
        picture.clock.set_value(steps)
        picture.opacity.set_value(1)
        parts = [*picture.field_mobjects, *picture.marks, *picture.numbers]
        self.set_parts(
            self.field, self.axes, self.plane, self.contours, picture.formula, *parts
        )  # fmt: skip
        self.update(0)
