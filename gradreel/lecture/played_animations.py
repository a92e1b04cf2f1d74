"""What a scene plays for the animations that it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from manim import AnimationGroup, FadeOut, Group, Mobject, ValueTracker

from gradreel.draw.no_motion import NoMotion


def played_animations(animations: Iterable[Any], on_stage: Sequence[Mobject]) -> tuple[Any, ...]:
    """The animations in the order in which a frame updates them.

    Trackers come first: what follows one is then drawn with the value of the same frame. What a
    drawing has put on stage beside itself, its `companions`, fades out with it. A group without
    animations, which Manim refuses, is played as NoMotion.
    """
    played = [NoMotion() if _is_empty(animation) else animation for animation in animations]
    played += _companions_fade(played, on_stage)
    return tuple(sorted(played, key=lambda animation: not _moves_tracker(animation)))


def _is_empty(animation: Any) -> bool:
    return isinstance(animation, AnimationGroup) and not animation.animations


def _moves_tracker(animation: Any) -> bool:
    return isinstance(getattr(animation, "mobject", None), ValueTracker)


def _companions_fade(animations: list[Any], on_stage: Sequence[Mobject]) -> list[FadeOut]:
    """Fade-outs of the companions of all that fades out, unless they are animated already."""
    leaving = [(fade, found) for fade in _fade_outs(animations) if (found := _companions(fade))]
    if not leaving:
        return []
    stage = {id(part) for mobject in on_stage for part in mobject.get_family()}
    taken = {
        id(part)
        for animation in animations
        if isinstance(mobject := getattr(animation, "mobject", None), Mobject)
        for part in mobject.get_family()
    }
    fades = []
    for fade, companions in leaving:
        gone = [m for m in companions if _has_part_in(stage, m) and id(m) not in taken]
        if gone:
            # In a new group, which Manim adds above the drawing: it may add that anew, too, where
            # animations of parts have taken it apart.
            fades.append(FadeOut(Group(*gone), run_time=fade.run_time, rate_func=fade.rate_func))
    return fades


def _companions(fade: FadeOut) -> list[Mobject]:
    family = fade.mobject.get_family()
    return [companion for part in family for companion in getattr(part, "companions", ())]


def _has_part_in(ids: set[int], mobject: Mobject) -> bool:
    """Whether any part is among these: an animation of one part takes a group apart."""
    return any(id(part) in ids for part in mobject.get_family())


def _fade_outs(animations: Iterable[Any]) -> Iterator[FadeOut]:
    """The fade-outs among animations, also in groups whose animations begin together."""
    for animation in animations:
        if isinstance(animation, FadeOut):
            yield animation
        elif type(animation) is AnimationGroup and not animation.lag_ratio:
            yield from _fade_outs(animation.animations)
