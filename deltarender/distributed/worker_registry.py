"""The workers of a cluster as the client knows them: who is there, who may render, who is free."""

from __future__ import annotations

import time
import uuid
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from deltarender.distributed.compatibility import objections, own_answer, question
from deltarender.errors import RenderError

LOOK_EVERY = 1.0  # seconds between looks at who is there
WAIT_FOR_WORKERS = 60.0
ANSWER = 10.0

News = SimpleQueue[tuple[str, Any, Any]]


@dataclass(slots=True)
class Worker:
    """A worker of the cluster: not yet asked what it has, good (no objections), or refused."""

    address: str
    name: str
    threads: int
    good: bool | None = None
    tasks: set[int] = field(default_factory=set)


class WorkerRegistry:
    """Keeps up with the workers of `client`; what they answer arrives among the `news`."""

    def __init__(self, client: Any, address: str, news: News, notes: list[str]) -> None:
        self.workers: dict[str, Worker] = {}
        self.notes = notes
        self.most = 0
        self._client = client
        self._address = address
        self._news = news
        # Found while the workers are being asked: it takes a process and half a second.
        finder = ThreadPoolExecutor(1)
        self._own = finder.submit(own_answer)
        finder.shutdown(wait=False)
        self._looked = 0.0
        self._alone_since = 0.0

    def look(self) -> list[Worker]:
        """Notice who came; give those that are lost. Raises RenderError for a lost scheduler."""
        if time.monotonic() - self._looked < LOOK_EVERY:
            return []
        self._looked = time.monotonic()
        there = connected_workers(self._client, self._address)
        for address, facts in there.items():
            if address not in self.workers:
                self._ask(Worker(address, str(facts["name"]), int(facts["nthreads"])))
        return [self.workers.pop(a) for a in list(self.workers) if a not in there]

    def _ask(self, worker: Worker) -> None:
        self.workers[worker.address] = worker
        future = submit(self._client, self._address, worker.address, eval, question())
        future.add_done_callback(lambda f: self._news.put(("asked", worker.address, f)))

    def answered(self, address: str, future: Any) -> None:
        """Take a worker's answer, and refuse it by name if it has something else than we have."""
        worker = self.workers.get(address)
        if worker is None:
            return
        try:
            problems = objections(future.result(timeout=ANSWER), self._own.result())
        except Exception as error:
            problems = [f"it cannot be asked what it has ({type(error).__name__}: {error})"]
        worker.good = not problems
        if problems:
            known = "" if worker.name == address else f" ({address})"
            self.notes.append(f"Worker {worker.name}{known} is refused: {'; '.join(problems)}.")
        self.most = max(self.most, sum(w.threads for w in self.workers.values() if w.good))

    def free(self) -> list[Worker]:
        """Good workers with a thread to spare, the idlest first."""
        found = [w for w in self.workers.values() if w.good and len(w.tasks) < w.threads]
        return sorted(found, key=lambda worker: len(worker.tasks) / worker.threads)

    def raise_if_no_workers(self) -> None:
        """Raise RenderError if work waits and nobody has been there for a while who could do it."""
        now = time.monotonic()
        if any(worker.good is not False for worker in self.workers.values()):
            self._alone_since = now
        elif self.workers:
            raise RenderError(
                "every worker of the cluster is refused.\n" + "\n".join(self.notes),
                where=self._address,
                hint="Install the same versions and the same code there as here.",
            )
        elif now - (self._alone_since or now) > WAIT_FOR_WORKERS:
            raise RenderError(
                f"the cluster has had no worker for {WAIT_FOR_WORKERS:g} seconds.",
                where=self._address,
                hint=f"Start some: dask worker {self._address} --nthreads 1 --nworkers -1",
            )
        else:
            self._alone_since = self._alone_since or now


def connected_workers(client: Any, address: str) -> dict[str, Any]:
    """The workers that the scheduler knows, by address. Raises RenderError if it is gone."""
    if client.status != "running":
        # Dask would go on trying to reconnect for half a minute.
        raise scheduler_lost(address)
    try:
        workers: dict[str, Any] = client.scheduler_info()["workers"]
    except Exception:
        raise scheduler_lost(address) from None
    return workers


def submit(client: Any, address: str, worker: str, function: Any, *arguments: Any) -> Any:
    """A future of `function` on one worker and no other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # files that travel are as large as they are
        try:
            return client.submit(
                function, *arguments, pure=False, workers=[worker], allow_other_workers=False,
                key=f"gradreel-{uuid.uuid4().hex}",
            )  # fmt: skip
        except Exception:
            raise scheduler_lost(address) from None


def scheduler_lost(address: str) -> RenderError:
    """The error of a scheduler that no longer answers."""
    return RenderError(
        "the scheduler of the cluster is gone.",
        where=address,
        hint="What was finished is kept. Start it again and run the same command again.",
    )
