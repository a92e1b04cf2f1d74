"""An executor that runs tasks on the workers of a Dask cluster.

The scheduler only carries messages. The client decides which worker renders what, so that a worker
is checked for compatibility before it gets a task, one that joins late takes part, and the tasks of
a lost worker go to others.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from deltarender.distributed import dask_worker
from deltarender.distributed.compatibility import Scope
from deltarender.distributed.dask_client import connect, connected_workers, scheduler_lost, submit
from deltarender.distributed.dask_worker import RemoteResult
from deltarender.distributed.job_bundle import JobBundle, pack
from deltarender.distributed.messages import (
    Answered,
    Ended,
    Fetched,
    Inbox,
    WorkAttempt,
)
from deltarender.distributed.result_transfer import TransferError, fetch, names_to_pack
from deltarender.distributed.worker_registry import Worker, WorkerRegistry
from deltarender.errors import UserFacingError
from deltarender.results import (
    Task,
    TaskEnded,
    TaskError,
    TaskListener,
    TaskProgress,
    TaskResult,
    TaskStarted,
)

POLL_SECONDS = 0.25
RESULT_TIMEOUT_S = 10.0
RETRIES = 2
MAX_ROUNDS = 8  # how often the files of a scene may be completed
FETCH_THREADS = 4
MAX_MESSAGES_PER_SECOND = 50  # of progress, in all, through the scheduler


@dataclass(slots=True)
class _Work:
    """A task's state: its worker, its failed attempts, the names of files it did not find."""

    number: int
    task: Task
    worker: Worker | None = None
    future: Any = None
    attempts: int = 0
    missing: tuple[str, ...] = ()
    rounds: int = 0
    bundle: JobBundle | None = None

    @property
    def attempt(self) -> WorkAttempt:
        """The identity of the current attempt: messages of an earlier one are ignored."""
        return WorkAttempt(self.number, self.attempts, self.rounds)


class DaskExecutor:
    """Runs tasks on the workers of the scheduler at `address`.

    `timeout` is in seconds per task, 0 for no limit. `work` is the function that a worker runs.
    `scope` is what has to be equal there and here besides the renderer itself. Raises SetupError
    where no scheduler answers, RenderError where it or the last worker is lost.
    """

    def __init__(
        self,
        address: str,
        timeout: float = 0.0,
        work: Callable[..., RemoteResult] = dask_worker.render,
        scope: Scope | None = None,
    ) -> None:
        self.address = address
        self.notes: list[str] = []
        self._work_function = work
        self._timeout = timeout
        self._scope = Scope() + (scope or Scope())
        self._client: Any = None
        self._registry: WorkerRegistry | None = None
        self._inbox: Inbox = SimpleQueue()
        self._running: dict[int, _Work] = {}
        self._fetching: dict[int, _Work] = {}
        self._waiting: deque[_Work] = deque()
        self._fetchers = ThreadPoolExecutor(FETCH_THREADS)
        self._topic = f"deltarender-{uuid.uuid4().hex}"

    @property
    def jobs(self) -> int:
        """The highest number of tasks that could run at once so far."""
        return self._registry.most_threads if self._registry is not None else 0

    def capacity(self) -> int:
        """How many threads the workers have now, compatible or not."""
        self._connect()
        workers = connected_workers(self._client, self.address).values()
        return sum(int(facts["nthreads"]) for facts in workers)

    def run(
        self, tasks: Sequence[Task], listen: TaskListener, *, stop: Callable[[], bool]
    ) -> Iterator[tuple[int, TaskResult]]:
        """Yield (task number, result) as tasks end; start no more once `stop()` holds.

        Tasks appended to `tasks` meanwhile are run as well. When the consumer stops or an
        interrupt arrives, every render on a worker is killed.
        """
        taken = 0
        try:
            self._connect()
            registry = WorkerRegistry(
                self._client, self.address, self._inbox, self.notes, self._scope
            )
            self._registry = registry
            self._client.subscribe_topic(self._topic, self._receive_progress)
            while True:
                self._waiting += [_Work(n, tasks[n]) for n in range(taken, len(tasks))]
                taken = len(tasks)
                if not (self._running or self._fetching or (self._waiting and not stop())):
                    break
                for worker in registry.refresh():
                    self._lost(worker)
                if self._waiting and not stop():
                    registry.raise_if_no_workers()
                    self._assign(registry, listen)
                for number, result in self._process_messages(registry, listen):
                    listen(TaskEnded(number, result))
                    yield number, result
        finally:
            self._leave()

    def _connect(self) -> None:
        if self._client is None:
            self._client = connect(self.address)

    # To the workers

    def _assign(self, registry: WorkerRegistry, listen: TaskListener) -> None:
        while self._waiting and (free := registry.free()):
            work = self._waiting.popleft()
            try:
                work.bundle = work.bundle or pack(work.task, work.missing)
            except (UserFacingError, OSError) as error:
                self._settle(work, TaskResult(TaskError(str(error))))
                continue
            self._start(work, free[0])
            if not work.attempts and not work.rounds:
                listen(TaskStarted(work.number))

    def _start(self, work: _Work, worker: Worker) -> None:
        number, attempt = work.number, work.attempt
        work.worker = worker
        worker.tasks.add(number)
        self._running[number] = work
        interval = max(1.0, self.jobs / MAX_MESSAGES_PER_SECOND)
        work.future = submit(
            self._client, self.address, worker.address,
            self._work_function, work.bundle, number, self._topic, interval, self._timeout,
        )  # fmt: skip
        work.future.add_done_callback(lambda future: self._inbox.put(Ended(attempt, future)))

    def _lost(self, worker: Worker) -> None:
        for number in worker.tasks:
            if (work := self._running.pop(number, None)) is not None:
                self._retry(work, f"the worker {worker.name} was lost")

    def _retry(self, work: _Work, reason: str) -> None:
        """Render a task again after a failure that was not the scene's."""
        work.attempts += 1
        work.future = None
        if work.attempts <= RETRIES:
            self._waiting.appendleft(work)
        else:
            self._settle(work, TaskResult(TaskError(f"{reason} ({work.attempts} attempts).")))

    def _settle(self, work: _Work, result: TaskResult) -> None:
        self._fetching[work.number] = work
        self._inbox.put(Fetched(work.number, result))

    # From the workers

    def _receive_progress(self, event: Any) -> None:
        self._inbox.put(TaskProgress(int(event[1]["task"]), int(event[1]["frames"])))

    def _process_messages(
        self, registry: WorkerRegistry, listen: TaskListener
    ) -> Iterator[tuple[int, TaskResult]]:
        """Wait for a message, act on all there are, and yield the tasks that have ended."""
        wait = POLL_SECONDS
        while True:
            try:
                message = self._inbox.get(timeout=wait)
            except Empty:
                return
            wait = 0.0
            match message:
                case Answered():
                    registry.take_answer(message)
                case TaskProgress() if message.task in self._running:
                    listen(message)
                case Ended():
                    self._ended(message)
                case Fetched():
                    result = self._fetched(message)
                    if result is not None:
                        yield message.task, result

    def _ended(self, message: Ended) -> None:
        work = self._running.get(message.attempt.task)
        if work is None or work.worker is None or work.attempt != message.attempt:
            return
        if message.future.status in ("cancelled", "lost"):
            # The client cancels none here: all are cancelled when the connection breaks.
            raise scheduler_lost(self.address)
        del self._running[work.number]
        work.worker.tasks.discard(work.number)
        self._fetching[work.number] = work
        self._fetchers.submit(self._fetch, work, work.worker)

    def _fetch(self, work: _Work, worker: Worker) -> None:
        """In a thread: fetch the files of a result and put it into the inbox."""

        def read(*arguments: Any) -> bytes:
            answers = self._client.run(dask_worker.read_chunk, *arguments, workers=[worker.address])
            return bytes(answers[worker.address])

        try:
            remote: RemoteResult = work.future.result(timeout=RESULT_TIMEOUT_S)
            result = fetch(remote, work.task, read)
            result.worker = worker.name
            fuller = self._fuller_bundle(work, names_to_pack(result.error, remote))
            self._inbox.put(Fetched(work.number, fuller or result))
        except Exception as error:
            self._inbox.put(Fetched(work.number, error))

    def _fuller_bundle(self, work: _Work, missing: tuple[str, ...]) -> JobBundle | None:
        """A bundle with files that the scene did not find, if any of them are here."""
        if not missing:
            return None
        work.missing = (*work.missing, *missing)
        fuller = pack(work.task, work.missing)
        same = work.bundle is not None and fuller.key == work.bundle.key
        return None if same or work.rounds >= MAX_ROUNDS else fuller

    def _fetched(self, message: Fetched) -> TaskResult | None:
        work = self._fetching.pop(message.task)
        work.future = None
        name = work.worker.name if work.worker is not None else "the worker"
        match message.outcome:
            case TaskResult():
                return message.outcome
            case JobBundle():
                work.bundle = message.outcome
                work.rounds += 1
                self._waiting.appendleft(work)
            case TransferError() as error:
                self._retry(work, f"its file did not come back whole from {name}: {error.reason}")
            case error:
                self._retry(work, f"{name} failed ({type(error).__name__}: {error})")
        return None

    def _leave(self) -> None:
        """Cancel what still runs, which kills it on the workers, and disconnect."""
        futures = [work.future for work in self._running.values() if work.future is not None]
        self._fetchers.shutdown(wait=False, cancel_futures=True)
        with suppress(Exception):
            if futures and self._client.status == "running":
                self._client.cancel(futures, force=True)
        with suppress(Exception):
            self._client.close(timeout=2)
        self._client = None
        self._running.clear()
        self._fetching.clear()
        self._waiting.clear()
