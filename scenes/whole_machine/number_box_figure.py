"""A box for a number that may be None: it is hidden, shown and hidden again as its source says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from manim import DOWN, RoundedRectangle, VGroup, VMobject

from gradreel.draw.numbers import Align, Readout
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

MIN_WIDTH = 1.25

Source = Callable[[], Quantity | None]
Presence = Callable[[], float]
"""An opacity, from 0 to 1."""


class OptionalReadout(Readout):
    """A number as opaque as `presence()`; `known` are all numbers it will show.

    While `source()` is None it keeps the one before.
    """

    def __init__(
        self,
        source: Source,
        presence: Presence,
        known: Sequence[Quantity],
        color: str,
        font_size: float = FontSize.body,
        align: Align = "center",
    ) -> None:
        self._latest = known[0]

        def latest() -> Quantity:
            number = source()
            self._latest = self._latest if number is None else number
            return self._latest

        super().__init__(latest, font_size=font_size, color=color, align=align)
        follow_presence(self, presence)


def max_width(numbers: Sequence[Quantity], font_size: float) -> float:
    """The width of the widest of these numbers."""
    return max(Readout(number, font_size=font_size).width for number in numbers)


class OptionalNumber(VGroup):
    """A framed box with a label, the current number of `source()` and, if given, a note.

    It is wide enough for all of `known`, the numbers that it will show; `empty` stands in its
    place, as opaque as `empty_presence()`.
    """

    def __init__(
        self,
        label: VMobject,
        source: Source,
        presence: Presence,
        known: Sequence[Quantity],
        *,
        tone: str,
        note: VMobject | None = None,
        empty: VMobject | None = None,
        empty_presence: Presence = lambda: 1.0,
    ) -> None:
        super().__init__()
        self.label = label
        self.number = OptionalReadout(
            source, presence, known, tone if note is None else colors.value
        )
        lines = VGroup(label, self.number, *([note] if note is not None else []))
        lines.arrange(DOWN, buff=0.17)
        widest = max_width(known, FontSize.body)
        self.box = RoundedRectangle(
            corner_radius=0.16,
            width=max(lines.width, widest, 0.0 if empty is None else empty.width) + 0.36,
            height=lines.height + 0.36,
            stroke_width=0,
            fill_color=colors.panel,
            fill_opacity=1,
        )
        if self.box.width < MIN_WIDTH:
            self.box.stretch_to_fit_width(MIN_WIDTH)
        # A separate frame: to animate its colour must not draw the box over the letters.
        self.frame = self.box.copy().set_fill(opacity=0).set_stroke(tone, StrokeWidth.frame)
        lines.move_to(self.box)
        self.add(self.box, self.frame, lines)
        if empty is not None:
            self.add(follow_presence(empty.move_to(self.number), empty_presence))

    def stretch_to_height(self, height: float) -> OptionalNumber:
        """Stretch the box to this height, without its contents; returns the mobject itself."""
        for shape in (self.box, self.frame):
            shape.stretch_to_fit_height(height)
        return self


def follow_presence(letters: VMobject, presence: Presence) -> VMobject:
    """Give these letters the opacity `presence()`."""

    def follow(mobject: Any) -> None:
        # Only a change is applied: a copy that an animation fades keeps its own opacity.
        opacity = presence()
        if getattr(mobject, "shown_opacity", None) != opacity:
            mobject.shown_opacity = opacity
            mobject.set_fill(opacity=opacity)

    return letters.add_updater(follow, call_updater=True)
