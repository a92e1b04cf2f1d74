"""Messages that arrive at the client of a cluster: from workers, the scheduler and its threads."""

from __future__ import annotations

from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from deltarender.distributed.job_bundle import JobBundle
from deltarender.results import TaskProgress, TaskResult


@dataclass(frozen=True, slots=True)
class WorkAttempt:
    """One attempt at a task: `attempts` before it failed, `rounds` times files were added."""

    task: int
    attempts: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A worker has answered what it has installed."""

    address: str
    future: Any


@dataclass(frozen=True, slots=True)
class Ended:
    """The function of an attempt has ended on its worker."""

    attempt: WorkAttempt
    future: Any


@dataclass(frozen=True, slots=True)
class Fetched:
    """The outcome of a task: its result, a bundle with more files to try again, or an error."""

    task: int
    outcome: TaskResult | JobBundle | Exception


Message = Answered | TaskProgress | Ended | Fetched
Inbox = SimpleQueue[Message]
