"""One scene on several workers: an executor that renders segments and joins them.

    SegmentedExecutor(ProcessPool(4, limits), parts=4).run(tasks, listen, stop=lambda: False)

A scene is first played without drawing, which shows where it can be cut. Then each worker plays it
again without drawing anything before its segment (every updater and every animation still takes
every step, so that the state is the same to the last bit), draws and encodes its segment, and
stops. The first frame of each segment is also drawn by the worker of the segment before it. If
the two pictures differ, the scene is not deterministic, and it is rendered whole instead.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise
from pathlib import Path

from deltarender import facts
from deltarender.atomic_files import write_log
from deltarender.errors import RenderError
from deltarender.results import (
    Executor,
    FrameRange,
    SegmentFacts,
    Task,
    TaskEnded,
    TaskEvent,
    TaskKind,
    TaskListener,
    TaskProgress,
    TaskResult,
    TaskStarted,
    VideoResult,
)
from deltarender.workers.segmentation import (
    seconds_saved,
    segment_bounds,
    segments_per_scene,
)

MIN_GAIN_SECONDS = 2.0  # that segments must be likely to save, unless they were asked for


class _Step(Enum):
    """The tasks of a scene that are not a segment."""

    PLAN = "plan"
    WHOLE = "whole"


_Piece = _Step | int  # an int is the number of a segment


@dataclass(slots=True)
class _Scene:
    """The state of a task: its plan, the results of its segments, why it is rendered whole."""

    number: int
    task: Task
    seed: int
    plan: TaskResult | None = None
    ranges: list[FrameRange] = field(default_factory=list)
    segments: dict[int, TaskResult] = field(default_factory=dict)
    frames: dict[_Piece, int] = field(default_factory=dict)
    started: bool = False
    whole_because: str = ""


class SegmentedExecutor:
    """Runs tasks on `inner`, each in up to `parts` segments.

    With 0 `parts`, the number of segments follows from the number of idle workers.
    """

    def __init__(self, inner: Executor, parts: int = 0) -> None:
        self.notes = inner.notes
        self._inner = inner
        self._parts = parts

    @property
    def jobs(self) -> int:
        """How many tasks have run at once."""
        return self._inner.jobs

    def capacity(self) -> int:
        """How many tasks can run at once."""
        return self._inner.capacity()

    def run(
        self, tasks: Sequence[Task], listen: TaskListener, *, stop: Callable[[], bool]
    ) -> Iterator[tuple[int, TaskResult]]:
        """Yield (task number, result) as scenes end; start no more once `stop()` holds."""
        self._work: list[Task] = []
        self._owners: list[tuple[_Scene, _Piece]] = []
        parts = self._parts or segments_per_scene(self._inner.capacity(), len(tasks))
        for number, task in enumerate(tasks):
            scene = _Scene(number, task, random.getrandbits(63))
            splits = parts > 1 and task.kind is TaskKind.RENDER and task.job.profile.fast_path
            self._add(scene, _Step.PLAN if splits else _Step.WHOLE)
        for number, result in self._inner.run(self._work, self._merged(listen), stop=stop):
            scene, piece = self._owners[number]
            whole = self._next(scene, piece, result, parts)
            if whole is not None:
                listen(TaskEnded(scene.number, whole))
                yield scene.number, whole

    def _add(self, scene: _Scene, piece: _Piece) -> None:
        """Append the task of a piece to the work."""
        folder = scene.task.folder
        match piece:
            case _Step.WHOLE:
                first_attempt = not scene.whole_because and scene.plan is None
                task = scene.task if first_attempt else replace(scene.task, folder=folder / "whole")
            case _Step.PLAN:
                part = FrameRange.nothing(scene.seed)
                task = replace(scene.task, folder=folder / "plan", part=part)
            case int():
                part = scene.ranges[piece]
                task = replace(scene.task, folder=folder / f"part-{piece}", part=part)
        self._work.append(task)
        self._owners.append((scene, piece))

    def _merged(self, listen: TaskListener) -> TaskListener:
        """A listener to pieces that passes on the events of whole scenes."""

        def forward(event: TaskEvent) -> None:
            scene, piece = self._owners[event.task]
            match event:
                case TaskStarted() if not scene.started:
                    scene.started = True
                    listen(TaskStarted(scene.number))
                case TaskProgress():
                    scene.frames[piece] = event.frames
                    listen(TaskProgress(scene.number, sum(scene.frames.values())))

        return forward

    def _next(
        self, scene: _Scene, piece: _Piece, result: TaskResult, parts: int
    ) -> TaskResult | None:
        """Add what follows from a result; return the result of the scene once there is one."""
        if piece is _Step.WHOLE:
            if scene.whole_because and result.error is None:
                result.notes.append(scene.whole_because)
            return result
        if piece is _Step.PLAN:
            return self._planned(scene, result, parts)
        assert isinstance(piece, int)
        scene.segments[piece] = result
        if len(scene.segments) < len(scene.ranges):
            return None
        segments = [scene.segments[k] for k in sorted(scene.segments)]
        try:
            return joined(scene.task, scene.plan, segments)
        except RenderError as error:
            self._render_whole(scene, f"rendered in one piece: {error.what}")
            return None

    def _planned(self, scene: _Scene, plan: TaskResult, parts: int) -> TaskResult | None:
        """Add the segments of a scene that was played, or the whole scene where that is better."""
        scene.plan = plan
        if plan.error is not None:
            if plan.error.unsplittable:
                self._render_whole(scene, f"rendered in one piece: {plan.error.message}")
                return None
            _keep_log(scene.task, scene.task.folder / "plan")
            return plan
        facts = _facts(plan)
        bounds = segment_bounds(facts.cuts, facts.frames, parts)
        scene.ranges = [FrameRange(first, end, scene.seed) for first, end in bounds]
        if len(bounds) < 2:
            because = "rendered in one piece: it has no place to be cut" if self._parts else ""
            self._render_whole(scene, because)
        elif not self._parts and self._seconds_saved(plan, bounds) < MIN_GAIN_SECONDS:
            self._render_whole(scene, "")
        else:
            for index in range(len(bounds)):
                self._add(scene, index)
        return None

    def _seconds_saved(self, plan: TaskResult, bounds: Sequence[tuple[int, float]]) -> float:
        """Seconds that segments are likely to save, less what the plan has cost."""
        size, frames = plan.rendered_video.size, _facts(plan).frames
        return seconds_saved(bounds, frames, size, self.capacity()) - plan.seconds

    def _render_whole(self, scene: _Scene, because: str) -> None:
        scene.whole_because = because
        scene.frames.clear()
        self._add(scene, _Step.WHOLE)


def joined(task: Task, plan: TaskResult | None, segments: Sequence[TaskResult]) -> TaskResult:
    """One result from those of all segments, its video in the task's folder.

    Raises RenderError, saying why, where the segments do not belong to one video.
    """
    from deltarender.encoding.concat import concatenate

    _check(plan, segments)
    last = segments[-1].rendered_video
    files = [_file(segment.rendered_video) for segment in segments]
    video = task.folder / "video.mp4"
    concatenate(files, video, last.sound)
    _keep_log(task, files[-1].parent)
    played = [*segments, *([plan] if plan is not None else [])]
    return TaskResult(
        frames=sum(part.frames for part in segments),
        seconds=sum(part.seconds for part in segments),
        cpu_seconds=sum(part.cpu_seconds for part in played),
        peak_memory=max(part.peak_memory for part in segments),
        video=replace(last, file=video, segment=None),
        notes=[f"made in {len(segments)} parts"],
        files=facts.merge_files(part.files for part in played),
        sources=facts.merge_files(part.sources for part in played),
        facts=facts.merge(part.facts for part in played),
        causes=sorted({cause for part in played for cause in part.causes}),
        libraries={name: version for part in played for name, version in part.libraries.items()},
        worker=segments[-1].worker,
    )


def _keep_log(task: Task, folder: Path) -> None:
    """Copy the log of a worker that has played the whole scene to the scene's log."""
    with suppress(OSError):
        write_log(task.log, (folder / "log").read_bytes())


def _check(plan: TaskResult | None, segments: Sequence[TaskResult]) -> None:
    for part in segments:
        if part.error is not None:
            raise RenderError(f"a part of it failed ({part.error.message})")
    for before, after in pairwise(segments):
        if not _facts(before).boundaries:
            raise RenderError("a part of it does not say what its last picture is")
        boundary = max(_facts(before).boundaries)
        if _facts(before).boundaries[boundary] != _facts(after).boundaries.get(boundary):
            raise RenderError("it looks different each time it is played")
    last = segments[-1]
    first_played = plan if plan is not None else last
    if _facts(last).frames != _facts(first_played).frames:
        raise RenderError("it has another length each time it is played")
    if last.rendered_video.manifest != first_played.rendered_video.manifest:
        raise RenderError("it has other beats or numbers each time it is played")
    if sum(part.frames for part in segments) != _facts(first_played).frames:
        raise RenderError("frames are missing between its parts")


def _facts(result: TaskResult) -> SegmentFacts:
    facts = result.rendered_video.segment
    if facts is None:
        raise RenderError("a part of it says nothing about where it was cut")
    return facts


def _file(video: VideoResult) -> Path:
    if video.file is None:
        raise RenderError("a part of it has left no file")
    return video.file
