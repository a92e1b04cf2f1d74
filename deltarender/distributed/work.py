"""A task on its way through the cluster, and how its result comes back from a worker."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from deltarender.distributed import dask_worker
from deltarender.distributed.answers import WorkerFailedError, decode_answer
from deltarender.distributed.dask_client import run_beside
from deltarender.distributed.job_bundle import JobBundle, pack
from deltarender.distributed.messages import WorkAttempt
from deltarender.distributed.result_transfer import TransferError, fetch, names_to_pack
from deltarender.distributed.worker_registry import Worker
from deltarender.json_checks import InvalidData
from deltarender.results import Task, TaskResult

RESULT_TIMEOUT_S = 60.0
CHUNK_TIMEOUT_S = 60.0
MAX_ROUNDS = 8  # how often the files of a scene may be completed


@dataclass(slots=True)
class Work:
    """A task's state: its worker, its failed attempts, the names of files it did not find."""

    number: int
    task: Task
    worker: Worker | None = None
    future: Any = None
    started: float = 0.0
    attempts: int = 0
    missing: tuple[str, ...] = ()
    rounds: int = 0
    bundle: JobBundle | None = None

    @property
    def attempt(self) -> WorkAttempt:
        """The identity of the current attempt: messages of an earlier one are ignored."""
        return WorkAttempt(self.number, self.attempts, self.rounds)

    def is_overdue(self, seconds: float) -> bool:
        """Whether its worker has not answered `seconds` after it was started."""
        return time.monotonic() - self.started > seconds


def receive(client: Any, work: Work, worker: Worker) -> TaskResult | JobBundle:
    """The result of ended `work`, its files fetched, or a bundle with files that it did not find.

    Raises TransferError for anything else that the worker answers, or none in time.
    """
    if work.future.status != "finished":
        raise TransferError("what it ran has failed")  # why is not read: it would be unpickled
    try:
        answer = work.future.result(timeout=RESULT_TIMEOUT_S)
        remote = decode_answer(answer, work.task)
    except InvalidData as error:
        raise TransferError(str(error)) from None
    except WorkerFailedError as error:
        raise TransferError(f"it says {error}") from None
    except Exception as error:  # whatever Dask raises for what it cannot read
        raise TransferError(f"its answer cannot be read ({type(error).__name__})") from None

    def read(path: str, *arguments: Any) -> bytes:
        try:
            return run_beside(
                client, worker.address, CHUNK_TIMEOUT_S, dask_worker.read_chunk, path, *arguments
            )
        except Exception as error:  # no OSError, which would be taken for one of the disk here
            reason = f"its file does not arrive ({type(error).__name__})"
            raise TransferError(reason) from None

    result = fetch(remote, work.task, read)
    result.worker = worker.name
    return _fuller_bundle(work, names_to_pack(result.error, remote)) or result


def _fuller_bundle(work: Work, missing: tuple[str, ...]) -> JobBundle | None:
    """A bundle with files that the scene did not find, if any of them are here."""
    if not missing:
        return None
    work.missing = (*work.missing, *missing)
    fuller = pack(work.task, work.missing)
    same = work.bundle is not None and fuller.key == work.bundle.key
    return None if same or work.rounds >= MAX_ROUNDS else fuller
