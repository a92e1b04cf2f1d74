"""Going into a picture and out again, as a camera would."""

from __future__ import annotations

from typing import Any

from manim import Animation, Mobject, smooth

from gradreel.draw.plane import Floats

FADING = 1.25  # how much sooner than at the end of the way nothing is seen any more


class ZoomTransition(Animation):
    """`mobject` as it passes by: near to it is in place; away it is `zoom` times as large.

    Away, its point `pivot` lies at `goal`, and it cannot be seen. `back` runs from away to in
    place. Whichever way it ran, its parts are in place when it is over, ready to be shown again.
    """

    def __init__(
        self, mobject: Mobject, pivot: Floats, goal: Floats, zoom: float, *, back: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        self.pivot, self.goal, self.zoom, self.back = pivot, goal, zoom, back
        kwargs.setdefault("rate_func", smooth)
        super().__init__(mobject, remover=not back, introducer=back, **kwargs)

    def interpolate_submobject(
        self, submobject: Mobject, starting_submobject: Mobject, alpha: float
    ) -> Animation:
        """One part at `alpha` of the way."""
        away = 1 - alpha if self.back else alpha
        scale = self.zoom**away
        goal = self.pivot + away * (self.goal - self.pivot)
        submobject.points = (starting_submobject.points - self.pivot) * scale + goal
        for rows in ("fill_rgbas", "stroke_rgbas", "background_stroke_rgbas"):
            colours = getattr(starting_submobject, rows, None)
            if colours is not None and len(colours):
                seen = colours.copy()
                seen[:, 3] *= max(1 - FADING * away, 0.0)
                setattr(submobject, rows, seen)
        return self

    def finish(self) -> None:
        """The end of the way; then everything is put in place again, whether it is seen or not."""
        super().finish()
        if not self.back:
            self.back = True
            self.interpolate(1.0)
