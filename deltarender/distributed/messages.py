"""Messages that arrive at the client of a cluster: from workers, the scheduler and its threads."""

from __future__ import annotations

from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from deltarender.distributed.job_bundle import JobBundle
from deltarender.results import TaskResult


@dataclass(frozen=True, slots=True)
class WorkAttempt:
    """One attempt at a task: failed attempts before it, and how often its files were completed."""

    task: int
    attempts: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A worker has answered what it has installed."""

    address: str
    future: Any


@dataclass(frozen=True, slots=True)
class FrameCount:
    """So many frames of a task are encoded."""

    task: int
    frames: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The function of an attempt has ended on its worker."""

    attempt: WorkAttempt
    future: Any


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of a task: its result, a fuller bundle to try again with, or an error."""

    task: int
    outcome: TaskResult | JobBundle | Exception


Message = Answered | FrameCount | Ended | Fetched
Inbox = SimpleQueue[Message]
