"""What can be touched in a scene, declared beside its parameters. Standard library only.

    class TangentLine(LectureScene):
        touch = (Drag("x", "x_tracker", lambda p: p.start, lambda p: p.stop, plane="plane"),)

    class AccumulationTrap(LectureScene):
        touch = (Press("loss.backward()", most=5), Press("zero_grad()"))

Parameters can be changed in every scene and need no declaration: the scene is constructed anew.
What begins with `board.` belongs to the scene's board (`gradreel.lecture.board`), as do presses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

Bound = float | str | Callable[[Any], float]
"""A number, an attribute of the scene that holds it, or a function of the scene's parameters."""
BOARD = "board."


@dataclass(frozen=True, slots=True)
class Drag:
    """A ValueTracker of the scene that can be moved from `low` to `high`, or over all of `plane`.

    `tracker` is the attribute of the scene that holds it, `label` what it is called on screen. With
    `log`, the tracker holds the base-10 logarithm of the number that is meant. `plane` is the
    attribute of a Plane over which it can be dragged, along `axis`. `step` is the distance between
    two positions for keys, and of a recorded page; 0 is a hundredth of the range. `recorded` is the
    number of positions in a recorded page, where that is not told by `step`, or the positions
    themselves; with 1, it is not moved there. `opens_at` is the beat at which a recorded page
    stands; "" is the last.
    """

    label: str
    tracker: str
    low: Bound | None = None
    high: Bound | None = None
    plane: str = ""
    axis: Literal["x", "y"] = "x"
    log: bool = False
    step: float = 0.0
    recorded: int | tuple[float, ...] = 0
    opens_at: str = ""

    def bounds(self, scene: Any, plane_range: tuple[float, float]) -> tuple[float, float]:
        """The lowest and the highest value in a scene; by default those of the plane."""
        given = zip((self.low, self.high), plane_range, strict=True)
        low, high = (edge if bound is None else _value(bound, scene) for bound, edge in given)
        return min(low, high), max(low, high)


def _value(bound: Bound, scene: Any) -> float:
    if callable(bound):
        return bound(scene.params)
    return float(attrgetter(bound)(scene)) if isinstance(bound, str) else bound


@dataclass(frozen=True, slots=True)
class Pick:
    """A ValueTracker of the scene that holds the index of one of `names`.

    A recorded page has the first `recorded` of them, or all for 0.
    """

    label: str
    tracker: str
    names: tuple[str, ...] | Callable[[Any], tuple[str, ...]]
    recorded: int = 0

    def choices(self, params: Any) -> tuple[str, ...]:
        """The names for these parameters."""
        return self.names(params) if callable(self.names) else self.names


@dataclass(frozen=True, slots=True)
class Press:
    """A button of the scene's board; `label` is the call that it stands for.

    A recorded page has the states of up to `most` presses of it in a row. With `runs`, it can also
    be pressed again and again by the page.
    """

    label: str
    most: int = 1
    runs: bool = False


Touch = Drag | Pick | Press


def moved(touch: Iterable[Touch], *, on_board: bool) -> list[Drag | Pick]:
    """What moves a tracker, on the scene's board or else in its beats."""
    return [
        one for one in touch
        if not isinstance(one, Press) and one.tracker.startswith(BOARD) == on_board
    ]  # fmt: skip


def presses(touch: Iterable[Touch]) -> list[Press]:
    """The buttons, in order."""
    return [one for one in touch if isinstance(one, Press)]
