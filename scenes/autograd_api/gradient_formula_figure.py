"""Two partial derivatives, one below the other, around which the gradient vector is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from manim import (
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    ArcBetweenPoints,
    FadeIn,
    FadeOut,
    LaggedStart,
    VGroup,
    VMobject,
)

from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

PITCH = 1.0
PADDING = 0.08  # between a bracket and what is in it
BULGE = 0.13  # of a bracket to its side


class GradientFormula(VGroup):
    """Rows ∂f/∂x = number, which `becomes_vector` turns into ∇f = (...) = (...) in their place.

    `partials` are the numbers and `tones` their colors, in the order of `variables`. Only the rows
    are in the group at first; the rest is laid out so that the whole vector fits into `area`.
    """

    def __init__(
        self, variables: Sequence[str], partials: Sequence[Callable[[], Quantity]], area: Rect,
        *, tones: Sequence[str],
    ) -> None:  # fmt: skip
        super().__init__()
        size = FontSize.label
        self.labels = [
            math(f"(partial f) / (partial {v})", font_size=size, color=colors.text)
            for v in variables
        ]
        self.signs = [math("=", font_size=size, color=colors.muted) for _ in variables]
        self.numbers = [
            Readout(source, places=2, font_size=size, color=tone)
            for source, tone in zip(partials, tones, strict=True)
        ]
        self.head = math("nabla f =", font_size=size, color=colors.gradient)
        # One mobject each, as the sign goes before the name.
        self.nabla, self.sign = VGroup(*self.head[:-1]), self.head[-1]
        self.equals = math("=", font_size=size, color=colors.muted)
        self.rows = [
            VGroup(*row) for row in zip(self.labels, self.signs, self.numbers, strict=True)
        ]
        self._arrange(area)
        self.add(*self.rows)

    def _arrange(self, area: Rect) -> None:
        wide, digits = max(label.width for label in self.labels), self._widest()
        middle = area.center[1]
        self.head.move_to(point(area.left + self.head.width / 2, middle))
        y = middle + PITCH / 2 * (len(self.rows) - 1)
        for index, (label, sign, number) in enumerate(
            zip(self.labels, self.signs, self.numbers, strict=True)
        ):
            at = y - index * PITCH
            label.move_to(point(area.left + wide / 2, at))
            sign.move_to(point(area.left + wide + 0.4, at))
            number.move_to(point(area.left + wide + 0.7 + digits / 2, at))
        half = PITCH / 2 * len(self.rows)
        first = float(self.head.get_right()[0]) + 2 * BULGE
        second = first + wide + 2 * PADDING + 0.6 + 2 * BULGE
        self._moves = (
            first + PADDING - area.left,
            second + PADDING - (area.left + wide + 0.7),
        )
        self.brackets = [
            _bracket(first, middle, half, opens=True),
            _bracket(first + wide + 2 * PADDING, middle, half, opens=False),
            _bracket(second, middle, half, opens=True),
            _bracket(second + digits + 2 * PADDING, middle, half, opens=False),
        ]
        self.equals.move_to(point((first + wide + 2 * PADDING + second) / 2, middle))

    def _widest(self) -> float:
        sample = math("-0.00", font_size=FontSize.label)
        return max(float(sample.width), *(float(number.width) for number in self.numbers))

    def row_appears(self, index: int) -> Animation:
        """A row with its number appears."""
        return FadeIn(self.rows[index], shift=0.3 * RIGHT)

    def becomes_vector(self) -> Animation:
        """The rows move aside, and the vector is written around them."""
        labels, numbers = (way * RIGHT for way in self._moves)
        moves = [
            *(ApplyMethod(part.shift, labels) for part in self.labels),
            *(ApplyMethod(part.shift, numbers) for part in self.numbers),
        ]
        written = [
            FadeIn(self.nabla),
            FadeIn(self.sign),
            *(FadeIn(b) for b in self.brackets),
            FadeIn(self.equals),
        ]
        return AnimationGroup(
            AnimationGroup(*moves, *(FadeOut(sign) for sign in self.signs)),
            LaggedStart(*written, lag_ratio=0.15),
            lag_ratio=1,
        )

    def partials_leave(self) -> Animation:
        """The vector of partial derivatives moves up and fades out; ∇f stays."""
        return FadeOut(self.sign, *self.brackets[:2], *self.labels, shift=0.5 * UP)

    def name_follows(self) -> Animation:
        """∇f moves to the numbers, after `partials_leave`."""
        way = float(self.equals.get_left()[0] - 0.15 - self.nabla.get_right()[0]) * RIGHT
        return ApplyMethod(self.nabla.shift, way)

    def leaves(self) -> Animation:
        """∇f with its numbers fades out, after `name_follows`."""
        return FadeOut(*self._short())

    def returns(self) -> Animation:
        """∇f with its numbers fades in again."""
        return FadeIn(*self._short())

    def _short(self) -> list[VMobject]:
        """What is left after `partials_leave`."""
        return [self.nabla, self.equals, *self.brackets[2:], *self.numbers]


def _bracket(x: float, y: float, half: float, *, opens: bool) -> VMobject:
    """A round bracket of the height `2 * half`."""
    bend = 0.5 if opens else -0.5
    arc = ArcBetweenPoints(point(x, y + half), point(x, y - half), angle=bend)
    return arc.set_stroke(colors.text, StrokeWidth.frame)
