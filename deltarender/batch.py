"""Render many jobs: fresh ones are skipped, and one scene's failure does not stop the others.

report = render(jobs, BatchOptions(jobs=2), listen)
report.as_json()["results"]
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deltarender.atomic_files import (
    as_render_error,
    dir_lock,
    ensure_writable,
    remove_stale_scratch,
    scratch_folder,
)
from deltarender.beat_names import find_beat
from deltarender.cache_key import FileHasher, stale_reasons
from deltarender.errors import UserFacingError
from deltarender.events import BatchListener, BatchStarted, ignore, per_job
from deltarender.expected_cost import expected_cost
from deltarender.jobs import Job, dedupe_jobs, renamed
from deltarender.manifest import find_manifest
from deltarender.output_files import belongs_to_another_file, commit_outputs
from deltarender.owned_files import ASIDE, put
from deltarender.report import JobResult, Report
from deltarender.results import Executor, Task, TaskError, TaskKind, TaskResult

MIN_FREE_BYTES = 1_000_000

Preload = Callable[[Job], Sequence[str]]


def preload_nothing(_: Job) -> Sequence[str]:
    """The default of `preload`: workers import Manim and no more."""
    return ()


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a batch is run.

    `timeout` is in seconds per scene, 0 for no limit. Each scene is rendered in `split` segments
    side by side: 1 renders it whole, 0 uses workers that would be idle. `preload` names modules
    that the process from which workers are forked should import for a job.
    """

    jobs: int = field(default_factory=lambda: cores())
    force: bool = False
    fail_fast: bool = False
    timeout: float = 0.0
    split: int = 0
    preload: Preload = preload_nothing


def cores() -> int:
    """The number of cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def plan(jobs: Sequence[Job], force: bool = False) -> list[tuple[Job, list[str]]]:
    """Each job with the reasons to render it; an empty list means that its video is fresh."""
    hasher = FileHasher()
    return [_planned(job, force, hasher) for job in dedupe_jobs(list(jobs))]


def _planned(job: Job, force: bool, hasher: FileHasher) -> tuple[Job, list[str]]:
    """A job with the reasons to render it, under a name that no scene of another file has."""
    reasons = ["--force"] if force else stale_reasons(job, hasher)
    if not reasons or not belongs_to_another_file(job):
        return job, reasons
    unique = next(each for each in renamed(job) if not belongs_to_another_file(each))
    return unique, reasons if force else stale_reasons(unique, hasher)


def render(
    jobs: Sequence[Job],
    options: BatchOptions,
    listen: BatchListener | None = None,
    executor: Executor | None = None,
) -> Report:
    """Render what is not fresh, on `executor` or else on processes of this machine.

    Raises nothing for a scene that fails; an interrupt ends in a Report that says so.
    """
    start = time.perf_counter()
    planned = plan(jobs, options.force)
    results = [JobResult(job) for job, _ in planned]
    report = Report(results, 0.0, options.jobs)
    due = []
    for result, (_, reasons) in zip(results, planned, strict=True):
        if reasons or not _take_fresh(result):
            due.append(result)
    try:
        if due:
            _render_due(due, options, listen or ignore, executor)
    except KeyboardInterrupt:
        report.interrupted = True
    _fail_vanished(due)
    if executor is not None:
        report.jobs, report.notes = executor.jobs, executor.notes
    report.wall_seconds = time.perf_counter() - start
    return report


def _take_fresh(result: JobResult) -> bool:
    """Settle the result of a fresh video; False if its manifest has changed in the meantime."""
    manifest = find_manifest(result.job.manifest)
    if manifest is None:
        return False
    result.status = "fresh"
    result.path = result.job.folder / manifest["video"]
    result.frames = manifest["frames"]
    return True


def _render_due(
    due: list[JobResult], options: BatchOptions, listen: BatchListener, executor: Executor | None
) -> None:
    # Imported here: a batch in which all is fresh needs no processes.
    from deltarender.workers.process_pool import interruptible

    due = sorted(due, key=lambda result: expected_cost(result.job), reverse=True)
    media = due[0].job.media_dir
    try:
        remove_stale_scratch(media / ".scratch")
        with scratch_folder(media / ".scratch") as folder, interruptible():
            jobs = [result.job for result in due]
            tasks = [
                Task(
                    TaskKind.RENDER, job, folder / f"{k:04}", preload=tuple(options.preload(job)),
                    forced_by=folder.name if options.force else "",
                )
                for k, job in enumerate(jobs)
            ]  # fmt: skip
            executor = _with_segments(executor or _process_pool(len(tasks), options), options)
            listen(BatchStarted(len(due)))
            stop = lambda: options.fail_fast and any(r.status == "failed" for r in due)  # noqa: E731
            for number, task_result in executor.run(tasks, per_job(jobs, listen), stop=stop):
                _settle(due[number], task_result)
    except (OSError, UserFacingError) as error:
        known = as_render_error(error, media) if isinstance(error, OSError) else error
        for result in due:
            if result.status == "not_run":
                result.status, result.error = "failed", str(known)


def _process_pool(tasks: int, options: BatchOptions) -> Executor:
    from deltarender.workers.process_pool import ProcessPool, ResourceLimits

    limits = ResourceLimits(options.timeout)
    most = tasks if options.split == 1 else options.jobs
    return ProcessPool(min(options.jobs, most), limits)


def _with_segments(executor: Executor, options: BatchOptions) -> Executor:
    if options.split == 1:
        return executor
    from deltarender.workers.segmented_executor import SegmentedExecutor

    return SegmentedExecutor(executor, options.split)


def _settle(result: JobResult, task_result: TaskResult) -> None:
    """Move a finished video to its place, with the files that belong to it."""
    result.task = task_result
    result.seconds, result.frames = task_result.seconds, task_result.frames
    if task_result.error is None:
        try:
            result.path, notes = commit_outputs(result.job, task_result)
        except OSError as error:
            task_result.error = TaskError(str(as_render_error(error, result.job.folder)))
        except UserFacingError as error:
            task_result.error = TaskError(str(error))
        except Exception as error:  # one scene's results must not cost the report of the others
            message = f"its results cannot be used: {type(error).__name__}: {ascii(str(error))}"
            task_result.error = TaskError(message)
        else:
            result.status = "rendered"
            if reason := task_result.rendered_video.fallback_reason:
                notes = [f"written by Manim's own writer: {reason}", *notes]
            notes += _other_size(result.job, task_result)
            result.note = "; ".join([*notes, *task_result.notes])
            return
    result.status, result.frames = "failed", 0
    result.error, result.line = task_result.error.message, task_result.error.line
    result.error += _little_space(result.job.media_dir)
    result.usage = task_result.error.usage


def _other_size(job: Job, task_result: TaskResult) -> list[str]:
    """A note for a video of another size or rate than that in the name of its folder."""
    video, wanted = task_result.rendered_video, job.profile
    if (*video.size, video.rate) == (wanted.width, wanted.height, wanted.fps):
        return []
    width, height = video.size
    return [f"it sets its own size, {width}x{height} at {float(video.rate):g} frames per second"]


def _fail_vanished(results: list[JobResult]) -> None:
    """Mark as failed the videos that another process has removed in the meantime."""
    for result in results:
        if result.status == "rendered" and result.path and not result.path.exists():
            result.status, result.frames = "failed", 0
            result.error = f"{result.path}: it was rendered and has vanished since."


def _little_space(folder: Path) -> str:
    """A line that says so if so little space is left that a scene may have failed for it."""
    with suppress(OSError):
        free = shutil.disk_usage(folder).free
        if free < MIN_FREE_BYTES:
            return f"\nThe disk of {folder} has only {free // 1000} kB left."
    return ""


@dataclass(slots=True)
class DryRun:
    """A scene played without a video: its manifest, what observers returned, its stills."""

    job: Job
    manifest: dict[str, Any] | None = None
    observed: dict[str, list[Any]] = field(default_factory=dict)
    stills: list[Path] = field(default_factory=list)
    error: TaskError | None = None


def dry_run(
    jobs: Sequence[Job],
    *,
    beat_observers: Sequence[str] = (),
    frame_observers: Sequence[str] = (),
    stills: bool = False,
    beat: str | None = None,
    workers: int = 0,
    timeout: float = 0.0,
    preload: Preload = preload_nothing,
    listen: BatchListener | None = None,
) -> list[DryRun]:
    """Play scenes without writing videos; the results are in the order of `jobs`.

    `beat_observers` and `frame_observers` are as in Task. With `stills`, one picture per beat is
    written to `job.stills`; with `beat`, only that beat's. A KeyboardInterrupt is passed on.
    """
    from deltarender.workers.process_pool import ProcessPool, ResourceLimits, interruptible

    jobs = dedupe_jobs(list(jobs))
    results = [DryRun(job) for job in jobs]
    if not jobs:
        return results
    workers = workers or cores()
    scratch = jobs[0].media_dir / ".scratch"
    remove_stale_scratch(scratch)
    kind = TaskKind.STILLS if stills else TaskKind.DRY_RUN
    observers = tuple(beat_observers), tuple(frame_observers)
    with scratch_folder(scratch) as folder, interruptible():
        tasks = [
            Task(kind, job, folder / f"{k:04}", *observers, tuple(preload(job)))
            for k, job in enumerate(jobs)
        ]
        pool = ProcessPool(min(workers, len(jobs)), ResourceLimits(timeout))
        for number, task_result in pool.run(tasks, per_job(jobs, listen or ignore)):
            _settle_dry_run(results[number], task_result, beat)
    return results


def _settle_dry_run(result: DryRun, task_result: TaskResult, beat: str | None) -> None:
    result.error = task_result.error
    played = task_result.dry_run
    if result.error is not None or played is None:
        return
    result.manifest, result.observed = played.manifest, played.observed
    folder = result.job.stills
    try:
        stills = [still.path for still in played.stills]
        if stills and beat is not None:
            names = [still.name for still in played.stills]
            stills = [stills[find_beat(names, beat, result.job.target.name)]]
        if stills:
            with dir_lock(result.job.scratch):
                files = {path.name: path for path in stills}
                put(ensure_writable(folder), files, ASIDE, alone=beat is None)
        result.stills = [folder / path.name for path in stills]
    except OSError as error:
        result.error = TaskError(str(as_render_error(error, folder)))
    except UserFacingError as error:
        result.error = TaskError(str(error), usage=error.exit_code == 2)
