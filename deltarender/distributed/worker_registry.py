"""The workers of a cluster: which are connected, which are compatible, which are free."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from deltarender.distributed.compatibility import Scope, objections, own_answer, question
from deltarender.distributed.dask_client import connected_workers, submit
from deltarender.distributed.messages import Answered, Inbox
from deltarender.errors import RenderError

REFRESH_SECONDS = 1.0
WAIT_FOR_WORKERS_S = 60.0
ANSWER_TIMEOUT_S = 10.0
QUESTION_TIMEOUT_S = 60.0
START_WORKERS = "Start some: dask worker {} --nthreads 1 --nworkers -1"


@dataclass(slots=True)
class Worker:
    """A worker of the cluster; `compatible` is None until it has answered what it has installed."""

    address: str
    name: str
    threads: int
    asked: float
    compatible: bool | None = None
    tasks: set[int] = field(default_factory=set)


class WorkerRegistry:
    """Tracks the workers of `client`; their answers arrive in the `inbox`."""

    def __init__(
        self,
        client: Any,
        address: str,
        inbox: Inbox,
        notes: list[str],
        scope: Scope,
        warn: Callable[[str], None],
        timeout: float = 0.0,
    ) -> None:
        """`warn` shows a text at once; `timeout` in seconds shortens the wait for answers."""
        self._warn = warn
        self._patience = max(min(timeout or QUESTION_TIMEOUT_S, QUESTION_TIMEOUT_S), 10.0)
        self.workers: dict[str, Worker] = {}
        self.notes = notes
        self.most_threads = 0
        self._client = client
        self._scope = scope
        self._address = address
        self._inbox = inbox
        # Computed while the workers are asked: it takes a process and half a second.
        finder = ThreadPoolExecutor(1)
        self._own = finder.submit(own_answer, scope)
        finder.shutdown(wait=False)
        self._refreshed = 0.0
        self._without_since = 0.0

    def refresh(self) -> list[Worker]:
        """Ask new workers what they have installed; return the workers that were lost.

        Raises RenderError if the scheduler is lost.
        """
        if time.monotonic() - self._refreshed < REFRESH_SECONDS:
            return []
        self._refreshed = time.monotonic()
        connected = connected_workers(self._client, self._address)
        for address, facts in connected.items():
            if address not in self.workers:
                self._ask(Worker(address, facts["name"], facts["nthreads"], time.monotonic()))
        for worker in self.workers.values():
            if worker.compatible is None and time.monotonic() - worker.asked > self._patience:
                self._refuse(worker, [f"it has not answered for {self._patience:g} seconds"])
        return [self.workers.pop(a) for a in list(self.workers) if a not in connected]

    def _ask(self, worker: Worker) -> None:
        self.workers[worker.address] = worker
        future = submit(self._client, self._address, worker.address, eval, question(self._scope))
        future.add_done_callback(lambda f: self._inbox.put(Answered(worker.address, f)))

    def take_answer(self, answer: Answered) -> None:
        """Note whether a worker is compatible, and what differs if it is not."""
        worker = self.workers.get(answer.address)
        if worker is None or worker.compatible is not None:
            return
        try:
            problems = objections(
                answer.future.result(timeout=ANSWER_TIMEOUT_S), self._own.result()
            )
        except Exception as error:
            problems = [f"it does not say what it has ({type(error).__name__})"]
        if problems:
            self._refuse(worker, problems)
        worker.compatible = not problems
        self.most_threads = max(
            self.most_threads, sum(w.threads for w in self.workers.values() if w.compatible)
        )

    def _refuse(self, worker: Worker, problems: list[str]) -> None:
        worker.compatible = False
        address = "" if worker.name == worker.address else f" ({worker.address})"
        self.notes.append(f"Worker {worker.name}{address} is refused: {'; '.join(problems)}.")

    def stopped_answering(self, worker: Worker) -> None:
        """Give a worker no more tasks."""
        if worker.compatible:
            self._refuse(worker, ["it has stopped to answer"])

    def free(self) -> list[Worker]:
        """Compatible workers with a free thread, the least busy first."""
        free = [w for w in self.workers.values() if w.compatible and len(w.tasks) < w.threads]
        return sorted(free, key=lambda worker: len(worker.tasks) / worker.threads)

    def raise_if_no_workers(self) -> None:
        """Raise RenderError if work waits and no worker could do it for WAIT_FOR_WORKERS_S."""
        now = time.monotonic()
        if any(worker.compatible is not False for worker in self.workers.values()):
            self._without_since = now
        elif self.workers:
            raise RenderError(
                "every worker of the cluster is refused.\n" + "\n".join(self.notes),
                where=self._address,
                hint="Install the same versions and the same code there as here.",
            )
        elif now - (self._without_since or now) > WAIT_FOR_WORKERS_S:
            raise RenderError(
                f"the cluster has had no worker for {WAIT_FOR_WORKERS_S:g} seconds.",
                where=self._address,
                hint=START_WORKERS.format(self._address),
            )
        elif not self._without_since:
            self._without_since = now
            self._warn(
                f"{self._address}: the scheduler has no workers; waiting {WAIT_FOR_WORKERS_S:g} "
                f"seconds for one. {START_WORKERS.format(self._address)}"
            )
