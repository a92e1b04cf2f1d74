"""Events of a batch, for whoever shows its progress."""

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
    """So many jobs of the batch have to be rendered."""

    jobs: int


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A worker has begun a job."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobProgress:
    """So many frames of a job are encoded."""

    job: Job
    frames: int


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A job has ended, well or not; its files may not be in their final place yet."""

    job: Job
    result: TaskResult


BatchEvent = BatchStarted | JobStarted | JobProgress | JobEnded
BatchListener = Callable[[BatchEvent], None]


def ignore(_: BatchEvent) -> None:
    """A listener for batches whose progress nobody watches."""


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
