"""Records the states of a scene on a grid: of its board, else along its drags, else its beats."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from deltarender.jobs import Job
from deltarender.live.messages import DrawState, SceneReady
from gradreel.errors import UsageError
from gradreel.explore import opened_scene
from gradreel.explore.opened_scene import open_scene

HOOKS = replace(opened_scene.HOOKS, read="gradreel.explore.drawing:read_drawing")
POSITIONS = {1: 161, 2: 21}  # along each of so many axes, unless they say how many
MOST_STATES = 5000


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing to move: its label, the texts of its positions, and where it is at first.

    `track` is where it lies in the picture, as x0, y0, x1, y1 in pixels, and `along` its direction
    there ("x" or "y"); None if it cannot be dragged on the picture. `named` is whether its
    positions are names to choose from.
    """

    label: str
    texts: tuple[str, ...]
    start: int
    track: tuple[float, ...] | None = None
    along: str = "x"
    named: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a page; with `runs`, the page can press it again and again."""

    label: str
    runs: bool


@dataclass(slots=True)
class StateGrid:
    """All states of a scene; `states` are the results of the hook.

    `roots` are the numbers of the states in which nothing has been pressed, one for each position
    on the axes, the last axis varying fastest. `edges[state][button]` is the state after a press,
    -1 where that is not recorded. `requests` are the states as they were asked for.
    """

    size: tuple[int, int]
    axes: tuple[Axis, ...]
    states: list[dict[str, Any]]
    inputs: dict[str, Any]
    claim: str
    buttons: tuple[Button, ...] = ()
    roots: list[int] = field(default_factory=list)
    edges: list[list[int]] = field(default_factory=list)
    requests: list[DrawState] = field(default_factory=list)


Report = Callable[[int, int], None]


def record_states(job: Job, report: Report, positions: int = 0) -> StateGrid:
    """Play the scene of `job` and record its states.

    `positions` is the number of positions along each drag; 0 is a good one. `report` is called
    with how many states are recorded and about how many there are. Raises GradreelError if the
    scene fails.
    """
    with open_scene(job, HOOKS) as (ready, draw):
        axes, moves = plan_grid(ready, draw, positions)
        manifest, buttons = ready.manifest, _buttons(ready)
        inputs, claim = manifest.get("inputs", {}), manifest.get("claim", "")
        grid = StateGrid((0, 0), axes, [], inputs, claim, buttons)
        most = [row["most"] for row in ready.controls["presses"]][: len(buttons)]
        for number, (step, values) in enumerate(moves):
            _record_presses(grid, most, step, values, draw)
            done = len(grid.states)
            report(done, max(round(done * len(moves) / (number + 1)), done))
    return grid


def record_same(job: Job, grid: StateGrid, report: Report) -> list[dict[str, Any]]:
    """The states that `grid` has, of the same scene with other settings, such as its theme."""
    states = []
    with open_scene(job, HOOKS) as (_, draw):
        for number, request in enumerate(grid.requests):
            states.append(draw(request).shown)
            report(number + 1, len(grid.requests))
    return states


def _record_presses(
    grid: StateGrid, most: list[int], step: int, values: dict[str, float],
    draw: Callable[[DrawState], Any],
) -> None:  # fmt: skip
    """Record the states that presses lead to from one position; equal pictures are one state."""
    labels = [button.label for button in grid.buttons]
    known: dict[Any, int] = {}

    def number_of(pressed: tuple[str, ...]) -> tuple[int, bool]:
        request = DrawState(0, step, values, whole=False, pressed=pressed, pixels=False)
        answer = draw(request)
        grid.size = answer.size
        shown = answer.shown
        key = (tuple(shown["items"]), *((n["text"], n["source"]) for n in shown["numbers"]))
        is_new = key not in known
        if is_new:
            if len(grid.states) >= MOST_STATES:
                raise UsageError(
                    f"the scene has more than {MOST_STATES} states to record.",
                    hint="Record fewer --positions.",
                )
            known[key] = len(grid.states)
            grid.states.append(shown)
            grid.edges.append([-1] * len(labels))
            grid.requests.append(request)
        return known[key], is_new

    root, _ = number_of(())
    grid.roots.append(root)
    waiting: deque[tuple[int, tuple[str, ...]]] = deque([(root, ())])
    while waiting:
        number, pressed = waiting.popleft()
        counts = Counter(pressed)
        for k, label in enumerate(labels):
            if counts[label] < most[k]:
                after = (*pressed, label)
                grid.edges[number][k], is_new = number_of(after)
                if is_new:
                    waiting.append((grid.edges[number][k], after))


def _buttons(ready: SceneReady) -> tuple[Button, ...]:
    return tuple(Button(row["label"], row["runs"]) for row in ready.controls["presses"])


def plan_grid(
    ready: SceneReady, draw: Callable[[DrawState], Any], positions: int = 0
) -> tuple[tuple[Axis, ...], list[tuple[int, dict[str, float]]]]:
    """The axes of the grid, and (step, values) of each of its positions, in order."""
    board = ready.controls["board"]
    step = board if board >= 0 else ready.controls["opens_at"]
    drags = [
        row for row in ready.controls["drags"]
        if row["board"] == (board >= 0) and row["recorded"] != 1
    ]  # fmt: skip
    if not drags and board < 0:
        names = tuple(step.name for step in ready.steps)
        return (Axis("beat", names, 0),), [(k, {}) for k in range(len(names))]
    at_rest = draw(DrawState(-1, step, pixels=False)).shown["values"]
    grids = [list(_positions(drag, positions, len(drags))) for drag in drags]
    axes = tuple(
        Axis(
            drag["label"], tuple(_text(drag, value) for value in grid),
            _nearest(grid, at_rest.get(drag["name"], grid[-1])), drag["track"], drag["axis"],
            bool(drag["names"]),
        )
        for drag, grid in zip(drags, grids, strict=True)
    )  # fmt: skip
    keys = [drag["name"] for drag in drags]
    return axes, [(step, dict(zip(keys, at, strict=True))) for at in product(*grids)]


def _positions(drag: dict[str, Any], wanted: int, drags: int) -> Iterator[float]:
    """Evenly spaced positions; whole multiples of the step where the drag declares one.

    Positions that it declares itself are all that there are, whatever is `wanted`.
    """
    low, high = drag["low"], drag["high"]
    if drag["names"]:
        yield from range(min(drag["recorded"] or len(drag["names"]), len(drag["names"])))
        return
    if isinstance(drag["recorded"], tuple):
        yield from drag["recorded"]
        return
    count = wanted or drag["recorded"] or POSITIONS.get(drags, 9)
    if drag["declared_step"] and not drag["recorded"]:
        count = round((high - low) / drag["declared_step"]) + 1
    for k in range(count):
        yield round(low + (high - low) * k / max(count - 1, 1), 12)


def _text(drag: dict[str, Any], value: float) -> str:
    if drag["names"]:
        return str(drag["names"][round(value)])
    return f"{10**value:.3g}" if drag["log"] else f"{value:.6g}"


def _nearest(grid: list[float], value: float) -> int:
    return min(range(len(grid)), key=lambda k: abs(grid[k] - value))
