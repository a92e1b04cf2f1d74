"""The bucket `.grad`: each backward pass pours its slope in, zero_() tips it out."""

from __future__ import annotations

import re
from typing import Any

from manim import (
    DOWN,
    AnimationGroup,
    ArcBetweenPoints,
    FadeIn,
    FadeOut,
    MoveAlongPath,
    Polygon,
    Succession,
    Transform,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    smooth,
    there_and_back,
)

from gradreel.draw.layout import point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.draw.text_background import text_background
from gradreel.draw.walkthrough.picture import ProgramPicture
from gradreel.functions.function import Function
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors
from gradreel.trace.moment import Moment

TOP, BOTTOM = 1.1, 0.8  # half widths of the bucket, frame units
MOST_TALL = 2.8
TILT = -1.2  # radians
POURED = re.compile(r"\((.+)\)\.backward\(\)")
"""The function whose slope a line of the program asks for."""


class BucketPicture(ProgramPicture):
    """What a pass brings travels into the bucket; the level is what `x.grad` holds."""

    def build(self) -> None:
        """The empty bucket is there from the start."""
        left, right = self.area.columns(1.0, 1.1)
        self.tall = min(MOST_TALL, self.area.height - 1.0)
        self.base = point(right.center[0], right.center[1] - self.tall / 2 + 0.2)
        self.source = point(left.center[0], left.center[1] + 0.4)
        self.most = max((abs(g) for g in self._grads()), default=1.0) or 1.0
        walls = VMobject(stroke_color=colors.text, stroke_width=StrokeWidth.frame)
        walls.set_points_as_corners(
            [self._at(-1, 1.0), self._at(-1, 0), self._at(1, 0), self._at(1, 1.0)]
        )
        name = text("x.grad", font_size=FontSize.label, color=colors.muted, mono=True)
        name.next_to(walls, DOWN, buff=0.18)
        self.water = self._water(0.0)
        self.bucket = VGroup(self.water, walls)
        self.add(self.bucket, name)
        self.total: Readout | None = None
        self.held = 0.0
        self.function: VMobject | None = None
        self.words = ""

    def _walls(self) -> VMobject:
        walls = VMobject(stroke_color=colors.text, stroke_width=StrokeWidth.frame)
        ends = ((-1, 1.0), (-1, 0.0), (1, 0.0), (1, 1.0))
        return walls.set_points_as_corners([self._at(*end) for end in ends])

    def _grads(self) -> list[float]:
        variables = [v for event in self.trace.events for v in event.changed if v.name == "x"]
        return [v.grad for v in variables if isinstance(v.grad, float)]

    def _at(self, side: int, share: float) -> Floats:
        """A point of the left or right wall, at a share of the height; with side 0 in between."""
        place: Floats = self.base + point(
            side * (BOTTOM + (TOP - BOTTOM) * share), self.tall * share
        )
        return place

    def _water(self, value: float) -> Polygon:
        level = max(0.9 * abs(value) / self.most, 0.001)
        corners = [self._at(-1, 0), self._at(1, 0), self._at(1, level), self._at(-1, level)]
        return Polygon(*corners, stroke_width=0, fill_color=colors.gradient, fill_opacity=0.45)

    def advance(self, moment: Moment) -> list[Any]:
        """Pour in what a pass brought, or tip the bucket."""
        if moment.passes:
            return [self.pours(moment)]
        if ".zero_()" in moment.source or "zero_grad" in moment.source:
            return [self.tips()]
        return []

    def pours(self, moment: Moment) -> Succession:
        """The function, the slope that it brings, and the new level."""
        (number,) = moment.passes
        brought = moment.tape(number).gradient("x", number)
        drop = Readout(brought, font_size=FontSize.formula, color=colors.gradient, sign=True)
        shown = VGroup(text_background(drop), drop).move_to(self.source + point(0.0, -0.55))
        path = ArcBetweenPoints(shown.get_center(), self._at(0, 1.1), angle=-1.3)
        gone, comes = self._replace_function(moment)
        comes.append(FadeIn(shown, shift=DOWN * 0.2))
        old, self.total = self.total, self._total(moment.grad("x"))
        self.held = float(moment.grad("x"))
        leaves = [FadeOut(old)] if old is not None else []
        fills = AnimationGroup(
            Transform(self.water, self._water(self.held)),
            FadeOut(shown, shift=DOWN * 0.4), *leaves,
        )  # fmt: skip
        stages = [*gone, AnimationGroup(*comes), MoveAlongPath(shown, path), fills]
        return Succession(*stages, FadeIn(self.total))

    def _replace_function(self, moment: Moment) -> tuple[list[Any], list[Any]]:
        """How the function of an earlier pass goes, and how that of this pass comes."""
        match = POURED.search(moment.source)
        words = match.group(1) if match is not None else ""
        if words == self.words:
            return [], []
        gone = [FadeOut(self.function, run_time=0.4)] if self.function is not None else []
        self.words, self.function = words, None
        if not words:
            return gone, []
        markup = f"(dif)/(dif x) thin {Function.parse(words).typst()}"
        self.function = math(markup, font_size=FontSize.body, color=colors.text)
        return gone, [FadeIn(self.function.move_to(self.source + point(0.0, 0.35)))]

    def _total(self, value: Quantity) -> Readout:
        number = Readout(value, font_size=FontSize.formula, color=colors.text)
        return number.move_to(self._at(0, 0) + point(0.0, 0.42))

    def tips(self) -> AnimationGroup:
        """The bucket is tipped, and what was in it is gone."""
        old, self.total = self.total, None
        value, foot = self.held, self._at(1, 0)
        self.held = 0.0

        def tip(bucket: Any, alpha: float) -> None:
            water, walls = bucket
            water.become(self._water(value * (1 - smooth(min(2 * alpha, 1.0)))))
            walls.become(self._walls())
            bucket.rotate(TILT * there_and_back(alpha), about_point=foot)

        moves: list[Any] = [FadeOut(old)] if old is not None else []
        return AnimationGroup(UpdateFromAlphaFunc(self.bucket, tip), *moves)
