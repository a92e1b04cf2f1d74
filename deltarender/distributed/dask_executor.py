"""Workers of a Dask cluster as an executor: the tasks of a batch, rendered elsewhere.

The scheduler only carries messages: which worker renders what is decided here, so that a worker is
asked what it has before it gets anything, one that joins late takes part, and the tasks of one
that is lost go to others.
"""

from __future__ import annotations

import logging
import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import dask.config
from distributed import Client

from deltarender.distributed import dask_worker
from deltarender.distributed.dask_worker import Made
from deltarender.distributed.job_bundle import JobBundle, pack
from deltarender.distributed.result_transfer import TransferError, asked_for, fetch
from deltarender.distributed.worker_registry import (
    News,
    Worker,
    WorkerRegistry,
    connected_workers,
    scheduler_lost,
    submit,
)
from deltarender.errors import SetupError, UserFacingError
from deltarender.results import Task, TaskError, TaskResult

TICK = 0.25
CONNECT = 10.0
RETRIES = 2
ROUNDS = 8  # how often a scene may ask for more files
FETCHERS = 4
TELLS_A_SECOND = 50  # progress messages that the scheduler should carry at most

Listener = Callable[[Any], None]


@dataclass(slots=True)
class _Work:
    """A task on its way: where it is rendered, how often that has failed, what it asked for."""

    number: int
    task: Task
    worker: Worker | None = None
    future: Any = None
    tries: int = 0
    asked: tuple[str, ...] = ()
    rounds: int = 0
    parcel: JobBundle | None = None


class DaskExecutor:
    """Runs tasks on the workers of the scheduler at `address`; `seconds` limits each, 0 for not.

    `work` is what a worker does with a task.

    Raises SetupError where no scheduler answers, RenderError where it or the last worker is lost.
    """

    def __init__(
        self, address: str, seconds: float = 0.0, work: Callable[..., Made] = dask_worker.render
    ) -> None:
        self.address = address
        self.notes: list[str] = []
        self._do = work
        self._seconds = seconds
        self._client: Any = None
        self._roster: WorkerRegistry | None = None
        self._news: News = SimpleQueue()
        self._running: dict[int, _Work] = {}
        self._fetching: dict[int, _Work] = {}
        self._waiting: deque[_Work] = deque()
        self._fetchers = ThreadPoolExecutor(FETCHERS)
        self._topic = f"gradreel-{uuid.uuid4().hex}"

    @property
    def jobs(self) -> int:
        """How many tasks could run at once when there were most workers."""
        return self._roster.most if self._roster is not None else 0

    def capacity(self) -> int:
        """How many threads the cluster's workers have now, whatever they may turn out to be."""
        self._connect()
        workers = connected_workers(self._client, self.address).values()
        return sum(int(facts["nthreads"]) for facts in workers)

    def run(
        self, tasks: Sequence[Task], listen: Listener, *, stop: Callable[[], bool]
    ) -> Iterator[tuple[int, TaskResult]]:
        """Yield (task number, Outcome) as tasks end; begins no more once `stop()` holds.

        Tasks appended to `tasks` meanwhile are run as well. When the consumer stops or an
        interrupt arrives, every render on a worker is killed.
        """
        taken = 0
        try:
            self._connect()
            self._roster = WorkerRegistry(self._client, self.address, self._news, self.notes)
            self._client.subscribe_topic(self._topic, self._heard)
            while True:
                self._waiting += [_Work(n, tasks[n]) for n in range(taken, len(tasks))]
                taken = len(tasks)
                if not (self._running or self._fetching or (self._waiting and not stop())):
                    break
                for worker in self._roster.look():
                    self._lost(worker)
                if self._waiting and not stop():
                    self._roster.raise_if_no_workers()
                    self._hand_out(self._roster, listen)
                for number, outcome in self._news_of(self._roster, listen):
                    listen(("done", number, outcome))
                    yield number, outcome
        finally:
            self._leave()

    def _connect(self) -> None:
        if self._client is None:
            self._client = _connected(self.address)

    # To the workers

    def _hand_out(self, roster: WorkerRegistry, listen: Listener) -> None:
        while self._waiting and (free := roster.free()):
            work = self._waiting.popleft()
            try:
                work.parcel = work.parcel or pack(work.task, work.asked)
            except (UserFacingError, OSError) as error:
                self._settle(work, TaskResult(TaskError(str(error))))
                continue
            self._start(work, free[0])
            if not work.tries and not work.rounds:
                listen(("start", work.number, None))

    def _start(self, work: _Work, worker: Worker) -> None:
        number, attempt = work.number, (work.tries, work.rounds)
        work.worker = worker
        worker.tasks.add(number)
        self._running[number] = work
        every = max(1.0, self.jobs / TELLS_A_SECOND)
        work.future = submit(
            self._client, self.address, worker.address,
            self._do, work.parcel, number, self._topic, every, self._seconds,
        )  # fmt: skip
        work.future.add_done_callback(lambda f: self._news.put(("ended", (number, attempt), f)))

    def _lost(self, worker: Worker) -> None:
        for number in worker.tasks:
            if (work := self._running.pop(number, None)) is not None:
                self._again(work, f"the worker {worker.name} was lost")

    def _again(self, work: _Work, why: str) -> None:
        """Have a task rendered anew after a fault that was not the scene's."""
        work.tries += 1
        work.future = None
        if work.tries <= RETRIES:
            self._waiting.appendleft(work)
        else:
            self._settle(work, TaskResult(TaskError(f"{why} ({work.tries} attempts).")))

    def _settle(self, work: _Work, result: Any) -> None:
        self._fetching[work.number] = work
        self._news.put(("fetched", work.number, result))

    # From the workers

    def _heard(self, event: Any) -> None:
        self._news.put(("frames", event[1]["task"], event[1]["frames"]))

    def _news_of(
        self, roster: WorkerRegistry, listen: Listener
    ) -> Iterator[tuple[int, TaskResult]]:
        """Wait a moment for news and act on all there are; give what has come to its end."""
        wait = TICK
        while True:
            try:
                kind, what, detail = self._news.get(timeout=wait)
            except Empty:
                return
            wait = 0.0
            if kind == "asked":
                roster.answered(what, detail)
            elif kind == "frames" and what in self._running:
                listen((kind, what, detail))
            elif kind == "ended":
                self._ended(what[0], what[1], detail)
            elif kind == "fetched" and (outcome := self._fetched(what, detail)) is not None:
                yield what, outcome

    def _ended(self, number: int, attempt: tuple[int, int], future: Any) -> None:
        work = self._running.get(number)
        if work is None or work.worker is None or (work.tries, work.rounds) != attempt:
            return
        if future.status in ("cancelled", "lost"):
            # Nobody here has cancelled it: all are when the connection breaks.
            raise scheduler_lost(self.address)
        del self._running[number]
        work.worker.tasks.discard(number)
        self._fetching[number] = work
        self._fetchers.submit(self._fetch, work, work.worker)

    def _fetch(self, work: _Work, worker: Worker) -> None:
        """In a thread: bring a result here and put it among the news."""

        def read(*what: Any) -> bytes:
            told = self._client.run(dask_worker.piece, *what, workers=[worker.address])
            return bytes(told[worker.address])

        try:
            made = work.future.result(timeout=CONNECT)
            outcome = fetch(made, work.task, read)
            outcome.data["worker"] = worker.name
            asked = asked_for(outcome.fault, made) if outcome.fault is not None else ()
            fuller = self._with_more(work, asked) if asked else None
            self._news.put(("fetched", work.number, fuller or outcome))
        except Exception as error:
            self._news.put(("fetched", work.number, error))

    def _with_more(self, work: _Work, asked: tuple[str, ...]) -> JobBundle | None:
        """A fuller parcel, if files that a scene has not found are here."""
        work.asked = (*work.asked, *asked)
        fuller = pack(work.task, work.asked)
        known = work.parcel is not None and fuller.key == work.parcel.key
        return None if known or work.rounds >= ROUNDS else fuller

    def _fetched(self, number: int, result: Any) -> TaskResult | None:
        work = self._fetching.pop(number)
        work.future = None
        if isinstance(result, TaskResult):
            return result
        if isinstance(result, JobBundle):
            work.parcel = result
            work.rounds += 1
            self._waiting.appendleft(work)
            return None
        name = work.worker.name if work.worker is not None else "the worker"
        if isinstance(result, TransferError):
            self._again(work, f"its file did not come back whole from {name}: {result.why}")
        else:
            self._again(work, f"{name} failed ({type(result).__name__}: {result})")
        return None

    def _leave(self) -> None:
        """Give up what still runs, which kills it on the workers, and disconnect."""
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


def _connected(address: str) -> Any:
    # Dask's own talk of lost connections would come between ours and the user.
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT:g}s"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Client(address, timeout=CONNECT, set_as_default=False, name="gradreel")
        except (OSError, ValueError, TimeoutError) as error:
            raise SetupError(
                f"no Dask scheduler answers there ({error}).",
                where=address,
                hint="Start one with `dask scheduler`, and give its address: tcp://HOST:8786",
            ) from None
