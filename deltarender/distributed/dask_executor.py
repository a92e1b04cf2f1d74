"""An executor that runs tasks on the workers of a Dask cluster.

The scheduler only carries messages. The client decides which worker renders what, so that a worker
is checked for compatibility before it gets a task, one that joins late takes part, and the tasks of
a lost worker go to others.
"""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from deltarender.distributed import dask_worker
from deltarender.distributed.compatibility import Scope
from deltarender.distributed.dask_client import (
    connect,
    connected_workers,
    disconnect,
    exposure,
    scheduler_lost,
    submit,
)
from deltarender.distributed.job_bundle import JobBundle, pack
from deltarender.distributed.messages import (
    Answered,
    Ended,
    Fetched,
    Inbox,
)
from deltarender.distributed.result_transfer import TransferError
from deltarender.distributed.work import Work, receive
from deltarender.distributed.worker_registry import Worker, WorkerRegistry
from deltarender.errors import UserFacingError
from deltarender.json_checks import InvalidData, integer, record
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
GRACE_S = 10.0  # that a worker may need beyond the time limit to say that it is exceeded
LEAVE_TIMEOUT_S = 5.0
RETRIES = 2
FETCH_THREADS = 4
MAX_MESSAGES_PER_SECOND = 50  # of progress, in all, through the scheduler


_check_progress = record({"task": integer(), "frames": integer()})


def _print_warning(text: str) -> None:
    print(text, file=sys.stderr)


class DaskExecutor:
    """Runs tasks on the workers of the scheduler at `address`.

    `timeout` is in seconds per task, 0 for no limit. `work` is the function that a worker runs.
    `scope` is what has to be equal there and here besides the renderer itself. `warn` shows the
    user a text at once. Raises SetupError where no scheduler answers, RenderError where it or the
    last worker is lost.
    """

    def __init__(
        self,
        address: str,
        timeout: float = 0.0,
        work: Callable[..., bytes] = dask_worker.render,
        scope: Scope | None = None,
        warn: Callable[[str], None] = _print_warning,
    ) -> None:
        self.address = address
        self.notes: list[str] = []
        self._work_function = work
        self._timeout = timeout
        self._warn = warn
        self._abandoned: list[Any] = []
        self._scope = Scope() + (scope or Scope())
        self._client: Any = None
        self._registry: WorkerRegistry | None = None
        self._inbox: Inbox = SimpleQueue()
        self._running: dict[int, Work] = {}
        self._fetching: dict[int, Work] = {}
        self._waiting: deque[Work] = deque()
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
                self._client, self.address, self._inbox, self.notes, self._scope, self._warn,
                self._timeout,
            )  # fmt: skip
            self._registry = registry
            self._client.subscribe_topic(self._topic, self._receive_progress)
            while True:
                self._waiting += [Work(n, tasks[n]) for n in range(taken, len(tasks))]
                taken = len(tasks)
                if not (self._running or self._fetching or (self._waiting and not stop())):
                    break
                for worker in registry.refresh():
                    self._lost(worker)
                self._give_up_overdue(registry)
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
            if warning := exposure(self.address):
                self._warn(warning)
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

    def _start(self, work: Work, worker: Worker) -> None:
        number, attempt = work.number, work.attempt
        work.worker, work.started = worker, time.monotonic()
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

    def _give_up_overdue(self, registry: WorkerRegistry) -> None:
        """End tasks whose worker should have ended them itself: it is stopped, or unreachable."""
        for work in list(self._running.values()) if self._timeout else ():
            if work.worker is not None and work.is_overdue(self._timeout + GRACE_S):
                del self._running[work.number]
                work.worker.tasks.discard(work.number)
                registry.stopped_answering(work.worker)
                self._abandoned.append(work.future)
                message = f"it was not done after {self._timeout:g} seconds (--timeout), and "
                message += f"{work.worker.name} does not answer."
                self._settle(work, TaskResult(TaskError(message)))

    def _retry(self, work: Work, reason: str) -> None:
        """Render a task again after a failure that was not the scene's."""
        work.attempts += 1
        work.future = None
        if work.attempts <= RETRIES:
            self._waiting.appendleft(work)
        else:
            self._settle(work, TaskResult(TaskError(f"{reason} ({work.attempts} attempts).")))

    def _settle(self, work: Work, result: TaskResult) -> None:
        self._fetching[work.number] = work
        self._inbox.put(Fetched(work.number, result))

    # From the workers

    def _receive_progress(self, event: Any) -> None:
        with suppress(InvalidData, TypeError, LookupError):
            _check_progress(event[1], "its progress")
            self._inbox.put(TaskProgress(event[1]["task"], event[1]["frames"]))

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

    def _fetch(self, work: Work, worker: Worker) -> None:
        """In a thread: fetch the files of a result and put it into the inbox."""
        outcome: TaskResult | JobBundle | Exception
        try:
            outcome = receive(self._client, work, worker)
        except Exception as error:
            outcome = error
        self._inbox.put(Fetched(work.number, outcome))

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
                self._retry(work, f"it did not come back whole from {name}: {error.reason}")
            case error:
                self._retry(work, f"{name} failed ({type(error).__name__}: {error})"[:2000])
        return None

    def _leave(self) -> None:
        """Cancel what still runs, which kills it on the workers, and disconnect."""
        self._fetchers.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            # In a thread, as a scheduler that is stopped would not answer.
            leaving = threading.Thread(target=self._cancel_and_disconnect, daemon=True)
            leaving.start()
            leaving.join(LEAVE_TIMEOUT_S)
        self._client = None
        self._running.clear()
        self._fetching.clear()
        self._waiting.clear()

    def _cancel_and_disconnect(self) -> None:
        client = self._client
        futures = [work.future for work in self._running.values() if work.future is not None]
        with suppress(Exception):
            if (futures or self._abandoned) and client.status == "running":
                client.cancel([*futures, *self._abandoned], force=True)
        disconnect(client)
