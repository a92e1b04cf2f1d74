"""Slices of a function of two variables: a curve along one of them, with a point and a tangent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from manim import Animation, AnimationGroup, Create, Dot, FadeIn, GrowFromCenter, Mobject, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats, Plane
from gradreel.draw.tangent import SlidingPoint, Tangent
from gradreel.tape import Quantity
from gradreel.theme import StrokeWidth, colors


class TwoVariableFunction(Protocol):
    """A function of two variables; `grid` evaluates values and partials on a grid of its axes."""

    @property
    def variables(self) -> tuple[str, ...]: ...
    def grid(self, *axes: Floats) -> tuple[Floats, tuple[Floats, ...]]: ...


class SurfacePoint(Protocol):
    """The function evaluated at one point."""

    @property
    def inputs(self) -> tuple[Quantity, ...]: ...
    @property
    def value(self) -> Quantity: ...
    @property
    def partials(self) -> tuple[Quantity, ...]: ...


@dataclass(frozen=True)
class SlicePoint:
    """A surface point as a point of one slice, as a Tangent takes it."""

    x: Quantity
    value: Quantity
    slope: Quantity


class MapPoint(Dot):
    """A dot on a map that follows `coordinates()`."""

    def __init__(self, plane: Plane, coordinates: Callable[[], Sequence[float]]) -> None:
        super().__init__(radius=0.12, color=colors.accent)
        self.set_stroke(colors.background, width=2).set_z_index(1)
        self.add_updater(lambda dot: dot.move_to(plane.point(*coordinates())), call_updater=True)


class SurfaceSlice:
    """The curve over variable `index` alone through the point `now()`, on its own plane.

    The other variable keeps its value at `now()`. `span` is the range of the variable, `heights`
    that of the function; values outside it are clipped.
    """

    def __init__(
        self,
        function: TwoVariableFunction,
        index: int,
        now: Callable[[], SurfacePoint],
        span: tuple[float, float],
        heights: tuple[float, float],
        area: Rect,
    ) -> None:
        name = function.variables[index]
        self.plane = Plane(span, heights, area, x_name=name, y_name="f", tick_count=(5, 3))
        samples = np.linspace(*span, 61)

        def slice_point() -> SlicePoint:
            current = now()
            return SlicePoint(current.inputs[index], current.value, current.partials[index])

        def follow(curve: Mobject) -> None:
            axes = [np.array([float(x)]) for x in now().inputs]
            axes[index] = samples
            values = np.clip(function.grid(*axes)[0].ravel(), *heights)
            corners = [self.plane.point(x, y) for x, y in zip(samples, values, strict=True)]
            if isinstance(curve, VMobject):
                curve.set_points_as_corners(np.array(corners))

        self.curve = VMobject(stroke_color=colors.value, stroke_width=StrokeWidth.curve)
        self.curve.add_updater(follow, call_updater=True)
        self.point = SlidingPoint(self.plane, slice_point)
        self.tangent = Tangent(self.plane, slice_point, length=2.4)

    def appears(self) -> Animation:
        """Show the plane and draw the curve on it."""
        return AnimationGroup(FadeIn(self.plane), Create(self.curve), GrowFromCenter(self.point))

    def tangent_appears(self) -> Animation:
        """Draw the tangent at the point."""
        return Create(self.tangent)
