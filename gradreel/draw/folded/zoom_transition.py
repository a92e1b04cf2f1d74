"""An animation in which a card opens to show what it contains, or closes again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from manim import Animation, Mobject, VMobject, interpolate_color, smooth
from manim.utils.color import ManimColor

from gradreel.draw.plane import Floats
from gradreel.theme import colors

# Shares of the time in which the picture around the card fades out, in which the frame grows from
# the card to its full size, and in which the contents fade in. The frame begins as bright as the
# card, so that there is something to follow. No letters cross other letters.
OUTSIDE_FADES, FRAME_GROWS, INSIDE_FADES = (0.0, 0.25), (0.12, 0.65), (0.42, 0.9)
# The face of the card grows with the frame, and fades as the contents come: the picture is never
# dark between the two.
FACE_FADES, PANEL_FADES = (0.34, 0.52), (0.45, 0.65)


class ZoomTransition(Animation):
    """Fades `mobject` in or out while a card opens, or with `back` while it closes.

    `inside` says whether the mobject is what the card contains or what surrounds it. Its part
    `frame`, if given, does not fade: it grows from the outline with the points `card`. The parts
    `face` are gone at once, where FaceGrows shows copies of them. At the end all parts are as they
    were, so that they can be shown again.
    """

    def __init__(
        self, mobject: Mobject, *, inside: bool, back: bool = False,
        frame: VMobject | None = None, card: Floats | None = None, face: Iterable[Mobject] = (),
        **kwargs: Any,
    ) -> None:  # fmt: skip
        self.inside, self.back, self.frame, self.card = inside, back, frame, card
        self.face_ids = {id(part) for mobject in face for part in mobject.get_family()}
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
            # What is around the card goes behind its panel, which is bright until it has opened.
            submobject.set_fill(colors.panel, 1 - _share(opened, PANEL_FADES))
            return self
        span = INSIDE_FADES if self.inside else OUTSIDE_FADES
        gone = _share(opened, span)
        if id(submobject) in self.face_ids:
            gone = float(opened > 0)  # a copy of it grows
        _fade(submobject, starting_submobject, gone if self.inside else 1 - gone)
        return self

    def finish(self) -> None:
        """Finish, then restore all parts, visible or not."""
        super().finish()
        if self.remover:
            self.back = not self.back
            self.interpolate(1.0)


class FaceGrows(Animation):
    """What stands on a card, `face`, grows from the outline `card` to `frame`, and fades.

    With `back` it comes back and shrinks to its place. `card` and `frame` are groups of points.
    """

    def __init__(
        self, face: Mobject, card: Floats, frame: Floats, *, back: bool = False, **kwargs: Any
    ) -> None:
        self.back = back
        ends = [(_middle(points), np.ptp(points, axis=0)) for points in (card, frame)]
        (self.start, size), (self.end, full) = ends
        self.growth = float((full[:2] / size[:2]).min())
        kwargs.setdefault("rate_func", smooth)
        super().__init__(face, introducer=True, remover=True, **kwargs)

    def interpolate_submobject(
        self, submobject: Mobject, starting_submobject: Mobject, alpha: float
    ) -> Animation:
        """Move, scale and fade one part."""
        opened = 1 - alpha if self.back else alpha
        grown = _share(opened, FRAME_GROWS)
        scale = 1 + (self.growth - 1) * grown
        middle = self.start + (self.end - self.start) * grown
        submobject.points = middle + (starting_submobject.points - self.start) * scale
        _fade(submobject, starting_submobject, 1 - _share(opened, FACE_FADES))
        return self


def _middle(points: Floats) -> Floats:
    middle: Floats = (points.min(axis=0) + points.max(axis=0)) / 2
    return middle


def _fade(mobject: Mobject, model: Mobject, visible: float) -> None:
    """Give a part the colors of `model`, with a share of their opacity."""
    for name in ("fill_rgbas", "stroke_rgbas", "background_stroke_rgbas"):
        rgbas = getattr(model, name, None)
        if rgbas is not None and len(rgbas):
            faded = rgbas.copy()
            faded[:, 3] *= visible
            setattr(mobject, name, faded)


def _share(value: float, span: tuple[float, float]) -> float:
    """How much of `span` lies below `value`, from 0 to 1."""
    low, high = span
    return min(max((value - low) / (high - low), 0.0), 1.0)
