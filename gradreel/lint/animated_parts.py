"""Which mobjects the running animations bring on stage, take away, or put in another's place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from manim import Animation, AnimationGroup, Transform


class AnimatedParts:
    """Ids of mobjects that may come or go now, by the running and the last play's animations."""

    def __init__(self) -> None:
        self._running: Sequence[Animation] = ()
        self._now: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
        self._last = self._now

    def update(self, animations: Sequence[Animation]) -> None:
        """Note the animations of the play that the present frame belongs to."""
        if animations is not self._running:
            self._running, self._last = animations, self._now
        self._now = _coming_and_going(animations)

    @property
    def may_come(self) -> frozenset[int]:
        """Parts that an animation brings on stage, or that replace others at its end."""
        return self._now[0] | self._last[0]

    @property
    def may_go(self) -> frozenset[int]:
        """Parts that an animation takes away or replaces."""
        return self._now[1] | self._last[1]


def _coming_and_going(animations: Iterable[Animation]) -> tuple[frozenset[int], frozenset[int]]:
    coming: set[int] = set()
    going: set[int] = set()
    for animation in _single(animations):
        family = _family(animation.mobject)
        if animation.is_introducer():
            coming |= family
        if animation.is_remover():
            going |= family
        if isinstance(animation, Transform):
            coming |= _family(animation.target_mobject)
            going |= family
    return frozenset(coming), frozenset(going)


def _single(animations: Iterable[Animation]) -> Iterator[Animation]:
    """Animations without groups: a group stands for its members, and for itself."""
    for animation in animations:
        yield animation
        if isinstance(animation, AnimationGroup):
            yield from _single(animation.animations)


def _family(mobject: Any) -> set[int]:
    return {id(part) for part in mobject.get_family()} if mobject is not None else set()
