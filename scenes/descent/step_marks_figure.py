"""What a step of a descent in one variable is drawn with: the step, and the distance left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, DashedLine, Line, Mobject, VGroup, VMobject

from gradreel.draw.contours import LiveArrow
from gradreel.draw.formula import Formula
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import point
from gradreel.draw.plane import Floats, Plane
from gradreel.scenes.descent.descent_marks_figure import CurvePoint
from gradreel.scenes.descent.step_clock import arrived, landed, moved, whole
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors


class StepArrow(LiveArrow):
    """A level arrow from the ball at `clock()` to where the current step leads.

    It is `stretch()` times as long, but ends inside the plane.
    """

    def __init__(
        self,
        plane: Plane,
        steps: Sequence[CurvePoint],
        height: Callable[[float], float],
        clock: Callable[[], float],
        stretch: Callable[[], float],
    ) -> None:
        xs = [float(step.inputs[0]) for step in steps]

        def ends() -> tuple[Floats, Floats]:
            now = clock()
            x = float(np.interp(moved(now), np.arange(len(xs)), xs))
            y = height(x)
            if not plane.contains(y):
                return np.full(3, np.nan), np.full(3, np.nan)
            # Where the ball rests, the arrow of the step to come grows.
            k = min(whole(landed(now)), len(xs) - 1)
            is_resting = moved(now) == k
            target = xs[min(k + 1, len(xs) - 1)]
            grown = stretch() * arrived(now, k) if is_resting and k else stretch()
            tip = x + (target - x) * grown
            return plane.point(x, y), plane.point(float(np.clip(tip, *plane.x_range)), y)

        super().__init__(ends, color=colors.gradient)

        def fade(arrow: Mobject) -> None:
            k = min(whole(landed(clock())), len(xs) - 1)
            if k and moved(clock()) == k:
                tip, come = arrow.submobjects[1], arrived(clock(), k)
                arrow.set_opacity(min(come, tip.get_fill_opacity()))

        self.add_updater(fade, call_updater=True)


def direction_arrows(position: Floats) -> VGroup:
    """Two faint arrows, to the left and to the right of a position: which way is it?"""
    arrows = VGroup()
    for side in (LEFT, RIGHT):
        ends = (position + side * 0.16, position + side * 0.58)
        arrows.add(LiveArrow(partial(_fixed, ends), color=colors.muted))
    return arrows


def _fixed(ends: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    return ends


class DistanceBar(VGroup):
    """The distance from the ball at `clock()` to the minimum, as a bar with its length in figures.

    `distance` gives it after the last whole step and `share` the percentage that a step
    removes of it: the learning rate `lr` times `factor`, the slope per distance.
    Each step's part of the bar is bitten off while the step is taken.
    """

    def __init__(
        self,
        plane: Plane,
        steps: Sequence[CurvePoint],
        limit: float,
        clock: Callable[[], float],
        *,
        distance: Callable[[], Quantity],
        lr: Quantity,
        factor: Quantity,
        share: Quantity | None,
    ) -> None:
        low, high = plane.y_range
        level = low + 0.92 * (high - low)
        xs = [float(step.inputs[0]) for step in steps]
        floor = plane.point(limit, low)
        top = plane.point(limit, level)
        self.guide = DashedLine(floor, top + UP * 0.15, stroke_width=StrokeWidth.axis)
        self.guide.set_stroke(colors.muted)
        self.bar = Line(stroke_color=colors.warning, stroke_width=StrokeWidth.curve + 4)

        def follow(bar: Mobject) -> None:
            x = float(np.interp(moved(clock()), np.arange(len(xs)), xs))
            end = plane.point(float(np.clip(x, *plane.x_range)), level)
            if isinstance(bar, VMobject):
                bar.set_points_as_corners(np.array([end, top + RIGHT * 1e-4]))

        self.bar.add_updater(follow, call_updater=True)
        self.distance = LabelledNumber(
            '"distance"', distance, color=colors.warning, places=2, font_size=FontSize.small
        )
        rows, slope = VGroup(self.distance), VGroup()
        if share is not None:
            rows.add(_share_formula(lr, factor, share))
            slope = _slope_formula(factor)
            # Inside the curve, on the side of the minimum that is free.
            side = RIGHT if xs[0] < limit else LEFT
            slope.move_to(plane.point(limit, low + 0.86 * (high - low)) + 0.12 * side, -side)
        rows.arrange(RIGHT, buff=0.3, aligned_edge=DOWN)
        corner = point(plane.plot_area.right + 0.3, plane.plot_area.top + 0.1)
        rows.move_to(corner, aligned_edge=DOWN + RIGHT)
        super().__init__(self.guide, self.bar, rows, slope)


def _share_formula(lr: Quantity, factor: Quantity, share: Quantity) -> Formula:
    """By how much a step shrinks the distance, in percent."""
    return Formula(
        '"each step: −"{lr} dot {factor} = "−"{share}" %"', lr=lr, factor=factor, share=share,
        font_size=FontSize.small, color=colors.muted,
    )  # fmt: skip


def _slope_formula(factor: Quantity) -> Formula:
    """The slope in terms of the distance."""
    return Formula(
        'abs("slope") = {factor} dot "distance"', factor=factor,
        font_size=FontSize.small, color=colors.muted,
    )  # fmt: skip
