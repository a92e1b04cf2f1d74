"""Records the states of a scene on a grid: along its drags, or its beats if it has none."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from deltarender.jobs import Job
from deltarender.live.messages import DrawState, LiveHooks, LiveTask, SceneFailed, SceneReady
from deltarender.live.session import LiveSession
from gradreel.errors import GradreelError, UsageError
from gradreel.lecture_settings import modules_to_preload

HOOKS = LiveHooks(
    "gradreel.explore.live_hooks:describe",
    "gradreel.explore.live_hooks:change",
    "gradreel.explore.drawing:read_drawing",
)
POSITIONS = {1: 161, 2: 21}  # along each of so many axes
TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing to move: its label, the texts of its positions, and where it is at first.

    `track` is where it lies in the picture, as x0, y0, x1, y1 in pixels, and `along` its direction
    there ("x" or "y"); None if it cannot be dragged on the picture.
    """

    label: str
    texts: tuple[str, ...]
    start: int
    track: tuple[float, ...] | None = None
    along: str = "x"


@dataclass(frozen=True, slots=True)
class StateGrid:
    """All states of a scene, the last axis varying fastest; `states` are the results of the hook.

    `captions` are those of the states, "" for one that a caption does not describe.
    """

    size: tuple[int, int]
    axes: tuple[Axis, ...]
    states: tuple[dict[str, Any], ...]
    inputs: dict[str, Any]
    claim: str


def record_states(job: Job, report: Callable[[int, int], None], positions: int = 0) -> StateGrid:
    """Play the scene of `job` and record its states.

    `positions` is the number of positions along each drag; 0 is a good one. `report` is called
    with how many states are recorded and how many there are. Raises GradreelError if the scene
    fails.
    """
    with tempfile.TemporaryDirectory(prefix="gradreel-explore-") as folder:
        answers: queue.Queue[Any] = queue.Queue()
        place = Path(folder)
        task = LiveTask(job, place, place / "log", HOOKS, preload=tuple(modules_to_preload(job)))
        session = LiveSession(task, answers.put)
        try:
            ready = _next(answers, SceneReady)
            session.ask(DrawState(-1, ready.controls["opens_at"]))
            at_rest = _next(answers, object).shown["values"]
            axes, requests = _plan(ready, at_rest, positions)
            states, size = [], (0, 0)
            for number, (step, values) in enumerate(requests):
                session.ask(DrawState(number, step, values, whole=False))
                picture = _next(answers, object)
                states.append(picture.shown)
                size = picture.size
                report(number + 1, len(requests))
        finally:
            session.close()
    manifest = ready.manifest
    return StateGrid(
        size, axes, tuple(states), manifest.get("inputs", {}), manifest.get("claim", "")
    )


def _next(answers: queue.Queue[Any], kind: type) -> Any:
    try:
        answer = answers.get(timeout=TIMEOUT_S)
    except queue.Empty:
        raise GradreelError(f"the scene has not answered for {TIMEOUT_S:g} seconds.") from None
    if isinstance(answer, SceneFailed):
        raise UsageError(answer.error.message, where=answer.error.line)
    assert isinstance(answer, kind)
    return answer


def _plan(
    ready: SceneReady, at_rest: dict[str, float], positions: int
) -> tuple[tuple[Axis, ...], list[tuple[int, dict[str, float]]]]:
    """The axes of the grid, and (step, values) of each of its states, in order."""
    drags = ready.controls["drags"][: max(POSITIONS)]
    if not drags:
        names = tuple(step.name for step in ready.steps)
        return (Axis("beat", names, 0),), [(k, {}) for k in range(len(names))]
    count = positions or POSITIONS[len(drags)]
    grids = [list(_positions(drag, count)) for drag in drags]
    axes = tuple(
        Axis(
            drag["label"], tuple(_text(drag, value) for value in grid),
            _nearest(grid, at_rest.get(drag["name"], grid[-1])), drag["track"], drag["axis"],
        )
        for drag, grid in zip(drags, grids, strict=True)
    )  # fmt: skip
    step = ready.controls["opens_at"]
    keys = [drag["name"] for drag in drags]
    return axes, [(step, dict(zip(keys, at, strict=True))) for at in product(*grids)]


def _positions(drag: dict[str, Any], count: int) -> Iterator[float]:
    """Evenly spaced positions; whole multiples of the step where the drag declares one."""
    low, high = drag["low"], drag["high"]
    if drag["declared_step"]:
        count = round((high - low) / drag["declared_step"]) + 1
    for k in range(count):
        yield round(low + (high - low) * k / max(count - 1, 1), 12)


def _text(drag: dict[str, Any], value: float) -> str:
    return f"{10**value:.3g}" if drag["log"] else f"{value:.6g}"


def _nearest(grid: list[float], value: float) -> int:
    return min(range(len(grid)), key=lambda k: abs(grid[k] - value))
