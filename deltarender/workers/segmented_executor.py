"""One scene over several workers: an executor that hands out parts and joins what comes back.

    Split(Crew(4, limits), parts=4).run(tasks, listen, stop=lambda: False)

A scene is first played through without drawing, which tells where it can be cut. Then each worker
plays it again, draws nothing up to its part (every updater and every animation still takes every
step, so that the state is the same to the last bit), draws and encodes its part and leaves. The
frame on each side of a joint is drawn by both neighbours; if they see it differently, the scene is
not the same each time it is played, and it is rendered in one piece instead.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from deltarender.atomic_files import write_log
from deltarender.errors import RenderError
from deltarender.results import NEVER, Executor, FrameRange, Task, TaskResult

# Measured at 1080p60 on lecture scenes: 0.9 to 4.8 times 1e8 pixels a second are drawn and encoded,
# and stepping over a frame costs a tenth to two fifths of what drawing it does.
PIXELS_A_SECOND = 3e8
STEP_SHARE = 0.2
CORES_A_SCENE = 1.5  # it draws one picture while the one before is converted and encoded
MOST_BUSY = 0.6  # of all cores: where whole scenes keep more of them at work, parts gain nothing
LEAST_GAIN = 2.0  # seconds that parts must be likely to save, if nobody asked for them

Listener = Callable[[Any], None]


@dataclass(slots=True)
class _Scene:
    """A task on its way: its plan, the outcomes of its parts, why it is not split after all."""

    number: int
    task: Task
    seed: int
    plan: TaskResult | None = None
    bounds: list[tuple[int, int]] = field(default_factory=list)
    parts: dict[int, TaskResult] = field(default_factory=dict)
    frames: dict[int, int] = field(default_factory=dict)
    begun: bool = False
    whole: str = ""


class SegmentedExecutor:
    """Runs tasks on `inner`, each in up to `parts` parts; 0: as many as find workers to spare."""

    def __init__(self, inner: Executor, parts: int = 0) -> None:
        self.notes = inner.notes
        self._inner = inner
        self._parts = parts

    @property
    def jobs(self) -> int:
        """How many tasks can run at once."""
        return self._inner.jobs

    def capacity(self) -> int:
        """How many tasks can run at once."""
        return self._inner.capacity()

    def run(
        self, tasks: Sequence[Task], listen: Listener, *, stop: Callable[[], bool]
    ) -> Iterator[tuple[int, TaskResult]]:
        """Yield (task number, Outcome) as scenes end; begins no more once `stop()` holds."""
        self._work: list[Task] = []
        self._owners: list[tuple[_Scene, int]] = []
        parts = self._parts or to_spare(self._inner.capacity(), len(tasks))
        for number, task in enumerate(tasks):
            scene = _Scene(number, task, random.getrandbits(63))
            if parts > 1 and task.kind == "render" and task.job.profile.fast_path:
                self._add(scene, PLAN)
            else:
                self._add(scene, WHOLE)
        for number, outcome in self._inner.run(self._work, self._hear(listen), stop=stop):
            scene, index = self._owners[number]
            done = self._next(scene, index, outcome, parts)
            if done is not None:
                listen(("done", scene.number, done))
                yield scene.number, done

    def _add(self, scene: _Scene, index: int) -> None:
        folder = scene.task.folder
        if index == WHOLE:
            task = replace(scene.task, folder=folder / "whole") if scene.whole else scene.task
        elif index == PLAN:
            task = replace(
                scene.task, folder=folder / "plan", part=FrameRange(NEVER, NEVER, scene.seed)
            )
        else:
            part = FrameRange(*scene.bounds[index], scene.seed)
            task = replace(scene.task, folder=folder / f"part-{index}", part=part)
        self._work.append(task)
        self._owners.append((scene, index))

    def _hear(self, listen: Listener) -> Listener:
        def hear(event: tuple[str, int, Any]) -> None:
            kind, number, detail = event
            scene, index = self._owners[number]
            if kind == "start" and not scene.begun:
                scene.begun = True
                listen((kind, scene.number, detail))
            elif kind == "frames":
                scene.frames[index] = detail
                listen((kind, scene.number, sum(scene.frames.values())))

        return hear

    def _next(
        self, scene: _Scene, index: int, outcome: TaskResult, parts: int
    ) -> TaskResult | None:
        """What follows from an outcome: more tasks, or the outcome of the whole scene."""
        if index == WHOLE:
            if scene.whole and outcome.fault is None:
                outcome.data["note"] = scene.whole
            return outcome
        if index == PLAN:
            return self._planned(scene, outcome, parts)
        scene.parts[index] = outcome
        if len(scene.parts) < len(scene.bounds):
            return None
        try:
            return joined(scene.task, scene.plan, [scene.parts[k] for k in sorted(scene.parts)])
        except RenderError as error:
            self._in_one(scene, f"rendered in one piece: {error.what}")
            return None

    def _planned(self, scene: _Scene, plan: TaskResult, parts: int) -> TaskResult | None:
        scene.plan = plan
        if plan.fault is not None:
            if plan.fault.message.startswith("the scene brings"):
                self._in_one(scene, f"rendered in one piece: {plan.fault.message}")
                return None
            _keep_log(scene.task, scene.task.folder / "plan")
            return plan
        told = plan.data["part"]
        scene.bounds = bounds(told["cuts"], told["frames"], parts)
        if len(scene.bounds) < 2:
            why = "rendered in one piece: it has no place to be cut" if self._parts else ""
            self._in_one(scene, why)
        elif not self._parts and _gain(plan, scene.bounds, self.capacity()) < LEAST_GAIN:
            self._in_one(scene, "")
        else:
            for index in range(len(scene.bounds)):
                self._add(scene, index)
        return None

    def _in_one(self, scene: _Scene, why: str) -> None:
        scene.whole = why
        scene.frames.clear()
        self._add(scene, WHOLE)


WHOLE, PLAN = -1, -2


def bounds(cuts: Sequence[int], frames: int, parts: int) -> list[tuple[int, int]]:
    """At most `parts` parts of a film of `frames` frames, cut at some of `cuts`, of like cost.

    The last one ends with the film, wherever that is. A part costs its frames, and a share of each
    frame before it.
    """
    places = [cut for cut in cuts if 0 < cut < frames]
    low, high = 0.0, float(frames)
    for _ in range(40):
        middle = (low + high) / 2
        if _within(middle, places, frames, parts) is None:
            low = middle
        else:
            high = middle
    edges = _within(high, places, frames, parts) or [0]
    return list(zip(edges, [*edges[1:], NEVER], strict=True))


def _within(limit: float, places: Sequence[int], frames: int, parts: int) -> list[int] | None:
    """Where parts begin that cost at most `limit` each; None if there is no such division."""
    edges, before = [0], 0
    for place in (*places, frames):
        if _cost(edges[-1], place) > limit:
            if before == edges[-1] or _cost(before, place) > limit:
                return None
            edges.append(before)
        before = place
    return edges if len(edges) <= parts else None


def _cost(first: int, end: int) -> float:
    return end - first + STEP_SHARE * first


def to_spare(workers: int, scenes: int) -> int:
    """In how many parts to render each scene, if nobody said; 1 where all cores are busy anyway."""
    busy = CORES_A_SCENE * scenes / workers
    return workers // scenes if scenes and busy <= MOST_BUSY else 1


def _gain(plan: TaskResult, parts: Sequence[tuple[int, int]], workers: int) -> float:
    """Seconds that rendering in parts is likely to save, where there is one worker a core."""
    frames = plan.data["part"]["frames"]
    width, height = plan.data["size"]
    drawing = frames * width * height / PIXELS_A_SECOND
    longest = max(min(end, frames) - first for first, end in parts)
    crowded = max(CORES_A_SCENE * len(parts) / workers, 1.0)
    return float(drawing * (1 - crowded * longest / frames) - plan.seconds)


def joined(task: Task, plan: TaskResult | None, parts: Sequence[TaskResult]) -> TaskResult:
    """One outcome from those of all parts, its film in the task's folder.

    Raises RenderError, saying why, where the parts do not belong to one film.
    """
    from deltarender.encoding.concat import join

    _check(plan, parts)
    last = parts[-1]
    film = task.folder / "video.mp4"
    sounds = [Path(path) for path in last.data["more_files"]]
    join([Path(part.data["file"]) for part in parts], film, sounds[0] if sounds else None)
    _keep_log(task, Path(last.data["file"]).parent)
    data = {**last.data, "file": str(film), "note": f"made in {len(parts)} parts"}
    data.pop("part")
    return TaskResult(
        frames=sum(part.frames for part in parts),
        seconds=sum(part.seconds for part in parts),
        cpu_seconds=sum(part.cpu_seconds for part in (plan, *parts) if part is not None),
        peak_memory=max(part.peak_memory for part in parts),
        data=data,
        files={path: digest for part in parts for path, digest in part.files.items()},
    )


def _keep_log(task: Task, folder: Path) -> None:
    """Let the log of one who played the whole scene be the scene's."""
    with suppress(OSError):
        write_log(task.log, (folder / "log").read_bytes())


def _check(plan: TaskResult | None, parts: Sequence[TaskResult]) -> None:
    for part in parts:
        if part.fault is not None:
            raise RenderError(f"a part of it failed ({part.fault.message})")
    for before, after in pairwise(parts):
        joint = max(before.data["part"]["seen"])
        if before.data["part"]["seen"][joint] != after.data["part"]["seen"].get(joint):
            raise RenderError("it looks different each time it is played")
    told = plan.data if plan is not None else parts[-1].data
    if parts[-1].data["part"]["frames"] != told["part"]["frames"]:
        raise RenderError("it has another length each time it is played")
    if parts[-1].data["score"] != told["score"]:
        raise RenderError("it tells something else each time it is played")
    if sum(part.frames for part in parts) != told["part"]["frames"]:
        raise RenderError("frames are missing between its parts")
