"""What runs in a Dask worker: a thread that watches over one render in a process beside it.

Nothing here imports Manim. The thread looks four times a second whether anybody still wants the
result; when nobody does (interrupted, killed, scheduler gone), the render is killed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from distributed import Status, get_worker
from distributed.utils import thread_state

from deltarender.batch import wants_torch
from deltarender.distributed.job_bundle import HOME, PROJECT, JobBundle, unpack
from deltarender.results import TaskError, TaskResult
from deltarender.workers.process_pool import ResourceLimits

TICK = 0.25
LOG_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """What a worker has to give: an outcome and the files to be fetched, as (path, bytes, sha256).

    `project` and `home` are the worker's places of what travelled and of the package.
    """

    outcome: TaskResult
    folder: str
    files: tuple[tuple[str, int, str], ...]
    log: bytes
    project: str
    home: str
    installed: bool


class Unwanted(Exception):
    """Nobody waits for the result any more."""


def render(parcel: JobBundle, number: int, topic: str, every: float, seconds: float) -> Made:
    """Render the task of `parcel`; tells frames on `topic` at most once in `every` seconds.

    `number` names the task there; `seconds` is the time limit, 0 for none. Raises Unwanted.
    """
    base = Path(get_worker().local_directory) / "gradreel"
    task, project = unpack(parcel, base)
    folder = base / "tasks" / f"{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}"
    folder.mkdir(parents=True)
    task = replace(task, folder=folder)
    host = _Host.idle(_kind(parcel, wants_torch(replace(task.job, target=_found(task, project)))))
    try:
        outcome = host.run(
            (task, project / PROJECT, _limits(seconds)), _teller(topic, number, every)
        )
    except BaseException:
        host.end()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    host.rest()
    files = _files(outcome)
    log = task.log.read_bytes()[-LOG_BYTES:] if task.log.exists() else b""
    if not files:
        shutil.rmtree(folder, ignore_errors=True)
    installed = HOME.is_relative_to(sys.prefix)
    return Made(outcome, str(folder), files, log, str(project.resolve()), str(HOME), installed)


def piece(path: str, offset: int, size: int, done_with: str = "") -> bytes:
    """Bytes of a finished file; afterwards the folder `done_with` is removed."""
    with open(path, "rb") as file:
        file.seek(offset)
        raw = file.read(size)
    if done_with:
        shutil.rmtree(done_with, ignore_errors=True)
    return raw


def _found(task: Any, project: Path) -> Any:
    return replace(task.job.target, file=project / PROJECT / task.job.target.file)


def _kind(parcel: JobBundle, torch: bool) -> tuple[bytes, bool]:
    """Hosts of one kind are alike: Manim's settings and what is imported are given at the start."""
    return hashlib.sha256(parcel.files.get(f"{PROJECT}/manim.cfg", b"")).digest(), torch


def _files(outcome: TaskResult) -> tuple[tuple[str, int, str], ...]:
    made = outcome.data.get("file")
    if outcome.fault is not None or not made:
        return ()
    paths = [made, *outcome.data.get("more_files", ())]
    return tuple((path, os.path.getsize(path), _digest(path)) for path in paths)


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _limits(seconds: float) -> ResourceLimits:
    """Of memory, a thread's share of what the Dask worker was given."""
    worker = get_worker()
    given = getattr(worker.memory_manager, "memory_limit", None) or 0
    return ResourceLimits(seconds, int(given / max(worker.state.nthreads, 1)))


def _teller(topic: str, number: int, every: float) -> Any:
    last = 0.0

    def tell(frames: int) -> None:
        nonlocal last
        if time.monotonic() - last >= every:
            last = time.monotonic()
            get_worker().log_event(topic, {"task": number, "frames": frames})

    return tell


def _wanted() -> bool:
    """Whether the task that this thread works on has not been given up."""
    worker = get_worker()
    state = worker.state.tasks.get(thread_state.key)
    # A task that was given up while it runs is kept as "cancelled" until its thread ends.
    return (
        worker.status in (Status.running, Status.paused)
        and state is not None
        and state.state == "executing"
    )


class _Host:
    """A process that renders, kept for the next task of its kind."""

    _resting: dict[tuple[bytes, bool], list[_Host]] = {}
    _lock = threading.Lock()

    def __init__(self, kind: tuple[bytes, bool]) -> None:
        self.kind = kind
        self.pipe: Connection
        self.pipe, theirs = Pipe()
        places = [str(HOME), os.environ.get("PYTHONPATH", "")]
        more = {"PYTHONPATH": os.pathsep.join(filter(None, places))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deltarender.distributed.render_process", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()

    @classmethod
    def idle(cls, kind: tuple[bytes, bool]) -> _Host:
        """One that waits for work, or a new one."""
        with cls._lock:
            resting = cls._resting.setdefault(kind, [])
            while resting:
                host = resting.pop()
                if host.process.poll() is None:
                    return host
        return cls(kind)

    def run(self, order: Any, tell: Any) -> TaskResult:
        """Have a task done. Raises Unwanted as soon as its result is."""
        try:
            self.pipe.send(order)
            while True:
                if not self.pipe.poll(TICK):
                    if not _wanted():
                        raise Unwanted
                    continue
                kind, detail = self.pipe.recv()
                if kind == "done":
                    return detail  # type: ignore[no-any-return]
                tell(detail)
        except (EOFError, OSError):
            return TaskResult(TaskError("the process that watches over it on the worker has died."))

    def rest(self) -> None:
        """Wait for the next task."""
        with self._lock:
            self._resting[self.kind].append(self)

    def end(self) -> None:
        """Kill it and, with it, what renders."""
        with suppress(OSError):
            self.pipe.close()
        self.process.kill()
        self.process.wait()
