"""Many jobs at once: what is fresh is left alone, one scene's failure is its own.

report = render(jobs, Options(jobs=2), listen)
report.as_json()["results"]
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Sequence
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
from deltarender.beat_names import chosen
from deltarender.cache_key import FileHasher, stale_reasons
from deltarender.errors import UserFacingError
from deltarender.jobs import Job, dedupe_jobs
from deltarender.output_files import commit_outputs
from deltarender.owned_files import ASIDE, put
from deltarender.report import Report, Result
from deltarender.results import Executor, Task, TaskError, TaskResult

LEAST_SPACE = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a batch is run; `timeout` in seconds a scene, 0 for none.

    A scene is rendered in `split` parts side by side: 1 is in one piece, 0 as workers are to spare.
    """

    jobs: int = field(default_factory=lambda: cores())
    force: bool = False
    fail_fast: bool = False
    timeout: float = 0.0
    split: int = 0


def cores() -> int:
    """The cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def plan(jobs: Sequence[Job], force: bool = False) -> list[tuple[Job, list[str]]]:
    """Each job with the reasons to render it; none means that its film is fresh."""
    digests = FileHasher()
    return [
        (job, ["--force"] if force else stale_reasons(job, digests))
        for job in dedupe_jobs(list(jobs))
    ]


def render(
    jobs: Sequence[Job], options: BatchOptions, listen: Any = None, executor: Executor | None = None
) -> Report:
    """Render what is not fresh. `listen` gets events (kind, job, detail): see `crew.Event`; first
    ("batch", a job, how many there are to render).

    Tasks go to `executor`, by default to processes of this machine. Raises nothing for a scene
    that fails; an interrupt ends in a Report that says so.
    """
    start = time.perf_counter()
    planned = plan(jobs, options.force)
    results = [Result(job) for job, _ in planned]
    report = Report(results, 0.0, options.jobs)
    due = []
    for result, (_, why) in zip(results, planned, strict=True):
        if why:
            due.append(result)
        else:
            _take_fresh(result)
    try:
        if due:
            _render_due(due, options, listen or (lambda event: None), executor)
    except KeyboardInterrupt:
        report.interrupted = True
    _look_again(due)
    if executor is not None:
        report.jobs, report.notes = executor.jobs, executor.notes
    report.wall_seconds = time.perf_counter() - start
    return report


def _take_fresh(result: Result) -> None:
    manifest = json.loads(result.job.manifest.read_text())
    result.status = "fresh"
    result.path = result.job.folder / next(iter(manifest["outputs"]))
    result.frames = manifest["frames"]


def _render_due(
    due: list[Result], options: BatchOptions, listen: Any, executor: Executor | None
) -> None:
    # Imported here: an unchanged batch needs no processes.
    from deltarender.workers.process_pool import interruptible

    due = sorted(due, key=lambda result: _expected(result.job), reverse=True)
    media = due[0].job.media_dir
    try:
        remove_stale_scratch(media / ".scratch")
        with scratch_folder(media / ".scratch") as folder, interruptible():
            tasks = [Task("render", r.job, folder / f"{k:04}") for k, r in enumerate(due)]
            executor = _splitting(executor or _crew(due, options), options)
            listen(("batch", due[0].job, len(due)))
            hear = _by_job(due, listen)
            for number, outcome in executor.run(tasks, hear, stop=lambda: _broken(due, options)):
                _settle(due[number], outcome)
    except UserFacingError as error:
        for result in due:
            if result.status == "not_run":
                result.status, result.error = "failed", str(error)


def _crew(due: list[Result], options: BatchOptions) -> Executor:
    from deltarender.workers.process_pool import ProcessPool, ResourceLimits

    limits = ResourceLimits.usual(options.jobs, options.timeout)
    torch = any(wants_torch(result.job) for result in due)
    most = len(due) if options.split == 1 else options.jobs
    return ProcessPool(min(options.jobs, most), limits, torch)


def _splitting(executor: Executor, options: BatchOptions) -> Executor:
    if options.split == 1:
        return executor
    from deltarender.workers.segmented_executor import SegmentedExecutor

    return SegmentedExecutor(executor, options.split)


def _broken(due: list[Result], options: BatchOptions) -> bool:
    return options.fail_fast and any(result.status == "failed" for result in due)


def _by_job(due: list[Result], listen: Any) -> Any:
    return lambda event: listen((event[0], due[event[1]].job, event[2]))


def _expected(job: Job) -> tuple[float, int]:
    """How long a scene is likely to take, in numbers to sort by.

    First comes how long it took last time, here or in another quality; one never rendered counts as
    longer than all others, and the more so the longer its file is (over the lecture, a correlation
    of 0.5 with the time).
    """
    with suppress(OSError):
        return _seconds_before(job), job.target.file.stat().st_size
    return _seconds_before(job), 0


def _seconds_before(job: Job) -> float:
    """Seconds it took last time; infinity if there is none."""
    others = job.folder.parent.glob(f"*/{job.manifest.name}")
    for manifest in (job.manifest, *sorted(others)):
        try:
            told = json.loads(manifest.read_text())
            # A frame costs about as much as it has pixels.
            width, height = told["size"]
            cost = told["seconds"] / (width * height * told["fps"])
            return float(cost * job.profile.width * job.profile.height * job.profile.fps)
        except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
            continue
    return float("inf")


def wants_torch(job: Job) -> bool:
    """Whether a scene probably needs torch, which is then imported once for all."""
    with suppress(OSError):
        text = job.target.file.read_text(errors="replace")
        return "torch" in text or "gradreel" in text
    return False


def _settle(result: Result, outcome: TaskResult) -> None:
    """Put a finished film in its place, with what belongs to it."""
    result.outcome, result.seconds, result.frames = outcome, outcome.seconds, outcome.frames
    if outcome.fault is None:
        try:
            result.path = commit_outputs(result.job, outcome)
            result.status = "rendered"
            if outcome.data.get("writer") == "manim":
                result.note = f"drawn by Manim's own writer: {outcome.data['reason']}"
            else:
                result.note = outcome.data.get("note", "")
            result.note = "; ".join(filter(None, (result.note, outcome.data.get("kept", ""))))
            return
        except OSError as error:
            outcome.fault = TaskError(str(as_render_error(error, result.job.folder)))
        except UserFacingError as error:
            outcome.fault = TaskError(str(error))
    result.status, result.frames = "failed", 0
    result.error, result.line = outcome.fault.message, outcome.fault.line
    if _full(result.job.media_dir):
        result.error += f"\nThe disk of {result.job.media_dir} is full."
    result.usage = outcome.fault.usage


def _look_again(results: list[Result]) -> None:
    """Say of films that somebody has taken away meanwhile that they are gone."""
    for result in results:
        if result.status == "rendered" and result.path and not result.path.exists():
            result.status, result.frames = "failed", 0
            result.error = f"{result.path}: it was rendered and has vanished since."


def _full(folder: Path) -> bool:
    """Whether so little is left that a scene may have failed for it, whatever it says."""
    with suppress(OSError):
        return shutil.disk_usage(folder).free < LEAST_SPACE
    return False


@dataclass(slots=True)
class DryRun:
    """A scene run without a film: its score, what the watchers gave, its stills."""

    job: Job
    score: dict[str, Any] | None = None
    watched: dict[str, list[Any]] = field(default_factory=dict)
    stills: list[Path] = field(default_factory=list)
    fault: TaskError | None = None


def dry_run(
    jobs: Sequence[Job],
    *,
    watchers: Sequence[str] = (),
    stills: bool = False,
    beat: str | None = None,
    workers: int = 0,
    timeout: float = 0.0,
    listen: Any = None,
) -> list[DryRun]:
    """Run scenes without making films; results in the order of `jobs`.

    `watchers` are "module:function" texts, called as function(scene, beat) at every beat's end.
    With `stills`, one picture a beat is left in `job.stills`, with `beat` that of one beat.
    KeyboardInterrupt passes.
    """
    from deltarender.workers.process_pool import ProcessPool, ResourceLimits, interruptible

    jobs = dedupe_jobs(list(jobs))
    done = [DryRun(job) for job in jobs]
    if not jobs:
        return done
    workers = workers or cores()
    media = jobs[0].media_dir
    remove_stale_scratch(media / ".scratch")
    kind = "stills" if stills else "rehearse"
    with scratch_folder(media / ".scratch") as folder, interruptible():
        tasks = [Task(kind, job, folder / f"{k:04}", tuple(watchers)) for k, job in enumerate(jobs)]
        limits = ResourceLimits.usual(workers, timeout)
        crew = ProcessPool(min(workers, len(jobs)), limits, torch=any(map(wants_torch, jobs)))
        heard = listen or (lambda event: None)
        for number, outcome in crew.run(tasks, lambda e: heard((e[0], jobs[e[1]], e[2]))):
            _take_rehearsal(done[number], outcome, beat)
    return done


def _take_rehearsal(rehearsal: DryRun, outcome: TaskResult, beat: str | None) -> None:
    rehearsal.fault = outcome.fault
    if outcome.fault is not None:
        return
    rehearsal.score = outcome.data["score"]
    rehearsal.watched = outcome.data["watched"]
    made = [Path(path) for path in outcome.data["stills"]]
    home = rehearsal.job.stills
    try:
        if made and beat is not None:
            names = [row["name"] for row in outcome.data["score"]["beats"]]
            if len(names) != len(made):  # an ordinary Manim scene, of which there is one still
                names = ["end"]
            made = [made[chosen(names, beat, rehearsal.job.target.name)]]
        if made:
            with dir_lock(rehearsal.job.scratch):
                put(ensure_writable(home), {p.name: p for p in made}, ASIDE, alone=beat is None)
        rehearsal.stills = [home / path.name for path in made]
    except OSError as error:
        rehearsal.fault = TaskError(str(as_render_error(error, home)))
    except UserFacingError as error:
        rehearsal.fault = TaskError(str(error), usage=error.exit_code == 2)
