"""One picture gives way to another in the course of a play."""

from __future__ import annotations

from manim import Animation, VGroup, VMobject


class CrossFade(Animation):
    """What `holder` holds is gone at `at` of the time, `new` is there soon after."""

    def __init__(self, holder: VGroup, new: VGroup, *, at: float = 0.5) -> None:
        self.holder, self.new, self.at = holder, new, at
        self.old = list(holder.submobjects)
        super().__init__(holder, rate_func=lambda t: t)

    def create_starting_mobject(self) -> VGroup:
        # Letters are replaced in place: a copy of them would be thrown away at once.
        return self.holder

    def begin(self) -> None:
        """Both pictures are on stage while one fades into the other."""
        self.holder.submobjects = [*self.old, *self.new.submobjects]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Fade by the time."""
        for part in self.old:
            _fade(part, 1 - (alpha - self.at + 0.12) / 0.12)
        for part in self.new.submobjects:
            _fade(part, (alpha - self.at) / 0.12)

    def finish(self) -> None:
        """Only the new picture stays."""
        super().finish()
        self.holder.submobjects = list(self.new.submobjects)


def _fade(part: VMobject, opacity: float) -> None:
    part.set_fill(opacity=min(max(opacity, 0.0), 1.0))
