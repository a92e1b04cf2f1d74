"""Worker processes: a few at a time, each with one task, watched from here.

A task ends with an Outcome whatever its process does: it may raise, call os._exit, be killed, hang
or fill the memory. Workers are forked from one process that has done the imports.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from pathlib import Path
from types import FrameType
from typing import Any

from deltarender.results import Task, TaskError, TaskResult
from deltarender.workers import forkserver
from deltarender.workers.worker import main

TICK = 0.25
RETRIES = 1
UNKNOWN = 255  # the exit code of a process whose fork server died before it could tell

Event = tuple[str, int, Any]  # ("start" | "frames" | "done", task number, detail)
Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class ResourceLimits:
    """What a task may take: seconds of wall time, bytes of memory; 0 is no limit."""

    seconds: float = 0.0
    memory: int = 0

    @classmethod
    def usual(cls, jobs: int, seconds: float = 0.0) -> ResourceLimits:
        """No limit of time, and each worker its share of four fifths of the memory."""
        try:
            total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        except (ValueError, OSError):
            total = 0
        return cls(seconds, int(total * 0.8 / max(jobs, 1)))


@dataclass(slots=True)
class _Running:
    number: int
    process: Any
    pipe: connection.Connection
    since: float
    outcome: TaskResult | None = None
    killed: str = ""
    pipe_broken: bool = field(default=False)


class ProcessPool:
    """Runs tasks on at most `jobs` processes at once."""

    def __init__(self, jobs: int, limits: ResourceLimits, torch: bool = False) -> None:
        self.jobs = max(jobs, 1)
        self.notes: list[str] = []
        self.limits = limits
        self._context = forkserver.context(torch)
        self._running: dict[int, _Running] = {}

    def capacity(self) -> int:
        """How many tasks can run at once."""
        return self.jobs

    def run(
        self, tasks: Sequence[Task], listen: Listener, *, stop: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[int, TaskResult]]:
        """Yield (task number, Outcome) as tasks end; begins no more once `stop()` holds.

        Tasks appended to `tasks` meanwhile are run as well. When the consumer stops or an interrupt
        arrives, every worker is killed before this ends.
        """
        waiting: deque[int] = deque()
        tries: list[int] = []
        try:
            while True:
                waiting += range(len(tries), len(tasks))
                tries += [0] * (len(tasks) - len(tries))
                if not (self._running or (waiting and not stop())):
                    break
                while waiting and len(self._running) < self.jobs and not stop():
                    number = waiting.popleft()
                    self._start(number, tasks[number])
                    listen(("start", number, None))
                for done in self._ended(listen):
                    outcome = self._classify_exit(done)
                    if outcome is None and tries[done.number] < RETRIES:
                        tries[done.number] += 1
                        waiting.appendleft(done.number)
                        continue
                    outcome = outcome or TaskResult(TaskError(_lost(done)))
                    listen(("done", done.number, outcome))
                    yield done.number, outcome
        finally:
            self._kill_all()

    def _start(self, number: int, task: Task) -> None:
        task.folder.mkdir(parents=True, exist_ok=True)
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=main, args=(theirs, task), daemon=False)
        forkserver.launch(process)
        theirs.close()
        self._running[number] = _Running(number, process, ours, time.monotonic())

    def _ended(self, listen: Listener) -> list[_Running]:
        """Wait a moment for news; give the workers that have ended."""
        sources: list[Any] = [r.process.sentinel for r in self._running.values()]
        sources += [r.pipe for r in self._running.values() if not r.pipe_broken]
        connection.wait(sources, TICK)
        ended = []
        for worker in list(self._running.values()):
            alive = worker.process.is_alive()
            self._hear(worker, listen)
            if alive:
                self._watch(worker)
            else:
                worker.process.join()
                if worker.outcome is None:
                    _kill_group(worker.process.pid)
                worker.pipe.close()
                del self._running[worker.number]
                ended.append(worker)
        return ended

    def _hear(self, worker: _Running, listen: Listener) -> None:
        try:
            while not worker.pipe_broken and worker.pipe.poll():
                kind, detail = worker.pipe.recv()
                if kind == "done":
                    worker.outcome = detail
                else:
                    listen((kind, worker.number, detail))
        except Exception:
            # The pipe's other end died in the middle of a message.
            worker.pipe_broken = True

    def _watch(self, worker: _Running) -> None:
        if worker.outcome is not None:
            return
        seconds, memory = self.limits.seconds, self.limits.memory
        if seconds and time.monotonic() - worker.since > seconds:
            worker.killed = f"it was not done after {seconds:g} seconds (--timeout)."
        elif memory and (used := _memory(worker.process.pid)) > memory:
            share = f"{memory >> 20} MB are its share of this machine."
            worker.killed = f"it used {used >> 20} MB of memory; {share}"
        if worker.killed:
            _kill(worker.process)

    def _classify_exit(self, worker: _Running) -> TaskResult | None:
        """What came of a worker; None if its process was killed and not by us."""
        if worker.outcome is not None:
            return worker.outcome
        code = worker.process.exitcode
        if worker.killed:
            return TaskResult(TaskError(worker.killed))
        if code in (-signal.SIGKILL, -signal.SIGTERM):
            return None
        if code == UNKNOWN:
            _kill(worker.process)  # it may live on for a moment, without its parent
            return None
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


@contextmanager
def interruptible() -> Iterator[None]:
    """Within the block, SIGTERM and SIGHUP interrupt as Ctrl-C does."""

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


def _lost(worker: _Running) -> str:
    """What is known of a worker that ended twice without a word."""
    if worker.process.exitcode == UNKNOWN:
        return f"its process ended twice without a word (exit code {UNKNOWN})."
    return "its process was killed, twice."


def _kill(process: Any) -> None:
    """Kill a worker and whatever it has started."""
    _kill_group(process.pid)
    with suppress(OSError):
        process.kill()


def _kill_group(leader: int) -> None:
    """Kill what is left of a worker's group, even if the worker itself has ended."""
    with suppress(OSError):
        os.killpg(leader, signal.SIGKILL)


def _memory(pid: int | None) -> int:
    """Resident bytes of a process; 0 where that cannot be known."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
