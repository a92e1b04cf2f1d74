"""The mobjects a flat camera draws, in its order: Manim's own answer, found in one pass.

Manim walks every family twice and removes repetitions three times; with a few hundred mobjects
that takes longer than drawing what changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from operator import attrgetter
from typing import Any

from manim import Camera, Mobject

METHODS = ("get_family", "_iter_family", "family_members_with_points", "get_num_points")


def displayed(camera: Camera, mobjects: Iterable[Mobject]) -> list[Any]:
    """What `camera.get_mobjects_to_display(mobjects)` gives."""
    every: list[Any] = []
    if not all(_walk(mobject, every, set()) for mobject in mobjects):
        return camera.get_mobjects_to_display(mobjects)
    # Of a mobject that occurs more than once, the last occurrence counts.
    once = list(dict.fromkeys(reversed(every)))
    once.reverse()
    seen = [mobject for mobject in once if len(mobject.points)]
    return sorted(seen, key=attrgetter("z_index")) if camera.use_z_index else seen


def _walk(mobject: Any, into: list[Any], above: set[int]) -> bool:
    """Append a mobject and all below it; False if a class has its own idea of a family."""
    kind: Any = type(mobject)
    if not _ordinary(kind):
        return False
    into.append(mobject)
    if not mobject.submobjects:
        return True
    above.add(id(mobject))
    ordinary = all(id(child) in above or _walk(child, into, above) for child in mobject.submobjects)
    above.discard(id(mobject))
    return ordinary


@cache
def _ordinary(kind: Any) -> bool:
    return all(getattr(kind, name, None) is getattr(Mobject, name) for name in METHODS)
