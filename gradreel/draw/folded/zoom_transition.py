"""An animation that zooms into a picture or out of it, as a camera would."""

from __future__ import annotations

from typing import Any

from manim import Animation, Mobject, smooth

from gradreel.draw.plane import Floats

FADE_SPEED = 1.25  # above 1, a mobject is invisible before it reaches its position away


class ZoomTransition(Animation):
    """Moves `mobject` from its own position to one away from it; `back` runs the other way.

    Away, it is `zoom` times as large, its point `pivot` is at `goal`, and it is invisible. At the
    end of either direction its parts are restored to their own positions, so that they can be
    shown again.
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
        """Scale, move and fade one part."""
        away = 1 - alpha if self.back else alpha
        scale = self.zoom**away
        goal = self.pivot + away * (self.goal - self.pivot)
        submobject.points = (starting_submobject.points - self.pivot) * scale + goal
        for name in ("fill_rgbas", "stroke_rgbas", "background_stroke_rgbas"):
            rgbas = getattr(starting_submobject, name, None)
            if rgbas is not None and len(rgbas):
                faded = rgbas.copy()
                faded[:, 3] *= max(1 - FADE_SPEED * away, 0.0)
                setattr(submobject, name, faded)
        return self

    def finish(self) -> None:
        """Finish, then restore the parts to their own positions, visible or not."""
        super().finish()
        if not self.back:
            self.back = True
            self.interpolate(1.0)
