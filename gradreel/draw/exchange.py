"""One mobject in the place of another, without a moment in which both are seen."""

from __future__ import annotations

from typing import Any

from manim import Animation, AnimationGroup, FadeIn, FadeOut, Mobject, smooth

WHILE_ONE_GOES = 0.45  # of the time
SOON = 0.4  # of a play
ARRIVAL = 0.75  # of the time of a pulse, after which what it brings fades in


def exchange(old: Mobject, new: Mobject, **fade_in: Any) -> Animation:
    """`old` fades out, then `new` fades in; `fade_in` are arguments of FadeIn."""
    return AnimationGroup(goes(old), comes(new, **fade_in))


def goes(mobject: Mobject) -> FadeOut:
    """Fades out in the first part of a play."""
    return FadeOut(mobject, rate_func=first_part)


def comes(mobject: Mobject, **fade_in: Any) -> FadeIn:
    """Fades in in the second part of a play."""
    return FadeIn(mobject, rate_func=second_part, **fade_in)


def arrives(old: Mobject | None, new: Mobject) -> list[Animation]:
    """Beside a pulse: `new` fades in when that arrives, and `old`, if any, fades out before."""
    going = [] if old is None else [FadeOut(old, rate_func=_before_arrival)]
    return [*going, FadeIn(new, rate_func=_on_arrival)]


def returns(mobject: Mobject) -> FadeIn:
    """Fades in as soon as something has gone `at_once`."""
    return FadeIn(mobject, rate_func=_after_at_once)


def first_part(share: float) -> float:
    """A rate function that is done when `second_part` begins."""
    return float(smooth(min(share / WHILE_ONE_GOES, 1.0)))


def second_part(share: float) -> float:
    """A rate function that begins when `first_part` is done."""
    return float(smooth(max(share - WHILE_ONE_GOES, 0.0) / (1 - WHILE_ONE_GOES)))


def first_of_soon(share: float) -> float:
    """As `first_part`, in SOON of a play that goes on with something else."""
    return first_part(min(share / SOON, 1.0))


def second_of_soon(share: float) -> float:
    """As `second_part`, in SOON of a play that goes on with something else."""
    return second_part(min(share / SOON, 1.0))


def at_once(share: float) -> float:
    """A rate function that is done in the first fifth of a play, before the rest is looked at."""
    return float(smooth(min(5 * share, 1.0)))


def _on_arrival(share: float) -> float:
    return float(smooth(max(share - ARRIVAL, 0.0) / (1 - ARRIVAL)))


def _before_arrival(share: float) -> float:
    return float(smooth(min(max(share - ARRIVAL / 2, 0.0) / (ARRIVAL / 2), 1.0)))


def _after_at_once(share: float) -> float:
    return float(smooth(min(max(share - 0.2, 0.0) / 0.6, 1.0)))
