"""An animation in which a card opens to show what it contains, or closes again."""

from __future__ import annotations

from typing import Any

from manim import Animation, Mobject, VMobject, interpolate_color, smooth
from manim.utils.color import ManimColor

from gradreel.draw.plane import Floats
from gradreel.theme import colors

# Shares of the time in which the picture around the card fades out, in which the frame grows from
# the card to its full size, and in which the contents fade in. The frame begins as bright as the
# card, so that there is something to follow. No letters cross other letters.
OUTSIDE_FADES, FRAME_GROWS, INSIDE_FADES = (0.0, 0.4), (0.1, 0.65), (0.42, 0.9)


class ZoomTransition(Animation):
    """Fades `mobject` in or out while a card opens, or with `back` while it closes.

    `inside` says whether the mobject is what the card contains or what surrounds it. Its part
    `frame`, if given, does not fade: it grows from the outline with the points `card`. At the end
    all parts are as they were, so that they can be shown again.
    """

    def __init__(
        self, mobject: Mobject, *, inside: bool, back: bool = False,
        frame: VMobject | None = None, card: Floats | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.inside, self.back, self.frame, self.card = inside, back, frame, card
        kwargs.setdefault("rate_func", smooth)
        comes = inside != back
        super().__init__(mobject, remover=not comes, introducer=comes, **kwargs)

    def interpolate_submobject(
        self, submobject: Mobject, starting_submobject: Mobject, alpha: float
    ) -> Animation:
        """Fade one part, or let the frame grow."""
        opened = 1 - alpha if self.back else alpha
        if submobject is self.frame and self.card is not None:
            grown = _share(opened, FRAME_GROWS)
            submobject.points = self.card + (starting_submobject.points - self.card) * grown
            rim = interpolate_color(
                ManimColor(colors.text), starting_submobject.get_stroke_color(), grown
            )
            submobject.set_stroke(rim)
            return self
        span = INSIDE_FADES if self.inside else OUTSIDE_FADES
        gone = _share(opened, span)
        visible = gone if self.inside else 1 - gone
        for name in ("fill_rgbas", "stroke_rgbas", "background_stroke_rgbas"):
            rgbas = getattr(starting_submobject, name, None)
            if rgbas is not None and len(rgbas):
                faded = rgbas.copy()
                faded[:, 3] *= visible
                setattr(submobject, name, faded)
        return self

    def finish(self) -> None:
        """Finish, then restore all parts, visible or not."""
        super().finish()
        if self.remover:
            self.back = not self.back
            self.interpolate(1.0)


def _share(value: float, span: tuple[float, float]) -> float:
    """How much of `span` lies below `value`, from 0 to 1."""
    low, high = span
    return min(max((value - low) / (high - low), 0.0), 1.0)
