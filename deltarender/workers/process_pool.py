"""A pool of worker processes, one task each, supervised from here.

A task ends with a TaskResult whatever its process does: it may raise, call os._exit, be killed,
hang, or exhaust the memory. Workers are forked from one server process that has done the imports.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection
from types import FrameType
from typing import Any

from deltarender.results import (
    Task,
    TaskEnded,
    TaskError,
    TaskListener,
    TaskProgress,
    TaskResult,
    TaskStarted,
)
from deltarender.workers import forkserver
from deltarender.workers.memory import memory_left, memory_of_group
from deltarender.workers.worker import LOST_PIPE, main

POLL_SECONDS = 0.25
RETRIES = 1
PIPE_SECONDS = 2.0  # that a worker may live without its pipe: ending takes a moment
_LOST_PIPE = "it closed files that it had not opened, the connection to the renderer among them."
UNKNOWN_EXIT = 255  # the exit code of a process whose fork server died before it could report it


@dataclass(frozen=True, slots=True)
class ResourceLimits:
    """The seconds of wall time that a task may take; 0 is no limit.

    Memory has no limit of its own: a task is ended for it only when the machine runs out of it.
    """

    seconds: float = 0.0


@dataclass(slots=True)
class _Running:
    number: int
    process: Any
    pipe: connection.Connection
    since: float
    result: TaskResult | None = None
    killed: str = ""
    pipe_broken_since: float = 0.0

    @property
    def pipe_broken(self) -> bool:
        """Whether no more messages come through the pipe."""
        return self.pipe_broken_since > 0


class ProcessPool:
    """Runs tasks on at most `jobs` processes at once."""

    def __init__(self, jobs: int, limits: ResourceLimits) -> None:
        self.jobs = max(jobs, 1)
        self.notes: list[str] = []
        self.limits = limits
        self._context: Any = None
        self._running: dict[int, _Running] = {}

    def capacity(self) -> int:
        """How many tasks can run at once."""
        return self.jobs

    def run(
        self,
        tasks: Sequence[Task],
        listen: TaskListener,
        *,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[tuple[int, TaskResult]]:
        """Yield (task number, result) as tasks end; start no more once `stop()` holds.

        Tasks appended to `tasks` meanwhile are run as well. When the consumer stops or an interrupt
        arrives, every worker is killed before this ends.
        """
        self._context = forkserver.context(_modules_to_preload(tasks))
        waiting: deque[int] = deque()
        attempts: list[int] = []
        try:
            while True:
                waiting += range(len(attempts), len(tasks))
                attempts += [0] * (len(tasks) - len(attempts))
                if not (self._running or (waiting and not stop())):
                    break
                while waiting and self._has_room() and not stop():
                    number = waiting.popleft()
                    self._start(number, tasks[number])
                    listen(TaskStarted(number))
                for worker in self._ended(listen):
                    result = self._classify_exit(worker)
                    if result is None and attempts[worker.number] < RETRIES:
                        attempts[worker.number] += 1
                        waiting.appendleft(worker.number)
                        continue
                    result = result or TaskResult(TaskError(_died_twice(worker)))
                    listen(TaskEnded(worker.number, result))
                    yield worker.number, result
        finally:
            self._kill_all()

    def _has_room(self) -> bool:
        """Whether one more task may start: not beside others while memory is low."""
        if not self._running:
            return True
        memory = memory_left()
        low = memory is not None and memory.is_low
        return len(self._running) < self.jobs and not low

    def _start(self, number: int, task: Task) -> None:
        task.folder.mkdir(parents=True, exist_ok=True)
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=main, args=(theirs, task), daemon=False)
        forkserver.launch(process)
        theirs.close()
        self._running[number] = _Running(number, process, ours, time.monotonic())

    def _ended(self, listen: TaskListener) -> list[_Running]:
        """Wait for messages, at most POLL_SECONDS; return the workers that have ended."""
        sources: list[Any] = [r.process.sentinel for r in self._running.values()]
        sources += [r.pipe for r in self._running.values() if not r.pipe_broken]
        connection.wait(sources, POLL_SECONDS)
        ended = []
        self._relieve_memory()
        for worker in list(self._running.values()):
            alive = worker.process.is_alive()
            self._receive(worker, listen)
            if alive:
                self._enforce_limits(worker)
            else:
                worker.process.join()
                if worker.result is None:
                    _kill_group(worker.process.pid)
                worker.pipe.close()
                del self._running[worker.number]
                ended.append(worker)
        return ended

    def _receive(self, worker: _Running, listen: TaskListener) -> None:
        try:
            while not worker.pipe_broken and worker.pipe.poll():
                message = worker.pipe.recv()
                if isinstance(message, TaskResult):
                    worker.result = message
                else:
                    listen(TaskProgress(worker.number, message.frames))
        except Exception:
            # The worker has died, perhaps in the middle of a message, or has closed the pipe.
            worker.pipe_broken_since = time.monotonic()

    def _relieve_memory(self) -> None:
        """End the largest worker if the machine is about to run out of memory because of it."""
        memory = memory_left()
        running = [r for r in self._running.values() if r.result is None and not r.killed]
        if memory is None or not memory.is_low or not running:
            return
        used, worker = max(
            ((memory_of_group(r.process.pid), r) for r in running), key=lambda pair: pair[0]
        )
        if memory.is_large(used):
            worker.killed = (
                f"it used {used >> 20} MB of memory, and this machine was running out of it "
                f"({memory.available >> 20} of {memory.total >> 20} MB were left)."
            )
            _kill(worker.process)

    def _enforce_limits(self, worker: _Running) -> None:
        if worker.result is not None:
            return
        if worker.pipe_broken and time.monotonic() - worker.pipe_broken_since > PIPE_SECONDS:
            worker.killed = _LOST_PIPE
        seconds = self.limits.seconds
        if seconds and time.monotonic() - worker.since > seconds:
            worker.killed = f"it was not done after {seconds:g} seconds (--timeout)."
        if worker.killed:
            _kill(worker.process)

    def _classify_exit(self, worker: _Running) -> TaskResult | None:
        """The result of a worker that has ended; None if it was killed, and not from here."""
        if worker.result is not None:
            return worker.result
        code = worker.process.exitcode
        if worker.killed:
            return TaskResult(TaskError(worker.killed))
        if code in (-signal.SIGKILL, -signal.SIGTERM):
            return None
        if code == UNKNOWN_EXIT:
            _kill(worker.process)  # without its server, it may still be running
            return None
        if code == LOST_PIPE:
            return TaskResult(TaskError(_LOST_PIPE))
        if code is not None and code < 0:
            return TaskResult(TaskError(f"its process crashed ({signal.Signals(-code).name})."))
        return TaskResult(TaskError(f"it ended its own process (exit code {code})."))

    def _kill_all(self) -> None:
        for worker in self._running.values():
            _kill(worker.process)
        for worker in self._running.values():
            worker.process.join()
            worker.pipe.close()
        self._running.clear()


def _modules_to_preload(tasks: Sequence[Task]) -> list[str]:
    """What the fork server imports beside Manim, in the order in which tasks name it."""
    return list(dict.fromkeys(name for task in tasks for name in task.preload))


@contextmanager
def interruptible() -> Iterator[None]:
    """Within the block, SIGTERM and SIGHUP raise KeyboardInterrupt, as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {}
    with suppress(ValueError):  # only the main thread may set handlers
        for kind in (signal.SIGTERM, signal.SIGHUP):
            before[kind] = signal.signal(kind, interrupt)
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _died_twice(worker: _Running) -> str:
    """The message for a worker that ended twice without a result."""
    if worker.process.exitcode == UNKNOWN_EXIT:
        return f"its process ended twice without a word (exit code {UNKNOWN_EXIT})."
    return "its process was killed, twice."


def _kill(process: Any) -> None:
    """Kill a worker and the processes it has started."""
    _kill_group(process.pid)
    with suppress(OSError):
        process.kill()


def _kill_group(leader: int) -> None:
    """Kill the rest of a worker's process group, even if the worker itself has ended."""
    with suppress(OSError):
        os.killpg(leader, signal.SIGKILL)
