"""Workers of a Dask cluster as an executor: the tasks of a batch, rendered elsewhere.

The scheduler only carries messages: which worker renders what is decided here, so that a worker is
asked what it has before it gets anything, one that joins late takes part, and the tasks of one
that is lost go to others.
"""

from __future__ import annotations

import logging
import time
import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import dask.config
from distributed import Client

from gradreel.errors import GradreelError, RenderError, SetupError
from gradreel.rendering.cluster import remote
from gradreel.rendering.cluster.fetching import Broken, asked_for, fetch, unwhole
from gradreel.rendering.cluster.fingerprint import fingerprint
from gradreel.rendering.cluster.handshake import objections, question
from gradreel.rendering.cluster.parcel import Parcel, pack
from gradreel.rendering.worker import Fault, Outcome, Task

TICK = 0.25
LOOK_EVERY = 1.0  # seconds between looks at who is there
WAIT_FOR_WORKERS = 60.0
CONNECT = 10.0
RETRIES = 2
ROUNDS = 8  # how often a scene may ask for more files
FETCHERS = 4
TELLS_A_SECOND = 50  # progress messages that the scheduler should carry at most


@dataclass(slots=True)
class _Worker:
    """A worker of the cluster: not yet asked what it has, good (no objections), or refused."""

    address: str
    name: str
    threads: int
    good: bool | None = None
    tasks: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Work:
    """A task on its way: where it is rendered, and how often that has failed."""

    number: int
    task: Task
    worker: str = ""
    future: Any = None
    tries: int = 0
    rounds: int = 0
    asked: tuple[str, ...] = ()
    parcel: Parcel | None = None


class Farm:
    """Runs tasks on the workers of the scheduler at `address`; `seconds` limits each, 0 for not.

    Raises SetupError where no scheduler answers, RenderError where it or the last worker is lost.
    """

    def __init__(self, address: str, seconds: float = 0.0) -> None:
        self.address = address
        self.jobs = 0
        self.notes: list[str] = []
        self._seconds = seconds
        self._client: Any = None
        self._workers: dict[str, _Worker] = {}
        self._news: SimpleQueue[tuple[str, Any, Any]] = SimpleQueue()
        self._running: dict[int, _Work] = {}
        self._fetching: dict[int, _Work] = {}
        self._waiting: deque[_Work] = deque()
        self._looked = 0.0
        self._alone_since = 0.0
        self._topic = f"gradreel-{uuid.uuid4().hex}"

    def capacity(self) -> int:
        """How many threads the cluster's workers have now, whatever they may turn out to be."""
        self._connect()
        there = self._client.scheduler_info()["workers"]
        return sum(int(facts["nthreads"]) for facts in there.values())

    def _connect(self) -> None:
        if self._client is None:
            self._client = _connected(self.address)

    def run(
        self,
        tasks: Sequence[Task],
        listen: Callable[[Any], None],
        *,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[tuple[int, Outcome]]:
        """Yield (task number, Outcome) as tasks end; begins no more once `stop()` holds.

        Tasks appended to `tasks` meanwhile are run as well. When the consumer stops or an
        interrupt arrives, every render on a worker is killed.
        """
        taken = 0
        self._own = fingerprint()
        self._connect()
        self._fetchers = ThreadPoolExecutor(FETCHERS)
        try:
            self._client.subscribe_topic(self._topic, self._heard)
            while True:
                self._waiting += [_Work(n, tasks[n]) for n in range(taken, len(tasks))]
                taken = len(tasks)
                if not (self._running or self._fetching or (self._waiting and not stop())):
                    break
                self._look()
                if not stop():
                    self._hand_out(listen)
                for number, outcome in self._news_of(listen):
                    listen(("done", number, outcome))
                    yield number, outcome
        finally:
            self._leave()

    # Who is there

    def _look(self) -> None:
        """Notice workers that came or were lost."""
        if time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = time.monotonic()
        try:
            there = self._client.scheduler_info()["workers"]
        except Exception:
            raise self._scheduler_lost() from None
        for address, facts in there.items():
            if address not in self._workers:
                self._ask(_Worker(address, str(facts["name"]), int(facts["nthreads"])))
        for address in [a for a in self._workers if a not in there]:
            self._lost(self._workers.pop(address))
        self._despair()

    def _ask(self, worker: _Worker) -> None:
        self._workers[worker.address] = worker
        future = self._submit(worker, eval, question())
        future.add_done_callback(lambda f: self._news.put(("asked", worker.address, f)))

    def _answered(self, address: str, future: Any) -> None:
        worker = self._workers.get(address)
        if worker is None:
            return
        try:
            problems = objections(future.result(timeout=CONNECT), self._own)
        except Exception as error:
            problems = [f"it cannot be asked what it has ({type(error).__name__}: {error})"]
        worker.good = not problems
        if problems:
            known = "" if worker.name == address else f" ({address})"
            self.notes.append(f"Worker {worker.name}{known} is refused: {'; '.join(problems)}.")
        self.jobs = max(self.jobs, sum(w.threads for w in self._workers.values() if w.good))

    def _lost(self, worker: _Worker) -> None:
        for number in list(worker.tasks):
            if (work := self._running.pop(number, None)) is not None:
                self._again(work, f"the worker {worker.name} was lost")

    def _despair(self) -> None:
        """Give up when nobody has been there for a while who could do what is waiting."""
        now = time.monotonic()
        if not self._waiting or any(w.good is not False for w in self._workers.values()):
            self._alone_since = now
        elif self._workers:
            raise RenderError(
                "every worker of the cluster is refused.\n" + "\n".join(self.notes),
                where=self.address,
                hint="Install the same versions and the same code there as here.",
            )
        elif now - (self._alone_since or now) > WAIT_FOR_WORKERS:
            raise RenderError(
                f"the cluster has had no worker for {WAIT_FOR_WORKERS:g} seconds.",
                where=self.address,
                hint=f"Start some: dask worker {self.address} --nthreads 1 --nworkers -1",
            )
        else:
            self._alone_since = self._alone_since or now

    # Work

    def _hand_out(self, listen: Callable[[Any], None]) -> None:
        free = [w for w in self._workers.values() if w.good and len(w.tasks) < w.threads]
        free.sort(key=lambda worker: len(worker.tasks))
        while free and self._waiting:
            worker, work = free.pop(0), self._waiting.popleft()
            try:
                work.parcel = work.parcel or pack(work.task)
            except (GradreelError, OSError) as error:
                self._news.put(("fetched", work.number, Outcome(Fault(str(error)))))
                self._fetching[work.number] = work
                continue
            self._start(work, worker)
            if not work.tries and not work.rounds:
                listen(("start", work.number, None))
            if len(worker.tasks) < worker.threads:
                free.append(worker)

    def _start(self, work: _Work, worker: _Worker) -> None:
        number, attempt = work.number, (work.tries, work.rounds)
        work.worker = worker.address
        worker.tasks.add(number)
        self._running[number] = work
        every = max(1.0, self.jobs / TELLS_A_SECOND)
        parameters = (work.parcel, number, self._topic, every, self._seconds)
        work.future = self._submit(worker, remote.render, *parameters)
        work.future.add_done_callback(lambda f: self._news.put(("ended", (number, attempt), f)))

    def _submit(self, worker: _Worker, function: Any, *arguments: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # files that travel are as large as they are
            try:
                return self._client.submit(
                    function, *arguments, pure=False, workers=[worker.address],
                    allow_other_workers=False, key=f"gradreel-{uuid.uuid4().hex}",
                )  # fmt: skip
            except Exception:
                raise self._scheduler_lost() from None

    def _heard(self, event: Any) -> None:
        self._news.put(("frames", event[1]["task"], event[1]["frames"]))

    def _news_of(self, listen: Callable[[Any], None]) -> Iterator[tuple[int, Outcome]]:
        """Wait a moment for news and act on all there are; give what has come to its end."""
        wait = TICK
        while True:
            try:
                kind, what, detail = self._news.get(timeout=wait)
            except Empty:
                return
            wait = 0.0
            if kind == "asked":
                self._answered(what, detail)
            elif kind == "frames" and what in self._running:
                listen((kind, what, detail))
            elif kind == "ended":
                self._ended(what[0], what[1], detail)
            elif kind == "fetched" and (done := self._fetched(what, detail)) is not None:
                yield done

    def _ended(self, number: int, attempt: tuple[int, int], future: Any) -> None:
        work = self._running.get(number)
        if work is None or (work.tries, work.rounds) != attempt:
            return
        if future.status in ("cancelled", "lost"):
            # Nobody here has cancelled it: all are when the connection breaks.
            raise self._scheduler_lost()
        del self._running[number]
        if work.worker in self._workers:
            self._workers[work.worker].tasks.discard(number)
        self._fetching[number] = work
        self._fetchers.submit(self._fetch, work)

    def _fetch(self, work: _Work) -> None:
        """In a thread: bring a result here and put it among the news."""
        try:
            made = work.future.result(timeout=CONNECT)
        except Exception as error:
            self._news.put(("fetched", work.number, error))
            return
        try:
            outcome = fetch(made, work.task, lambda *where: self._read(work.worker, *where))
            asked = asked_for(outcome.fault, made) if outcome.fault is not None else ()
            if asked and work.rounds < ROUNDS and work.parcel is not None:
                outcome = self._with_more(work, asked) or outcome
            self._news.put(("fetched", work.number, outcome))
        except Exception as error:
            self._news.put(("fetched", work.number, error))

    def _read(self, worker: str, *what: Any) -> bytes:
        told = self._client.run(remote.piece, *what, workers=[worker])
        return bytes(told[worker])

    def _with_more(self, work: _Work, asked: tuple[str, ...]) -> Any:
        """A fuller parcel, if the files that a scene has not found are here."""
        old = work.parcel
        if old is None:
            return None
        work.asked = (*work.asked, *asked)
        fuller = pack(work.task, work.asked)
        return fuller if fuller.key != old.key else None

    def _fetched(self, number: int, result: Any) -> tuple[int, Outcome] | None:
        work = self._fetching.pop(number)
        work.future = None
        if isinstance(result, Outcome):
            return number, result
        if isinstance(result, Parcel):
            work.parcel = result
            work.rounds += 1
            self._waiting.appendleft(work)
            return None
        if isinstance(result, Broken):
            result = unwhole(result, work.worker).fault.message
        self._again(work, f"{type(result).__name__}: {result}")
        return None

    def _again(self, work: _Work, why: str) -> None:
        """Have a task rendered anew after a fault that was not the scene's."""
        work.tries += 1
        work.future = None
        if work.tries <= RETRIES:
            self._waiting.appendleft(work)
            return
        self._fetching[work.number] = work
        self._news.put(("fetched", work.number, Outcome(Fault(f"{why}, {work.tries} times."))))

    # The end

    def _scheduler_lost(self) -> RenderError:
        return RenderError(
            "the scheduler of the cluster is gone.",
            where=self.address,
            hint="What was finished is kept. Start it again and run the same command again.",
        )

    def _leave(self) -> None:
        """Give up what still runs, which kills it on the workers, and disconnect."""
        self._fetchers.shutdown(wait=False, cancel_futures=True)
        futures = [work.future for work in self._running.values() if work.future is not None]
        with suppress(Exception):
            if futures and self._client.status == "running":
                self._client.cancel(futures, force=True)
        with suppress(Exception):
            self._client.close(timeout=2)
        self._client = None


def _connected(address: str) -> Any:
    # Dask's own talk of lost connections would come between ours and the user.
    logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)
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
