"""What can be touched in a scene, declared beside its parameters. Standard library only.

    class TangentLine(LectureScene):
        touch = (Drag("x", "x_tracker", lambda p: p.start, lambda p: p.stop, plane="plane"),)

Parameters can be changed in every scene and need no declaration: the scene is constructed anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Bound = float | Callable[[Any], float]
"""A number, or a function of the scene's parameters."""


@dataclass(frozen=True, slots=True)
class Drag:
    """A ValueTracker of the scene that can be moved from `low` to `high`.

    `tracker` is the attribute of the scene that holds it, `label` what it is called on screen. With
    `log`, the tracker holds the base-10 logarithm of the number that is meant. `plane` is the
    attribute of a Plane over which it can be dragged, along `axis`. `step` is the distance between
    two positions for keys, and of a recorded page; 0 is a hundredth of the range. `opens_at` is the
    beat at which a recorded page stands; "" is the last.
    """

    label: str
    tracker: str
    low: Bound
    high: Bound
    plane: str = ""
    axis: Literal["x", "y"] = "x"
    log: bool = False
    step: float = 0.0
    opens_at: str = ""

    def bounds(self, params: Any) -> tuple[float, float]:
        """The lowest and the highest value for these parameters, in this order."""
        low, high = (b(params) if callable(b) else b for b in (self.low, self.high))
        return min(low, high), max(low, high)
