"""The code that runs in a Dask worker: a thread that supervises one render in another process.

Manim is not imported here. The thread checks four times per second whether the client still waits
for the result; when it does not (interrupted, killed, scheduler gone), the render is killed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar

from distributed import Status, get_worker
from distributed.utils import thread_state

from deltarender.distributed.answer_checks import MAX_LOG_BYTES
from deltarender.distributed.answers import (
    RemoteFile,
    RemoteResult,
    encode_answer,
    encode_failure,
)
from deltarender.distributed.job_bundle import HOME, PROJECT, JobBundle, unpack
from deltarender.distributed.render_process import Order
from deltarender.results import TaskError, TaskResult
from deltarender.workers.parent_pipe import Progress
from deltarender.workers.process_pool import ResourceLimits

POLL_SECONDS = 0.25

Kind = tuple[bytes, tuple[str, ...]]


class Cancelled(Exception):
    """The client does not wait for the result any more."""


def render(bundle: JobBundle, number: int, topic: str, interval: float, timeout: float) -> bytes:
    """Render the task of `bundle`; publish its frame count on `topic` every `interval` seconds.

    `number` names the task for the client; `timeout` is in seconds, 0 for no limit. Returns an
    answer as JSON. Raises Cancelled.
    """
    try:
        base = Path(get_worker().local_directory) / "deltarender"
        return encode_answer(_render(bundle, base, _Publisher(topic, number, interval), timeout))
    except Cancelled:
        raise
    except Exception as error:  # the client reads no exceptions
        return encode_failure(error)


def _render(bundle: JobBundle, base: Path, publish: _Publisher, timeout: float) -> RemoteResult:
    task, project = unpack(bundle, base)
    folder = base / "tasks" / f"{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}"
    folder.mkdir(parents=True)
    task = replace(task, folder=folder)
    process = _RenderProcess.idle(_kind(bundle))
    try:
        order = Order(task, project / PROJECT, ResourceLimits(timeout))
        result = process.run(order, publish)
    except BaseException:
        process.end()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    process.rest()
    files = _files(result)
    log = _end_of(task.log) if task.log.exists() else b""
    if not files:
        shutil.rmtree(folder, ignore_errors=True)
    return RemoteResult(result, str(folder), files, log, str(project.resolve()), str(HOME))


def _end_of(log: Path) -> bytes:
    """The last MAX_LOG_BYTES of a log, however large it is."""
    with open(log, "rb") as file:
        file.seek(max(os.fstat(file.fileno()).st_size - MAX_LOG_BYTES, 0))
        return file.read(MAX_LOG_BYTES)


def read_chunk(path: str, offset: int, size: int, finished_folder: str = "") -> bytes:
    """Bytes of a finished file; afterwards `finished_folder` is removed, if one is given."""
    with open(path, "rb") as file:
        file.seek(offset)
        raw = file.read(size)
    if finished_folder:
        shutil.rmtree(finished_folder, ignore_errors=True)
    return raw


def _kind(bundle: JobBundle) -> Kind:
    """What a render process is given at its start: Manim's settings and modules to import."""
    settings = bundle.files.get(f"{PROJECT}/manim.cfg", b"")
    return hashlib.sha256(settings).digest(), bundle.task.preload


def _files(result: TaskResult) -> tuple[RemoteFile, ...]:
    video = result.video
    if result.error is not None or video is None or video.file is None:
        return ()
    paths = [video.file, *([video.sound] if video.sound else [])]
    return tuple(RemoteFile(str(p), p.stat().st_size, _sha256(p)) for p in paths)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Publisher:
    """Publishes the frame count of a task on a topic, at most once in `interval` seconds."""

    def __init__(self, topic: str, number: int, interval: float) -> None:
        self._topic, self._number, self._interval = topic, number, interval
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self._last >= self._interval:
            self._last = time.monotonic()
            event = {"task": self._number, "frames": progress.frames}
            get_worker().log_event(self._topic, event)


def _is_wanted() -> bool:
    """Whether the client still waits for the task of this thread."""
    worker = get_worker()
    state = worker.state.tasks.get(thread_state.key)
    # A task cancelled while it runs stays in the state "cancelled" until its thread ends.
    return (
        worker.status in (Status.running, Status.paused)
        and state is not None
        and state.state == "executing"
    )


class _RenderProcess:
    """A process that renders, kept for the next task of its kind."""

    _idle: ClassVar[dict[Kind, list[_RenderProcess]]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, kind: Kind) -> None:
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
    def idle(cls, kind: Kind) -> _RenderProcess:
        """An idle process of this kind, or a new one."""
        with cls._lock:
            waiting = cls._idle.setdefault(kind, [])
            while waiting:
                process = waiting.pop()
                if process.process.poll() is None:
                    return process
        return cls(kind)

    def run(self, order: Order, publish: Callable[[Progress], None]) -> TaskResult:
        """Run a task. Raises Cancelled as soon as the client does not want its result."""
        try:
            self.pipe.send(order)
            while True:
                if not self.pipe.poll(POLL_SECONDS):
                    if not _is_wanted():
                        raise Cancelled
                    continue
                message = self.pipe.recv()
                if isinstance(message, TaskResult):
                    return message
                publish(message)
        except (EOFError, OSError):
            return TaskResult(TaskError("the process that renders on the worker has died."))

    def rest(self) -> None:
        """Wait for the next task."""
        with self._lock:
            self._idle[self.kind].append(self)

    def end(self) -> None:
        """Kill the process and, with it, its worker."""
        with suppress(OSError):
            self.pipe.close()
        self.process.kill()
        self.process.wait()
