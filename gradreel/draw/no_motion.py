"""Animations played together, of which there may be none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manim import Animation, AnimationGroup, VMobject

from gradreel.theme import Timing


class NoMotion(Animation):
    """Shows nothing for `run_time`; unlike Manim's Wait, it is played beside other animations."""

    def __init__(self, *, run_time: float = Timing.quick, **kwargs: Any) -> None:
        super().__init__(VMobject(), run_time=run_time, remover=True, **kwargs)


def together(animations: Iterable[Animation]) -> Animation:
    """All of `animations` at once; NoMotion for none, which Manim refuses to play."""
    played = list(animations)
    return AnimationGroup(*played) if played else NoMotion()
