"""Events of a batch, passed to listeners such as progress bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deltarender.jobs import Job
from deltarender.results import (
    TaskEnded,
    TaskListener,
    TaskProgress,
    TaskResult,
    TaskStarted,
)


@dataclass(frozen=True, slots=True)
class BatchStarted:
    """The batch has begun; `jobs` is how many of its jobs have to be rendered."""

    jobs: int


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A worker has begun a job."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobProgress:
    """The number of frames of a job that are encoded so far."""

    job: Job
    frames: int


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A job has succeeded or failed; its files may not be in the output folder yet."""

    job: Job
    result: TaskResult


BatchEvent = BatchStarted | JobStarted | JobProgress | JobEnded
BatchListener = Callable[[BatchEvent], None]


def ignore(_: BatchEvent) -> None:
    """A listener that does nothing."""


def per_job(jobs: Sequence[Job], listen: BatchListener) -> TaskListener:
    """A listener to tasks, numbered as in `jobs`, that passes their events on to `listen`."""

    def forward(event: TaskStarted | TaskProgress | TaskEnded) -> None:
        job = jobs[event.task]
        match event:
            case TaskStarted():
                listen(JobStarted(job))
            case TaskProgress():
                listen(JobProgress(job, event.frames))
            case TaskEnded():
                listen(JobEnded(job, event.result))

    return forward
