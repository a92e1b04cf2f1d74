"""An animation that replaces the contents of a group in the course of a play."""

from __future__ import annotations

from collections.abc import Iterable

from manim import Animation, VGroup, VMobject

FADE_SECONDS = 0.2  # for fading out, and again for fading in


class CrossFade(Animation):
    """Replaces the parts of `holder` by those of `new`.

    `at` seconds after the start the old parts have faded out; then the new ones fade in.
    """

    def __init__(self, holder: VGroup, new: VGroup, *, at: float = 0.3) -> None:
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
        out, come = fades(alpha, self.run_time, self.at)
        set_fill_opacity(self.old, out)
        set_fill_opacity(self.new.submobjects, come)

    def finish(self) -> None:
        """Keep only the new parts."""
        super().finish()
        self.holder.submobjects = list(self.new.submobjects)


def fades(alpha: float, run_time: float, at: float) -> tuple[float, float]:
    """The opacities of outgoing and incoming parts at `alpha` of a play, from 0 to 1.

    The change is in the middle of a play that is shorter than `at` and the two fades. In a short
    play the fades are short too, so that one of both can be read most of the time.
    """
    fade = min(FADE_SECONDS, run_time / 3)
    middle = max(min(at, run_time - fade), fade)
    seconds = alpha * run_time
    out = min(max((middle - seconds) / fade, 0.0), 1.0)
    come = min(max((seconds - middle) / fade, 0.0), 1.0)
    return out, 1.0 if alpha >= 1 else come


def set_fill_opacity(parts: Iterable[VMobject], opacity: float) -> None:
    """Set the fill opacity of parts."""
    for part in parts:
        part.set_fill(opacity=opacity)
