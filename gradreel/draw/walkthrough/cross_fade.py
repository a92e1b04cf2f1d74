"""An animation that replaces the contents of a group in the course of a play."""

from __future__ import annotations

from collections.abc import Iterable

from manim import Animation, VGroup, VMobject

FADE_SHARE = 0.12  # of the run time, for fading out and again for fading in


class CrossFade(Animation):
    """Replaces the parts of `holder` by those of `new`.

    The old parts have faded out at the share `at` of the run time; then the new ones fade in.
    """

    def __init__(self, holder: VGroup, new: VGroup, *, at: float = 0.5) -> None:
        self.holder, self.new, self.at = holder, new, at
        self.old = list(holder.submobjects)
        super().__init__(holder, rate_func=lambda t: t)

    def create_starting_mobject(self) -> VGroup:
        # The parts are replaced in place, so the copy that Manim would make is not needed.
        return self.holder

    def begin(self) -> None:
        """Put old and new parts on stage."""
        self.holder.submobjects = [*self.old, *self.new.submobjects]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Set the opacities."""
        set_fill_opacity(self.old, fade_out(alpha, self.at))
        set_fill_opacity(self.new.submobjects, fade_in(alpha, self.at))

    def finish(self) -> None:
        """Keep only the new parts."""
        super().finish()
        self.holder.submobjects = list(self.new.submobjects)


def fade_out(alpha: float, at: float) -> float:
    """The opacity of outgoing parts at `alpha` of the run time, before clamping to 0..1."""
    return 1 - (alpha - at + FADE_SHARE) / FADE_SHARE


def fade_in(alpha: float, at: float) -> float:
    """The opacity of incoming parts at `alpha` of the run time, before clamping to 0..1."""
    return (alpha - at) / FADE_SHARE


def set_fill_opacity(parts: Iterable[VMobject], opacity: float) -> None:
    """Set the fill opacity of parts, clamped to 0..1."""
    for part in parts:
        part.set_fill(opacity=min(max(opacity, 0.0), 1.0))
