"""The bucket `.grad`: each backward pass pours its slope in, zero_() tips it out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from manim import (
    DOWN,
    RIGHT,
    UP,
    AnimationGroup,
    ArcBetweenPoints,
    FadeIn,
    FadeOut,
    Mobject,
    MoveAlongPath,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from gradreel.draw.bucket import Bucket
from gradreel.draw.exchange import at_once
from gradreel.draw.layout import point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.draw.text_background import text_background
from gradreel.draw.walkthrough.picture import ProgramPicture
from gradreel.expression import parse
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors
from gradreel.trace.moment import Moment

WIDTH, MOST_TALL = 2.5, 3.2  # of the bucket, frame units
POURED = re.compile(r"\((.+)\)\.backward\(\)")
"""The function whose slope a line of the program asks for."""


class BucketPicture(ProgramPicture):
    """What a pass brings travels into the bucket; the level is what `x.grad` holds."""

    def build(self) -> None:
        """The empty bucket is there from the start."""
        left, right = self.area.columns(1.0, 1.5)
        self.source = point(left.center[0], left.center[1] + 0.4)
        most = max((abs(g) for g in self._grads()), default=1.0)
        tall = min(MOST_TALL, self.area.height - 1.0)
        self.bucket = Bucket(most, width=WIDTH, height=tall)
        self.bucket.shift(point(right.center[0] - 0.4, right.center[1]))
        name = text("x.grad", font_size=FontSize.label, color=colors.muted, mono=True)
        name.move_to(self.bucket.base.get_center() + 0.35 * DOWN)
        self.name_below = name
        self.add(self.bucket, name)
        self.total: Readout | None = None
        self.drop = VGroup()
        self.formula: list[VMobject] = []

    def parts(self) -> dict[str, Mobject]:
        """The bucket."""
        return {"bucket": self.bucket}

    def _grads(self) -> list[float]:
        variables = [v for event in self.trace.events for v in event.changed if v.name == "x"]
        return [v.grad for v in variables if isinstance(v.grad, float)]

    def stages(self, moment: Moment) -> Sequence[Callable[[], list[Any]]]:
        """The slope that a pass brings: it appears, travels, and falls into the bucket."""
        if not moment.passes:
            return super().stages(moment)
        return [
            lambda: self._slope_comes(moment),
            lambda: [self._travels()],
            lambda: self._falls_in(moment),
        ]

    def advance(self, moment: Moment) -> list[Any]:
        """Tip the bucket out where the program asks for it."""
        is_zeroed = ".zero_()" in moment.source or "zero_grad" in moment.source
        return [self.tips()] if is_zeroed else []

    def least_seconds(self, moment: Moment) -> float:
        """Pouring has several stages."""
        return 1.6 if moment.passes else 0.9

    def _slope_comes(self, moment: Moment) -> list[Any]:
        """The function, and above it the slope that it brings."""
        (number,) = moment.passes
        brought = moment.tape(number).gradient("x", number)
        drop = Readout(brought, font_size=FontSize.formula, color=colors.gradient, sign=True)
        self.drop = VGroup(text_background(drop), drop).move_to(self.source + point(0.0, 0.5))
        self.formula = self._function(moment)
        return [FadeIn(self.drop, shift=UP * 0.2), *(FadeIn(part) for part in self.formula)]

    def _travels(self) -> MoveAlongPath:
        above_handle = self.bucket.handle.get_top() + 0.4 * UP
        return MoveAlongPath(
            self.drop, ArcBetweenPoints(self.drop.get_center(), above_handle, angle=-0.9)
        )

    def _falls_in(self, moment: Moment) -> list[Any]:
        """The level rises to the new total, and its number comes with it."""
        old, self.total = self.total, self._total(moment.grad("x"))
        leaving = [part for part in (old, *self.formula) if part is not None]
        return [
            self.bucket.receives(float(moment.grad("x"))),
            FadeOut(self.drop, scale=0.5),
            *(FadeOut(part, rate_func=squish_rate_func(smooth, 0.0, 0.4)) for part in leaving),
            FadeIn(self.total, rate_func=squish_rate_func(smooth, 0.5, 1.0)),
        ]

    def _function(self, moment: Moment) -> list[VMobject]:
        """The function whose slope a line asks for, with the sign of a derivative."""
        match = POURED.search(moment.source)
        if match is None:
            return []
        markup = f"(dif)/(dif x) thin {parse(match.group(1)).typst()}"
        formula = math(markup, font_size=FontSize.formula, color=colors.text)
        return [formula.move_to(self.source + point(0.0, -0.4))]

    def _total(self, value: Quantity) -> Readout:
        number = Readout(value, font_size=FontSize.formula, color=colors.gradient)
        self.decisive = (number,)
        return number.next_to(self.bucket.at_level(float(value), 1.0), RIGHT, buff=0.4)

    def leave(self, carried: Collection[str]) -> list[Any]:
        """The bucket is tipped out: it is empty where the next scene begins."""
        return [self.tips(), FadeOut(self.name_below, rate_func=at_once)]

    def tips(self) -> AnimationGroup:
        """The bucket is tipped, and what was in it is gone."""
        moves = []
        if self.total is not None:
            # Before the bucket reaches the number.
            moves.append(FadeOut(self.total, rate_func=squish_rate_func(smooth, 0.0, 0.2)))
        self.total = None
        return AnimationGroup(self.bucket.tips_out(), *moves)
