"""A box for a number that is not always there: empty, filled, emptied again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from manim import DOWN, RoundedRectangle, VGroup, VMobject

from gradreel.draw.numbers import Align, Readout
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

LEAST_WIDTH = 1.25

Source = Callable[[], Quantity | None]


class Passing(Readout):
    """A number that is shown while `source()` has one; `known` are all that it will ever show."""

    def __init__(
        self,
        source: Source,
        known: Sequence[Quantity],
        color: str,
        font_size: float = FontSize.body,
        align: Align = "center",
    ) -> None:
        self._latest = known[0]

        def latest() -> Quantity:
            here = source()
            self._latest = self._latest if here is None else here
            return self._latest

        super().__init__(latest, font_size=font_size, color=color, align=align)
        shown_with(self, source)


def widest_of(known: Sequence[Quantity], font_size: float) -> float:
    """The width of the longest of these numbers."""
    return max(Readout(number, font_size=font_size).width for number in known)


class OptionalNumber(VGroup):
    """A box with a label, the number `source()` of now, and a note if there is one.

    It is wide enough for all of `known`, the numbers that it will hold; `empty` stands in it while
    there is none.
    """

    def __init__(
        self,
        label: VMobject,
        source: Source,
        known: Sequence[Quantity],
        *,
        tone: str,
        note: VMobject | None = None,
        empty: VMobject | None = None,
    ) -> None:
        super().__init__()
        self.label = label
        self.number = Passing(source, known, tone if note is None else colors.value)
        lines = VGroup(label, self.number, *([note] if note is not None else []))
        lines.arrange(DOWN, buff=0.17)
        widest = widest_of(known, FontSize.body)
        self.box = RoundedRectangle(
            corner_radius=0.16,
            width=max(lines.width, widest, 0.0 if empty is None else empty.width, 0.0) + 0.36,
            height=lines.height + 0.36,
            stroke_width=0,
            fill_color=colors.panel,
            fill_opacity=1,
        )
        if self.box.width < LEAST_WIDTH:
            self.box.stretch_to_fit_width(LEAST_WIDTH)
        # The frame is a thing of its own: lighting it up must not lay the box over the letters.
        self.frame = self.box.copy().set_fill(opacity=0).set_stroke(tone, StrokeWidth.frame)
        lines.move_to(self.box)
        self.add(self.box, self.frame, lines)
        if empty is not None:
            self.add(shown_with(empty.move_to(self.number), source, absent=True))

    def made_as_high_as(self, height: float) -> OptionalNumber:
        """The box grows to this height; what stands in it keeps its size."""
        for shape in (self.box, self.frame):
            shape.stretch_to_fit_height(height)
        return self


def shown_with(letters: VMobject, source: Source, absent: bool = False) -> VMobject:
    """These letters, from now on shown only while there is a number; or only while there is not."""

    def follow(thing: Any) -> None:
        # Only a change is set: a copy that an animation has faded keeps its own opacity.
        now = (source() is None) == absent
        if getattr(thing, "is_shown", None) != now:
            thing.is_shown = now
            thing.set_fill(opacity=float(now))

    return letters.add_updater(follow, call_updater=True)
