"""The process beside a Dask worker that renders, one task after the other.

    python -m deltarender.distributed.render_process FD

A Dask worker cannot fork (its processes are daemons) and must not import Manim. It starts this
process, sends it an `Order` through the pipe with descriptor FD, and receives `Progress` and one
`TaskResult`. When the other end of the pipe closes, this process exits, and its workers with it.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue

from deltarender.results import Task, TaskError, TaskEvent, TaskProgress, TaskResult
from deltarender.workers.parent_pipe import Progress
from deltarender.workers.process_pool import ProcessPool, ResourceLimits


@dataclass(frozen=True, slots=True)
class Order:
    """A task, the project's folder on this machine, and what the task may use."""

    task: Task
    project: Path
    limits: ResourceLimits


def main(descriptor: int) -> None:
    """Serve until the pipe closes."""
    pipe = Connection(descriptor)
    orders: Queue[Order] = Queue()
    threading.Thread(target=_receive, args=(pipe, orders), daemon=True).start()
    while True:
        pipe.send(_run(orders.get(), pipe))


def _receive(pipe: Connection, orders: Queue[Order]) -> None:
    with suppress(EOFError, OSError):
        while True:
            orders.put(pipe.recv())
    # Workers exit with this process, as it exits with the Dask worker.
    os._exit(0)


def _run(order: Order, pipe: Connection) -> TaskResult:
    os.chdir(order.project)  # workers inherit the working directory and find modules in it
    _put_first_on_path(str(order.project))

    def listen(event: TaskEvent) -> None:
        if isinstance(event, TaskProgress):
            pipe.send(Progress(event.frames))

    try:
        for _, result in ProcessPool(1, order.limits).run([order.task], listen):
            return result
    except OSError as error:
        return TaskResult(TaskError(f"it could not be started: {error}"))
    return TaskResult(TaskError("its process gave no result."))


_project = ""


def _put_first_on_path(folder: str) -> None:
    """Make `folder` the first place to look for modules, in place of the project before."""
    global _project
    if _project in sys.path:
        sys.path.remove(_project)
    sys.path.insert(0, folder)
    _project = folder


if __name__ == "__main__":
    main(int(sys.argv[1]))
