"""The process beside a Dask worker that renders: a crew of one, one task after the other.

    python -m deltarender.distributed.render_process FD

A Dask worker may not fork (its processes are daemons) and must not import Manim. It starts this
and talks to it through the pipe FD: (Task, project folder, Limits) in, (kind, detail) out. When
the pipe's other end is gone, this process ends, and with it whatever renders.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from typing import Any

from deltarender.batch import wants_torch
from deltarender.results import Task, TaskError, TaskResult
from deltarender.workers.process_pool import ProcessPool, ResourceLimits

Order = tuple[Task, Path, ResourceLimits]


def main(number: int) -> None:
    """Serve until the pipe closes."""
    pipe = Connection(number)
    orders: Queue[Order] = Queue()
    threading.Thread(target=_listen, args=(pipe, orders), daemon=True).start()
    while True:
        task, project, limits = orders.get()
        pipe.send(("done", _run(task, project, limits, pipe)))


def _listen(pipe: Connection, orders: Queue[Order]) -> None:
    with suppress(EOFError, OSError):
        while True:
            orders.put(pipe.recv())
    # Those who render hang on this process as it hangs on the pipe.
    os._exit(0)


def _run(task: Task, project: Path, limits: ResourceLimits, pipe: Connection) -> TaskResult:
    os.chdir(project)  # those who render begin where this process is, and find modules as it does
    _look_first(str(project))

    def listen(event: tuple[str, int, Any]) -> None:
        if event[0] == "frames":
            pipe.send((event[0], event[2]))

    try:
        crew = ProcessPool(1, limits, torch=wants_torch(task.job))
        for _, outcome in crew.run([task], listen):
            return outcome
    except OSError as error:
        return TaskResult(TaskError(f"it could not be started: {error}"))
    return TaskResult(TaskError("nothing came of it."))


_project = ""


def _look_first(folder: str) -> None:
    """Let modules be looked for in `folder` first, and in no earlier project."""
    global _project
    if _project in sys.path:
        sys.path.remove(_project)
    sys.path.insert(0, folder)
    _project = folder


if __name__ == "__main__":
    main(int(sys.argv[1]))
